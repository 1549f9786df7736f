// Two people with a row in every table, and what both may read.

import { randomBytes } from 'node:crypto'
import { insert, near, ok, signUp } from '../support.mjs'

const PASSAGE = 'Breathe out slowly before the talk.'

/** What is there for everybody. */
async function addShared(service) {
  const category = await insert(service, 'goal_categories', {
    id: 'career',
    title: 'Career',
    display_color: '#336699',
    icon_name: 'briefcase',
  })
  const persona = await insert(service, 'agent_personae', {
    name: 'Edda',
    speciality: 'Speaking',
    elevenlabs_agent_id: 'agent_edda',
    average_rating: 4.25,
    voice_profile: { pitch: 'low' },
  })
  return { category, persona }
}

async function addGraph(client, name) {
  const [goal, session, skill] = await insert(client, 'graph_nodes', [
    { node_type: 'goal', label: `${name} speaks up`, description: 'In public', properties: { area: 'work' }, embedding: near(1) },
    { node_type: 'session', label: `${name}’s session`, properties: { duration_minutes: 30 }, embedding: null },
    { node_type: 'skill', label: `${name}’s rhetoric`, properties: { level: 'expert' }, embedding: near(0.9) },
  ].map((row) => ({ description: null, ...row })))
  const edge = await insert(client, 'graph_edges', {
    edge_type: 'works_on',
    source_node_id: session.id,
    target_node_id: goal.id,
    label: 'the first step',
    weight: 0.5,
    properties: { how: 'aloud' },
  })
  const userGoal = await insert(client, 'user_goals', {
    goal_title: 'Speak up',
    goal_description: 'In public',
    category_id: 'career',
    target_date: '2027-03-01',
    milestones: ['a toast', 'a talk'],
    metadata: { hard: true },
    node_id: goal.id,
  })
  return { goal, session, skill, edge, userGoal }
}

/** A base with a document of two chunks, of which one has no embedding, as the entry has none. */
async function addKnowledge(client, id) {
  const base = await insert(client, 'agent_knowledge_bases', { agent_id: 'coach', name: 'Notes', owner_id: id })
  const document = await insert(client, 'knowledge_documents', {
    knowledge_base_id: base.id,
    title: 'Calm',
    content: PASSAGE,
    source_url: 'https://example.com/calm',
  })
  const chunk = { document_id: document.id, token_count: 7 }
  const [chunk0, chunk1] = await insert(client, 'knowledge_chunks', [
    { ...chunk, chunk_index: 0, content: PASSAGE, metadata: { page: 1 }, embedding: near(1) },
    { ...chunk, chunk_index: 1, content: 'Then begin.', metadata: {}, embedding: null },
  ])
  const entry = await insert(client, 'knowledge', {
    content: 'Rest makes a talk.',
    metadata: { tone: 'short' },
    source_type: 'note',
    source_url: 'https://example.com/rest',
  })
  return { base, document, chunk0, chunk1, entry }
}

async function addInbox(service, client, id, { session, goal }) {
  const message = await insert(service, 'inbox_messages', {
    user_id: id,
    sender_id: 'edda',
    sender_name: 'Edda',
    message_type: 'reminder',
    priority: 'high',
    subject: 'Tonight',
    content: { text: 'Pack your notes.' },
    category: 'preparation',
    tags: ['talk', 'evening'],
    metadata: { from: 'plan' },
    expires_at: '2099-01-01T00:00:00Z',
    session_node_id: session.id,
    goal_node_id: goal.id,
  })
  const attachment = await insert(service, 'message_attachments', {
    message_id: message.id,
    attachment_type: 'link',
    title: 'Route',
    url: 'https://example.com/route',
    duration_seconds: 60,
    file_size_bytes: 1024,
  })
  const receipt = await insert(client, 'message_read_receipts', {
    message_id: message.id,
    read_duration_seconds: 5,
    device_info: { kind: 'phone' },
  })
  return { message, attachment, receipt }
}

async function addVoice(service, client, id, anonymousId) {
  const event = await insert(client, 'voice_chat_events', {
    conversation_id: 'conv_1',
    event_type: 'call_started',
    event_data: { from: 'web' },
  })
  const conversation = await insert(client, 'elevenlabs_conversations', {
    conversation_id: 'conv_1',
    agent_id: 'agent_edda',
    started_at: '2026-11-01T10:00:00Z',
    duration_minutes: 12,
    analysis: { mood: 'good' },
  })
  const webhook = await insert(service, 'webhook_events', {
    source: 'stripe',
    external_id: `event of ${id}`,
    event_type: 'invoice.paid',
    user_id: id,
    data: { amount: 12 },
  })
  const unclaimed = await insert(service, 'voice_chat_events', {
    user_id: null,
    anonymous_id: anonymousId,
    event_type: 'call_started',
  })
  return { event, conversation, webhook, unclaimed }
}

function addInsight(service, id, { goal }) {
  return insert(service, 'graph_insights', {
    user_id: id,
    insight_type: 'pattern',
    insight_key: 'evenings',
    title: 'Evenings go well',
    content: 'Talks in the evening went better.',
    confidence: 0.75,
    node_ids: [goal.id],
    evidence: { talks: 3 },
    model: 'a model',
  })
}

async function addPerson(server, service, name) {
  const id = await signUp(server, `${name.toLowerCase()}@example.com`)
  const client = server.client(id)
  const anonymousId = randomBytes(24).toString('base64url')
  const graph = await addGraph(client, name)
  const knowledge = await addKnowledge(client, id)
  const inbox = await addInbox(service, client, id, graph)
  const voice = await addVoice(service, client, id, anonymousId)
  const insight = await addInsight(service, id, graph)
  await ok(
    client
      .from('profiles')
      .update({ username: name.toLowerCase(), locale: 'en-GB', preferences: { theme: 'dark' } })
      .eq('id', id),
  )
  return { id, name, client, anonymousId, insight, ...graph, ...knowledge, ...inbox, ...voice }
}

/** The table's row of a person, as the populated rows above are named. */
export const ROW_OF = {
  graph_nodes: 'goal',
  graph_edges: 'edge',
  graph_insights: 'insight',
  user_goals: 'userGoal',
  agent_knowledge_bases: 'base',
  knowledge_documents: 'document',
  knowledge_chunks: 'chunk0',
  knowledge: 'entry',
  inbox_messages: 'message',
  message_attachments: 'attachment',
  message_read_receipts: 'receipt',
  voice_chat_events: 'event',
  elevenlabs_conversations: 'conversation',
  webhook_events: 'webhook',
}

export async function populate(server) {
  const service = server.client('service_role')
  const shared = await addShared(service)
  const ada = await addPerson(server, service, 'Ada')
  const ben = await addPerson(server, service, 'Ben')
  return { anon: server.client(null), service, ...shared, ada, ben }
}
