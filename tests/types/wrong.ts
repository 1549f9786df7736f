// Calls that must not compile. Each is told by the line before it; where the call compiles, that line is an error.

import { Constants, type Database, type Enums, type Tables, type TablesInsert, type TablesUpdate } from '../../types/lgtempo'
import { exactly, supabase } from './support'

const NODE = '00000000-0000-7000-8000-0000000000a1'
const SINGING = { node_type: 'goal', label: 'Sing' } as const

export async function tables() {
  // @ts-expect-error there is no such table
  supabase.from('graph_node')
  // @ts-expect-error what only the database uses is no part of the API
  supabase.from('knowledge_postings')
  // @ts-expect-error nor is the record of its steps
  supabase.from('lgtempo_migrations')
  // @ts-expect-error auth.users is not in this schema
  exactly<{ id: string; users: { id: string } }[] | null>()((await supabase.from('profiles').select('id, users(id)')).data)

  const nodes = await supabase.from('graph_nodes').select('id, label')
  // @ts-expect-error a column that was not selected is not there
  nodes.data?.[0].description
  const misspelt = await supabase.from('graph_nodes').select('id, lable')
  // @ts-expect-error a column that does not exist can't be read
  misspelt.data?.[0].id
  // @ts-expect-error an enum has these labels only
  supabase.from('graph_nodes').select('id').eq('node_type', 'dream')
  const twice = await supabase.from('graph_edges').select('id, graph_nodes(label)')
  // @ts-expect-error an edge has two nodes: the foreign key must be named
  twice.data?.[0].graph_nodes.label
}

export function inserts() {
  // @ts-expect-error a node needs a label
  supabase.from('graph_nodes').insert({ node_type: 'goal' })
  // @ts-expect-error an enum has these labels only
  supabase.from('graph_nodes').insert({ node_type: 'dream', label: 'Sing' })
  // @ts-expect-error a label is never null
  supabase.from('graph_nodes').insert({ node_type: 'goal', label: null })
  // @ts-expect-error a generated column is never written
  supabase.from('graph_nodes').insert({ ...SINGING, embedding_code: '0'.repeat(1536) })
  // @ts-expect-error an embedding is numbers
  supabase.from('graph_nodes').insert({ ...SINGING, embedding: ['0.1'] })
  // @ts-expect-error a column that does not exist can't be written
  supabase.from('graph_nodes').insert({ ...SINGING, titel: 'Sing' })
  // @ts-expect-error a chunk needs its document
  supabase.from('knowledge_chunks').insert({ chunk_index: 0, content: 'Slowly.' })
}

export function updates() {
  // @ts-expect-error a generated column is never written
  supabase.from('knowledge').update({ embedding_code: null })
  // @ts-expect-error not even from a row that was read
  supabase.from('knowledge_chunks').update({} as Tables<'knowledge_chunks'>)
  // @ts-expect-error priority is an enum
  supabase.from('inbox_messages').update({ priority: 1 })
  // @ts-expect-error a flag is true or false
  supabase.from('inbox_messages').update({ is_read: 'yes' })
}

export async function calls() {
  // @ts-expect-error there is no such function
  supabase.rpc('create_goal')
  // @ts-expect-error trigger functions can't be called
  supabase.rpc('lgtempo_touch')
  // @ts-expect-error what only the owner may call is no part of the API
  supabase.rpc('lgtempo_setup')
  // @ts-expect-error a goal needs a title
  supabase.rpc('create_goal_node', { p_user_id: null })
  // @ts-expect-error p_user_id has no default here
  supabase.rpc('create_goal_node', { p_title: 'Sing' })
  // @ts-expect-error arguments go by their names
  supabase.rpc('create_goal_node', { p_user_id: null, title: 'Sing' })
  // @ts-expect-error a title is never null
  supabase.rpc('create_goal_node', { p_user_id: null, p_title: null })
  // @ts-expect-error null is no depth: leave it out instead
  supabase.rpc('get_node_neighborhood', { p_node_id: NODE, p_depth: null })
  // @ts-expect-error a depth is a number
  supabase.rpc('get_node_neighborhood', { p_node_id: NODE, p_depth: '2' })
  // @ts-expect-error an enum has these labels only
  supabase.rpc('track_emotion', { p_user_id: null, p_emotion: 'bored' })
  // @ts-expect-error an array of an enum, too
  supabase.rpc('find_similar_nodes', { p_user_id: null, p_query_embedding: [1], p_node_types: ['dream'] })
  // @ts-expect-error an embedding is numbers
  supabase.rpc('search_knowledge_chunks', { query_embedding: ['0.1'] })
  // @ts-expect-error a message is named by its id
  supabase.rpc('mark_message_as_read', {})
  // @ts-expect-error attachments are JSON
  supabase.rpc('create_message_with_attachments', { p_user_id: NODE, p_subject: 'a', p_content: 'b', p_sender_agent_id: null, p_sender_name: null, p_attachments: () => [] })
  // @ts-expect-error adding tables to a publication is for the owner, not for the API
  supabase.rpc('enable_realtime')
  // @ts-expect-error a function without arguments takes none
  supabase.rpc('lgtempo_version', { p_user_id: null })

  const near = await supabase.rpc('get_node_neighborhood', { p_node_id: NODE })
  // @ts-expect-error the first row has no edge
  near.data?.[0].edge_type.length
  // @ts-expect-error a result has these columns only
  near.data?.[0].distance
  const words = await supabase.rpc('search_knowledge_base', { search_query: 'breathing' })
  // @ts-expect-error where there is no embedding there is no similarity
  words.data?.[0].similarity.toFixed(2)
}

export function names() {
  // @ts-expect-error the helpers know the tables
  type _Row = Tables<'graph_node'>
  // @ts-expect-error and the enums
  type _Label = Enums<'node_types'>
  // @ts-expect-error an insert is no row
  const row: Tables<'graph_nodes'> = SINGING satisfies TablesInsert<'graph_nodes'>
  // @ts-expect-error and not everything can be changed
  const change: TablesUpdate<'graph_nodes'> = { embedding_code: row.embedding_code }
  // @ts-expect-error constants are constant
  Constants.public.Enums.node_type.push('dream')
  // @ts-expect-error the schema is called public
  type _Elsewhere = Database['coaching']
  return change
}
