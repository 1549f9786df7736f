// The tables on the terminal, and whether what was to be reached was.

import { best, cost, groups, pick, printVerdicts, table, TIMES, times } from '../common/report.mjs'

/** At most so many times the processor time of the fastest rival with enough recall, by chunks in scope. */
const VECTORS = { 10_000: 0.4, 40_000: 0.6, 117_659: 1.0 }
const RIVAL_RECALL = 0.95
/** recall@10 at least so much; less where more than so many chunks are in scope. */
const RECALL = 0.99
const WIDE = { chunks: 100_000, recall: 0.97 }
/** MRR at least so many times that of any-word ts_rank, by chunks in scope. */
const MRR = { 40_000: 2.0, 117_659: 2.5 }
/** At most so many times the processor time of any-word ts_rank. */
const WORDS = { owner: 1.0, 'signed in': 0.2 }
/** Of the better single way, at least; recall@50 is to be above both. */
const FUSED = { recall10: 1.0, mrr: 0.95 }
/** At most so many times a plain insert's processor time. */
const WRITE = 2.5

const isOurs = ({ way }) => way.startsWith('lgtempo')

/** Every target: what is compared, the figure, the bound, and whether it holds. */
export function verdicts({ vectors = [], codes = [], promise = [], words = [], quality = [], writes = [] }) {
  const list = []
  // As precise as it is printed.
  const rounded = (figure) => Math.round(1000 * figure)
  const atMost = (what, figure, bound) => list.push({ what, figure, bound, met: rounded(figure) <= rounded(bound) })
  const atLeast = (what, figure, bound) =>
    list.push({ what: `${what}, at least`, figure, bound, met: rounded(figure) >= rounded(bound) })

  for (const results of groups(vectors, 'scope')) {
    const ours = pick(results, { way: 'lgtempo', role: 'signed in' })
    const bound = VECTORS[ours.nominal]
    const rival = rivalOf(results)
    if (bound) atMost(`vectors, ${ours.scope}: lgtempo / ${rival.way}`, cost(ours) / cost(rival), bound)
  }
  for (const ours of [...vectors, ...codes].filter(isOurs)) {
    const bound = ours.nominal > WIDE.chunks ? WIDE.recall : RECALL
    if (ours.role === 'signed in') atLeast(`${ours.way}, ${ours.scope}: recall@10`, ours.recall, bound)
  }
  for (const { scope, kind, kept, asked } of promise) atLeast(`the count is kept, ${scope}, ${kind}`, kept / asked, 1)
  for (const [ours, rival] of groups(words, 'scope', 'role').map(pair)) {
    const what = `words, ${ours.scope}, ${ours.role}: lgtempo / ts_rank`
    atMost(what, cost(ours) / cost(rival), WORDS[ours.role])
  }
  for (const results of groups(quality, 'scope')) judgeQuality(results, atLeast)
  for (const [ours, rival] of groups(writes, 'write').map(pair)) {
    if (rival) atMost(`writing ${ours.write}: lgtempo / plain`, cost(ours) / cost(rival), WRITE)
  }
  return list
}

/** The fastest rival that finds enough. */
function rivalOf(results) {
  return best(results.filter((result) => !isOurs(result) && result.recall >= RIVAL_RECALL))
}

const pair = (results) => [results.find(isOurs), results.find((result) => !isOurs(result))]

function judgeQuality(results, atLeast) {
  const of = (way) => pick(results, { way })
  const [{ scope, nominal }] = results
  const [bm25, vectors] = [of('BM25'), of('vectors')]
  if (!bm25) return
  atLeast(`BM25, ${scope}: MRR / ts_rank's`, bm25.mrr / of('ts_rank').mrr, MRR[nominal])
  if (!vectors) return
  const better = (figure) => Math.max(bm25[figure], vectors[figure])
  for (const fused of [of('fused'), of('hybrid')].filter(Boolean)) {
    const what = `${fused.way}, ${scope}`
    atLeast(`${what}: recall@10 / the better single way's`, fused.recall10 / better('recall10'), FUSED.recall10)
    atLeast(`${what}: MRR / the better single way's`, fused.mrr / better('mrr'), FUSED.mrr)
    atLeast(`${what}: recall@50 - the better single way's`, fused.recall50 - better('recall50'), 0.001)
  }
}

// --- Printing ----------------------------------------------------------------------------------------------------

const share = (value) => (value === undefined ? '' : value.toFixed(3))

function printVectors(results) {
  const head = ['way', 'role', TIMES, 'wall', 'recall@10', 'rows', 'fewest', 'lgtempo / it']
  for (const set of groups(results, 'scope')) {
    const ours = pick(set, { way: 'lgtempo', role: 'signed in' })
    const rows = set.map((result) => [
      result.way,
      result.role,
      times(result),
      times({ ...result, cpu: result.wall }),
      share(result.recall),
      result.rows.mean.toFixed(1),
      result.rows.least,
      !ours || isOurs(result) ? '' : (cost(ours) / cost(result)).toFixed(2),
    ])
    table(`The 10 nearest chunks, ${set[0].scope}`, head, rows)
  }
}

function printPromise(results) {
  const rows = results.map(({ scope, kind, asked, kept }) => [scope, kind, asked, kept, asked - kept])
  table('As many rows as there are, up to match_count', ['scope', 'queries', 'asked', 'kept', 'not'], rows)
  const missing = results.flatMap(({ scope, kind, missing }) => missing.map((one) => ({ scope, kind, ...one })))
  if (!missing.length) return
  const short = ({ due, rows }) => due - rows
  const worst = groups(missing, 'scope', 'kind', 'above', 'count').map((list) => {
    const { scope, kind, above, count, due, rows } = list.reduce((a, b) => (short(b) > short(a) ? b : a))
    return [scope, kind, above ?? 'none', count, list.length, due, rows]
  })
  const head = ['scope', 'queries', 'above the threshold', 'match_count', 'times', 'due at worst', 'rows']
  table('Where not', head, worst)
}

function printWords(results) {
  const rows = groups(results, 'scope', 'role').map((results) => {
    const [ours, rival] = pair(results)
    return [ours.scope, ours.role, times(ours), times(rival), (cost(ours) / cost(rival)).toFixed(2)]
  })
  table(`Words (${TIMES})`, ['scope', 'role', 'lgtempo', 'ts_rank', 'ratio'], rows)
}

function printQuality(results) {
  const head = ['scope', 'way', 'sentences', 'MRR@10', 'recall@10', 'recall@50', 'semantic_weight']
  const rows = results.map(({ scope, way, sentences, mrr, recall10, recall50, weight }) => [
    scope,
    way,
    sentences,
    share(mrr),
    share(recall10),
    share(recall50),
    weight ?? '',
  ])
  table('A sentence finds what explains its word', head, rows)
  for (const { scope, tried } of results.filter(({ tried }) => tried)) {
    const rows = tried.map(({ weight, mrr, recall10 }) => [weight, share(mrr), share(recall10)])
    table(`hybrid_search on the other half, ${scope}`, ['semantic_weight', 'MRR@10', 'recall@10'], rows)
  }
}

function printWrites(results) {
  const plain = pick(results, { write: 'a chunk', way: 'plain' })
  const rows = groups(results, 'write').map((results) => {
    const [ours, rival = plain] = pair(results)
    return [ours.write, times(ours), times(rival), (cost(ours) / cost(rival)).toFixed(2)]
  })
  table(`Writing, signed in (${TIMES})`, ['what', 'lgtempo', 'plain insert', 'ratio'], rows)
}

const PRINTERS = {
  vectors: printVectors,
  codes: printVectors,
  promise: printPromise,
  words: printWords,
  quality: printQuality,
  writes: printWrites,
  verdicts: printVerdicts,
  failures: (list) => list.length && table('Failed', ['what', 'error'], list.map(({ what, error }) => [what, error])),
}

/** Prints the tables of what there is in `results`. */
export function print(results) {
  for (const [part, show] of Object.entries(PRINTERS)) if (results[part]) show(results[part])
  console.log()
}
