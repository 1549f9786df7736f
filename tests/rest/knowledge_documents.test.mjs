// Adding documents: who may, how they are split into tokens, and finding them at once.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import test, { after, before } from 'node:test'
import { Tiktoken } from 'js-tiktoken/lite'
import cl100kBase from 'js-tiktoken/ranks/cl100k_base'
import { start } from './harness.mjs'
import { UNKNOWN, assertClose, insert, near, ok, refused, signUp, vector } from './support.mjs'

// The embedding models' tokenizer, by another implementation. Special tokens are text like any other.
const tokenizer = new Tiktoken(cl100kBase)
const count = (text) => tokenizer.encode(text, [], []).length
const bare = (text) => text.replace(/\s/gu, '')

const DOCUMENTS = new URL('../../examples/coaching/documents/', import.meta.url)
const guides = readdirSync(DOCUMENTS).map((name) => readFileSync(new URL(name, DOCUMENTS), 'utf8'))

let server, anon, service, mara, ben
const bases = {}

async function makeBase(client, name, more) {
  const base = await insert(client, 'agent_knowledge_bases', { agent_id: 'coach', name, ...more }, 'id')
  bases[name] = base.id
}

before(async () => {
  server = await start()
  const maraId = await signUp(server, 'mara@example.com')
  const benId = await signUp(server, 'ben@example.com')
  mara = server.client(maraId)
  ben = server.client(benId)
  anon = server.client(null)
  service = server.client('service_role')

  await makeBase(mara, 'of Mara', { owner_id: maraId })
  await makeBase(mara, 'tokens', { owner_id: maraId })
  await makeBase(ben, 'of Ben', { owner_id: benId })
  await makeBase(service, 'shared', { owner_id: null })
  await makeBase(service, 'public', { owner_id: null, is_public: true })
  await makeBase(service, 'public of Mara', { owner_id: maraId, is_public: true })
})
after(() => server?.stop())

const add = (client, base, p_content, more) =>
  client.rpc('add_knowledge_document', { p_knowledge_base_id: base, p_title: 'Guide', p_content, ...more })

const chunksOf = (document) =>
  ok(
    mara
      .from('knowledge_chunks')
      .select('id, chunk_index, content, token_count')
      .eq('document_id', document)
      .order('chunk_index'),
  )

test('a person adds to a base of their own, and reads what came of it', async () => {
  const id = await ok(
    add(mara, bases['of Mara'], 'Long exhales calm the heart.', {
      p_source_url: 'https://example.com/calm',
      p_metadata: { page: 3 },
    }),
  )
  const { data: document } = await mara
    .from('knowledge_documents')
    .select('title, content, source_url, document_type, chunk_count, metadata')
    .eq('id', id)
    .single()
  assert.deepEqual(document, {
    title: 'Guide',
    content: 'Long exhales calm the heart.',
    source_url: 'https://example.com/calm',
    document_type: 'text',
    chunk_count: 1,
    metadata: { page: 3 },
  })
  assert.equal(await ok(add(mara, bases['of Mara'], 'Long exhales calm the heart.', { p_title: 'Other' })), id)
  const { data: base } = await mara
    .from('agent_knowledge_bases')
    .select('document_count, total_chunks')
    .eq('id', bases['of Mara'])
    .single()
  assert.deepEqual(base, { document_count: 1, total_chunks: 1 })
})

test('other bases are refused, and leave nothing', async () => {
  for (const base of [bases['of Ben'], bases.shared, bases.public, bases['public of Mara'], UNKNOWN]) {
    await refused(add(mara, base, 'Not mine'), '23503', /p_knowledge_base_id/)
  }
  assert.deepEqual(await ok(service.from('knowledge_documents').select('id').eq('content', 'Not mine')), [])
})

test('the service adds to every base', async () => {
  for (const base of [bases['of Ben'], bases.shared, bases.public]) {
    assert.match(await ok(add(service, base, 'From the service')), /^[0-9a-f-]{36}$/)
  }
})

test('anon is refused', async () => {
  for (const base of [bases.public, bases['of Mara']]) {
    const { status, error } = await add(anon, base, 'From nobody')
    assert.deepEqual([status, error.code], [401, '42501'])
  }
})

test('bad input is refused', async () => {
  const bad = (more) => add(mara, bases['of Mara'], 'Text', more)
  await refused(bad({ p_content: ' \n' }), '22023', /p_content/)
  await refused(bad({ p_title: null }), '22004', /p_title/)
  await refused(bad({ p_document_type: 'word' }), '22023', /p_document_type/)
  await refused(bad({ p_metadata: [1] }), '22023', /p_metadata/)
  await refused(bad({ p_max_tokens: 8192, p_overlap_tokens: 0 }), '22023', /p_max_tokens.*8191/)
  await refused(bad({ p_max_tokens: 64 }), '22023', /p_overlap_tokens/)
  await refused(bad({ p_content: 'a\u0000b' }), '22P05')
})

// What tokenizers stumble on: other scripts, emoji, digits, white space, special tokens, words without end.
const HARD = `# Résumé

👩‍👩‍👧‍👦 and 🏳️‍🌈, 呼吸を整えると、心が落ち着きます。 การหายใจช้าๆ  ${'e\u0301'.repeat(40)}

\`\`\`js
const x = { a: [1, 2, 33333333], b: 'they''ll', c: "<|endoftext|>" }
\t\tif (x)   { return\tnull }
\`\`\`

${'x'.repeat(300)} ${'=-'.repeat(100)} 3.14159265358979 I'LL we've    end

| a | b |
|---|---|
${'| 1 | two |\n'.repeat(30)}`

for (const [name, content] of [
  ['the guides', guides.join('\n\n')],
  ['a hard text', HARD],
]) {
  for (const type of ['text', 'markdown']) {
    test(`${name} as ${type}: tokens are counted as the embedding models do`, async () => {
      for (const [most, overlap] of [
        [512, 64],
        [100, 30],
        [40, 0],
        [9, 4],
      ]) {
        const id = await ok(
          add(mara, bases.tokens, `${content}\n${type} ${most}`, {
            p_document_type: type,
            p_max_tokens: most,
            p_overlap_tokens: overlap,
          }),
        )
        const chunks = await chunksOf(id)
        assert.ok(chunks.length >= content.length / 8 / most)
        for (const [i, chunk] of chunks.entries()) {
          assert.equal(chunk.chunk_index, i)
          assert.equal(chunk.token_count, count(chunk.content), chunk.content)
          assert.ok(chunk.token_count <= most, `${chunk.token_count} of at most ${most}: ${chunk.content}`)
        }
        if (overlap === 0) {
          assert.equal(chunks.map((chunk) => bare(chunk.content)).join(''), bare(`${content}\n${type} ${most}`))
        }
      }
    })
  }
}

test('chunks are filled', async () => {
  const id = await ok(add(mara, bases.tokens, guides.join('\n\n'), { p_max_tokens: 100, p_overlap_tokens: 0 }))
  const { length } = await chunksOf(id)
  assert.ok(length <= (2 * count(guides.join('\n\n'))) / 100, `${length} chunks`)
})

test('in Markdown chunks begin at headings', async () => {
  const [guide] = guides
  const id = await ok(
    add(mara, bases.tokens, guide, { p_document_type: 'markdown', p_max_tokens: 200, p_overlap_tokens: 0 }),
  )
  const chunks = await chunksOf(id)
  const headings = guide.match(/^## .*$/gm)
  const begun = headings.filter((heading) => chunks.some((chunk) => chunk.content.startsWith(heading)))
  assert.ok(begun.length >= headings.length - 1, `${begun.length} of ${headings.length} sections begin a chunk`)
})

// hybrid_search over what was added.

test('a document is found at once by words, and by meaning once it has embeddings', async () => {
  const scope = { kb_id_filter: bases['of Mara'] }
  const hybrid = (client, args) =>
    client.rpc('hybrid_search', { query_embedding: vector({ 0: 1 }), query_text: 'marmalade', ...scope, ...args })

  const id = await ok(add(mara, bases['of Mara'], 'Marmalade for breakfast.', { p_title: 'Breakfast' }))
  const [chunk] = await chunksOf(id)
  const words = await ok(mara.rpc('search_knowledge_base', { search_query: 'marmalade' }))
  assert.deepEqual(
    words.map((row) => [row.id, row.document_id, row.title, row.similarity]),
    [[chunk.id, id, 'Breakfast', null]],
  )
  const [row, ...more] = await ok(hybrid(mara))
  assert.deepEqual(more, [])
  assert.deepEqual(Object.keys(row), [
    'id',
    'title',
    'content',
    'metadata',
    'similarity_score',
    'keyword_score',
    'combined_score',
  ])
  assert.deepEqual([row.id, row.title, row.content], [chunk.id, 'Breakfast', 'Marmalade for breakfast.'])
  assert.ok(row.keyword_score > 0)
  assertClose(row.combined_score, 0.3 / 61)

  await ok(
    mara
      .from('knowledge_chunks')
      .update({ embedding: near(0.9) })
      .eq('id', chunk.id),
  )
  const [both] = await ok(hybrid(mara))
  assertClose(both.similarity_score, 0.9)
  assertClose(both.combined_score, 0.7 / 61 + 0.3 / 61)
  const [meaning] = await ok(hybrid(mara, { query_text: 'nothing of the kind' }))
  assert.equal(meaning.id, chunk.id)
  const [light] = await ok(hybrid(mara, { semantic_weight: 0.2 }))
  assertClose(light.combined_score, 1 / 61)

  // Others find nothing of it.
  for (const client of [ben, anon]) {
    assert.deepEqual(await ok(hybrid(client)), [])
    const found = await ok(hybrid(client, { kb_id_filter: null }))
    assert.ok(found.every((hit) => hit.id !== chunk.id))
  }

  await ok(mara.from('knowledge_documents').delete().eq('id', id))
  assert.deepEqual(await ok(hybrid(mara)), [])
})

test('hybrid_search refuses bad input, from anon too', async () => {
  for (const client of [mara, anon, service]) {
    const call = (args) =>
      client.rpc('hybrid_search', { query_embedding: vector({ 0: 1 }), query_text: 'calm', ...args })
    await refused(call({ query_embedding: null }), '22004', /query_embedding/)
    await refused(call({ query_text: null }), '22004', /query_text/)
    await refused(call({ query_embedding: [1] }), '22023', /query_embedding.*1536/)
    await refused(call({ query_embedding: vector({}) }), '22023', /query_embedding/)
    await refused(call({ match_count: -1 }), '22023', /match_count/)
    await refused(call({ match_count: 1001 }), '22023', /match_count.*1000/)
    await refused(call({ semantic_weight: 1.1 }), '22023', /semantic_weight/)
    await refused(call({ semantic_weight: null }), '22004', /semantic_weight/)
  }
})
