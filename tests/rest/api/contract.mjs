// What the API must show, written down by hand from the contract.

const ALL = 'select insert update delete'

/** Each table, and what people may do with it, be it with single columns only; the service may do everything. */
export const TABLES = {
  users: { anon: '', authenticated: 'select' },
  profiles: { anon: '', authenticated: 'select update' },
  agent_personae: { anon: 'select', authenticated: 'select' },
  agent_knowledge_bases: { anon: 'select', authenticated: ALL },
  knowledge_documents: { anon: 'select', authenticated: ALL },
  knowledge_chunks: { anon: 'select', authenticated: ALL },
  knowledge: { anon: '', authenticated: ALL },
  graph_nodes: { anon: '', authenticated: ALL },
  graph_edges: { anon: '', authenticated: ALL },
  graph_insights: { anon: '', authenticated: 'select update' },
  inbox_messages: { anon: '', authenticated: 'select update' },
  message_attachments: { anon: '', authenticated: 'select' },
  message_read_receipts: { anon: '', authenticated: 'select insert update' },
  voice_chat_events: { anon: 'select insert', authenticated: 'select insert update' },
  elevenlabs_conversations: { anon: '', authenticated: 'select insert update' },
  webhook_events: { anon: '', authenticated: '' },
  user_goals: { anon: '', authenticated: ALL },
  goal_categories: { anon: 'select', authenticated: 'select' },
}

/** The tables that a caller may use at all. */
export function tablesOf(caller) {
  const names = Object.keys(TABLES)
  return caller === 'service_role' ? names : names.filter((name) => TABLES[name][caller] !== '')
}

const EVERYBODY = ['anon', 'authenticated', 'service_role']
const PEOPLE = ['authenticated', 'service_role']
const SERVICE = ['service_role']
const OWNER = []

const words = (text) => text.split(' ').filter(Boolean)
const fn = (callers, reads) => (required, optional = '', columns = '') => ({
  callers,
  reads,
  required: words(required),
  optional: words(optional),
  columns: words(columns),
})

const NODE = 'node_id node_type label description properties status'
const MESSAGE = ['p_message_id', 'p_user_id']

/** Each function: who may call it, whether it only reads, its arguments, and the columns of its result if it is a table. */
export const FUNCTIONS = {
  get_node_neighborhood: fn(PEOPLE, true)(
    'p_node_id',
    'p_depth p_user_id p_edge_types p_at',
    `${NODE} depth edge_id edge_type edge_label edge_properties source_node_id target_node_id`,
  ),
  find_similar_nodes: fn(PEOPLE, true)(
    'p_user_id p_query_embedding',
    'p_limit p_threshold p_node_types p_exclude_node_ids',
    `${NODE} similarity`,
  ),
  track_emotion: fn(PEOPLE, false)('p_user_id p_emotion', 'p_context p_intensity p_related_node_id'),
  create_session_node: fn(PEOPLE, false)('', 'p_user_id p_goal_id p_duration p_summary p_properties'),
  update_session_node: fn(PEOPLE, false)(
    'p_session_id',
    'p_summary p_duration p_properties p_goal_id p_user_id',
  ),
  create_goal_node: fn(PEOPLE, false)('p_user_id p_title', 'p_category p_properties'),
  create_skill_node: fn(PEOPLE, false)('p_user_id p_skill_name', 'p_level p_transferable_from'),
  update_node_status: fn(PEOPLE, false)('p_node_id p_new_status', 'p_user_id'),
  upsert_node_embedding: fn(PEOPLE, false)('p_node_id p_embedding', 'p_user_id'),
  get_user_goals_with_progress: fn(PEOPLE, true)(
    '',
    'p_user_id',
    'goal_id goal_title category target_date priority session_count total_duration_minutes accomplishment_count latest_session_date',
  ),
  get_user_skills_graph: fn(PEOPLE, true)(
    '',
    'p_user_id',
    'skill_id skill_name skill_level transferable_from used_in_sessions related_accomplishments',
  ),
  refresh_graph_insights: fn(PEOPLE, false)('', 'p_user_id'),

  add_knowledge_document: fn(PEOPLE, false)(
    'p_knowledge_base_id p_title p_content',
    'p_source_url p_document_type p_metadata p_max_tokens p_overlap_tokens',
  ),
  search_knowledge_chunks: fn(EVERYBODY, true)(
    'query_embedding',
    'knowledge_base_id_param match_threshold match_count',
    'chunk_id document_id document_title content similarity chunk_index metadata',
  ),
  search_knowledge_base: fn(EVERYBODY, true)(
    '',
    'search_query kb_id_filter limit_results query_embedding similarity_threshold',
    'id source document_id title content kb_id kb_name metadata relevance_score similarity keyword_score',
  ),
  hybrid_search: fn(EVERYBODY, true)(
    'query_embedding query_text',
    'kb_id_filter match_count semantic_weight',
    'id title content metadata similarity_score keyword_score combined_score',
  ),
  claim_embedding_jobs: fn(SERVICE, false)('', 'p_limit p_lease', 'kind id user_id content attempts lease'),
  store_embeddings: fn(SERVICE, false)('p_items'),
  retry_embedding_jobs: fn(SERVICE, false)('', 'p_user_id'),
  get_embedding_queue_stats: fn(PEOPLE, true)(
    '',
    'p_user_id',
    'total with_embedding pending leased failed oldest_pending by_kind',
  ),

  get_unread_message_count: fn(PEOPLE, true)('', 'p_user_id'),
  mark_message_as_read: fn(PEOPLE, false)(...MESSAGE),
  toggle_message_pin: fn(PEOPLE, false)(...MESSAGE),
  archive_message: fn(PEOPLE, false)(...MESSAGE),
  create_message_with_attachments: fn(SERVICE, false)(
    'p_user_id p_subject p_content p_sender_agent_id p_sender_name',
    'p_category p_priority p_session_node_id p_goal_node_id p_attachments p_message_type',
  ),
  cleanup_expired_messages: fn(SERVICE, false)(''),

  handle_voice_onboarding: fn(PEOPLE, false)(
    'p_user_id p_conversation_transcript p_extracted_profile p_extracted_goal',
    'p_conversation_metadata',
  ),
  claim_anonymous_events: fn(['authenticated'], false)('p_anonymous_id'),
  calculate_engagement_score: fn(PEOPLE, true)('message_count duration_seconds tool_calls_count'),

  lgtempo_setup: fn(OWNER, false)(''),
  lgtempo_version: fn(EVERYBODY, true)(''),
  lgtempo_uuid_v7: fn(EVERYBODY, false)(''),
  enable_realtime: fn(OWNER, false)(''),
}

/** Called without p_user_id by the service, these can't know whose data is meant, and ask. */
export const ASK_THE_SERVICE = [
  'create_session_node',
  'get_user_goals_with_progress',
  'get_user_skills_graph',
  'refresh_graph_insights',
  'get_unread_message_count',
]

export const argumentsOf = (name) => [...FUNCTIONS[name].required, ...FUNCTIONS[name].optional]

/** The functions that a caller may call. */
export function functionsOf(caller) {
  return Object.keys(FUNCTIONS).filter((name) => FUNCTIONS[name].callers.includes(caller))
}
