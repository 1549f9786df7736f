// The tables on the terminal, and whether what was to be reached was.

import { cost, groups, pick, printVerdicts, table, TIMES, times } from '../common/report.mjs'

/** At most so many times the processor time of the same in PL/pgSQL. */
const WRITE = 1.0
/** At most so many ms for a graph of so many nodes. */
const INSIGHTS = { nodes: 500, ms: 20 }

const pair = (results) => [pick(results, { way: 'lgtempo' }), results.find(({ way }) => way !== 'lgtempo')]
const ratio = ([ours, rival]) => cost(ours) / cost(rival)

/** Whether a count comes from one look into an index and nothing else. */
const isOneRead = (scans) => scans.length === 1 && scans[0].scan === 'Index Only Scan' && scans[0].fetched === 0

/** Every target: what is compared, the figure, the bound, and whether it holds. */
export function verdicts({ inbox = [], writes = [], insights = [] }) {
  const list = []
  // As precise as it is printed.
  const judge = (what, figure, bound, met = Math.round(100 * figure) <= Math.round(100 * bound)) =>
    list.push({ what, figure, bound, met })

  for (const { messages, unread, scans } of inbox.filter(({ way }) => way === 'lgtempo')) {
    const what = `${unread} of ${messages} messages unread: scans, one that is index-only`
    judge(what, scans.length, 1, isOneRead(scans))
  }
  for (const results of groups(writes, 'function')) {
    judge(`${results[0].function}: lgtempo / PL/pgSQL`, ratio(pair(results)), WRITE)
  }
  for (const { nodes, run, ...result } of insights) {
    if (nodes === INSIGHTS.nodes) judge(`insights into ${nodes} nodes, ${run}: ms`, cost(result), INSIGHTS.ms)
  }
  return list
}

const scanned = ({ scan, table, index, fetched }) =>
  `${scan} on ${index ?? table}${fetched === undefined ? '' : `, ${fetched} rows fetched`}`

function printInbox(results) {
  const rows = groups(results, 'unread').map((results) => {
    const [ours, rival] = pair(results)
    return [`${ours.unread} of ${ours.messages}`, times(ours), times(rival), ratio([ours, rival]).toFixed(2)]
  })
  table(`get_unread_message_count, signed in (${TIMES})`, ['unread', 'lgtempo', 'SQL', 'ratio'], rows)
  const plans = results.map(({ unread, messages, way, scans }) => [
    `${unread} of ${messages}, ${way}`,
    scans.map(scanned).join('; ') || 'no scan',
  ])
  table('How they read the table', ['unread', 'scans'], plans)
}

function printWrites(results) {
  const rows = groups(results, 'function').map((results) => {
    const [ours, rival] = pair(results)
    return [ours.function, times(ours), times(rival), ratio([ours, rival]).toFixed(2)]
  })
  table(`Writes (${TIMES})`, ['function', 'lgtempo', 'PL/pgSQL', 'ratio'], rows)
}

function printInsights(results) {
  const rows = groups(results, 'nodes').map((results) => {
    const [first, unchanged] = ['first run', 'unchanged'].map((run) => pick(results, { run }))
    return [first.nodes, first.edges, first.insights, times(first), times(unchanged)]
  })
  table(`refresh_graph_insights, signed in (${TIMES})`, ['nodes', 'edges', 'insights', 'first run', 'unchanged'], rows)
}

/** Prints the tables of what there is in `results`. */
export function print({ inbox, writes, insights, verdicts }) {
  if (inbox) printInbox(inbox)
  if (writes) printWrites(writes)
  if (insights) printInsights(insights)
  if (verdicts) printVerdicts(verdicts)
  console.log()
}
