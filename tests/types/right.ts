// Calls that apps make: all of this compiles, and answers have exactly the types that are named here.

import { createClient } from '@supabase/supabase-js'
import { Constants, type Database, type Enums, type Json, type Tables, type TablesInsert, type TablesUpdate } from '../../types/lgtempo'
import { exactly, supabase } from './support'

const PERSON = '00000000-0000-4000-8000-00000000000a'
const NODE = '00000000-0000-7000-8000-0000000000a1'
const EMBEDDING = Array.from({ length: 1536 }, () => 0.1)

export async function reads() {
  const nodes = await supabase.from('graph_nodes').select('id, label, node_type, deleted_at').eq('node_type', 'goal')
  exactly<
    { id: string; label: string; node_type: Enums<'node_type'>; deleted_at: string | null }[] | null
  >()(nodes.data)

  const whole = await supabase.from('goal_categories').select('*').single()
  exactly<Tables<'goal_categories'> | null>()(whole.data)

  const counted = await supabase.from('inbox_messages').select('id', { count: 'exact', head: true })
  exactly<number | null>()(counted.count)
}

// Embedding: to one along a foreign key, to many against it, and to at most one where the foreign key is a key itself.
export async function embeds() {
  const edges = await supabase
    .from('graph_edges')
    .select(
      'id, source:graph_nodes!graph_edges_source_node_fkey(label), target:graph_nodes!graph_edges_target_node_fkey(label)',
    )
  exactly<{ id: string; source: { label: string }; target: { label: string } }[] | null>()(edges.data)

  const messages = await supabase
    .from('inbox_messages')
    .select('subject, message_attachments(title), message_read_receipts(read_at)')
  exactly<
    | {
        subject: string | null
        message_attachments: { title: string | null }[]
        message_read_receipts: { read_at: string } | null
      }[]
    | null
  >()(messages.data)

  const goals = await supabase.from('user_goals').select('goal_title, goal_categories(title)')
  exactly<{ goal_title: string; goal_categories: { title: string } | null }[] | null>()(goals.data)

  const bases = await supabase.from('agent_knowledge_bases').select('name, knowledge_documents(title, knowledge_chunks(content))')
  exactly<
    { name: string; knowledge_documents: { title: string; knowledge_chunks: { content: string }[] }[] }[] | null
  >()(bases.data)
}

export async function writes() {
  const node: TablesInsert<'graph_nodes'> = { node_type: 'goal', label: 'Sing' }
  await supabase.from('graph_nodes').insert(node)
  await supabase.from('graph_nodes').insert({ ...node, embedding: EMBEDDING })
  await supabase.from('graph_nodes').insert({ ...node, embedding: JSON.stringify(EMBEDDING) })
  await supabase.from('graph_nodes').update({ deleted_at: new Date().toISOString() }).eq('id', NODE)
  await supabase.from('graph_nodes').update({ embedding: null }).eq('id', NODE)

  const change: TablesUpdate<'inbox_messages'> = { is_read: true, is_pinned: false }
  await supabase.from('inbox_messages').update(change).eq('id', NODE)

  // What the database derives is left out.
  await supabase.from('knowledge_documents').insert({ knowledge_base_id: NODE, title: 'Breathing', content: 'Slowly.' })
  await supabase.from('knowledge_chunks').insert({ document_id: NODE, chunk_index: 0, content: 'Slowly.' })
  await supabase.from('message_read_receipts').insert({ message_id: NODE })
  await supabase.from('voice_chat_events').insert({ event_type: 'call_started', anonymous_id: 'a'.repeat(32) })
  await supabase.from('webhook_events').upsert({ source: 'stripe', external_id: 'evt_1' }, { onConflict: 'source,external_id' })

  const added = await supabase.from('user_goals').insert({ goal_title: 'Sing' }).select('id, node_id').single()
  exactly<{ id: string; node_id: string | null } | null>()(added.data)
}

export async function graphCalls() {
  const goal = await supabase.rpc('create_goal_node', { p_user_id: null, p_title: 'Sing', p_category: 'music' })
  exactly<string | null>()(goal.data)
  await supabase.rpc('create_goal_node', { p_user_id: PERSON, p_title: 'Sing', p_properties: { priority: 'high' } })
  await supabase.rpc('create_session_node')
  await supabase.rpc('create_session_node', { p_goal_id: null, p_duration: 30 })
  await supabase.rpc('track_emotion', { p_user_id: null, p_emotion: 'anxious', p_related_node_id: null })

  const near = await supabase.rpc('get_node_neighborhood', { p_node_id: NODE, p_depth: 2, p_edge_types: ['works_on'] })
  exactly<Enums<'edge_type'> | null | undefined>()(near.data?.[0].edge_type)
  exactly<number | undefined>()(near.data?.[0].depth)

  const labels = await supabase.rpc('get_node_neighborhood', { p_node_id: NODE, p_at: null }).select('label, edge_id')
  exactly<{ label: string; edge_id: string | null }[] | null>()(labels.data)

  const similar = await supabase.rpc('find_similar_nodes', { p_user_id: null, p_query_embedding: EMBEDDING, p_node_types: ['goal'] })
  exactly<number | undefined>()(similar.data?.[0].similarity)
  await supabase.rpc('upsert_node_embedding', { p_node_id: NODE, p_embedding: JSON.stringify(EMBEDDING) })

  const goals = await supabase.rpc('get_user_goals_with_progress')
  exactly<string | null | undefined>()(goals.data?.[0].target_date)
}

export async function knowledgeCalls() {
  const words = await supabase.rpc('search_knowledge_base', { search_query: 'breathing' })
  exactly<number | null | undefined>()(words.data?.[0].similarity)
  await supabase.rpc('search_knowledge_base', { query_embedding: EMBEDDING, kb_id_filter: null }).limit(3)
  await supabase.rpc('hybrid_search', { query_embedding: EMBEDDING, query_text: 'breathing', semantic_weight: 0.3 })
  await supabase.rpc('search_knowledge_chunks', { query_embedding: EMBEDDING }, { get: true })
  const document = await supabase.rpc('add_knowledge_document', { p_knowledge_base_id: NODE, p_title: 'A', p_content: 'B' })
  exactly<string | null>()(document.data)
  const stored = await supabase.rpc('store_embeddings', {
    p_items: [{ kind: 'node', id: NODE, user_id: PERSON, lease: NODE, embedding: EMBEDDING }],
  })
  exactly<number | null>()(stored.data)
  const jobs = await supabase.rpc('claim_embedding_jobs', { p_limit: 10, p_lease: '1 minute' })
  exactly<string | null | undefined>()(jobs.data?.[0].user_id)
  const version = await supabase.rpc('lgtempo_version')
  exactly<string | null>()(version.data)
}

export async function inboxAndVoiceCalls() {
  const unread = await supabase.rpc('get_unread_message_count')
  exactly<number | null>()(unread.data)
  const read = await supabase.rpc('mark_message_as_read', { p_message_id: NODE })
  exactly<boolean | null>()(read.data)
  const sent = await supabase.rpc('create_message_with_attachments', {
    p_user_id: PERSON,
    p_subject: 'Tonight',
    p_content: 'Pack your shoes.',
    p_sender_agent_id: null,
    p_sender_name: null,
    p_priority: 'high',
    p_attachments: [{ type: 'link', name: 'Route', url: 'https://example.com/route' }],
  })
  exactly<string | null>()(sent.data)

  const welcomed = await supabase.rpc('handle_voice_onboarding', {
    p_user_id: null,
    p_conversation_transcript: 'I want to sing.',
    p_extracted_profile: {},
    p_extracted_goal: { name: 'Sing', milestones: ['First song'] },
  })
  exactly<Json | null>()(welcomed.data)
  const score = await supabase.rpc('calculate_engagement_score', { message_count: 1, duration_seconds: 2, tool_calls_count: 3 })
  exactly<number | null>()(score.data)
  await supabase.rpc('claim_anonymous_events', { p_anonymous_id: 'a'.repeat(32) })
  await supabase.rpc('refresh_graph_insights', { p_user_id: null })
}

export function names() {
  exactly<readonly ['beginner', 'intermediate', 'advanced', 'expert']>()(Constants.public.Enums.skill_level)
  const level: Enums<'skill_level'> = Constants.public.Enums.skill_level[0]
  // Every label that the type knows is in the list, and no other.
  exactly<Enums<'message_type'>>()(Constants.public.Enums.message_type[0 as number] as (typeof Constants.public.Enums.message_type)[number])
  exactly<Json>()(({} as Tables<'profiles'>).preferences)
  exactly<string | null>()(({} as Tables<'graph_nodes'>).embedding)
  return level
}

// In another schema: the types with that name in place of public.
export function elsewhere() {
  const client = createClient<{ coaching: Database['public'] }, 'coaching'>('http://localhost', 'key', { db: { schema: 'coaching' } })
  return client.from('graph_nodes').select('label')
}
