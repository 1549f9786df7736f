// Adding chunks to knowledge_chunks beside adding them to a table with the same columns, keys and policy, a generated
// tsvector and a GIN index on it; and adding whole documents.

import { widen } from '../../examples/coaching/vectors.mjs'
import { enter } from '../common/contestants.mjs'
import { asOwner, withSessions } from '../common/database.mjs'
import { race } from '../common/measure.mjs'
import { generator } from '../common/random.mjs'
import { written } from '../common/vectors.mjs'
import { passages } from './prose.mjs'
import { bases } from './scopes.mjs'

const TABLES = { lgtempo: 'knowledge_chunks', plain: 'rival.written_chunks' }
const PASSAGES_PER_DOCUMENT = 20

const ENTRIES = Object.keys(TABLES).map((way) => ({ name: way, way, role: 'signed in', modes: ['auto'] }))

/** The writes: what each is called, and the statement for a case. */
const WRITES = {
  'a chunk': (way, { document, base, index, text }) => ({
    name: 'insert',
    text: `insert into ${TABLES[way]} (document_id, knowledge_base_id, chunk_index, content) values ($1, $2, $3, $4)`,
    values: [document, base, index, text],
  }),
  'a chunk with its embedding': (way, { document, base, index, text, embedding }) => ({
    name: 'insert embedded',
    text: `insert into ${TABLES[way]} (document_id, knowledge_base_id, chunk_index, content, embedding)
      values ($1, $2, $3, $4, $5)`,
    values: [document, base, index, text, embedding],
  }),
}
const ADD = (_, { base, index, text }) => ({
  name: 'add',
  text: 'select add_knowledge_document($1, $2, $3)',
  values: [base, `Document ${index}`, text],
})

/** Races over each write, committed one by one. Gives a result for each contestant; of documents, it is per chunk. */
export async function measure(database, { data, say, failed, ...rules }) {
  const [, , { id: base, owner: person }] = bases(data.passages.length)
  const cases = rules.warmup + rules.rounds
  const next = passages(data.sentences, generator(23))
  return withSessions(async (sessions) => {
    const results = []
    for (const [write, statement] of Object.entries(WRITES)) {
      say(`writing ${write}`)
      const document = await addDocument(database, base, write)
      const made = Array.from({ length: cases }, (_, index) => ({
        person,
        document,
        base,
        index,
        text: next(),
        embedding: written(widen(Array.from(data.ofPassages[index]))),
      }))
      results.push(...(await raceOver(write, ENTRIES, made, statement)))
    }
    await failed.catching('add_knowledge_document', async () => {
      say('adding documents')
      const some = Math.ceil(cases / 10)
      const made = Array.from({ length: some }, (_, index) => ({
        person,
        base,
        index,
        text: Array.from({ length: PASSAGES_PER_DOCUMENT }, next).join('\n\n'),
      }))
      const fewer = { rounds: some - rules.warmup, warmup: Math.min(rules.warmup, 2) }
      const [result] = await raceOver('a chunk of a whole document', ENTRIES.slice(0, 1), made, ADD, fewer)
      const chunks = await chunksPerDocument(database, base)
      results.push({ ...result, chunks, cpu: divided(result.cpu, chunks), wall: divided(result.wall, chunks) })
    })
    return results

    async function raceOver(write, entries, cases, statement, fewer = {}) {
      const call = (way, item) => ({ person: item.person, statement: statement(way, item) })
      const contestants = await enter(database, entries, call, sessions)
      const raced = await race({ contestants, cases, random: generator(write.length), ...rules, ...fewer })
      return raced.map((result) => ({ write, ...result }))
    }
  })
}

/** A document to which both add their chunks. */
function addDocument(database, base, title) {
  return asOwner(database, (owner) =>
    owner.value(
      'insert into knowledge_documents (knowledge_base_id, title, content) values ($1, $2, $2) returning id',
      [base, title],
    ),
  )
}

function chunksPerDocument(database, base) {
  return asOwner(database, async (owner) =>
    Number(
      await owner.value(
        `select avg(chunk_count) from knowledge_documents where knowledge_base_id = $1 and title like 'Document %'`,
        [base],
      ),
    ),
  )
}

const divided = (times, by) => Object.fromEntries(Object.entries(times).map(([key, value]) => [key, value / by]))
