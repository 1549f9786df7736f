// Insights, as each kind of caller meets them through supabase-js.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { start } from './harness.mjs'
import { UNKNOWN, insert, ok, refused, signUp } from './support.mjs'

let server, anon, service
let ada, ben // clients
let adaId, benId
let goal

before(async () => {
  server = await start()
  adaId = await signUp(server, 'ada@example.com')
  benId = await signUp(server, 'ben@example.com')
  ada = server.client(adaId)
  ben = server.client(benId)
  anon = server.client(null)
  service = server.client('service_role')
  const created_at = new Date(Date.now() - 40 * 86_400_000).toISOString()
  goal = await insert(ada, 'graph_nodes', { node_type: 'goal', label: 'Speak up', created_at }, 'id')
})
after(() => server?.stop())

const refresh = (client, args) => client.rpc('refresh_graph_insights', args)
const insights = (client) =>
  ok(client.from('graph_insights').select('insight_type, insight_key, node_ids, model, status, valid_until'))

test('insights are found, kept, ended and found again', async () => {
  const neglected = {
    insight_type: 'neglected_goal',
    insight_key: `neglected_goal:${goal.id}`,
    node_ids: [goal.id],
    model: null,
    status: 'new',
    valid_until: null,
  }
  assert.equal(await ok(refresh(ada)), 1)
  assert.deepEqual(await insights(ada), [neglected])
  assert.equal(await ok(refresh(ada, { p_user_id: adaId })), 0)
  assert.equal(await ok(refresh(service, { p_user_id: adaId })), 0)

  await ok(ada.from('graph_insights').update({ status: 'seen' }).eq('insight_key', neglected.insight_key))
  const session = await ok(ada.rpc('create_session_node', { p_goal_id: goal.id, p_duration: 30 }))
  assert.equal(await ok(refresh(ada)), 1)
  const [ended] = await insights(ada)
  assert.ok(ended.valid_until)
  assert.equal(ended.status, 'seen')

  await ok(ada.from('graph_nodes').update({ deleted_at: new Date().toISOString() }).eq('id', session))
  assert.equal(await ok(refresh(service, { p_user_id: adaId })), 1)
  assert.deepEqual(await insights(ada), [neglected])
})

test('nobody refreshes or reads another’s insights', async () => {
  await refused(refresh(ben, { p_user_id: adaId }), '42501', /p_user_id/)
  await refused(refresh(anon), '42501')
  await refused(refresh(anon, { p_user_id: adaId }), '42501')
  await refused(refresh(service), '22004', /p_user_id/)
  assert.equal(await ok(refresh(ben)), 0)
  assert.equal(await ok(refresh(service, { p_user_id: UNKNOWN })), 0)
  assert.deepEqual(await insights(ben), [])
})

test('realtime is not for the API to enable', async () => {
  for (const client of [anon, ada, service]) await refused(client.rpc('enable_realtime'), '42501')
})
