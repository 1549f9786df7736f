// find_similar_nodes beside an exact search by pgvector, for people with few and with many embedded nodes.

import { ROLES } from '../common/contestants.mjs'
import { asOwner, filesBeside, withSessions } from '../common/database.mjs'
import { race } from '../common/measure.mjs'
import { generator } from '../common/random.mjs'
import { written } from '../common/vectors.mjs'
import { personOfSize } from './build.mjs'
import { enter, TABLES } from './contestants.mjs'
import { embeddings } from './vectors.mjs'

const file = filesBeside(import.meta.url)

const LIMIT = 10
/** Each takes the person, the embedding and the limit. */
const WAYS = {
  lgtempo: 'select * from find_similar_nodes($1, $2, $3, -1)',
  exact: file('rivals/similar.sql'),
}
const ENTRIES = Object.keys(ROLES).flatMap((role) => [
  { way: 'lgtempo', role },
  ...Object.keys(TABLES).map((tables) => ({ way: 'exact', tables, role })),
])

function call(way, { person, query }) {
  return { person, statement: { name: way, text: WAYS[way], values: [person, query, LIMIT] } }
}

/** Races over each size of a person's graph. Gives a result for each contestant and size, lgtempo's with its recall. */
export async function measure(database, { people, sizes, embedded, queries, say, ...rules }) {
  return withSessions(async (sessions) => {
    const contestants = await enter(database, ENTRIES, call, sessions)
    const results = []
    for (const size of embedded) {
      say(`find_similar_nodes, ${size} nodes`)
      const person = await asOwner(database, (owner) =>
        owner.value('select user_id from draft.person where person = $1', [personOfSize({ people, sizes }, size)]),
      )
      // Of other draws than the nodes' own, from the same topics.
      const next = embeddings(-size)
      const cases = Array.from({ length: queries }, () => ({ person, query: written(next()) }))
      const recall = await recallOf(contestants, cases)
      const raced = await race({ contestants, cases, random: generator(size), ...rules })
      results.push(...raced.map((result) => ({ nodes: size, ...result, ...(result.way === 'lgtempo' && { recall }) })))
    }
    return results
  })
}

/** The share of the truly nearest nodes that lgtempo finds. */
async function recallOf(contestants, cases) {
  const [ours, exact] = ['lgtempo', 'exact'].map((way) => contestants.find(({ labels }) => labels.way === way).tries[0])
  let found = 0
  let all = 0
  for (const item of cases) {
    const [finds, nearest] = [await nodes(ours, item), await nodes(exact, item)]
    found += nearest.filter((node) => finds.includes(node)).length
    all += nearest.length
  }
  return found / all
}

async function nodes({ session, call }, item) {
  const { person, statement } = call(item)
  await session.become(person)
  const { rows } = await session.client.query({ ...statement, rowMode: 'array' })
  return rows.map(([node]) => node)
}
