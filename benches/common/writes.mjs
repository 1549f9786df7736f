// Functions that write beside the same in PL/pgSQL. Each call is rolled back, so that the tables stay as they are.

import { enter } from './contestants.mjs'
import { withSessions } from './database.mjs'
import { race } from './measure.mjs'
import { generator } from './random.mjs'

/** Where each way has its functions, under the same names. */
const SCHEMAS = { lgtempo: 'public', 'PL/pgSQL': 'rival' }
const IDS = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/**
 * Races over each of `calls` in `role`, by turns for the people of the cases. Gives a result for each call and way.
 *
 * A call's name is that of the function, and after a comma what tells it from others; its value makes a case into
 * arguments. `effect` asks what a call has left in the tables: it must be the same, as must be the answer but for ids.
 */
export async function raceWrites(database, { role, calls, cases, effect, say, ...rules }) {
  return withSessions(async (sessions) => {
    const entries = Object.keys(SCHEMAS).map((way) => ({ way, role, modes: ['auto'] }))
    const entered = await enter(database, entries, () => {}, sessions)
    const results = []
    for (const [name, values] of Object.entries(calls)) {
      say(name)
      const contestants = entered.map(({ labels: { way }, tries: [{ session }] }) => ({
        name: `${name} by ${way}`,
        labels: { function: name, way },
        tries: [
          {
            session,
            call: (item) => ({
              // Whoever writes for others is nobody's account.
              person: role === 'signed in' ? item.person : undefined,
              statement: statement(SCHEMAS[way], name, values(item)),
            }),
          },
        ],
      }))
      await requireSameEffect(contestants, cases[0], effect)
      const raced = await race({
        contestants,
        cases,
        random: generator(name.length),
        before: (session) => session.run('begin'),
        after: (session) => session.run('rollback'),
        ...rules,
      })
      results.push(...raced)
    }
    return results
  })
}

function statement(schema, name, values) {
  const [fn] = name.split(',')
  const places = values.map((_, i) => `$${i + 1}`).join(', ')
  return { name, text: `select ${schema}.${fn}(${places})`, values }
}

/** Fails unless all answer and change the tables alike. */
async function requireSameEffect(contestants, item, effect) {
  const effects = []
  for (const { tries: [{ session, call }] } of contestants) {
    const { person, statement } = call(item)
    await session.become(person)
    await session.run('begin')
    const { rows } = await session.client.query({ ...statement, rowMode: 'array' })
    const left = await session.rows(effect)
    if (left.length === 0) throw new Error(`${statement.name} changes nothing`)
    effects.push(JSON.stringify([rows, left]).replace(IDS, 'id'))
    await session.run('rollback')
  }
  if (effects[0] !== effects[1]) {
    throw new Error(`${contestants[0].name} and by PL/pgSQL differ: ${effects.join(' or ')}`)
  }
}
