// The functions of the knowledge graph, as each kind of caller meets them through supabase-js.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { start } from './harness.mjs'
import { UNKNOWN, assertClose, insert, near, ok, refused, signUp, vector } from './support.mjs'

let server, anon, service
let mara, ben // clients
let maraId, benId
let story, similar // some of their nodes

before(async () => {
  server = await start()
  maraId = await signUp(server, 'mara@example.com')
  benId = await signUp(server, 'ben@example.com')
  mara = server.client(maraId)
  ben = server.client(benId)
  anon = server.client(null)
  service = server.client('service_role')
  story = await tellStory()
  similar = await embedNodes()
})
after(() => server?.stop())

const NODE = 'id, node_type, label, description, properties, status, deleted_at'
const EDGE = 'id, edge_type, source_node_id, target_node_id, label, valid_to'

function node(client, node_type, label, more = {}) {
  return insert(client, 'graph_nodes', { node_type, label, ...more }, NODE)
}

function edge(client, edge_type, source, target, more = {}) {
  return insert(
    client,
    'graph_edges',
    { edge_type, source_node_id: source.id, target_node_id: target.id, ...more },
    EDGE,
  )
}

async function readNode(id) {
  return (await ok(service.from('graph_nodes').select(NODE).eq('id', id)))[0]
}

function edgesBetween(source, target) {
  return ok(service.from('graph_edges').select(EDGE).eq('source_node_id', source).eq('target_node_id', target))
}

async function countNodes(userId) {
  const { count, error } = await service
    .from('graph_nodes')
    .select('id', { count: 'exact', head: true })
    .eq('user_id', userId)
  assert.equal(error, null)
  return count
}

async function deletedNode(client, node_type, label) {
  const { id } = await node(client, node_type, label)
  await ok(client.from('graph_nodes').update({ deleted_at: new Date().toISOString() }).eq('id', id))
  return { id }
}

// get_node_neighborhood

// A goal, a session that works on it, an accomplishment from that session, and a feeling that has passed.
async function tellStory() {
  const created_at = '2026-01-01T10:00:00Z'
  const [goal, session, done, feeling] = [
    await node(mara, 'goal', 'Speak in public', { created_at, description: 'without dread' }),
    await node(mara, 'session', 'First session', { created_at }),
    await node(mara, 'accomplishment', 'Asked a question', { created_at }),
    await node(mara, 'emotion', 'anxious', { created_at }),
  ]
  const from = { valid_from: '2026-01-02T10:00:00Z' }
  const works = await edge(mara, 'works_on', session, goal, { ...from, label: 'the first step' })
  const derived = await edge(mara, 'derived_from', done, session, from)
  const felt = await edge(mara, 'feels', goal, feeling, { ...from, valid_to: '2026-02-01T10:00:00Z' })
  return { goal, session, done, feeling, works, derived, felt }
}

test('the neighbourhood of a node, for its owner', async () => {
  const { goal, session, done, works, derived } = story
  const rows = await ok(mara.rpc('get_node_neighborhood', { p_node_id: goal.id }))

  assert.deepEqual(Object.keys(rows[0]), [
    'node_id',
    'node_type',
    'label',
    'description',
    'properties',
    'status',
    'depth',
    'edge_id',
    'edge_type',
    'edge_label',
    'edge_properties',
    'source_node_id',
    'target_node_id',
  ])
  assert.deepEqual(
    rows.map((row) => [row.depth, row.node_id, row.edge_id]),
    [
      [0, goal.id, null],
      [1, session.id, works.id],
      [2, done.id, derived.id],
    ],
  )
  assert.equal(rows[0].description, 'without dread')
  assert.equal(rows[0].status, 'draft_verbal')
  assert.deepEqual(
    [rows[1].edge_type, rows[1].edge_label, rows[1].source_node_id, rows[1].target_node_id],
    ['works_on', 'the first step', session.id, goal.id],
  )
})

test('the neighbourhood, nearer, by kind of edge, and as of an earlier day', async () => {
  const { goal, session, feeling } = story
  const ids = async (more) =>
    (await ok(mara.rpc('get_node_neighborhood', { p_node_id: goal.id, ...more }))).map((row) => row.node_id)

  assert.deepEqual(await ids({ p_depth: 0 }), [goal.id])
  assert.deepEqual(await ids({ p_depth: 1 }), [goal.id, session.id])
  assert.deepEqual(await ids({ p_edge_types: ['derived_from'] }), [goal.id])
  assert.deepEqual(await ids({ p_depth: 1, p_edge_types: ['works_on', 'feels'] }), [goal.id, session.id])
  // In January the feeling was still there; its type sorts before the session's.
  assert.deepEqual(
    (await ids({ p_depth: 1, p_at: '2026-01-20T00:00:00Z' })).sort(),
    [goal.id, session.id, feeling.id].sort(),
  )
  assert.deepEqual(await ids({ p_depth: 1, p_at: '2026-01-01T12:00:00Z' }), [goal.id])
  assert.deepEqual(await ids({ p_at: '2025-12-31T00:00:00Z' }), [])
})

test('the neighbourhood by a GET request', async () => {
  const rows = await ok(
    mara.rpc(
      'get_node_neighborhood',
      { p_node_id: story.goal.id, p_depth: 1, p_edge_types: ['works_on'] },
      { get: true },
    ),
  )
  assert.deepEqual(
    rows.map((row) => row.node_id),
    [story.goal.id, story.session.id],
  )
})

test("another person's node, a deleted one and an unknown one have no neighbourhood", async () => {
  const gone = await deletedNode(mara, 'goal', 'Given up')
  assert.deepEqual(await ok(ben.rpc('get_node_neighborhood', { p_node_id: story.goal.id })), [])
  assert.deepEqual(await ok(mara.rpc('get_node_neighborhood', { p_node_id: gone.id })), [])
  assert.deepEqual(await ok(mara.rpc('get_node_neighborhood', { p_node_id: UNKNOWN })), [])
})

test('the neighbourhood, for service_role', async () => {
  const ids = async (args) => (await ok(service.rpc('get_node_neighborhood', args))).map((row) => row.node_id)
  const all = [story.goal.id, story.session.id, story.done.id]

  assert.deepEqual(await ids({ p_node_id: story.goal.id }), all)
  assert.deepEqual(await ids({ p_node_id: story.goal.id, p_user_id: maraId }), all)
  assert.deepEqual(await ids({ p_node_id: story.goal.id, p_user_id: benId }), [])

  // The key is (id, user_id): the same id may be somebody else's too, and then it is not clear who is meant.
  const shared = { id: '0190a000-0000-7000-8000-000000000001', node_type: 'goal', label: 'Twins' }
  await insert(
    service,
    'graph_nodes',
    [
      { ...shared, user_id: maraId },
      { ...shared, user_id: benId },
    ],
    'id',
  )
  await refused(service.rpc('get_node_neighborhood', { p_node_id: shared.id }), '22004', /p_user_id/)
  assert.deepEqual(await ids({ p_node_id: shared.id, p_user_id: benId }), [shared.id])
})

test('the neighbourhood refuses bad input', async () => {
  const call = (args) => mara.rpc('get_node_neighborhood', { p_node_id: story.goal.id, ...args })
  await refused(call({ p_depth: -1 }), '22023', /p_depth/)
  await refused(call({ p_depth: null }), '22004', /p_depth/)
  await refused(call({ p_node_id: null }), '22004', /p_node_id/)
  await refused(call({ p_user_id: benId }), '42501', /p_user_id/)
})

// find_similar_nodes and upsert_node_embedding

async function embedNodes() {
  const nodes = {
    same: await node(mara, 'goal', 'Same direction', { embedding: near(1) }),
    close: await node(mara, 'skill', 'Close', { embedding: near(0.9) }),
    far: await node(mara, 'skill', 'Far', { embedding: JSON.stringify(near(0.5)) }),
    bens: await node(ben, 'goal', "Ben's", { embedding: near(0.95) }),
    gone: await node(mara, 'goal', 'Gone', { embedding: near(0.99) }),
  }
  await ok(mara.from('graph_nodes').update({ deleted_at: new Date().toISOString() }).eq('id', nodes.gone.id))
  return nodes
}

const like = (client, args) =>
  client.rpc('find_similar_nodes', { p_user_id: null, p_query_embedding: vector({ 0: 1 }), ...args })

test('the nodes most like a vector, for their owner', async () => {
  const rows = await ok(like(mara, { p_user_id: maraId }))
  assert.deepEqual(Object.keys(rows[0]), [
    'node_id',
    'node_type',
    'label',
    'description',
    'properties',
    'status',
    'similarity',
  ])
  assert.deepEqual(
    rows.map((row) => row.node_id),
    [similar.same.id, similar.close.id],
  )
  assertClose(rows[0].similarity, 1)
  assertClose(rows[1].similarity, 0.9)
})

test('a vector may be a JSON array or text', async () => {
  const array = await ok(like(mara, { p_query_embedding: near(0.8) }))
  const text = await ok(like(mara, { p_query_embedding: JSON.stringify(near(0.8)) }))
  assert.equal(array.length, 3)
  assert.deepEqual(text, array)
})

test('similar nodes by number, threshold, type and exclusion', async () => {
  const ids = async (args) => (await ok(like(mara, args))).map((row) => row.node_id)
  const { same, close, far } = similar

  assert.deepEqual(await ids({ p_threshold: 0.4 }), [same.id, close.id, far.id])
  assert.deepEqual(await ids({ p_threshold: 0.4, p_limit: 1 }), [same.id])
  assert.deepEqual(await ids({ p_limit: 0 }), [])
  assert.equal((await ids({ p_limit: 1000, p_threshold: -1 })).length, 3)
  assert.deepEqual(await ids({ p_threshold: 0.4, p_node_types: ['skill'] }), [close.id, far.id])
  assert.deepEqual(await ids({ p_threshold: 0.4, p_exclude_node_ids: [same.id, far.id] }), [close.id])
})

test('each person sees only nodes of their own; service_role names whose', async () => {
  const { same, close, bens } = similar
  assert.deepEqual(
    (await ok(like(ben))).map((row) => row.node_id),
    [bens.id],
  )
  assert.deepEqual(
    (await ok(like(service, { p_user_id: maraId }))).map((row) => row.node_id),
    [same.id, close.id],
  )
  await refused(like(service), '22004', /p_user_id/)
  await refused(like(mara, { p_user_id: benId }), '42501', /p_user_id/)
})

test('similar nodes refuse bad input', async () => {
  await refused(like(mara, { p_limit: -1 }), '22023', /p_limit/)
  await refused(like(mara, { p_limit: 1001 }), '22023', /p_limit.*1000/)
  await refused(like(mara, { p_limit: null }), '22004', /p_limit/)
  await refused(like(mara, { p_threshold: 1.01 }), '22023', /p_threshold/)
  await refused(like(mara, { p_threshold: -1.01 }), '22023', /p_threshold/)
  await refused(like(mara, { p_threshold: null }), '22004', /p_threshold/)
  await refused(like(mara, { p_query_embedding: [1, 0, 0] }), '22023', /p_query_embedding.*1536/)
  await refused(like(mara, { p_query_embedding: vector({}) }), '22023', /p_query_embedding/)
  await refused(like(mara, { p_query_embedding: null }), '22004', /p_query_embedding/)
})

test("an embedding is stored by its node's owner and by nobody else", async () => {
  const { id } = await node(mara, 'goal', 'To be embedded')
  const gone = await deletedNode(mara, 'goal', 'Never embedded')
  const store = (client, args) =>
    client.rpc('upsert_node_embedding', { p_node_id: id, p_embedding: vector({ 9: 2 }), ...args })
  const found = async () => (await ok(like(mara, { p_query_embedding: vector({ 9: 1 }) }))).map((row) => row.node_id)

  assert.equal(await ok(store(ben)), false)
  assert.equal(await ok(store(mara, { p_node_id: UNKNOWN })), false)
  assert.equal(await ok(store(mara, { p_node_id: gone.id })), false)
  assert.deepEqual(await found(), [])

  assert.equal(await ok(store(mara)), true)
  assert.deepEqual(await found(), [id])
  assert.equal(await ok(store(service, { p_embedding: vector({ 10: 1 }) })), true)
  assert.deepEqual(await found(), [])

  await refused(store(mara, { p_embedding: [1, 2] }), '22023', /p_embedding.*1536/)
  await refused(store(mara, { p_embedding: vector({}) }), '22023', /p_embedding/)
  await refused(store(mara, { p_embedding: null }), '22004', /p_embedding/)
  await refused(store(mara, { p_node_id: null }), '22004', /p_node_id/)
  await refused(store(mara, { p_user_id: benId }), '42501', /p_user_id/)
})

// track_emotion

const feel = (client, args) => client.rpc('track_emotion', { p_user_id: null, p_emotion: 'anxious', ...args })

test('an emotion is a new node each time', async () => {
  const args = { p_context: 'before the talk', p_intensity: 0.8 }
  const first = await ok(feel(mara, args))
  const second = await ok(feel(mara, { ...args, p_user_id: maraId }))
  assert.notEqual(first, second)

  const stored = await readNode(first)
  assert.equal(stored.node_type, 'emotion')
  assert.equal(stored.label, 'anxious')
  assert.equal(stored.description, 'before the talk')
  assert.deepEqual(Object.keys(stored.properties).sort(), ['context', 'emotion', 'intensity', 'timestamp'])
  assert.equal(stored.properties.emotion, 'anxious')
  assert.equal(stored.properties.intensity, 0.8)
  assert.equal(stored.properties.context, 'before the talk')
  assert.ok(Math.abs(Date.parse(stored.properties.timestamp) - Date.now()) < 60_000, stored.properties.timestamp)
})

test('an emotion about a node is joined to it', async () => {
  const id = await ok(feel(mara, { p_emotion: 'motivated', p_related_node_id: story.goal.id }))
  const [joined, ...others] = await edgesBetween(story.goal.id, id)
  assert.equal(joined.edge_type, 'feels')
  assert.equal(joined.valid_to, null)
  assert.deepEqual(others, [])
  assert.equal((await readNode(id)).properties.intensity, 0.5)
})

test('service_role tracks an emotion for a person it names', async () => {
  const id = await ok(feel(service, { p_user_id: benId }))
  assert.deepEqual(await ok(ben.from('graph_nodes').select('label').eq('id', id)), [{ label: 'anxious' }])
  await refused(feel(service), '22004', /p_user_id/)
})

test('an emotion that is refused leaves nothing behind', async () => {
  const gone = await deletedNode(mara, 'goal', 'Felt nothing for')
  const before = await countNodes(maraId)

  await refused(feel(mara, { p_intensity: 1.1 }), '22023', /p_intensity/)
  await refused(feel(mara, { p_intensity: -0.1 }), '22023', /p_intensity/)
  await refused(feel(mara, { p_intensity: null }), '22004', /p_intensity/)
  await refused(feel(mara, { p_emotion: null }), '22004', /p_emotion/)
  await refused(feel(mara, { p_user_id: benId }), '42501', /p_user_id/)
  for (const p_related_node_id of [similar.bens.id, gone.id, UNKNOWN]) {
    await refused(feel(mara, { p_related_node_id }), '23503', /p_related_node_id/)
  }
  await refused(
    mara.rpc('track_emotion', { p_user_id: maraId, p_emotion: 'confident' }, { get: true }),
    '25006', // a GET request is read-only
  )
  assert.equal(await countNodes(maraId), before)
})

// create_session_node and update_session_node

test('a session is opened', async () => {
  const summary = 'A ladder of eight rungs, from a single question in the Monday meeting up to the big stage.'
  const id = await ok(
    mara.rpc('create_session_node', {
      p_goal_id: story.goal.id,
      p_duration: 45,
      p_summary: summary,
      p_properties: { room: 'blue' },
    }),
  )
  const stored = await readNode(id)
  assert.equal(stored.node_type, 'session')
  assert.equal(stored.label, `Session: ${summary.slice(0, 50)}`)
  assert.equal(stored.description, summary)
  const { timestamp, ...rest } = stored.properties
  assert.deepEqual(rest, { room: 'blue', duration_minutes: 45, goal_id: story.goal.id })
  assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000, timestamp)
  assert.deepEqual(
    (await edgesBetween(id, story.goal.id)).map((joined) => joined.edge_type),
    ['works_on'],
  )
})

test('a session without a summary is called by its minute', async () => {
  const id = await ok(mara.rpc('create_session_node'))
  const { label, description } = await readNode(id)
  assert.match(label, /^Coaching session \d{4}-\d\d-\d\d[ T]\d\d:\d\d/)
  assert.equal(description, null)
  const minute = Date.parse(`${label.match(/\d{4}-\d\d-\d\d/)[0]}T${label.match(/\d\d:\d\d/)[0]}Z`)
  assert.ok(Math.abs(minute - Date.now()) < 120_000, label)
})

test('opening a session refuses bad input and leaves nothing behind', async () => {
  const gone = await deletedNode(mara, 'goal', 'Worked on no more')
  const before = await countNodes(maraId)
  for (const p_goal_id of [similar.bens.id, gone.id, UNKNOWN]) {
    await refused(mara.rpc('create_session_node', { p_goal_id }), '23503', /p_goal_id/)
  }
  await refused(mara.rpc('create_session_node', { p_user_id: benId }), '42501', /p_user_id/)
  await refused(service.rpc('create_session_node', {}), '22004', /p_user_id/)
  assert.equal(await countNodes(maraId), before)
})

test('a session is updated in what is given and in nothing else', async () => {
  const id = await ok(
    mara.rpc('create_session_node', { p_summary: 'Draft', p_duration: 30, p_properties: { a: 1, b: 2 } }),
  )
  const update = (args) => ok(mara.rpc('update_session_node', { p_session_id: id, ...args }))

  assert.equal(await update({ p_properties: { b: 3, c: 4 } }), true)
  let stored = await readNode(id)
  assert.deepEqual([stored.label, stored.description], ['Session: Draft', 'Draft'])
  assert.deepEqual([stored.properties.a, stored.properties.b, stored.properties.c], [1, 3, 4])
  assert.equal(stored.properties.duration_minutes, 30)

  assert.equal(await update({ p_summary: 'What really happened', p_duration: 50 }), true)
  stored = await readNode(id)
  assert.deepEqual([stored.label, stored.description], ['Session: What really happened', 'What really happened'])
  assert.equal(stored.properties.duration_minutes, 50)
  assert.equal(stored.properties.c, 4)

  assert.equal(await update({ p_goal_id: story.goal.id }), true)
  assert.equal(await update({ p_goal_id: story.goal.id }), true)
  assert.equal((await edgesBetween(id, story.goal.id)).length, 1)
})

test('a label that a person gave a session stays', async () => {
  const id = await ok(mara.rpc('create_session_node', { p_summary: 'Draft' }))
  await ok(mara.from('graph_nodes').update({ label: 'The turning point' }).eq('id', id))
  assert.equal(await ok(mara.rpc('update_session_node', { p_session_id: id, p_summary: 'New' })), true)
  const { label, description } = await readNode(id)
  assert.deepEqual([label, description], ['The turning point', 'New'])
})

test('only a live session of the person can be updated', async () => {
  const id = await ok(mara.rpc('create_session_node', { p_summary: 'Mine' }))
  const gone = await deletedNode(mara, 'session', 'Cancelled')
  const update = (client, args) =>
    client.rpc('update_session_node', { p_session_id: id, p_summary: 'Changed', ...args })

  assert.equal(await ok(update(ben)), false)
  assert.equal(await ok(update(mara, { p_session_id: gone.id })), false)
  assert.equal(await ok(update(mara, { p_session_id: UNKNOWN })), false)
  assert.equal(await ok(update(mara, { p_session_id: story.goal.id })), false)
  await refused(update(mara, { p_goal_id: similar.bens.id }), '23503', /p_goal_id/)
  await refused(update(mara, { p_session_id: null }), '22004', /p_session_id/)
  await refused(update(mara, { p_user_id: benId }), '42501', /p_user_id/)
  assert.equal((await readNode(id)).description, 'Mine')

  assert.equal(await ok(update(service)), true)
  assert.equal((await readNode(id)).description, 'Changed')
})

// create_goal_node and create_skill_node

test('a goal is made once', async () => {
  const create = (args) => ok(mara.rpc('create_goal_node', { p_user_id: null, p_title: 'Run a 10 km race', ...args }))
  const id = await create({
    p_category: 'health',
    p_properties: { description: 'In the harbour', target_date: '2026-09-20' },
  })
  const first = await readNode(id)
  assert.deepEqual([first.node_type, first.label, first.description], ['goal', 'Run a 10 km race', 'In the harbour'])
  assert.equal(first.properties.category, 'health')
  assert.equal(first.properties.target_date, '2026-09-20')
  assert.equal(first.properties.priority, 'medium')

  assert.equal(await create({ p_title: '  Run a 10 km race ', p_properties: { priority: 'high' } }), id)
  const second = await readNode(id)
  assert.equal(second.properties.priority, 'high')
  assert.equal(second.properties.category, 'health')
  assert.equal(second.properties.target_date, '2026-09-20')
  assert.notEqual(await create({ p_title: 'run a 10 km race' }), id)
})

test('a skill is made once and grows', async () => {
  const create = (client, args) =>
    client.rpc('create_skill_node', { p_user_id: null, p_skill_name: 'Slow breathing', ...args })
  const id = await ok(create(mara, { p_transferable_from: ['swimming'] }))
  let { node_type, label, properties } = await readNode(id)
  assert.deepEqual([node_type, label], ['skill', 'Slow breathing'])
  assert.deepEqual(properties, { level: 'beginner', transferable_from: ['swimming'] })

  assert.equal(await ok(create(mara, { p_level: 'advanced' })), id)
  ;({ properties } = await readNode(id))
  assert.equal(properties.level, 'advanced')

  assert.notEqual(await ok(create(ben)), id)
  assert.notEqual(await ok(create(service, { p_user_id: benId, p_skill_name: 'Another' })), id)
})

test('goals and skills refuse bad input', async () => {
  const goal = (args, client = mara) => client.rpc('create_goal_node', { p_user_id: null, p_title: 'Fine', ...args })
  const skill = (args, client = mara) =>
    client.rpc('create_skill_node', { p_user_id: null, p_skill_name: 'Fine', ...args })
  const before = await countNodes(maraId)

  for (const text of ['', '   ', 'x'.repeat(256)]) {
    await refused(goal({ p_title: text }), '22023', /p_title/)
    await refused(skill({ p_skill_name: text }), '22023', /p_skill_name/)
  }
  await refused(goal({ p_title: null }), '22004', /p_title/)
  await refused(skill({ p_skill_name: null }), '22004', /p_skill_name/)
  await refused(skill({ p_level: null }), '22004', /p_level/)
  await refused(goal({ p_user_id: benId }), '42501', /p_user_id/)
  await refused(skill({ p_user_id: benId }), '42501', /p_user_id/)
  await refused(goal({}, service), '22004', /p_user_id/)
  await refused(skill({}, service), '22004', /p_user_id/)
  assert.equal(await countNodes(maraId), before)

  const longest = 'x'.repeat(255)
  assert.equal((await readNode(await ok(goal({ p_title: longest })))).label, longest)
})

// update_node_status

test('a status is set by the owner and by nobody else', async () => {
  const { id } = await node(mara, 'goal', 'Heard in passing')
  const gone = await deletedNode(mara, 'goal', 'Not to be curated')
  const set = (client, args) => client.rpc('update_node_status', { p_node_id: id, p_new_status: 'curated', ...args })

  assert.equal(await ok(set(ben)), false)
  assert.equal(await ok(set(mara, { p_node_id: gone.id })), false)
  assert.equal(await ok(set(mara, { p_node_id: UNKNOWN })), false)
  await refused(set(mara, { p_new_status: null }), '22004', /p_new_status/)
  await refused(set(mara, { p_node_id: null }), '22004', /p_node_id/)
  await refused(set(mara, { p_user_id: benId }), '42501', /p_user_id/)
  assert.equal((await readNode(id)).status, 'draft_verbal')

  assert.equal(await ok(set(mara)), true)
  assert.equal((await readNode(id)).status, 'curated')
  assert.equal(await ok(set(service, { p_new_status: 'draft_verbal', p_user_id: maraId })), true)
  assert.equal((await readNode(id)).status, 'draft_verbal')
})

// anon, and what everybody may call

test('anon may call no function of the graph', async () => {
  const embedding = vector({ 0: 1 })
  const calls = {
    get_node_neighborhood: { p_node_id: story.goal.id },
    find_similar_nodes: { p_user_id: maraId, p_query_embedding: embedding },
    track_emotion: { p_user_id: maraId, p_emotion: 'anxious' },
    create_session_node: { p_user_id: maraId },
    update_session_node: { p_session_id: story.session.id, p_summary: 'Hacked' },
    create_goal_node: { p_user_id: maraId, p_title: 'Hacked' },
    create_skill_node: { p_user_id: maraId, p_skill_name: 'Hacked' },
    update_node_status: { p_node_id: story.goal.id, p_new_status: 'curated' },
    upsert_node_embedding: { p_node_id: story.goal.id, p_embedding: embedding },
  }
  const before = await countNodes(maraId)
  for (const [name, args] of Object.entries(calls)) {
    await refused(anon.rpc(name, args), '42501', new RegExp(name))
  }
  assert.equal(await countNodes(maraId), before)
})

test('anybody may ask for the version and for an id', async () => {
  for (const client of [anon, mara, service]) {
    assert.match(await ok(client.rpc('lgtempo_version')), /^\d+\.\d+\.\d+/)
    const id = await ok(client.rpc('lgtempo_uuid_v7'))
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const time = parseInt(id.replace('-', '').slice(0, 12), 16)
    assert.ok(Math.abs(time - Date.now()) < 60_000, id)
  }
})

test('nobody but the owner may lay out the tables', async () => {
  for (const client of [anon, mara, service]) await refused(client.rpc('lgtempo_setup'), '42501')
})
