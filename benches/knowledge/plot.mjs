// The figures as one picture.

import { svg } from '../common/plot.mjs'

const SIZE = { width: 300, height: 210 }
const NEAREST = [
  'lgtempo',
  'lgtempo, HNSW on codes',
  'exact',
  ...[40, 100, 200].flatMap((ef) => [`HNSW ${ef}`, `HNSW ${ef}, iterative`]),
]
const COLOURS = {
  domain: NEAREST,
  range: ['#c0392b', '#f1948a', '#2471a3', '#a9dfbf', '#d7bde2', '#52be80', '#a569bd', '#1e8449', '#6c3483'],
}

/** `field` of each way over the chunks in scope. */
function overScopes(title, results, field, y) {
  return {
    title,
    ...SIZE,
    data: { values: results.map(({ chunks, way, ...rest }) => ({ chunks, way, [y.field]: field(rest) })) },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'chunks', type: 'quantitative', scale: { type: 'log' }, title: 'chunks in scope' },
      y: { type: 'quantitative', ...y },
      color: { field: 'way', type: 'nominal', scale: COLOURS, title: null, legend: { labelLimit: 220 } },
    },
  }
}

/** `figure` of each way, for each of `names`. */
function byWay(title, values, names, figure, mark = 'bar') {
  const way = { field: 'way', type: 'nominal', title: null, sort: null }
  return {
    title,
    ...SIZE,
    data: { values },
    mark,
    encoding: {
      y: { field: names, type: 'nominal', title: null, sort: null, axis: { labelLimit: 260 } },
      yOffset: way,
      x: { type: 'quantitative', ...figure },
      color: { ...way, scale: { scheme: 'tableau10' } },
    },
  }
}

/** An SVG of all that was measured. */
export function plot({ vectors = [], codes = [], words, quality, writes }) {
  const time = { field: 'median', title: 'processor time, ms' }
  const signedIn = [...vectors, ...codes].filter(({ role, cpu }) => role === 'signed in' && cpu)
  const charts = []
  if (signedIn.length) {
    const log = { ...time, scale: { type: 'log' } }
    charts.push(
      overScopes('The 10 nearest chunks', signedIn, ({ cpu }) => cpu.median, log),
      overScopes('recall@10', signedIn, ({ recall }) => recall, { field: 'recall', title: null }),
    )
  }
  const timed = (results) =>
    results.filter(({ cpu }) => cpu).map((result) => ({ ...result, median: result.cpu.median }))
  if (quality) {
    for (const [field, title] of Object.entries({ mrr: 'MRR@10', recall10: 'recall@10', recall50: 'recall@50' })) {
      charts.push(byWay(`${title} of the passage a sentence is about`, quality, 'scope', { field, title }))
    }
  }
  if (words) {
    const values = timed(words).map((result) => ({ ...result, what: `${result.scope}, ${result.role}` }))
    charts.push(byWay('Words alone', values, 'what', { ...time, scale: { type: 'log' } }, 'circle'))
  }
  if (writes) charts.push(byWay('Writing', timed(writes), 'write', time))
  return svg({ columns: 2, concat: charts, resolve: { scale: { color: 'independent', yOffset: 'independent' } } })
}
