// Who may do what with the tables, as apps do it: through supabase-js, without any function.

import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import test, { after, before } from 'node:test'
import { start } from './harness.mjs'
import { UNKNOWN, insert, near, ok, refused, signUp } from './support.mjs'

let server, anon, service, mara, ben
let maraId, benId

before(async () => {
  server = await start()
  maraId = await signUp(server, 'mara@example.com')
  benId = await signUp(server, 'ben@example.com')
  mara = server.client(maraId)
  ben = server.client(benId)
  anon = server.client(null)
  service = server.client('service_role')
})
after(() => server?.stop())

const byId = (client, table, id, columns = 'id') => client.from(table).select(columns).eq('id', id)

/** Nobody signed in may do anything at all with the table. */
async function closedTo(client, table, row = {}) {
  await refused(client.from(table).select('*').limit(1), '42501', new RegExp(table))
  await refused(client.from(table).insert(row), '42501', new RegExp(table))
  await refused(
    client.from(table).update({ created_at: '2020-01-01T00:00:00Z' }).eq('id', UNKNOWN),
    '42501',
    new RegExp(table),
  )
  await refused(client.from(table).delete().eq('id', UNKNOWN), '42501', new RegExp(table))
}

/** What `client` may not write to the table. */
async function cannot(client, table, verbs, id = UNKNOWN) {
  const calls = {
    insert: () => client.from(table).insert({}),
    update: () => client.from(table).update({ created_at: '2020-01-01T00:00:00Z' }).eq('id', id),
    delete: () => client.from(table).delete().eq('id', id),
  }
  for (const verb of verbs) await refused(calls[verb](), '42501', new RegExp(table))
}

// Rows of one's own: what mara may do with hers, ben can neither see nor touch

async function ownRows(table, row, change, { gift = '42501' } = {}) {
  const hers = await insert(mara, table, row)
  assert.equal(hers.user_id, maraId)
  assert.match(hers.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)

  assert.deepEqual(await ok(byId(ben, table, hers.id)), [])
  assert.deepEqual(await ok(ben.from(table).update(change).eq('id', hers.id).select('id')), [])
  await refused(ben.from(table).insert({ ...row, user_id: maraId }), '42501', new RegExp(table))
  await refused(mara.from(table).update({ user_id: benId }).eq('id', hers.id), gift)

  const [changed] = await ok(mara.from(table).update(change).eq('id', hers.id).select())
  for (const [column, value] of Object.entries(change)) assert.deepEqual(changed[column], value)
  assert.ok(Date.parse(changed.updated_at) > Date.parse(hers.updated_at), 'updated_at has moved on')
  return hers
}

async function ownRowsMayGo(table, hers) {
  assert.deepEqual(await ok(ben.from(table).delete().eq('id', hers.id).select('id')), [])
  assert.deepEqual(await ok(mara.from(table).delete().eq('id', hers.id).select('id')), [{ id: hers.id }])
  assert.deepEqual(await ok(byId(service, table, hers.id)), [])
}

test('graph_nodes: one’s own, and nothing for anon', async () => {
  const hers = await ownRows(
    'graph_nodes',
    { node_type: 'goal', label: 'Mine' },
    { label: 'Still mine', properties: { a: 1 } },
  )
  assert.equal(hers.status, 'draft_verbal')
  await ownRowsMayGo('graph_nodes', hers)
  await closedTo(anon, 'graph_nodes', { node_type: 'goal', label: 'Nobody’s' })
})

test('graph_edges: one’s own, between one’s own nodes', async () => {
  const [a, b] = await insert(mara, 'graph_nodes', [
    { node_type: 'session', label: 'A' },
    { node_type: 'goal', label: 'B' },
  ])
  const bens = await insert(ben, 'graph_nodes', { node_type: 'goal', label: 'C' })
  const row = { edge_type: 'works_on', source_node_id: a.id, target_node_id: b.id }
  // Given away, it would join nodes that are not the other person's.
  const hers = await ownRows('graph_edges', row, { label: 'first', weight: 0.5 }, { gift: '42501' })

  // The same fact cannot be valid twice at once, and no edge joins two people's nodes.
  await refused(mara.from('graph_edges').insert(row), '23P01')
  await refused(mara.from('graph_edges').insert({ ...row, target_node_id: bens.id }), '23503')
  await refused(mara.from('graph_edges').insert({ ...row, target_node_id: a.id }), '23514')
  await refused(mara.from('graph_edges').insert({ ...row, edge_type: 'feels', weight: 1.5 }), '23514')

  await ownRowsMayGo('graph_edges', hers)
  await closedTo(anon, 'graph_edges', row)
})

test('user_goals: one’s own, and nothing for anon', async () => {
  const hers = await ownRows(
    'user_goals',
    { goal_title: 'Run' },
    { goal_title: 'Run far', milestones: ['5 km', '10 km'] },
  )
  assert.equal(hers.goal_status, 'pending')
  await ownRowsMayGo('user_goals', hers)
  await closedTo(anon, 'user_goals', { goal_title: 'Run' })
})

test('elevenlabs_conversations: one’s own, but not to be deleted', async () => {
  const table = 'elevenlabs_conversations'
  const hers = await ownRows(table, { conversation_id: 'conv_1' }, { duration_minutes: 12, analysis: { mood: 'good' } })
  await cannot(mara, table, ['delete'], hers.id)
  await closedTo(anon, table, { conversation_id: 'conv_2' })

  // A webhook that is delivered twice writes one row.
  const twice = { conversation_id: 'conv_1', user_id: maraId, call_type: 'goal' }
  await ok(service.from(table).upsert(twice, { onConflict: 'user_id,conversation_id' }))
  assert.deepEqual(await ok(mara.from(table).select('id, call_type')), [{ id: hers.id, call_type: 'goal' }])
})

// The graph's own rules, which hold for rows written by hand too

test('a soft delete by the owner hides the node, closes its edges, and can be undone', async () => {
  const [goal, session] = await insert(mara, 'graph_nodes', [
    { node_type: 'goal', label: 'Novels' },
    { node_type: 'session', label: 'Reading' },
  ])
  const edge = await insert(mara, 'graph_edges', {
    edge_type: 'works_on',
    source_node_id: session.id,
    target_node_id: goal.id,
    valid_from: '2026-01-01T00:00:00Z',
  })
  const setDeleted = (deleted_at) =>
    mara.from('graph_nodes').update({ deleted_at }).eq('id', goal.id).select('id, deleted_at')
  const reached = async () => (await ok(mara.rpc('get_node_neighborhood', { p_node_id: session.id }))).length
  const readEdge = async () => (await ok(byId(mara, 'graph_edges', edge.id, 'valid_to, closed_by_delete')))[0]

  // Whatever instant is written, the database's own clock counts.
  const [deleted] = await ok(setDeleted('2001-01-01T00:00:00Z'))
  assert.ok(Math.abs(Date.parse(deleted.deleted_at) - Date.now()) < 60_000, deleted.deleted_at)
  assert.equal(await reached(), 1)
  assert.deepEqual(await readEdge(), { valid_to: deleted.deleted_at, closed_by_delete: true })
  assert.equal((await ok(byId(mara, 'graph_nodes', goal.id))).length, 1, 'it stays in the owner’s table')

  // Meanwhile nothing new can be joined to it, and its label is free.
  const row = { edge_type: 'feels', source_node_id: session.id, target_node_id: goal.id }
  await refused(mara.from('graph_edges').insert(row), '23503')
  const namesake = await insert(mara, 'graph_nodes', { node_type: 'goal', label: 'Novels' })
  await refused(setDeleted(null), '23505')
  await ok(mara.from('graph_nodes').delete().eq('id', namesake.id))

  await ok(setDeleted(null))
  assert.deepEqual(await readEdge(), { valid_to: null, closed_by_delete: false })
  assert.equal(await reached(), 2)

  await ok(ben.from('graph_nodes').update({ deleted_at: new Date().toISOString() }).eq('id', goal.id))
  assert.equal(await reached(), 2)
})

test('goals and skills are unique by their trimmed label, feelings are not', async () => {
  const node = (node_type, label) => mara.from('graph_nodes').insert({ node_type, label })
  for (const type of ['goal', 'skill']) {
    await ok(node(type, 'Patience'))
    await refused(node(type, '  Patience '), '23505')
    await ok(node(type, 'patience'))
  }
  for (const type of ['emotion', 'session', 'accomplishment']) {
    await ok(node(type, 'again'))
    await ok(node(type, 'again'))
  }
  await ok(ben.from('graph_nodes').insert({ node_type: 'goal', label: 'Patience' }))
  await refused(node('goal', '   '), '23514')
  await refused(node('goal', 'x'.repeat(256)), '23514')
})

test('an embedding written by hand is searched at once; its code cannot be written', async () => {
  const [{ id }] = await ok(
    ben
      .from('graph_nodes')
      .insert({ node_type: 'goal', label: 'Embedded', embedding: near(1) })
      .select('id'),
  )
  const rows = await ok(ben.rpc('find_similar_nodes', { p_user_id: null, p_query_embedding: near(1) }))
  assert.deepEqual(
    rows.map((row) => row.node_id),
    [id],
  )
  const code = '0'.repeat(1536)
  await refused(ben.from('graph_nodes').update({ embedding_code: code }).eq('id', id), '428C9')
  await refused(
    ben
      .from('graph_nodes')
      .update({ embedding: new Array(1536).fill(0) })
      .eq('id', id),
    '23514',
  )
})

test('edges bring their ends along, by the names of the foreign keys', async () => {
  const [a, b] = await insert(ben, 'graph_nodes', [
    { node_type: 'accomplishment', label: 'End' },
    { node_type: 'session', label: 'Beginning' },
  ])
  const edge = await insert(ben, 'graph_edges', {
    edge_type: 'derived_from',
    source_node_id: a.id,
    target_node_id: b.id,
  })
  const rows = await ok(
    ben
      .from('graph_edges')
      .select(
        'edge_type, source:graph_nodes!graph_edges_source_node_fkey(label), target:graph_nodes!graph_edges_target_node_fkey(label)',
      )
      .eq('id', edge.id),
  )
  assert.deepEqual(rows, [{ edge_type: 'derived_from', source: { label: 'End' }, target: { label: 'Beginning' } }])
})

// Accounts

test('users: the own row is read and never written', async () => {
  assert.deepEqual(await ok(mara.from('users').select('id, email')), [{ id: maraId, email: 'mara@example.com' }])
  await cannot(mara, 'users', ['insert', 'update', 'delete'], maraId)
  await closedTo(anon, 'users')
})

test('profiles: the own row is read and changed', async () => {
  assert.deepEqual(await ok(mara.from('profiles').select('id')), [{ id: maraId }])
  const change = { username: 'mara', locale: 'sv', preferences: { theme: 'dark' } }
  assert.deepEqual(
    await ok(mara.from('profiles').update(change).eq('id', maraId).select('username, locale, preferences')),
    [change],
  )
  assert.deepEqual(await ok(mara.from('profiles').update({ username: 'ben' }).eq('id', benId).select('id')), [])
  await refused(ben.from('profiles').update({ username: 'mara' }).eq('id', benId), '23505')
  await cannot(mara, 'profiles', ['insert', 'delete'], maraId)
  await closedTo(anon, 'profiles')
})

// What everybody may read

test('goal_categories and active agent_personae are there for everybody to read', async () => {
  await insert(service, 'goal_categories', { id: 'health', title: 'Health' })
  const [active, retired] = await insert(service, 'agent_personae', [
    { name: 'Edda', is_active: true },
    { name: 'Old Edda', is_active: false },
  ])
  for (const client of [anon, mara]) {
    assert.deepEqual(await ok(client.from('goal_categories').select('id').eq('id', 'health')), [{ id: 'health' }])
    assert.deepEqual(await ok(client.from('agent_personae').select('id').in('id', [active.id, retired.id])), [
      { id: active.id },
    ])
    await cannot(client, 'goal_categories', ['insert', 'update', 'delete'], 'health')
    await cannot(client, 'agent_personae', ['insert', 'update', 'delete'], active.id)
  }
})

// Knowledge

test('knowledge bases: read where shared, public or own; written where own and private', async () => {
  const table = 'agent_knowledge_bases'
  const agent_id = 'coach'
  const shared = await insert(service, table, { agent_id, name: 'shared' })
  const open = await insert(service, table, { agent_id, name: 'public', is_public: true })
  const retired = await insert(service, table, { agent_id, name: 'retired', is_public: true, is_active: false })
  const bens = await insert(ben, table, { agent_id, name: 'of Ben', owner_id: benId })
  const hers = await insert(mara, table, { agent_id, name: 'of Mara', owner_id: maraId })
  const names = async (client) => (await ok(client.from(table).select('name').order('name'))).map((row) => row.name)

  assert.deepEqual(await names(anon), ['public'])
  assert.deepEqual(await names(mara), ['of Mara', 'public', 'shared'])
  assert.deepEqual(await names(ben), ['of Ben', 'public', 'shared'])

  for (const row of [
    { agent_id, name: 'everybody’s', owner_id: null },
    { agent_id, name: 'published', owner_id: maraId, is_public: true },
    { agent_id, name: 'forged', owner_id: benId },
  ]) {
    await refused(mara.from(table).insert(row), '42501', new RegExp(table))
  }
  await refused(mara.from(table).update({ is_public: true }).eq('id', hers.id), '42501')
  await refused(mara.from(table).update({ owner_id: null }).eq('id', hers.id), '42501')
  for (const { id } of [shared, open, retired, bens]) {
    assert.deepEqual(await ok(mara.from(table).update({ description: 'taken over' }).eq('id', id).select('id')), [])
    assert.deepEqual(await ok(mara.from(table).delete().eq('id', id).select('id')), [])
  }
  const change = { description: 'my notes' }
  assert.deepEqual(await ok(mara.from(table).update(change).eq('id', hers.id).select('description')), [change])
  await cannot(anon, table, ['insert', 'update', 'delete'], open.id)

  // Documents and chunks follow their base.
  const document = { knowledge_base_id: hers.id, title: 'Notes', content: 'Breathe out for longer than in.' }
  const { id: documentId, ...made } = await insert(mara, 'knowledge_documents', document)
  assert.ok(made.content_hash, 'the hash is derived')
  const chunk = { document_id: documentId, chunk_index: 0, content: 'Breathe out.' }
  const stored = await insert(mara, 'knowledge_chunks', chunk)
  assert.equal(stored.knowledge_base_id, hers.id)
  assert.deepEqual(await ok(byId(mara, table, hers.id, 'document_count, total_chunks')), [
    { document_count: 1, total_chunks: 1 },
  ])

  assert.deepEqual(await ok(byId(ben, 'knowledge_documents', documentId)), [])
  assert.deepEqual(await ok(byId(ben, 'knowledge_chunks', stored.id)), [])
  assert.deepEqual(await ok(byId(anon, 'knowledge_chunks', stored.id)), [])
  assert.deepEqual(
    await ok(ben.from('knowledge_chunks').update({ content: 'Hold it.' }).eq('id', stored.id).select('id')),
    [],
  )
  for (const knowledge_base_id of [shared.id, open.id, bens.id]) {
    await refused(
      mara.from('knowledge_documents').insert({ ...document, knowledge_base_id }),
      '42501',
      /knowledge_documents/,
    )
  }
  const { error } = await ben.from('knowledge_chunks').insert({ ...chunk, chunk_index: 1, knowledge_base_id: hers.id })
  assert.ok(['42501', '23503'].includes(error?.code), JSON.stringify(error))
  await cannot(anon, 'knowledge_documents', ['insert', 'update', 'delete'], documentId)
  await cannot(anon, 'knowledge_chunks', ['insert', 'update', 'delete'], stored.id)
})

test('knowledge: the shared entries and one’s own', async () => {
  const shared = await insert(service, 'knowledge', { content: 'Everybody may know this.' }, 'id')
  const hers = await insert(mara, 'knowledge', { content: 'Mine.', user_id: maraId }, 'id')
  const found = async (client) =>
    (await ok(client.from('knowledge').select('id').in('id', [shared.id, hers.id]))).map((row) => row.id)

  assert.deepEqual((await found(mara)).sort(), [shared.id, hers.id].sort())
  assert.deepEqual(await found(ben), [shared.id])
  assert.deepEqual(await ok(mara.from('knowledge').update({ content: 'Ours.' }).eq('id', shared.id).select('id')), [])
  assert.deepEqual(await ok(mara.from('knowledge').delete().eq('id', shared.id).select('id')), [])
  await refused(mara.from('knowledge').insert({ content: 'For all.', user_id: null }), '42501', /knowledge/)
  await refused(mara.from('knowledge').insert({ content: 'For Ben.', user_id: benId }), '42501', /knowledge/)
  await refused(mara.from('knowledge').update({ user_id: null }).eq('id', hers.id), '42501', /knowledge/)
  await closedTo(anon, 'knowledge', { content: 'Nobody’s.' })
})

test('graph_insights: one’s own are read, and their status is changed', async () => {
  const row = {
    insight_type: 'trend',
    insight_key: 'trend:1',
    title: 'Calmer',
    content: 'Three calm weeks.',
    confidence: 0.8,
  }
  const hers = await insert(service, 'graph_insights', { ...row, user_id: maraId }, 'id')
  await insert(service, 'graph_insights', { ...row, user_id: benId }, 'id')

  assert.deepEqual(await ok(mara.from('graph_insights').select('id, status')), [{ id: hers.id, status: 'new' }])
  const seen = { status: 'seen' }
  assert.deepEqual(await ok(mara.from('graph_insights').update(seen).eq('id', hers.id).select('status')), [seen])
  assert.deepEqual(await ok(ben.from('graph_insights').update(seen).eq('id', hers.id).select('id')), [])
  await refused(mara.from('graph_insights').update({ title: 'Mine' }).eq('id', hers.id), '42501', /graph_insights/)
  await cannot(mara, 'graph_insights', ['insert', 'delete'], hers.id)
  await closedTo(anon, 'graph_insights', row)
})

// Inbox

test('inbox_messages, attachments and receipts: read one’s own, and keep them tidy', async () => {
  const message = (user_id) => ({
    user_id,
    message_type: 'reminder',
    subject: 'Tonight',
    content: { text: 'Pack your shoes.' },
  })
  const hers = await insert(service, 'inbox_messages', message(maraId))
  const bens = await insert(service, 'inbox_messages', message(benId))
  assert.equal(hers.preview, 'Pack your shoes.')
  const attachment = await insert(service, 'message_attachments', {
    message_id: hers.id,
    attachment_type: 'link',
    title: 'Route',
    url: 'https://example.com/route',
  })
  assert.equal(attachment.user_id, maraId)

  assert.deepEqual(await ok(mara.from('inbox_messages').select('id')), [{ id: hers.id }])
  assert.deepEqual(await ok(mara.from('message_attachments').select('id')), [{ id: attachment.id }])
  assert.deepEqual(await ok(ben.from('message_attachments').select('id')), [])

  const change = { is_read: true, is_pinned: true, is_archived: true }
  assert.deepEqual(
    await ok(mara.from('inbox_messages').update(change).eq('id', hers.id).select('is_read, is_pinned, is_archived')),
    [change],
  )
  assert.deepEqual(await ok(mara.from('inbox_messages').update(change).eq('id', bens.id).select('id')), [])
  for (const other of [{ subject: 'Hi' }, { content: {} }, { priority: 'low' }, { user_id: benId }]) {
    await refused(mara.from('inbox_messages').update(other).eq('id', hers.id), '42501', /inbox_messages/)
  }
  await refused(mara.from('inbox_messages').insert(message(maraId)), '42501', /inbox_messages/)
  await refused(mara.from('inbox_messages').insert(message(benId)), '42501', /inbox_messages/)
  await cannot(mara, 'inbox_messages', ['delete'], hers.id)
  await cannot(mara, 'message_attachments', ['insert', 'update', 'delete'], attachment.id)

  const receipts = 'message_read_receipts'
  const receipt = await insert(mara, receipts, { message_id: hers.id, read_duration_seconds: 5 })
  assert.equal(receipt.user_id, maraId)
  await refused(mara.from(receipts).insert({ message_id: hers.id }), '23505')
  assert.deepEqual(
    await ok(
      mara.from(receipts).update({ read_duration_seconds: 9 }).eq('id', receipt.id).select('read_duration_seconds'),
    ),
    [{ read_duration_seconds: 9 }],
  )
  for (const row of [{ message_id: bens.id }, { message_id: bens.id, user_id: benId }, { message_id: UNKNOWN }]) {
    const { error } = await mara.from(receipts).insert(row)
    assert.ok(['42501', '23503'].includes(error?.code), JSON.stringify(error))
  }
  assert.deepEqual(await ok(ben.from(receipts).select('id')), [])
  await cannot(mara, receipts, ['delete'], receipt.id)

  await closedTo(anon, 'inbox_messages', message(maraId))
  await closedTo(anon, 'message_attachments')
  await closedTo(anon, receipts, { message_id: hers.id })
})

// Voice

test('voice_chat_events: anon keeps its own by a secret header, and a person claims them', async () => {
  const table = 'voice_chat_events'
  const anonymous_id = randomBytes(24).toString('base64url')
  const as = (caller, id) => server.client(caller, { headers: { 'x-anonymous-id': id } })
  const visitor = as(null, anonymous_id)
  const other = as(null, randomBytes(24).toString('base64url'))
  const event = { anonymous_id, conversation_id: 'conv_1', event_type: 'call_started' }

  await ok(visitor.from(table).insert(event))
  const mine = await ok(visitor.from(table).select('id, user_id, event_type'))
  assert.deepEqual(
    mine.map((row) => [row.user_id, row.event_type]),
    [[null, 'call_started']],
  )
  const { id } = mine[0]

  assert.deepEqual(await ok(other.from(table).select('id')), [])
  assert.deepEqual(await ok(anon.from(table).select('id')), [])
  await refused(other.from(table).insert(event), '42501', /voice_chat_events/)
  await refused(anon.from(table).insert(event), '42501', /voice_chat_events/)
  await refused(visitor.from(table).insert({ ...event, user_id: maraId }), '42501', /voice_chat_events/)
  await cannot(visitor, table, ['update', 'delete'], id)
  const short = as(null, 'short')
  const { error } = await short.from(table).insert({ ...event, anonymous_id: 'short' })
  assert.ok(['23514', '42501'].includes(error?.code), JSON.stringify(error))

  // A person's own events carry no anonymous_id.
  const own = await insert(mara, table, { conversation_id: 'conv_2', event_type: 'call_ended' })
  assert.equal(own.user_id, maraId)
  await refused(mara.from(table).insert({ ...event, user_id: maraId }), '42501', /voice_chat_events/)
  await refused(mara.from(table).insert({ event_type: 'call_ended', user_id: benId }), '42501', /voice_chat_events/)
  assert.deepEqual(await ok(ben.from(table).select('id')), [])

  // Claiming needs the header, takes only for oneself, and changes nothing else.
  const claim = { user_id: maraId, anonymous_id: null }
  assert.deepEqual(await ok(mara.from(table).update(claim).eq('id', id).select('id')), [])
  const claimant = as(maraId, anonymous_id)
  assert.deepEqual((await ok(claimant.from(table).select('id'))).map((row) => row.id).sort(), [id, own.id].sort())
  await refused(
    claimant
      .from(table)
      .update({ ...claim, user_id: benId })
      .eq('id', id),
    '42501',
    /voice_chat_events/,
  )
  await refused(claimant.from(table).update({ event_type: 'forged' }).eq('id', id), '42501', /voice_chat_events/)
  assert.deepEqual(await ok(claimant.from(table).update(claim).eq('id', id).select('id, user_id')), [
    { id, user_id: maraId },
  ])
  assert.deepEqual(await ok(visitor.from(table).select('id')), [])
  assert.equal((await ok(mara.from(table).select('id'))).length, 2)
})

// Internal tables

test('webhook_events and the internal tables are for service_role alone', async () => {
  const row = { source: 'stripe', external_id: randomUUID(), event_type: 'invoice.paid', data: { amount: 12 } }
  await insert(service, 'webhook_events', row, 'id')
  await refused(service.from('webhook_events').insert(row), '23505')
  for (const client of [anon, mara]) {
    await closedTo(client, 'webhook_events', row)
    await refused(client.from('lgtempo_migrations').select('*'), '42501', /lgtempo_migrations/)
    await refused(client.from('lgtempo_migrations').delete().neq('name', ''), '42501', /lgtempo_migrations/)
  }
})

test('erasing an account erases everything of that person', async () => {
  const id = await signUp(server, 'gone@example.com')
  const gone = server.client(id)
  await insert(gone, 'graph_nodes', { node_type: 'goal', label: 'Leave' }, 'id')
  await insert(gone, 'user_goals', { goal_title: 'Leave' }, 'id')
  await server.sql(`delete from auth.users where id = '${id}'`)
  for (const table of ['graph_nodes', 'user_goals']) {
    assert.deepEqual(await ok(service.from(table).select('id').eq('user_id', id)), [])
  }
  assert.deepEqual(await ok(service.from('users').select('id').eq('id', id)), [])
  assert.deepEqual(await ok(service.from('profiles').select('id').eq('id', id)), [])
})
