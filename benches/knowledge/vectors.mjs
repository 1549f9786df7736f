// search_knowledge_chunks beside plain pgvector: exact, by HNSW filtered afterwards, and by HNSW in iterations.

import { widen } from '../../examples/coaching/vectors.mjs'
import { enter, ROLES } from '../common/contestants.mjs'
import { filesBeside, withSessions } from '../common/database.mjs'
import { race } from '../common/measure.mjs'
import { generator } from '../common/random.mjs'
import { written } from '../common/vectors.mjs'
import { within } from './rivals.mjs'
import { judge } from './truth.mjs'

const file = filesBeside(import.meta.url)

export const LIMIT = 10
const LGTEMPO = 'select * from search_knowledge_chunks($1, $2, -1, $3)'
const EXACT = file('rivals/exact.sql')
const INDEXED = file('rivals/indexed.sql')

// An index scan needs no sort: without one the planner takes the index, though it may hold another way to be cheaper.
const BY_INDEX = { enable_sort: 'off' }
const EF_SEARCH = [40, 100, 200]
const PLANNED = ['force_generic_plan', 'force_custom_plan']

export const OURS = Object.keys(ROLES).map((role) => ({ name: `lgtempo, ${role}`, way: 'lgtempo', role }))
const RIVALS = [
  { way: 'exact' },
  ...EF_SEARCH.map((ef) => ({ way: `HNSW ${ef}`, settings: { ...BY_INDEX, 'hnsw.ef_search': ef } })),
  ...EF_SEARCH.map((ef) => ({
    way: `HNSW ${ef}, iterative`,
    settings: { ...BY_INDEX, 'hnsw.ef_search': ef, 'hnsw.iterative_scan': 'relaxed_order' },
  })),
].map((rival) => ({ ...rival, name: rival.way, role: 'signed in', modes: PLANNED }))
export const EVERYBODY = [...OURS, ...RIVALS]

function call(way, { query, scope: { person, base } }) {
  const text = way === 'lgtempo' ? LGTEMPO : within(base, way === 'exact' ? EXACT : INDEXED)
  return { person, statement: { name: `${way} ${base === null}`, text, values: [query, base, LIMIT] } }
}

/**
 * Races over each scope, with sentences' embeddings for queries. Gives a result for each contestant and scope, with its
 * recall@10.
 */
export async function measure(database, { entries = EVERYBODY, scopes, data, queries, say, ...rules }) {
  const { passages, ofPassages, ofSentences } = data
  const numbers = new Map(passages.map(({ id }, n) => [id, n]))
  return withSessions(async (sessions) => {
    const entered = await enter(database, entries, call, sessions)
    const results = []
    for (const scope of scopes) {
      say(`vectors, ${scope.name}`)
      const contestants = entered.filter(({ labels }) => labels.role === 'signed in' || !scope.signedInOnly)
      const cases = ofSentences.slice(0, queries).map((vector) => ({
        scope,
        vector,
        query: written(widen(Array.from(vector))),
      }))
      const raced = await race({ contestants, cases, random: generator(scope.chunks), ...rules })
      const inScope = [...passages.keys()].filter((n) => data.isIn(scope, n))
      const recalls = contestants.map(() => [])
      const rows = contestants.map(() => [])
      for (const item of cases) {
        const recallOf = judge(ofPassages, item.vector, inScope, LIMIT)
        for (const [i, { tries: [attempt] }] of contestants.entries()) {
          const found = await answer(attempt, item)
          recalls[i].push(recallOf(found.map(([id]) => numbers.get(id))))
          rows[i].push(found.length)
        }
      }
      results.push(
        ...raced.map((result, i) => ({
          scope: scope.name,
          nominal: scope.nominal,
          chunks: scope.chunks,
          ...result,
          recall: mean(recalls[i]),
          rows: { mean: mean(rows[i]), least: Math.min(...rows[i]) },
        })),
      )
    }
    return results
  })
}

async function answer({ session, call }, item) {
  const { person, statement } = call(item)
  await session.become(person)
  const { rows } = await session.client.query({ ...statement, rowMode: 'array' })
  return rows
}

const mean = (values) => values.reduce((a, b) => a + b) / values.length
