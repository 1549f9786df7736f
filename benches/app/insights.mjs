// What it costs to look for insights in graphs of several sizes: for the first time, and when nothing has changed.

import { enter } from '../common/contestants.mjs'
import { asOwner, withSessions } from '../common/database.mjs'
import { race } from '../common/measure.mjs'
import { generator } from '../common/random.mjs'

const ENTRIES = [{ name: 'refresh_graph_insights', way: 'lgtempo', role: 'signed in' }]
const statement = { name: 'refresh', text: 'select refresh_graph_insights()', values: [] }

/** Races against nobody. Gives a result for each size and run. */
export async function measure(database, { graphs, say, ...rules }) {
  return withSessions(async (sessions) => {
    const call = (_, { person }) => ({ person, statement })
    const contestants = await enter(database, ENTRIES, call, sessions)
    const [{ session }] = contestants[0].tries
    const results = []
    for (const nodes of Object.keys(graphs).map(Number)) {
      const cases = await asOwner(database, (owner) => people(owner, nodes))
      const measured = async (run) => {
        say(`refresh_graph_insights, ${nodes} nodes, ${run}`)
        const rolledBack = { before: (session) => session.run('begin'), after: (session) => session.run('rollback') }
        const [result] = await race({ contestants, cases, random: generator(nodes), ...rolledBack, ...rules })
        results.push({ nodes, edges: cases[0].edges, run, ...result })
      }
      await measured('first run')
      const found = await refresh(session, cases)
      if (found.includes(0)) throw new Error(`no insights into a graph of ${nodes} nodes`)
      if ((await refresh(session, cases)).some((changed) => changed !== 0)) throw new Error('a second run changes something')
      await asOwner(database, (owner) => owner.run('vacuum analyze graph_insights'))
      await measured('unchanged')
      results.at(-2).insights = results.at(-1).insights = found[0]
    }
    return results
  })
}

/** Those who have so many nodes, and how many edges they have. */
async function people(owner, nodes) {
  const rows = await owner.rows(
    `select user_id, (select count(*) from graph_edges e where e.user_id = g.user_id)
     from draft.graph g
     where nodes = $1
     order by person`,
    [nodes],
  )
  return rows.map(([person, edges]) => ({ person, edges: Number(edges) }))
}

/** How many insights the call writes for each. */
async function refresh(session, cases) {
  const written = []
  for (const { person } of cases) {
    await session.become(person)
    written.push(Number(await session.value(statement.text)))
  }
  return written
}
