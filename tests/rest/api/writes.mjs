// Rows are inserted, updated, upserted and deleted, with the row as the answer or with nothing.

import assert from 'node:assert/strict'
import { insert, ok, signUp } from '../support.mjs'
import { TABLES } from './contract.mjs'

const NOT_UPDATED_BY_PEOPLE = ['voice_chat_events'] // but to claim them

/** For each table a row that can be added to Ada's, what to change of it, and the columns that a client may upsert it by. */
async function samples({ server, service, ada }) {
  const guest = await signUp(server, 'guest@example.com')
  const message = await insert(service, 'inbox_messages', { user_id: ada.id, subject: 'Later' }, 'id')
  // A sign-up makes these; an administrator may make them again.
  for (const table of ['users', 'profiles']) await ok(service.from(table).delete().eq('id', guest))
  const user_id = ada.id
  const entry = (row, change, conflict = 'id') => ({ row, change, conflict })
  return {
    users: entry({ id: guest, email: 'guest@example.com' }, { name: 'Guest' }),
    profiles: entry({ id: guest, username: 'guest' }, { locale: 'sv' }, 'username'),
    agent_personae: entry({ name: 'Falk', elevenlabs_agent_id: 'agent_falk' }, { category: 'calm' }, 'elevenlabs_agent_id'),
    goal_categories: entry({ id: 'health', title: 'Health' }, { display_color: '#00ff00' }),
    agent_knowledge_bases: entry(
      { agent_id: 'coach', name: 'More notes', owner_id: ada.id },
      { description: 'more' },
      'agent_id,owner_id,name',
    ),
    knowledge_documents: entry(
      { knowledge_base_id: ada.base.id, title: 'Voice', content: 'Hum before you speak.' },
      { source_url: 'https://example.com/voice' },
    ),
    knowledge_chunks: entry(
      { document_id: ada.document.id, chunk_index: 9, content: 'And end.' },
      { token_count: 3 },
      'document_id,chunk_index',
    ),
    knowledge: entry({ user_id, content: 'Water helps.' }, { source_type: 'tip' }),
    graph_nodes: entry({ user_id, node_type: 'accomplishment', label: 'Spoke' }, { description: 'aloud' }, 'id,user_id'),
    graph_edges: entry(
      { user_id, edge_type: 'has_skill', source_node_id: ada.session.id, target_node_id: ada.skill.id },
      { weight: 0.25 },
      'id,user_id',
    ),
    graph_insights: entry(
      { user_id, insight_type: 'pattern', insight_key: 'mornings', title: 'Mornings', content: 'Slow.', model: 'a model' },
      { status: 'seen' },
    ),
    inbox_messages: entry({ user_id, subject: 'Hello', content: { text: 'Hi.' } }, { is_pinned: true }),
    message_attachments: entry(
      { user_id, message_id: message.id, attachment_type: 'link', url: 'https://example.com/map' },
      { title: 'Map' },
    ),
    message_read_receipts: entry({ user_id, message_id: message.id }, { read_duration_seconds: 9 }, 'message_id,user_id'),
    voice_chat_events: entry({ user_id, event_type: 'call_ended' }, { event_data: { by: 'Ada' } }),
    elevenlabs_conversations: entry(
      { user_id, conversation_id: 'conv_9' },
      { status: 'done' },
      'user_id,conversation_id',
    ),
    webhook_events: entry(
      { source: 'calls', external_id: 'call 9', user_id },
      { processed_at: '2026-11-01T10:00:00+00:00' },
      'source,external_id',
    ),
    user_goals: entry({ user_id, goal_title: 'Toast' }, { goal_status: 'active' }),
  }
}

function assertHas(row, values, what) {
  for (const [column, value] of Object.entries(values)) assert.deepEqual(row[column], value, `${what}.${column}`)
}

/** A call whose answer must have this status and this data. */
async function answered(call, statuses, what) {
  const { data, error, status } = await call
  assert.equal(error, null, `${what}: ${error?.code} ${error?.message}`)
  assert.ok(statuses.includes(status), `${what}: ${status}`)
  return data
}

const minimal = async (call, status, what) => assert.equal(await answered(call, [status], what), null, what)

/** The values that a filter can name as they are. */
const plain = (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => typeof value !== 'object'))

/** The row, added by the service where the caller may not. */
async function added({ service }, client, table, row, rights) {
  if (!rights.includes('insert')) return insert(service, table, row)
  await minimal(client.from(table).insert(row), 201, `${table}: insert, minimal`)
  await minimal(service.from(table).delete().match(plain(row)), 204, `${table}: delete, minimal`)
  const [stored] = await answered(client.from(table).insert(row).select(), [201], `${table}: insert, representation`)
  assertHas(stored, row, table)
  return stored
}

async function updated(client, table, { id }, { change }) {
  const call = () => client.from(table).update(change).eq('id', id)
  await minimal(call(), 204, `${table}: update, minimal`)
  const rows = await answered(call().select(), [200], `${table}: update, representation`)
  assert.equal(rows.length, 1, table)
  assertHas(rows[0], change, table)
}

async function upserted(client, table, { id }, { row, change, conflict }) {
  const key = conflict.startsWith('id') ? { id } : {}
  const values = { ...key, ...row, ...change }
  await minimal(client.from(table).upsert(values, { onConflict: conflict }), 200, `${table}: upsert, minimal`)
  const rows = await answered(
    client.from(table).upsert(values, { onConflict: conflict }).select(),
    [200],
    `${table}: upsert, representation`,
  )
  assert.deepEqual(rows.map((one) => one.id), [id], `${table}: an upsert of the same key changes the same row`)
  assertHas(rows[0], change, table)
  const ignored = client.from(table).upsert(values, { onConflict: conflict, ignoreDuplicates: true }).select('id')
  assert.deepEqual(await answered(ignored, [200, 201], `${table}: upsert that ignores`), [], table)
}

export default function writes(test, world) {
  const { schema } = world
  let rows

  for (const table of Object.keys(TABLES)) {
    for (const caller of ['authenticated', 'service_role']) {
      const rights = caller === 'service_role' ? 'select insert update delete' : TABLES[table].authenticated
      const update = rights.includes('update') && !(caller === 'authenticated' && NOT_UPDATED_BY_PEOPLE.includes(table))
      if (!rights.includes('insert') && !update) continue

      test(`${schema}: ${caller} writes ${table}, and gets the row or nothing back`, async () => {
        rows ??= await samples(world)
        const sample = rows[table]
        const client = caller === 'service_role' ? world.service : world.ada.client
        // People have one profile, which is there.
        const own = table === 'profiles' && caller === 'authenticated'
        const stored = own ? { id: world.ada.id } : await added(world, client, table, sample.row, rights)
        if (update) await updated(client, table, stored, sample)
        if (update && rights.includes('insert')) await upserted(client, table, stored, sample)
        if (own) return
        const remove = () => client.from(table).delete().eq('id', stored.id)
        if (rights.includes('delete')) {
          const gone = await answered(remove().select('id'), [200], `${table}: delete, representation`)
          assert.deepEqual(gone, [{ id: stored.id }])
          await minimal(remove(), 204, `${table}: delete of what is gone`)
        } else {
          await minimal(world.service.from(table).delete().eq('id', stored.id), 204, table)
        }
      })
    }
  }

  test(`${schema}: anon adds a voice event under its header, and a person claims it`, async () => {
    const { server, ada } = world
    const headers = { 'x-anonymous-id': ada.anonymousId }
    const visitor = server.client(null, { headers })
    const row = { anonymous_id: ada.anonymousId, event_type: 'call_paused' }
    await minimal(visitor.from('voice_chat_events').insert(row), 201, 'minimal')
    const [{ id }] = await answered(visitor.from('voice_chat_events').insert(row).select('id'), [201], 'representation')
    const claim = { user_id: ada.id, anonymous_id: null }
    const claimant = server.client(ada.id, { headers })
    const [claimed] = await answered(
      claimant.from('voice_chat_events').update(claim).eq('id', id).select('id, user_id, anonymous_id'),
      [200],
      'claim',
    )
    assert.deepEqual(claimed, { id, ...claim })
  })

  test(`${schema}: several rows are written at once, or none`, async () => {
    const { client, id } = world.ada
    const before = await ok(client.from('user_goals').select('id'))
    const { data, status } = await client
      .from('user_goals')
      .insert([{ goal_title: 'A' }, { goal_title: 'B', milestones: ['b'] }], { defaultToNull: false })
      .select('goal_title, goal_status, milestones, user_id')
    assert.equal(status, 201)
    assert.deepEqual(data, [
      { goal_title: 'A', goal_status: 'pending', milestones: [], user_id: id },
      { goal_title: 'B', goal_status: 'pending', milestones: ['b'], user_id: id },
    ])
    const refused = await client.from('user_goals').insert([{ goal_title: 'C' }, { goal_title: ' ' }])
    assert.deepEqual([refused.error?.code, refused.status], ['23514', 400])
    assert.equal((await ok(client.from('user_goals').select('id'))).length, before.length + 2)
  })

  test(`${schema}: writes are counted`, async () => {
    const { client } = world.ada
    const inserted = await client.from('knowledge').insert([{ content: 'One.' }, { content: 'Two.' }], { count: 'exact' })
    assert.deepEqual([inserted.status, inserted.count], [201, 2])
    const both = ['One.', 'Two.']
    const changed = await client.from('knowledge').update({ source_type: 'x' }, { count: 'exact' }).in('content', both)
    assert.deepEqual([changed.status, changed.count], [204, 2])
    const removed = await client.from('knowledge').delete({ count: 'exact' }).in('content', both)
    assert.deepEqual([removed.status, removed.count], [204, 2])
  })
}
