// The main job of lgtempo on the sample history, through supabase-js, as an app would do it. script/demo runs this.

import { anon, ben, mara, maraData } from './clients.mjs'
import { showInbox } from './inbox.mjs'
import { showInsights } from './insights.mjs'
import { load } from './load.mjs'
import { answer, chapter, count, cut, nothing, WIDTH, wrap } from './output.mjs'
import { sentences } from './texts.mjs'
import { embedding } from './vectors.mjs'
import { showOnboarding, showVisit } from './welcome.mjs'

const SHOWN = 4 // nodes of a type

const goal = maraData.nodes.find((node) => node.key === 'goal-speaking')

/** What a node says: a session's label is the beginning of its description, an emotion's says little alone. */
function text({ node_type, label, description }) {
  if (node_type === 'session') return description
  return node_type === 'emotion' ? `${label}: ${description}` : label
}

async function showNeighbourhood() {
  chapter(`What surrounds Mara's goal “${goal.label}”`, `mara.rpc('get_node_neighborhood', { p_node_id, p_depth: 2 })`)
  const rows = await answer(mara.rpc('get_node_neighborhood', { p_node_id: goal.id, p_depth: 2 }))
  for (const depth of [1, 2]) {
    const edges = rows.filter((row) => row.depth === depth)
    const seen = new Set()
    const nodes = edges.filter((row) => !seen.has(row.node_id) && seen.add(row.node_id))
    if (nodes.length === 0) throw new Error(`nothing at ${depth} degrees`)
    console.log(`  ${count(depth, 'degree')} away: ${count(nodes.length, 'node')} over ${count(edges.length, 'edge')}`)
    for (const type of new Set(nodes.map((row) => row.node_type))) {
      const ofType = nodes.filter((row) => row.node_type === type)
      for (const [i, row] of ofType.slice(0, SHOWN).entries()) {
        const how = row.source_node_id === row.node_id ? `${row.edge_type} →` : `← ${row.edge_type}`
        console.log(`    ${(i ? '' : type).padEnd(15)} ${how.padEnd(15)} ${cut(text(row), WIDTH - 36)}`)
      }
      if (ofType.length > SHOWN) console.log(`    ${' '.repeat(32)}and ${ofType.length - SHOWN} more`)
    }
  }
}

async function showSimilarNodes() {
  const sentence = sentences.freeze
  chapter(
    `Her nodes most like “${sentence}”`,
    `mara.rpc('find_similar_nodes', { p_user_id, p_query_embedding, p_limit: 5, … })`,
  )
  const rows = await answer(
    mara.rpc('find_similar_nodes', {
      p_user_id: maraData.id,
      p_query_embedding: embedding('sentence/freeze'),
      p_limit: 5,
      p_threshold: 0.1,
    }),
  )
  for (const row of rows) {
    console.log(`  ${row.similarity.toFixed(3)}  ${row.node_type.padEnd(15)} ${cut(text(row), WIDTH - 25)}`)
  }
}

async function trackEmotion() {
  chapter('A feeling about the goal', `mara.rpc('track_emotion', { p_user_id, p_emotion: 'confident', p_context, … })`)
  const id = await answer(
    mara.rpc('track_emotion', {
      p_user_id: maraData.id,
      p_emotion: 'confident',
      p_context: 'Asked to open the spring conference, and said yes before I had counted the seats.',
      p_intensity: 0.7,
      p_related_node_id: goal.id,
    }),
  )
  const [node] = await answer(mara.from('graph_nodes').select('label, description, properties').eq('id', id))
  const [edge] = await answer(
    mara
      .from('graph_edges')
      .select('edge_type, source:graph_nodes!graph_edges_source_node_fkey(label)')
      .eq('target_node_id', id),
  )
  console.log(`  emotion   ${node.label}, intensity ${node.properties.intensity}: ${cut(node.description, WIDTH - 36)}`)
  console.log(`  edge      ${edge.source.label} – ${edge.edge_type} → ${node.label}`)
}

async function runSession() {
  chapter(
    'A session, opened and then updated',
    `mara.rpc('create_session_node', …), mara.rpc('update_session_node', …)`,
  )
  const show = async (when, id) => {
    const [node] = await answer(mara.from('graph_nodes').select('label, properties').eq('id', id))
    const { duration_minutes: minutes, timestamp, goal_id, ...rest } = node.properties
    const more = Object.entries(rest).map(([key, value]) => `, ${key.replaceAll('_', ' ')}: ${value}`)
    const duration = minutes ? count(minutes, 'minute') : 'no duration yet'
    console.log(`  ${when.padEnd(9)} ${node.label}\n${' '.repeat(12)}${duration}${more.join('')}`)
  }
  const id = await answer(
    mara.rpc('create_session_node', {
      p_goal_id: goal.id,
      p_summary: 'Planning the opening of the spring conference',
      p_properties: { mood_before: 'curious' },
    }),
  )
  await show('opened', id)
  await answer(
    mara.rpc('update_session_node', {
      p_session_id: id,
      p_summary: 'An opening in three pictures, and no slides',
      p_duration: 40,
      p_properties: { mood_after: 'calm' },
    }),
  )
  await show('updated', id)
  return id
}

const searchGuides = (client, args) => client.rpc('search_knowledge_base', { ...args, limit_results: 3 })

async function askGuides(question, call, args) {
  chapter(question, `mara.rpc('search_knowledge_base', { ${call}, limit_results: 3 })`)
  const rows = await answer(searchGuides(mara, args))
  const number = (value, digits) => (value === null ? '–' : value.toFixed(digits)).padStart(7)
  console.log('    score meaning   words')
  for (const row of rows) {
    const scores = `${number(row.relevance_score, 4)} ${number(row.similarity, 3)} ${number(row.keyword_score, 2)}`
    console.log(`  ${scores}  ${row.title}: ${row.metadata.heading}`)
  }
  console.log(`\n${wrap(cut(rows[0].content.replace(/^## .+\n/, ''), 330), 4)}`)
}

const byBoth = { search_query: sentences['pounding-heart'], query_embedding: embedding('sentence/pounding-heart') }
const byMeaning = { query_embedding: embedding('sentence/wrapped-criticism') }

async function showIsolation(sessionId, messageId) {
  chapter('What the others see of all this', 'the same calls, as Ben and without signing in')
  const onOwnNodes = { p_user_id: null, p_query_embedding: embedding('sentence/freeze'), p_limit: 100, p_threshold: -1 }
  const maraIds = new Set((await answer(mara.from('graph_nodes').select('id'))).map((row) => row.id))

  const lines = [
    ['Ben', 'around her goal', await nothing(ben.rpc('get_node_neighborhood', { p_node_id: goal.id }))],
    ['', 'in her nodes', await nothing(ben.from('graph_nodes').select('label').eq('user_id', maraData.id))],
    ['', 'in her edges', await nothing(ben.from('graph_edges').select('label').eq('user_id', maraData.id))],
    ['', 'naming her', await nothing(ben.rpc('find_similar_nodes', { ...onOwnNodes, p_user_id: maraData.id }))],
    [
      '',
      'changing her session',
      await nothing(ben.rpc('update_session_node', { p_session_id: sessionId, p_summary: 'Mine' })),
    ],
    ['', 'in her inbox', await nothing(ben.from('inbox_messages').select('subject').eq('user_id', maraData.id))],
    ['', 'marking her message', await nothing(ben.rpc('mark_message_as_read', { p_message_id: messageId }))],
    ['anon', 'around her goal', await nothing(anon.rpc('get_node_neighborhood', { p_node_id: goal.id }))],
    ['', 'in all nodes', await nothing(anon.from('graph_nodes').select('label'))],
    ['', 'in all edges', await nothing(anon.from('graph_edges').select('label'))],
    ['', 'in the guides', await nothing(searchGuides(anon, byBoth))],
  ]
  const bens = await answer(ben.rpc('find_similar_nodes', onOwnNodes))
  if (bens.some((row) => maraIds.has(row.node_id))) throw new Error("Ben's search found nodes of Mara")

  for (const [who, what, outcome] of lines)
    console.log(`  ${who.padEnd(6)}${what.padEnd(22)}${cut(outcome, WIDTH - 30)}`)
  console.log(`\n  Ben's own search finds ${count(bens.length, 'node')}, every one of them his.`)
}

await load()
await showNeighbourhood()
await showSimilarNodes()
await trackEmotion()
const session = await runSession()
await askGuides(`“${sentences['pounding-heart']}”`, 'search_query, query_embedding', byBoth)
await askGuides(`“${sentences['wrapped-criticism']}”, by meaning alone`, 'query_embedding', byMeaning)
const message = await showInbox(session)
await showInsights()
await showVisit()
await showOnboarding()
await showIsolation(session, message)
