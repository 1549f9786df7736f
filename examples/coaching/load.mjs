// Loads the sample: plain inserts by the app's own server, which holds the service key.

import { service, signUp } from './clients.mjs'
import { answer } from './output.mjs'
import { coaches, documents, history } from './texts.mjs'
import { embedding } from './vectors.mjs'

async function insert(table, rows, columns = 'id') {
  return answer(service.from(table).insert(rows).select(columns))
}

async function loadPerson({ id, email, name, nodes, edges, goals }) {
  await signUp({ id, email, name })
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
  const label = (key) => nodes.find((node) => node.key === key).label
  await insert(
    'user_goals',
    goals.map(({ node, ...goal }) => ({ ...goal, user_id: id, goal_title: label(node), node_id: ids.get(node) })),
  )
}

/** What every coaching app has before its first person: what goals can be about, and who coaches. */
async function loadCoaches() {
  await insert('goal_categories', coaches.goal_categories)
  await insert('agent_personae', coaches.agent_personae)
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

export async function load() {
  await loadCoaches()
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
