// The figures as one picture.

import { svg } from '../common/plot.mjs'

const COLOURS = { domain: ['lgtempo', 'SQL', 'PL/pgSQL'], range: ['#c0392b', '#2471a3', '#2471a3'] }
const SIZE = { width: 280, height: 200 }

const time = { field: 'median', type: 'quantitative', title: 'processor time, ms' }
const timed = (results) => results.filter(({ cpu }) => cpu).map(({ cpu, ...rest }) => ({ ...rest, median: cpu.median }))

function bars(title, results, field) {
  return {
    title,
    ...SIZE,
    data: { values: timed(results) },
    mark: 'bar',
    encoding: {
      y: { field, type: 'nominal', title: null, sort: null, axis: { labelLimit: 230 } },
      yOffset: { field: 'way', sort: COLOURS.domain },
      x: time,
      color: { field: 'way', type: 'nominal', scale: COLOURS, title: null },
    },
  }
}

/** An SVG of all that was measured. */
export function plot({ inbox, writes, insights }) {
  const charts = []
  if (inbox) charts.push(bars('get_unread_message_count, by unread messages', inbox, 'unread'))
  if (writes) charts.push(bars('writes', writes, 'function'))
  if (insights) {
    charts.push({
      title: 'refresh_graph_insights',
      ...SIZE,
      data: { values: timed(insights) },
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: 'nodes', type: 'quantitative', scale: { type: 'log' } },
        y: { ...time, scale: { type: 'log' } },
        strokeDash: { field: 'run', title: null },
      },
    })
  }
  return svg({ columns: 2, concat: charts, resolve: { scale: { color: 'independent', yOffset: 'independent' } } })
}
