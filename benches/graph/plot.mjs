// The figures as one picture.

import { svg } from '../common/plot.mjs'

const COLOURS = {
  domain: ['lgtempo', 'union', 'walk', 'pass', 'exact', 'PL/pgSQL', 'sending'],
  range: ['#c0392b', '#2471a3', '#7d3c98', '#ca6f1e', '#2471a3', '#2471a3', '#aab7b8'],
}
const SIZE = { width: 260, height: 190 }

const time = { field: 'median', type: 'quantitative', scale: { type: 'log' }, title: 'processor time, ms' }
const way = { field: 'way', type: 'nominal', scale: COLOURS, title: null }
const dash = {
  field: 'tables',
  type: 'nominal',
  scale: {
    domain: ['own', 'plain'],
    range: [
      [1, 0],
      [4, 3],
    ],
  },
  legend: null,
}

/** Lines over `x`, one for each way and table set. */
function lines(title, results, x, type = 'ordinal') {
  const values = results
    .filter(({ role, way, cpu }) => (role === 'signed in' || way === 'sending') && cpu)
    .map(({ cpu, way, tables, ...rest }) => ({ [x.field]: rest[x.field], way, tables, median: cpu.median }))
  return {
    title,
    ...SIZE,
    data: { values },
    mark: { type: 'line', point: true },
    encoding: {
      x: { ...x, type, axis: { labelAngle: 0 }, ...(type === 'quantitative' && { scale: { type: 'log' } }) },
      y: time,
      color: way,
      strokeDash: dash,
    },
  }
}

function bars(title, results) {
  return {
    title,
    ...SIZE,
    data: { values: results.filter(({ cpu }) => cpu).map(({ cpu, ...rest }) => ({ ...rest, median: cpu.median })) },
    mark: 'bar',
    encoding: {
      y: { field: 'function', type: 'nominal', title: null, sort: null, axis: { labelLimit: 200 } },
      yOffset: { field: 'way', sort: ['lgtempo', 'PL/pgSQL'] },
      x: { ...time, scale: { type: 'linear' } },
      color: way,
    },
  }
}

/** An SVG of all that was measured. */
export function plot({ neighborhood, similar, growthOfTable, growthOfPerson, writes }) {
  const depth = { field: 'depth', title: 'depth' }
  const charts = ['many people', 'big person', 'big person, hubs']
    .map((set) => [set, neighborhood.filter((result) => result.set === set)])
    .filter(([, results]) => results.length)
    .map(([set, results]) => lines(`get_node_neighborhood, ${set}`, results, depth))
  if (similar) {
    charts.push(lines('find_similar_nodes', similar, { field: 'nodes', title: 'embedded nodes' }, 'quantitative'))
  }
  for (const within of [2, 4]) {
    const at = (results) => results.filter((result) => result.depth === within && result.way !== 'sending')
    if (growthOfTable) {
      const edges = { field: 'edges', title: 'edges in the table' }
      charts.push(lines(`the table grows, depth ${within}`, at(growthOfTable), edges, 'quantitative'))
    }
    if (growthOfPerson) {
      const nodes = { field: 'nodes', title: "the person's nodes" }
      charts.push(lines(`the person's graph grows, depth ${within}`, at(growthOfPerson), nodes, 'quantitative'))
    }
  }
  if (writes) charts.push(bars('writes', writes))
  return svg({
    title: { text: "Solid lines: on lgtempo's own tables; dashed lines: on plain ones", anchor: 'middle' },
    columns: 3,
    concat: charts,
    resolve: { scale: { color: 'shared', strokeDash: 'shared' } },
  })
}
