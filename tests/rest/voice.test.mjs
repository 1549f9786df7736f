// Voice, as apps use it through supabase-js: before sign-up, at onboarding, and what voice services report.

import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
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
  await insert(service, 'goal_categories', { id: 'career', title: 'Career' }, 'id')
})
after(() => server?.stop())

const newAnonymousId = () => randomBytes(24).toString('base64url')
const as = (caller, id) => server.client(caller, { headers: { 'x-anonymous-id': id } })

const onboard = (client, goal, more = {}) =>
  client.rpc('handle_voice_onboarding', {
    p_user_id: null,
    p_conversation_transcript: 'I want to speak up in meetings.',
    p_extracted_profile: { tone: 'warm' },
    p_extracted_goal: goal,
    ...more,
  })

async function rows(userId) {
  const counts = []
  for (const table of ['graph_nodes', 'user_goals', 'elevenlabs_conversations']) {
    counts.push((await ok(service.from(table).select('id').eq('user_id', userId))).length)
  }
  return counts
}

// Before sign-up

test('what is said before sign-up is claimed after it', async () => {
  const table = 'voice_chat_events'
  const id = newAnonymousId()
  const visitor = as(null, id)
  await ok(visitor.from(table).insert({ anonymous_id: id, event_type: 'call_started' }))
  await ok(visitor.from(table).insert({ anonymous_id: id, event_type: 'call_ended', event_data: { seconds: 90 } }))
  assert.equal((await ok(visitor.from(table).select('id'))).length, 2)

  const personId = await signUp(server, 'fay@example.com')
  const person = as(personId, id)
  const claim = (client) => client.rpc('claim_anonymous_events', { p_anonymous_id: id })
  await refused(claim(server.client(personId)), '42501')
  await refused(claim(as(personId, newAnonymousId())), '42501')
  await refused(claim(visitor), '42501')
  await refused(claim(as('service_role', id)), '42501')
  assert.equal(await ok(claim(person)), 2)
  assert.equal(await ok(claim(person)), 0)
  assert.equal(await ok(claim(as(benId, id))), 0)

  assert.deepEqual(await ok(server.client(personId).from(table).select('user_id, anonymous_id, event_type').order('id')), [
    { user_id: personId, anonymous_id: null, event_type: 'call_started' },
    { user_id: personId, anonymous_id: null, event_type: 'call_ended' },
  ])
  assert.deepEqual(await ok(visitor.from(table).select('id')), [])
  assert.deepEqual(await ok(as(benId, id).from(table).select('id')), [])
})

test('claiming refuses bad input', async () => {
  const call = (client, p_anonymous_id) => client.rpc('claim_anonymous_events', { p_anonymous_id })
  await refused(call(ada, null), '22004', /p_anonymous_id/)
  await refused(call(as(adaId, 'short'), 'short'), '22023', /p_anonymous_id/)
  const dotted = `${newAnonymousId()}.`
  await refused(call(as(adaId, dotted), dotted), '22023', /p_anonymous_id/)
})

// Onboarding

test('onboarding makes the first goal, once a conversation', async () => {
  const goal = {
    name: 'Speak up',
    description: 'In meetings',
    category_id: 'career',
    target_date: '2030-01-31',
    milestones: [{ title: 'First word' }],
    type: 'skill',
    priority: 'high',
  }
  const metadata = { p_conversation_metadata: { conversation_id: 'conv_1', agent_id: 'coach' } }
  const answer = await ok(onboard(ada, goal, metadata))
  assert.deepEqual(Object.keys(answer).sort(), [
    'conversation_id',
    'goal_id',
    'goal_node_id',
    'next_steps',
    'onboarding_completed',
    'success',
    'user_id',
  ])
  assert.deepEqual(
    [answer.success, answer.user_id, answer.conversation_id, answer.onboarding_completed],
    [true, adaId, 'conv_1', true],
  )
  assert.ok(answer.next_steps.length > 0 && answer.next_steps.every((step) => typeof step === 'string'))

  const [profile] = await ok(ada.from('profiles').select('preferences, onboarding_completed_at'))
  assert.deepEqual(profile.preferences, { tone: 'warm' })
  assert.ok(profile.onboarding_completed_at)
  assert.deepEqual(
    await ok(
      ada
        .from('user_goals')
        .select('id, goal_title, goal_status, category_id, target_date, milestones, node:graph_nodes(id, node_type, label, status)'),
    ),
    [
      {
        id: answer.goal_id,
        goal_title: 'Speak up',
        goal_status: 'pending',
        category_id: 'career',
        target_date: '2030-01-31',
        milestones: [{ title: 'First word' }],
        node: { id: answer.goal_node_id, node_type: 'goal', label: 'Speak up', status: 'draft_verbal' },
      },
    ],
  )
  assert.deepEqual(await ok(ada.from('elevenlabs_conversations').select('conversation_id, agent_id, call_type, status, transcript')), [
    {
      conversation_id: 'conv_1',
      agent_id: 'coach',
      call_type: 'onboarding',
      status: 'completed',
      transcript: { text: 'I want to speak up in meetings.' },
    },
  ])

  const again = await ok(onboard(ada, goal, { ...metadata, p_conversation_transcript: 'All of it.' }))
  assert.deepEqual([again.goal_id, again.goal_node_id], [answer.goal_id, answer.goal_node_id])
  assert.deepEqual(await rows(adaId), [1, 1, 1])
  assert.deepEqual(await ok(ada.from('elevenlabs_conversations').select('transcript')), [{ transcript: { text: 'All of it.' } }])
  assert.deepEqual((await ok(ada.from('profiles').select('onboarding_completed_at')))[0].onboarding_completed_at, profile.onboarding_completed_at)

  // The same conversation id of somebody else is another conversation.
  const bens = await ok(onboard(service, goal, { ...metadata, p_user_id: benId }))
  assert.equal(bens.user_id, benId)
  assert.notEqual(bens.goal_id, answer.goal_id)
  assert.deepEqual(await rows(benId), [1, 1, 1])
  assert.deepEqual(await rows(adaId), [1, 1, 1])
})

test('a transcript of 10 MB is taken', async () => {
  const id = await signUp(server, 'dan@example.com')
  const transcript = 'Hello you.'.repeat(1_000_000)
  const { conversation_id } = await ok(
    onboard(server.client(id), { name: 'Talk' }, { p_conversation_transcript: transcript }),
  )
  const [row] = await ok(
    service.from('elevenlabs_conversations').select('transcript').eq('user_id', id).eq('conversation_id', conversation_id),
  )
  assert.ok(row.transcript.text === transcript)
})

test('onboarding refuses bad input, and leaves nothing', async () => {
  const id = await signUp(server, 'eve@example.com')
  const eve = server.client(id)
  const goal = { name: 'Write' }
  await refused(onboard(eve, goal, { p_conversation_transcript: null }), '22004', /p_conversation_transcript/)
  await refused(onboard(eve, goal, { p_extracted_profile: null }), '22004', /p_extracted_profile/)
  await refused(onboard(eve, null), '22004', /p_extracted_goal/)
  await refused(onboard(eve, []), '22023', /p_extracted_goal/)
  await refused(onboard(eve, {}), '22004', /p_extracted_goal\.name/)
  await refused(onboard(eve, { name: ' ' }), '22023', /p_extracted_goal\.name/)
  await refused(onboard(eve, { ...goal, target_date: 'next year' }), '22007', /p_extracted_goal\.target_date/)
  await refused(onboard(eve, { ...goal, target_date: '2026-02-30' }), '22007', /p_extracted_goal\.target_date/)
  await refused(onboard(eve, { ...goal, category_id: 'none' }), '23503', /p_extracted_goal\.category_id/)
  await refused(onboard(eve, { ...goal, milestones: 'First word' }), '22023', /p_extracted_goal\.milestones/)
  await refused(onboard(eve, goal, { p_conversation_metadata: [] }), '22023', /p_conversation_metadata/)
  await refused(onboard(eve, goal, { p_user_id: benId }), '42501', /p_user_id/)
  await refused(onboard(anon, goal, { p_user_id: id }), '42501')
  await refused(onboard(service, goal), '22004', /p_user_id/)
  await refused(onboard(service, goal, { p_user_id: UNKNOWN }), '23503')
  assert.deepEqual(await rows(id), [0, 0, 0])
  assert.deepEqual(await ok(eve.from('profiles').select('preferences, onboarding_completed_at')), [
    { preferences: {}, onboarding_completed_at: null },
  ])
})

// Scores

test('engagement is rated', async () => {
  const rate = (client, message_count, duration_seconds, tool_calls_count) =>
    client.rpc('calculate_engagement_score', { message_count, duration_seconds, tool_calls_count })
  assert.equal(await ok(rate(ada, 10, 300, 2)), 0.48)
  assert.equal(await ok(rate(service, 2000, 6000, 50)), 1)
  await refused(rate(ada, null, 0, 0), '22004', /message_count/)
  await refused(rate(ada, 0, -1, 0), '22023', /duration_seconds/)
  await refused(rate(anon, 0, 0, 0), '42501')
})

// Webhooks

test('a delivery that is repeated is taken once', async () => {
  const delivery = { source: 'elevenlabs', external_id: randomUUID(), event_type: 'call_ended', data: { n: 1 } }
  const deliver = (row) =>
    ok(
      service
        .from('webhook_events')
        .upsert(row, { onConflict: 'source,external_id', ignoreDuplicates: true })
        .select('data'),
    )
  assert.deepEqual(await deliver(delivery), [{ data: { n: 1 } }])
  assert.deepEqual(await deliver({ ...delivery, data: { n: 2 } }), [])
  assert.deepEqual(await deliver({ ...delivery, source: 'stripe' }), [{ data: { n: 1 } }])

  const processed_at = '2026-01-01T00:00:00+00:00'
  const { source, external_id } = delivery
  await ok(
    service.from('webhook_events').upsert({ source, external_id, processed_at }, { onConflict: 'source,external_id' }),
  )
  assert.deepEqual(
    await ok(
      service.from('webhook_events').select('data, processed_at').eq('source', source).eq('external_id', external_id),
    ),
    [{ data: { n: 1 }, processed_at }],
  )
})

test('a conversation that is reported again is updated', async () => {
  const report = (client, row) =>
    ok(
      client
        .from('elevenlabs_conversations')
        .upsert({ conversation_id: 'reported', ...row }, { onConflict: 'user_id,conversation_id' })
        .select('id, agent_id, status'),
    )
  const [first] = await report(service, { user_id: adaId, agent_id: 'coach', status: 'in-progress' })
  assert.deepEqual(await report(service, { user_id: adaId, status: 'done' }), [{ ...first, status: 'done' }])
  assert.deepEqual(await report(ada, { user_id: adaId, status: 'rated' }), [{ ...first, status: 'rated' }])
  const [bens] = await report(service, { user_id: benId, status: 'done' })
  assert.notEqual(bens.id, first.id)
  const { error } = await ben.from('elevenlabs_conversations').upsert(
    { user_id: adaId, conversation_id: 'reported', status: 'taken' },
    { onConflict: 'user_id,conversation_id' },
  )
  assert.equal(error?.code, '42501')
})
