// Searching knowledge bases: who finds what, how well, and what is refused.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { start } from './harness.mjs'
import { UNKNOWN, assertClose, insert, near, ok, refused, signUp, vector } from './support.mjs'

let server, anon, service, mara, ben
let maraId, benId
const bases = {}
const chunks = {}

// Every base holds one chunk of each text, so that only rights decide who finds how many. The language 'simple'
// leaves words as they are, which keeps the expected scores easy to compute.
const TEXTS = [
  { content: 'breathing slowly calms nerves', cosine: 0.9 },
  { content: 'nerves before every talk are normal nerves', cosine: 0.8 },
  { content: 'running needs patience', cosine: 0.2 },
]

async function makeBase(client, name, more) {
  const base = await insert(
    client,
    'agent_knowledge_bases',
    { agent_id: 'coach', name, language: 'simple', ...more },
    'id',
  )
  const document = await insert(
    client,
    'knowledge_documents',
    { knowledge_base_id: base.id, title: `Guide: ${name}`, content: TEXTS.map((text) => text.content).join('\n') },
    'id',
  )
  bases[name] = base.id
  chunks[name] = await insert(
    client,
    'knowledge_chunks',
    TEXTS.map(({ content, cosine }, chunk_index) => ({
      document_id: document.id,
      knowledge_base_id: base.id,
      chunk_index,
      content,
      embedding: near(cosine),
      metadata: { base: name },
    })),
    'id, document_id, chunk_index, content',
  )
}

before(async () => {
  server = await start()
  maraId = await signUp(server, 'mara@example.com')
  benId = await signUp(server, 'ben@example.com')
  mara = server.client(maraId)
  ben = server.client(benId)
  anon = server.client(null)
  service = server.client('service_role')

  await makeBase(mara, 'of Mara', { owner_id: maraId })
  await makeBase(ben, 'of Ben', { owner_id: benId })
  await makeBase(service, 'shared', { owner_id: null })
  await makeBase(service, 'public', { owner_id: null, is_public: true })
  await makeBase(service, 'retired', { owner_id: null, is_public: true, is_active: false })

  const entry = (user_id, content, cosine) => ({ user_id, content, language: 'simple', embedding: near(cosine) })
  await ok(
    service
      .from('knowledge')
      .insert([
        entry(null, 'everybody knows nerves', 0.85),
        entry(maraId, 'mara knows her nerves', 0.75),
        entry(benId, 'ben knows his nerves', 0.75),
      ]),
  )
})
after(() => server?.stop())

const search = (client, args) =>
  client.rpc('search_knowledge_chunks', { query_embedding: vector({ 0: 1 }), match_count: 100, ...args })
const ask = (client, args) => client.rpc('search_knowledge_base', { limit_results: 100, ...args })

const ids = (rows) => rows.map((row) => row.chunk_id ?? row.id)
const basesOf = (rows) => [...new Set(rows.map((row) => row.metadata.base))].sort()

// search_knowledge_chunks

test('chunks by a vector: what they look like, and their order', async () => {
  const rows = await ok(search(mara, { knowledge_base_id_param: bases.shared }))
  assert.deepEqual(Object.keys(rows[0]), [
    'chunk_id',
    'document_id',
    'document_title',
    'content',
    'similarity',
    'chunk_index',
    'metadata',
  ])
  assert.deepEqual(ids(rows), [chunks.shared[0].id, chunks.shared[1].id])
  assert.equal(rows[0].document_id, chunks.shared[0].document_id)
  assert.equal(rows[0].document_title, 'Guide: shared')
  assert.equal(rows[0].content, TEXTS[0].content)
  assert.deepEqual([rows[0].chunk_index, rows[1].chunk_index], [0, 1])
  assert.deepEqual(rows[0].metadata, { base: 'shared' })
  assertClose(rows[0].similarity, 0.9)
  assertClose(rows[1].similarity, 0.8)
})

test('chunks by a vector: each caller finds exactly what it may read', async () => {
  const found = async (client) => {
    const rows = await ok(search(client, { match_threshold: 0 }))
    assert.equal(rows.length, basesOf(rows).length * TEXTS.length)
    return basesOf(rows)
  }
  assert.deepEqual(await found(mara), ['of Mara', 'public', 'shared'])
  assert.deepEqual(await found(ben), ['of Ben', 'public', 'shared'])
  assert.deepEqual(await found(anon), ['public'])
  assert.deepEqual(await found(service), ['of Ben', 'of Mara', 'public', 'retired', 'shared'])
})

test('a base that the caller may not read is as good as none', async () => {
  for (const [client, base] of [
    [mara, bases['of Ben']],
    [mara, bases.retired],
    [mara, UNKNOWN],
    [anon, bases.shared],
    [anon, bases['of Mara']],
  ]) {
    assert.deepEqual(await ok(search(client, { knowledge_base_id_param: base, match_threshold: -1 })), [])
    assert.deepEqual(await ok(ask(client, { search_query: 'nerves', kb_id_filter: base })), [])
  }
})

test('an owner finds what is in a retired base of their own', async () => {
  await ok(ben.from('agent_knowledge_bases').update({ is_active: false }).eq('id', bases['of Ben']))
  assert.equal((await ok(search(ben, { knowledge_base_id_param: bases['of Ben'] }))).length, 2)
  await ok(ben.from('agent_knowledge_bases').update({ is_active: true }).eq('id', bases['of Ben']))
})

test('chunks by number and threshold', async () => {
  const one = { knowledge_base_id_param: bases['of Mara'] }
  const found = async (args) => ids(await ok(search(mara, { ...one, ...args })))
  const [first, second, third] = ids(chunks['of Mara'])

  assert.deepEqual(await found({ match_threshold: 0.1 }), [first, second, third])
  assert.deepEqual(await found({ match_threshold: 0.85 }), [first])
  assert.deepEqual(await found({ match_count: 1 }), [first])
  assert.deepEqual(await found({ match_count: 0 }), [])
  assert.equal((await ok(search(mara, { match_count: 4, match_threshold: 0 }))).length, 4)
  assert.deepEqual(await found({ query_embedding: JSON.stringify(near(0.95)), match_count: 1 }), [first])
})

test('chunks by a vector refuse bad input, from anon too', async () => {
  for (const client of [mara, anon, service]) {
    await refused(search(client, { match_count: -1 }), '22023', /match_count/)
    await refused(search(client, { match_count: 1001 }), '22023', /match_count.*1000/)
    await refused(search(client, { match_count: null }), '22004', /match_count/)
    await refused(search(client, { match_threshold: 1.5 }), '22023', /match_threshold/)
    await refused(search(client, { match_threshold: -1.5 }), '22023', /match_threshold/)
    await refused(search(client, { match_threshold: null }), '22004', /match_threshold/)
    await refused(search(client, { query_embedding: [0.1, 0.2] }), '22023', /query_embedding.*1536/)
    await refused(search(client, { query_embedding: vector({}) }), '22023', /query_embedding/)
    await refused(search(client, { query_embedding: null }), '22004', /query_embedding/)
  }
})

// search_knowledge_base

test('words: what a row looks like, and who finds what', async () => {
  const rows = await ok(ask(mara, { search_query: 'nerves' }))
  assert.deepEqual(Object.keys(rows[0]), [
    'id',
    'source',
    'document_id',
    'title',
    'content',
    'kb_id',
    'kb_name',
    'metadata',
    'relevance_score',
    'similarity',
    'keyword_score',
  ])

  const found = async (client) =>
    (await ok(ask(client, { search_query: 'nerves' }))).map((row) => row.kb_name ?? row.content).sort()
  const twice = (...names) => names.flatMap((name) => [name, name])
  assert.deepEqual(
    await found(mara),
    [...twice('of Mara', 'public', 'shared'), 'everybody knows nerves', 'mara knows her nerves'].sort(),
  )
  assert.deepEqual(
    await found(ben),
    [...twice('of Ben', 'public', 'shared'), 'everybody knows nerves', 'ben knows his nerves'].sort(),
  )
  assert.deepEqual(await found(anon), twice('public'))

  const chunk = rows.find((row) => row.kb_id === bases.shared)
  assert.equal(chunk.source, 'chunk')
  assert.equal(chunk.title, 'Guide: shared')
  assert.equal(chunk.kb_name, 'shared')
  assert.equal(chunk.similarity, null)
  assert.equal(chunk.relevance_score, chunk.keyword_score)
  const entry = rows.find((row) => row.content === 'mara knows her nerves')
  assert.equal(entry.source, 'entry')
  assert.deepEqual([entry.document_id, entry.kb_id, entry.kb_name], [null, null, null])
})

test('words are scored by BM25 over the bases in scope', async () => {
  const score = ({ tf, df, length }) => {
    const [n, average] = [3, (4 + 7 + 3) / 3]
    const idf = Math.log(1 + (n - df + 0.5) / (df + 0.5))
    return (idf * tf * 2.2) / (tf + 1.2 * (1 - 0.75 + (0.75 * length) / average))
  }
  const [calm, nerves, running] = chunks['of Mara']
  const found = (search_query) => ok(ask(mara, { search_query, kb_id_filter: bases['of Mara'] }))

  const rows = await found('nerves')
  assert.deepEqual(ids(rows), [nerves.id, calm.id])
  assertClose(rows[0].keyword_score, score({ tf: 2, df: 2, length: 7 }))
  assertClose(rows[1].keyword_score, score({ tf: 1, df: 2, length: 4 }))

  // Any word may match, and each adds to the score.
  const any = await found('patience breathing nerves')
  assert.equal(any.length, 3)
  const both = any.find((row) => row.id === calm.id)
  assertClose(both.keyword_score, score({ tf: 1, df: 2, length: 4 }) + score({ tf: 1, df: 1, length: 4 }))
  assertClose(any.find((row) => row.id === running.id).keyword_score, score({ tf: 1, df: 1, length: 3 }))
})

test('quoted words must follow each other, and words with a minus must be absent', async () => {
  const [calm, nerves] = chunks['of Mara']
  const found = async (search_query) => ids(await ok(ask(mara, { search_query, kb_id_filter: bases['of Mara'] })))

  assert.deepEqual(await found('"calms nerves"'), [calm.id])
  assert.deepEqual(await found('"nerves calms"'), [])
  assert.deepEqual(await found('nerves -talk'), [calm.id])
  assert.deepEqual(await found('nerves -breathing'), [nerves.id])
  assert.deepEqual(await found('nothing of the kind'), [])
})

test('a vector alone', async () => {
  const rows = await ok(ask(mara, { query_embedding: vector({ 0: 1 }), similarity_threshold: 0.7 }))
  assert.equal(rows.filter((row) => row.source === 'chunk').length, 6)
  assert.deepEqual(
    rows.filter((row) => row.source === 'entry').map((row) => row.content),
    ['everybody knows nerves', 'mara knows her nerves'],
  )
  assertClose(rows[0].similarity, 0.9)
  for (const [i, row] of rows.entries()) {
    assert.equal(row.relevance_score, row.similarity)
    assert.equal(row.keyword_score, null)
    assert.ok(i === 0 || rows[i - 1].similarity >= row.similarity)
  }
  const basesFound = (found) => [...new Set(found.map((row) => row.kb_name))].sort()
  assert.deepEqual(basesFound(await ok(ask(anon, { query_embedding: vector({ 0: 1 }) }))), ['public'])
})

test('words and a vector together', async () => {
  const [calm, nerves, running] = chunks['of Mara']
  const found = (args) => ok(ask(mara, { kb_id_filter: bases['of Mara'], query_embedding: vector({ 0: 1 }), ...args }))

  // The first by both sides is the first.
  const rows = await found({ search_query: 'breathing' })
  assert.deepEqual(ids(rows), [calm.id, nerves.id, running.id])
  assert.ok(rows[0].keyword_score > 0)
  assertClose(rows[0].similarity, 0.9)
  assert.equal(rows[1].keyword_score, 0, 'no word of it was asked for')
  assert.ok(rows[0].relevance_score > rows[1].relevance_score && rows[1].relevance_score > rows[2].relevance_score)

  // Found by words alone: the threshold does not bind it, and its similarity is told.
  const alone = await found({ search_query: 'patience', similarity_threshold: 0.85 })
  assert.deepEqual(ids(alone).sort(), [calm.id, running.id].sort())
  assertClose(alone.find((row) => row.id === running.id).similarity, 0.2)
})

test('knowledge bases by number', async () => {
  assert.equal((await ok(ask(mara, { search_query: 'nerves', limit_results: 3 }))).length, 3)
  assert.deepEqual(await ok(ask(mara, { search_query: 'nerves', limit_results: 0 })), [])
  const entries = await ok(ask(mara, { search_query: 'knows' }))
  assert.equal(entries.length, 2)
  assert.deepEqual(await ok(ask(mara, { search_query: 'knows', kb_id_filter: bases.shared })), [])
})

test('knowledge bases refuse bad input, from anon too', async () => {
  for (const client of [mara, anon, service]) {
    const call = (args) => ask(client, { search_query: 'nerves', ...args })
    await refused(ask(client, {}), '22004', /search_query.*query_embedding/)
    await refused(call({ limit_results: -1 }), '22023', /limit_results/)
    await refused(call({ limit_results: 1001 }), '22023', /limit_results.*1000/)
    await refused(call({ limit_results: null }), '22004', /limit_results/)
    await refused(call({ similarity_threshold: 2 }), '22023', /similarity_threshold/)
    await refused(call({ similarity_threshold: -2 }), '22023', /similarity_threshold/)
    await refused(call({ similarity_threshold: null }), '22004', /similarity_threshold/)
    await refused(call({ query_embedding: [1] }), '22023', /query_embedding.*1536/)
    await refused(call({ query_embedding: vector({}) }), '22023', /query_embedding/)
  }
})

test('what has changed is found as it is now', async () => {
  const base = { kb_id_filter: bases['of Ben'] }
  const [calm] = chunks['of Ben']
  await ok(
    ben
      .from('knowledge_chunks')
      .update({ content: 'kangaroos calm nobody', embedding: near(-0.5) })
      .eq('id', calm.id),
  )
  assert.deepEqual(ids(await ok(ask(ben, { ...base, search_query: 'kangaroos' }))), [calm.id])
  assert.ok(!ids(await ok(ask(ben, { ...base, search_query: 'breathing' }))).includes(calm.id))
  assert.ok(
    !ids(await ok(search(ben, { knowledge_base_id_param: bases['of Ben'], match_threshold: 0 }))).includes(calm.id),
  )

  await ok(ben.from('knowledge_chunks').delete().eq('id', calm.id))
  assert.deepEqual(await ok(ask(ben, { ...base, search_query: 'kangaroos' })), [])
})

test('a GET request searches too', async () => {
  const rows = await ok(
    anon.rpc('search_knowledge_base', { search_query: 'nerves', kb_id_filter: bases.public }, { get: true }),
  )
  assert.deepEqual(ids(rows), [chunks.public[1].id, chunks.public[0].id])
})
