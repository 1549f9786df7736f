// The tables on the terminal, and whether what was to be reached was.

import { best, cost, groups, pick, printVerdicts, table, TIMES, times } from '../common/report.mjs'

/** The rivals that count, and those that are shown as well. */
const COUNTED = ['union', 'walk']

/** At most so many times the rivals' processor time. */
const TARGETS = {
  'many people': { plain: [1.0, 0.7, 0.2, 0.1], own: [1.0, 0.8, 0.5, 0.4] },
  'big person': { own: [0.8, 0.8, 0.8, 0.8] },
  'big person, hubs': { own: [0.8, 0.8, 0.8, 0.8] },
}
const SIMILAR = { 100: 1.1, 1_000: 0.3, 10_000: 0.1, 20_000: 0.06 }
const RECALL = 0.99
const WRITE = 1.0
const RLS = 1.25
/** A larger table fits less well into the processor's caches; what is more would be a plan that reads too much. */
const GROWTH = 1.25

/** Every target: what is compared, the figure, the bound, and whether it holds. */
export function verdicts({ neighborhood = [], similar = [], growthOfTable = [], writes = [] }) {
  const list = []
  // As precise as it is printed.
  const judge = (what, figure, bound, met = Math.round(100 * figure) <= Math.round(100 * bound)) =>
    list.push({ what, figure, bound, met })

  for (const results of groups(neighborhood, 'set', 'depth')) {
    const [{ set, depth }] = results
    const ours = pick(results, { way: 'lgtempo', role: 'signed in' })
    for (const [tables, bounds] of Object.entries(TARGETS[set])) {
      const rival = best(COUNTED.map((way) => pick(results, { way, tables, role: 'signed in' })))
      const what = `${set}, depth ${depth}: lgtempo / best rival on ${tables} tables`
      judge(what, cost(ours) / cost(rival), bounds[depth - 1])
    }
    const owner = pick(results, { way: 'lgtempo', role: 'owner' })
    judge(`${set}, depth ${depth}: lgtempo signed in / as owner`, cost(ours) / cost(owner), RLS)
  }
  for (const results of groups(similar, 'nodes')) {
    const [{ nodes }] = results
    const ours = pick(results, { way: 'lgtempo', role: 'signed in' })
    const rival = best(results.filter(({ way, role }) => way === 'exact' && role === 'signed in'))
    if (SIMILAR[nodes]) judge(`${nodes} embedded nodes: lgtempo / exact`, cost(ours) / cost(rival), SIMILAR[nodes])
    judge(`${nodes} embedded nodes: recall@10`, ours.recall, RECALL, ours.recall >= RECALL)
  }
  for (const results of groups(growthOfTable.filter(({ way }) => way === 'lgtempo'), 'depth')) {
    const [first, last] = [results[0], results.at(-1)]
    judge(`depth ${first.depth}: ${last.edges} edges in the table / ${first.edges}`, cost(last) / cost(first), GROWTH)
  }
  for (const results of groups(writes, 'function')) {
    const [ours, rival] = ['lgtempo', 'PL/pgSQL'].map((way) => pick(results, { way }))
    judge(`${ours.function}: lgtempo / PL/pgSQL`, cost(ours) / cost(rival), WRITE)
  }
  return list
}

/** The ratio to the better rival and, in brackets, what it is without the cost of sending the rows. */
const ratio = (ours, others, sending) => {
  const rivals = others.filter(Boolean)
  if (rivals.length === 0) return ''
  const [above, below] = [cost(ours), cost(best(rivals))]
  const net = sending && ` (${((above - cost(sending)) / (below - cost(sending))).toFixed(2)})`
  return `${(above / below).toFixed(2)}${net ?? ''}`
}

const SHOWN = ['union', 'walk', 'pass']

function printNeighborhood(results) {
  const plain = SHOWN.map((way) => `${way}, plain`)
  const head = ['depth', 'rows', 'lgtempo', ...SHOWN, 'ratio (net)', ...plain, 'ratio (net)', 'sending']
  for (const set of groups(results, 'set')) {
    for (const role of ['signed in', 'owner']) {
      const rows = groups(set, 'depth').map((results) => {
        const of = (way, tables = 'own') => pick(results, { way, tables, role })
        const ours = of('lgtempo')
        const sending = pick(results, { way: 'sending' })
        const rivals = (tables) => [
          ...SHOWN.map((way) => times(of(way, tables))),
          ratio(ours, COUNTED.map((way) => of(way, tables)), sending),
        ]
        return [ours.depth, ours.rows.median, times(ours), ...rivals('own'), ...rivals('plain'), times(sending)]
      })
      table(`get_node_neighborhood, ${set[0].set}, ${role} (${TIMES})`, head, rows)
    }
  }
}

function printSimilar(results) {
  const head = ['nodes', 'role', 'lgtempo', 'exact', 'exact, plain', 'ratio', 'recall@10']
  const rows = groups(results, 'nodes', 'role').map((results) => {
    const ours = pick(results, { way: 'lgtempo' })
    const rivals = ['own', 'plain'].map((tables) => pick(results, { way: 'exact', tables }))
    return [ours.nodes, ours.role, times(ours), ...rivals.map(times), ratio(ours, rivals), ours.recall.toFixed(3)]
  })
  table(`find_similar_nodes (${TIMES})`, head, rows)
}

function printGrowth(title, key, results) {
  const head = [key, 'depth', 'rows', 'lgtempo', 'union', 'walk', 'union, plain', 'walk, plain']
  const rows = groups(results, 'depth', key).map((results) => {
    const of = (way, tables = 'own') => pick(results, { way, tables, role: 'signed in' })
    const ours = of('lgtempo')
    return [
      ours[key],
      ours.depth,
      ours.rows.median,
      ...[ours, of('union'), of('walk'), of('union', 'plain'), of('walk', 'plain')].map(times),
    ]
  })
  table(`${title}, signed in (${TIMES})`, head, rows)
}

function printWrites(results) {
  const rows = groups(results, 'function').map((results) => {
    const [ours, rival] = ['lgtempo', 'PL/pgSQL'].map((way) => pick(results, { way }))
    return [ours.function, times(ours), times(rival), ratio(ours, [rival])]
  })
  table(`Writes, signed in (${TIMES})`, ['function', 'lgtempo', 'PL/pgSQL', 'ratio'], rows)
}

/** Prints the tables of what there is in `results`. */
export function print({ neighborhood, similar, growthOfTable, growthOfPerson, writes, verdicts }) {
  if (neighborhood) printNeighborhood(neighborhood)
  if (similar) printSimilar(similar)
  if (growthOfTable) printGrowth('The table grows', 'edges', growthOfTable)
  if (growthOfPerson) printGrowth("A person's graph grows", 'nodes', growthOfPerson)
  if (writes) printWrites(writes)
  if (verdicts) printVerdicts(verdicts)
  console.log()
}
