// The functions of the inbox, as each kind of caller meets them through supabase-js.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { start } from './harness.mjs'
import { UNKNOWN, insert, ok, refused, signUp } from './support.mjs'

let server, anon, service
let ada, ben // clients
let adaId, benId

before(async () => {
  server = await start()
  adaId = await signUp(server, 'ada@example.com')
  benId = await signUp(server, 'ben@example.com')
  ada = server.client(adaId)
  ben = server.client(benId)
  anon = server.client(null)
  service = server.client('service_role')
})
after(() => server?.stop())

const STATE = 'is_read, is_pinned, is_archived, read_at, archived_at'
const DAY = 86_400_000

function message(user_id, more = {}) {
  return insert(service, 'inbox_messages', { user_id, subject: 'Hello', ...more }, 'id')
}

async function state(id) {
  return (await ok(service.from('inbox_messages').select(STATE).eq('id', id)))[0]
}

const write = (client, args) =>
  client.rpc('create_message_with_attachments', {
    p_user_id: adaId,
    p_subject: 'After your session',
    p_content: 'Well done.',
    p_sender_agent_id: 'coach-1',
    p_sender_name: 'Edda',
    ...args,
  })

test('unread messages are counted', async () => {
  const id = await signUp(server, 'cid@example.com')
  const cid = server.client(id)
  assert.equal(await ok(cid.rpc('get_unread_message_count')), 0)
  await message(id)
  await message(id, { expires_at: new Date(Date.now() + DAY).toISOString() })
  await message(id, { expires_at: new Date(Date.now() - DAY).toISOString() })
  await message(id, { is_read: true })
  await message(id, { is_archived: true })

  assert.equal(await ok(cid.rpc('get_unread_message_count')), 2)
  assert.equal(await ok(cid.rpc('get_unread_message_count', { p_user_id: id }, { get: true })), 2)
  assert.equal(await ok(service.rpc('get_unread_message_count', { p_user_id: id })), 2)
  await refused(ben.rpc('get_unread_message_count', { p_user_id: id }), '42501', /p_user_id/)
  await refused(anon.rpc('get_unread_message_count', { p_user_id: id }), '42501')
  await refused(service.rpc('get_unread_message_count'), '22004', /p_user_id/)
})

test('a message is marked as read, with a receipt', async () => {
  const { id } = await message(adaId)
  const mark = (client, args) => client.rpc('mark_message_as_read', { p_message_id: id, ...args })

  assert.equal(await ok(mark(ben)), false)
  assert.equal((await state(id)).is_read, false)
  assert.equal(await ok(mark(ada)), true)
  const { is_read, read_at } = await state(id)
  assert.equal(is_read, true)
  assert.ok(Math.abs(Date.parse(read_at) - Date.now()) < DAY)
  const receipts = () => ok(ada.from('message_read_receipts').select('user_id').eq('message_id', id))
  assert.deepEqual(await receipts(), [{ user_id: adaId }])
  assert.equal(await ok(mark(ada)), false)
  assert.equal(await ok(mark(service)), false)
  assert.deepEqual(await receipts(), [{ user_id: adaId }])
})

test('a message is pinned, and taken down', async () => {
  const { id } = await message(adaId)
  const toggle = (client) => client.rpc('toggle_message_pin', { p_message_id: id })

  assert.equal(await ok(toggle(ben)), false)
  assert.equal((await state(id)).is_pinned, false)
  assert.equal(await ok(toggle(ada)), true)
  assert.equal((await state(id)).is_pinned, true)
  assert.equal(await ok(toggle(service)), true)
  assert.equal((await state(id)).is_pinned, false)
})

test('a message is put away once', async () => {
  const { id } = await message(adaId)
  const archive = (client) => client.rpc('archive_message', { p_message_id: id })

  assert.equal(await ok(archive(ben)), false)
  assert.equal((await state(id)).is_archived, false)
  assert.equal(await ok(archive(ada)), true)
  const first = await state(id)
  assert.equal(first.is_archived, true)
  assert.ok(first.archived_at)
  assert.equal(await ok(archive(service)), true)
  assert.deepEqual(await state(id), first)
})

test('what acts on a message refuses bad input, and strangers', async () => {
  const { id } = await message(adaId)
  for (const name of ['mark_message_as_read', 'toggle_message_pin', 'archive_message']) {
    await refused(ada.rpc(name, { p_message_id: null }), '22004', /p_message_id/)
    await refused(ada.rpc(name, { p_message_id: 'one' }), '22P02')
    await refused(ben.rpc(name, { p_message_id: id, p_user_id: adaId }), '42501', /p_user_id/)
    await refused(anon.rpc(name, { p_message_id: id }), '42501')
    assert.equal(await ok(ada.rpc(name, { p_message_id: UNKNOWN })), false)
    assert.equal(await ok(service.rpc(name, { p_message_id: UNKNOWN })), false)
    assert.equal(await ok(service.rpc(name, { p_message_id: id, p_user_id: benId })), false)
  }
  assert.deepEqual(await state(id), {
    is_read: false,
    is_pinned: false,
    is_archived: false,
    read_at: null,
    archived_at: null,
  })
})

test('the service writes a message with attachments, which its person reads', async () => {
  const [session, goal] = await insert(
    ada,
    'graph_nodes',
    [
      { node_type: 'session', label: 'First' },
      { node_type: 'goal', label: 'Speak up' },
    ],
    'id',
  )
  const id = await ok(
    write(service, {
      p_content: 'é'.repeat(250),
      p_category: 'sessions',
      p_priority: 'high',
      p_session_node_id: session.id,
      p_goal_node_id: goal.id,
      p_message_type: 'session_summary',
      p_attachments: [
        { type: 'audio', name: 'Recording', storage_path: 'talks/1.mp3', file_size_bytes: 5_000_000_000 },
        { url: 'https://example.com/2' },
      ],
    }),
  )
  const embedded = `subject, preview, content, sender_id, sender_name, category, priority, message_type,
    session:graph_nodes!inbox_messages_session_node_fkey(label), goal:graph_nodes!inbox_messages_goal_node_fkey(label),
    message_attachments(attachment_type, title, storage_path, url, file_size_bytes)`
  const query = (client) =>
    ok(
      client
        .from('inbox_messages')
        .select(embedded)
        .eq('id', id)
        .order('id', { referencedTable: 'message_attachments' }),
    )
  assert.deepEqual(await query(ada), [
    {
      subject: 'After your session',
      preview: 'é'.repeat(200),
      content: { text: 'é'.repeat(250) },
      sender_id: 'coach-1',
      sender_name: 'Edda',
      category: 'sessions',
      priority: 'high',
      message_type: 'session_summary',
      session: { label: 'First' },
      goal: { label: 'Speak up' },
      message_attachments: [
        {
          attachment_type: 'audio',
          title: 'Recording',
          storage_path: 'talks/1.mp3',
          url: null,
          file_size_bytes: 5_000_000_000,
        },
        {
          attachment_type: 'file',
          title: null,
          storage_path: null,
          url: 'https://example.com/2',
          file_size_bytes: null,
        },
      ],
    },
  ])
  assert.deepEqual(await query(ben), [])
})

test('nobody but the service writes messages', async () => {
  for (const client of [ada, ben, anon]) {
    await refused(write(client), '42501')
    await refused(client.rpc('cleanup_expired_messages'), '42501')
  }
})

test('a message refuses bad input, and leaves nothing', async () => {
  const count = async () => (await ok(service.from('inbox_messages').select('id').eq('user_id', adaId))).length
  const before = await count()
  const bens = await insert(ben, 'graph_nodes', { node_type: 'session', label: 'Of Ben' }, 'id')

  await refused(write(service, { p_user_id: null }), '22004', /p_user_id/)
  await refused(write(service, { p_subject: null }), '22004', /p_subject/)
  await refused(write(service, { p_content: null }), '22004', /p_content/)
  await refused(write(service, { p_priority: 'unknown' }), '22P02', /message_priority/)
  await refused(write(service, { p_user_id: UNKNOWN }), '23503')
  await refused(write(service, { p_session_node_id: bens.id }), '23503', /p_session_node_id/)
  await refused(write(service, { p_goal_node_id: UNKNOWN }), '23503', /p_goal_node_id/)
  await refused(write(service, { p_attachments: {} }), '22023', /p_attachments/)
  await refused(write(service, { p_attachments: [{ name: 'Nowhere' }] }), '22023', /p_attachments\[0\]/)
  await refused(
    write(service, { p_attachments: [{ url: 'https://example.com/' }, { url: 1 }] }),
    '22023',
    /p_attachments\[1\].*url/,
  )
  assert.equal(await count(), before)
})

test('the service puts away what has expired', async () => {
  await ok(service.rpc('cleanup_expired_messages'))
  const { id } = await message(benId, { expires_at: '2026-01-01T00:00:00Z' })
  const { id: later } = await message(benId, { expires_at: new Date(Date.now() + DAY).toISOString() })
  assert.equal(await ok(service.rpc('cleanup_expired_messages')), 1)
  assert.equal(await ok(service.rpc('cleanup_expired_messages')), 0)
  assert.equal((await state(id)).is_archived, true)
  assert.equal((await state(later)).is_archived, false)
})
