// The main job of lgtempo on the sample history, through supabase-js, as an app would do it. script/demo runs this.
//
// LGTEMPO_URL, LGTEMPO_ANON_KEY and LGTEMPO_SERVICE_KEY are what a Supabase project gives an app; LGTEMPO_JWT_SECRET signs
// people in, which is otherwise the work of Supabase's auth service. PGHOST and the like name the database itself.

import { createClient } from '../../tests/rest/client.mjs'
import { runSql, sign } from '../../tests/rest/harness.mjs'
import { documents, history, sentences } from './texts.mjs'
import { embedding } from './vectors.mjs'

const {
  LGTEMPO_URL: url,
  LGTEMPO_ANON_KEY: anonKey,
  LGTEMPO_SERVICE_KEY: serviceKey,
  LGTEMPO_JWT_SECRET: secret,
} = process.env
const [maraData, benData] = history.people
const signedIn = ({ id }) => createClient(url, anonKey, { token: sign({ role: 'authenticated', sub: id }, secret) })

const service = createClient(url, serviceKey)
const anon = createClient(url, anonKey)
const mara = signedIn(maraData)
const ben = signedIn(benData)

const goal = maraData.nodes.find((node) => node.key === 'goal-speaking')

// Printing

const WIDTH = 100
const SHOWN = 4 // nodes of a type

function cut(text, width) {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= width ? line : `${line.slice(0, width - 1).trimEnd()}…`
}

function wrap(text, indent) {
  const lines = ['']
  for (const word of text.split(' ')) {
    if (lines.at(-1).length + word.length + 1 > WIDTH - indent) lines.push('')
    lines.push(`${lines.pop()} ${word}`.trimStart())
  }
  return lines.map((line) => ' '.repeat(indent) + line).join('\n')
}

function chapter(title, call) {
  console.log(`\n${title}\n${'-'.repeat(title.length)}\n${call}\n`)
}

const count = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`

/** What a node says: a session's label is the beginning of its description, an emotion's says little alone. */
function text({ node_type, label, description }) {
  if (node_type === 'session') return description
  return node_type === 'emotion' ? `${label}: ${description}` : label
}

// Answers

/** The data of a call that has to succeed and has to answer something. */
async function answer(call) {
  const { data, error } = await call
  if (error) throw new Error(`${error.code}: ${error.message}`)
  if (Array.isArray(data) ? data.length === 0 : data === null || data === false) throw new Error('no answer')
  return data
}

/** A call that must show nothing: an empty answer, false, or a refusal. What it was, in words. */
async function nothing(call) {
  const { data, error } = await call
  if (error?.code === '42501') return `refused (${error.message})`
  if (error) throw new Error(`${error.code}: ${error.message}`)
  if (Array.isArray(data) && data.length === 0) return 'no rows'
  if (data === false) return 'false: there is no such session'
  throw new Error(`this should have been hidden: ${JSON.stringify(data).slice(0, 200)}`)
}

// Loading: plain inserts by the app's own server, which holds the service key

async function insert(table, rows, columns = 'id') {
  return answer(service.from(table).insert(rows).select(columns))
}

async function loadPerson({ id, email, name, nodes, edges }) {
  const quoted = (text) => `'${text.replaceAll("'", "''")}'`
  const metadata = quoted(JSON.stringify({ full_name: name }))
  await runSql(
    process.env.PGDATABASE,
    `insert into auth.users (id, email, raw_user_meta_data) values (${quoted(id)}, ${quoted(email)}, ${metadata})`,
  )
  const ids = new Map(nodes.map((node) => [node.key, node.id]))
  await insert(
    'graph_nodes',
    nodes.map(({ key, ...node }) => ({ ...node, user_id: id, embedding: embedding(`node/${node.id}`) })),
  )
  await insert(
    'graph_edges',
    edges.map(({ source, target, ...edge }) => ({
      ...edge,
      user_id: id,
      source_node_id: ids.get(source),
      target_node_id: ids.get(target),
    })),
  )
}

async function loadGuides() {
  // Without an owner: for everybody who is signed in.
  const [base] = await insert('agent_knowledge_bases', [
    { agent_id: 'coach', name: 'Guides of the coach', owner_id: null },
  ])
  const stored = await insert(
    'knowledge_documents',
    documents.map(({ title, content }) => ({ knowledge_base_id: base.id, title, content, document_type: 'markdown' })),
    'id, title',
  )
  const ids = new Map(stored.map((row) => [row.title, row.id]))
  await insert(
    'knowledge_chunks',
    documents.flatMap(({ key, title, passages }) =>
      passages.map(({ heading, content }, chunk_index) => ({
        document_id: ids.get(title),
        knowledge_base_id: base.id,
        chunk_index,
        content,
        metadata: { heading },
        embedding: embedding(`passage/${key}/${chunk_index}`),
      })),
    ),
  )
}

async function load() {
  for (const person of history.people) await loadPerson(person)
  await loadGuides()
  const version = await answer(service.rpc('lgtempo_version'))
  const nodes = history.people.flatMap((person) => person.nodes).length
  const edges = history.people.flatMap((person) => person.edges)
  const closed = edges.filter((edge) => edge.valid_to).length
  const passages = documents.flatMap((document) => document.passages).length
  console.log(
    `\nlgtempo ${version}: loaded ${history.people.length} people with ${nodes} nodes and ${edges.length} edges`,
  )
  console.log(
    `(${closed} closed by now), and ${documents.length} documents in ${passages} passages, all with embeddings.`,
  )
}

// The steps

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

async function showIsolation(sessionId) {
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
await showIsolation(session)
