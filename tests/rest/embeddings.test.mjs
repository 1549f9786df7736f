// The embedding queue through supabase-js: what a worker does, and what nobody else may.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { start } from './harness.mjs'
import { insert, ok, refused, signUp, vector } from './support.mjs'

let server, anon, service, mara, ben, maraId

before(async () => {
  server = await start()
  maraId = await signUp(server, 'mara@example.com')
  mara = server.client(maraId)
  ben = server.client(await signUp(server, 'ben@example.com'))
  anon = server.client(null)
  service = server.client('service_role')
})
after(() => server?.stop())

const claim = (args = {}) => ok(service.rpc('claim_embedding_jobs', args))
const store = (items) => service.rpc('store_embeddings', { p_items: items })
const stats = async (client, args = {}) => (await ok(client.rpc('get_embedding_queue_stats', args)))[0]
const states = ({ total, with_embedding, pending, leased, failed }) => [total, with_embedding, pending, leased, failed]

test('a worker claims what people write, stores the embeddings, and they are searched at once', async () => {
  const goal = await insert(mara, 'graph_nodes', { node_type: 'goal', label: 'Sing', description: 'aloud' }, 'id')
  const entry = await insert(mara, 'knowledge', { content: 'Breathe first.' }, 'id')
  assert.deepEqual(states(await stats(mara)), [2, 0, 2, 0, 0])

  const jobs = await claim({ p_limit: 10, p_lease: '00:01:00' })
  assert.deepEqual(
    jobs.map(({ lease, ...job }) => job),
    [
      { kind: 'node', id: goal.id, user_id: maraId, content: 'Sing\naloud', attempts: 1 },
      { kind: 'entry', id: entry.id, user_id: maraId, content: 'Breathe first.', attempts: 1 },
    ],
  )
  assert.deepEqual(await claim(), [])
  assert.deepEqual(states(await stats(mara)), [2, 0, 0, 2, 0])

  const items = jobs.map(({ kind, id, user_id, lease }) => ({ kind, id, user_id, lease, embedding: vector({ 3: 0.25 }) }))
  assert.equal(await ok(store(items)), 2)
  assert.equal(await ok(store(items)), 0)
  assert.deepEqual(states(await stats(mara)), [2, 2, 0, 0, 0])
  const query = { p_user_id: maraId, p_query_embedding: vector({ 3: 1 }) }
  const found = await ok(mara.rpc('find_similar_nodes', query))
  assert.deepEqual(found.map((row) => [row.node_id, row.similarity]), [[goal.id, 1]])
})

test('a text that changes loses its embedding, and an upsert of the same text does not', async () => {
  const [row] = await ok(mara.from('knowledge').select('id, content, user_id'))
  await ok(mara.from('knowledge').upsert(row))
  assert.deepEqual(states(await stats(mara)), [2, 2, 0, 0, 0])
  await ok(mara.from('knowledge').upsert({ ...row, content: 'Breathe out first.' }))
  assert.deepEqual(states(await stats(mara)), [2, 1, 1, 0, 0])
})

test('an item is given up with an error, and retried', async () => {
  const [{ kind, id, user_id, lease, content }] = await claim()
  assert.equal(content, 'Breathe out first.')
  assert.equal(await ok(store([{ kind, id, user_id, lease, error: 'the model is down' }])), 0)
  assert.deepEqual(states(await stats(mara)), [2, 1, 0, 0, 1])
  assert.deepEqual(await claim(), [])
  assert.equal(await ok(service.rpc('retry_embedding_jobs', { p_user_id: maraId })), 1)
  assert.equal((await claim())[0].id, id)
})

test('malformed items are refused, and nothing of the call is stored', async () => {
  await insert(mara, 'knowledge', { content: 'Sleep.' }, 'id')
  const [{ kind, id, lease }] = await claim()
  const good = { kind, id, lease, embedding: vector({ 0: 1 }) }
  await refused(store([good, { ...good, embedding: [1, 2, 3] }]), '22023', /p_items\[1\]\.embedding .*1536/)
  await refused(store([good, { ...good, embedding: vector({}) }]), '22023', /not all zero/)
  await refused(store([good, { ...good, kind: 'node' }]), '22023', /p_items\[1\]\.user_id/)
  await refused(store({}), '22023', /p_items must be a JSON array/)
  await refused(store(null), '22004', /p_items/)
  await refused(service.rpc('claim_embedding_jobs', { p_limit: 1001 }), '22023', /p_limit/)
  assert.equal(await ok(store([good])), 1)
})

test('claims at once share the queue', async () => {
  const texts = Array.from({ length: 200 }, (_, i) => ({ content: `Note ${i}` }))
  await ok(mara.from('knowledge').insert(texts))
  const claims = await Promise.all(Array.from({ length: 20 }, () => claim({ p_limit: 10 })))
  const ids = claims.flat().map((job) => job.id)
  assert.equal(ids.length, 200)
  assert.equal(new Set(ids).size, 200)
})

test('nobody but the service works on the queue, and people see their own part of it', async () => {
  for (const client of [anon, mara]) {
    await refused(client.rpc('claim_embedding_jobs'), '42501')
    await refused(client.rpc('store_embeddings', { p_items: [] }), '42501')
    await refused(client.rpc('retry_embedding_jobs'), '42501')
    await refused(client.from('embedding_jobs').select('*'), '42501')
    await refused(client.from('embedding_jobs').delete().neq('attempts', 0), '42501')
  }
  await refused(anon.rpc('get_embedding_queue_stats'), '42501')
  await refused(ben.rpc('get_embedding_queue_stats', { p_user_id: maraId }), '42501')
  assert.deepEqual(states(await stats(ben)), [0, 0, 0, 0, 0])
  assert.deepEqual(await stats(service), await stats(service, { p_user_id: maraId }))
})
