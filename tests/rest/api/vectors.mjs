// Embeddings go in as JSON arrays or as pgvector's text, in arguments and in rows; what is no embedding is a clear 400.

import assert from 'node:assert/strict'
import { insert, near, ok, vector } from '../support.mjs'
import { callsOf } from './calls.mjs'

/** The arguments that are embeddings. */
const ARGUMENTS = {
  find_similar_nodes: 'p_query_embedding',
  upsert_node_embedding: 'p_embedding',
  search_knowledge_chunks: 'query_embedding',
  search_knowledge_base: 'query_embedding',
  hybrid_search: 'query_embedding',
}
const FORMS = {
  'a JSON array': (values) => values,
  text: (values) => JSON.stringify(values),
  'text with blanks': (values) => ` [ ${values.join(' , ')} ] `,
}

/** What is no embedding, and why: what pgvector can't read, and what the contract refuses. */
const components = (first) => [first, ...new Array(1535).fill(0)]
const UNREADABLE = [
  ['words', 'near', '22P02'],
  ['nothing', '', '22P02'],
  ['half an array', '[1,2', '22P02'],
  ['an object', { embedding: [1] }, '22P02'],
  ['a number', 1, '22P02'],
  ['true', true, '22P02'],
  ['an array with null in it', components(null), '22P02'],
  ['an array with a word in it', components('one'), '22P02'],
  ['an array in an array', [components(1)], '22P02'],
  ['an array with a number that no real can hold', components(1e39), '22003'],
  ['an array with NaN in it', `[${components('NaN')}]`, '22000'],
]
const REFUSED = [
  ['too few dimensions', [1, 2, 3], '22023', /1536/],
  ['too many dimensions', new Array(1537).fill(1), '22023', /1536/],
  ['the zero vector', vector({}), '22023', /zero/],
]

/** Components that single precision holds exactly. */
const EXACT = vector({ 0: 0.5, 1: -0.25, 1535: 2 })

const TABLES = {
  graph_nodes: () => ({ node_type: 'emotion', label: 'calm' }),
  knowledge_chunks: ({ document }) => ({ document_id: document.id, chunk_index: 50, content: 'Calm.' }),
  knowledge: () => ({ content: 'Calm.' }),
}

export default function vectors(test, world) {
  const { schema } = world

  for (const [name, argument] of Object.entries(ARGUMENTS)) {
    test(`${schema}: ${name} takes ${argument} in every form`, async () => {
      const { client } = world.ada
      const answers = []
      for (const form of Object.values(FORMS)) {
        answers.push(await ok(client.rpc(name, { ...callsOf(world)[name], [argument]: form(near(0.9)) })))
      }
      const found = answers[0] === true || answers[0].length > 0
      assert.ok(found, 'there is something to see')
      assert.deepEqual(answers[1], answers[0])
      assert.deepEqual(answers[2], answers[0])
    })

    test(`${schema}: ${name} refuses what is no embedding`, async () => {
      const call = (value) => world.ada.client.rpc(name, { ...callsOf(world)[name], [argument]: value })
      for (const [what, value, code] of UNREADABLE) {
        const { error, status } = await call(value)
        assert.deepEqual([error?.code, status], [code, 400], `${what}: ${error?.message}`)
      }
      for (const [what, value, code, reason] of REFUSED) {
        const { error, status } = await call(value)
        assert.deepEqual([error?.code, status], [code, 400], `${what}: ${error?.message}`)
        assert.match(error.message, new RegExp(argument), what)
        assert.match(error.message, reason, what)
      }
    })
  }

  for (const [table, row] of Object.entries(TABLES)) {
    test(`${schema}: rows of ${table} take an embedding in every form, and give back the same`, async () => {
      const { ada } = world
      const stored = await insert(ada.client, table, { ...row(ada), embedding: null }, 'id')
      for (const [name, form] of Object.entries(FORMS)) {
        const change = ada.client.from(table).update({ embedding: form(EXACT) }).eq('id', stored.id)
        const [{ embedding }] = await ok(change.select('embedding'))
        assert.deepEqual(JSON.parse(embedding), EXACT, name)
      }
      await ok(ada.client.from(table).delete().eq('id', stored.id))
      for (const form of Object.values(FORMS)) {
        const { id } = await insert(ada.client, table, { ...row(ada), embedding: form(EXACT) }, 'id')
        await ok(ada.client.from(table).delete().eq('id', id))
      }
    })

    test(`${schema}: rows of ${table} refuse what is no embedding`, async () => {
      const { ada } = world
      const wrong = [
        ...UNREADABLE,
        // The column's own type counts dimensions, and its check knows the zero vector.
        ['too few dimensions', [1, 2, 3], '22000'],
        ['too many dimensions', new Array(1537).fill(1), '22000'],
        ['the zero vector', vector({}), '23514'],
      ]
      for (const [what, embedding, code] of wrong) {
        const { error, status } = await ada.client.from(table).insert({ ...row(ada), embedding })
        assert.deepEqual([error?.code, status], [code, 400], `${what}: ${error?.message}`)
      }
    })
  }

  test(`${schema}: the worker stores embeddings as JSON arrays`, async () => {
    const { ada, service } = world
    const node = await insert(ada.client, 'graph_nodes', { node_type: 'emotion', label: 'ready' }, 'id')
    await ok(service.rpc('retry_embedding_jobs', {}))
    const jobs = await ok(service.rpc('claim_embedding_jobs', { p_limit: 1000 }))
    const job = jobs.find((one) => one.id === node.id)
    const { kind, id, user_id, lease } = job
    const items = [{ kind, id, user_id, lease, embedding: vector({ 4: 0.5 }) }]
    assert.equal(await ok(service.rpc('store_embeddings', { p_items: items })), 1)
    const [{ embedding }] = await ok(ada.client.from('graph_nodes').select('embedding').eq('id', node.id))
    assert.deepEqual(JSON.parse(embedding), vector({ 4: 0.5 }))
  })
}
