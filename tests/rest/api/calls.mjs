// A call of each function with all its arguments, which must succeed for the person that it is about.

import { near } from '../support.mjs'
import { FUNCTIONS, argumentsOf } from './contract.mjs'

const TRANSCRIPT = 'I want to speak up.'

function graphCalls({ ada, ben }) {
  const p_user_id = ada.id
  return {
    get_node_neighborhood: {
      p_node_id: ada.goal.id,
      p_depth: 1,
      p_user_id,
      p_edge_types: ['works_on', 'feels'],
      p_at: '2098-01-01T00:00:00Z',
    },
    find_similar_nodes: {
      p_user_id,
      p_query_embedding: near(1),
      p_limit: 5,
      p_threshold: 0.5,
      p_node_types: ['goal', 'skill'],
      p_exclude_node_ids: [ben.goal.id],
    },
    track_emotion: {
      p_user_id,
      p_emotion: 'motivated',
      p_context: 'before the talk',
      p_intensity: 0.8,
      p_related_node_id: ada.goal.id,
    },
    create_session_node: {
      p_user_id,
      p_goal_id: ada.goal.id,
      p_duration: 30,
      p_summary: 'Opening lines',
      p_properties: { mood: 'good' },
    },
    update_session_node: {
      p_session_id: ada.session.id,
      p_summary: 'What really happened',
      p_duration: 45,
      p_properties: { mood: 'better' },
      p_goal_id: ada.goal.id,
      p_user_id,
    },
    create_goal_node: { p_user_id, p_title: 'Write', p_category: 'career', p_properties: { priority: 'high' } },
    create_skill_node: { p_user_id, p_skill_name: 'Typing', p_level: 'advanced', p_transferable_from: ['piano'] },
    update_node_status: { p_node_id: ada.skill.id, p_new_status: 'curated', p_user_id },
    upsert_node_embedding: { p_node_id: ada.skill.id, p_embedding: near(0.9), p_user_id },
    get_user_goals_with_progress: { p_user_id },
    get_user_skills_graph: { p_user_id },
    refresh_graph_insights: { p_user_id },
  }
}

function knowledgeCalls({ ada }) {
  return {
    add_knowledge_document: {
      p_knowledge_base_id: ada.base.id,
      p_title: 'Openings',
      p_content: 'Begin with a question.',
      p_source_url: 'https://example.com/openings',
      p_document_type: 'markdown',
      p_metadata: { by: 'Ada' },
      p_max_tokens: 256,
      p_overlap_tokens: 16,
    },
    search_knowledge_chunks: {
      query_embedding: near(1),
      knowledge_base_id_param: ada.base.id,
      match_threshold: 0.5,
      match_count: 3,
    },
    search_knowledge_base: {
      search_query: 'breathe',
      kb_id_filter: ada.base.id,
      limit_results: 3,
      query_embedding: near(1),
      similarity_threshold: 0.1,
    },
    hybrid_search: {
      query_embedding: near(1),
      query_text: 'breathe',
      kb_id_filter: ada.base.id,
      match_count: 3,
      semantic_weight: 0.5,
    },
    claim_embedding_jobs: { p_limit: 1, p_lease: '1 minute' },
    store_embeddings: { p_items: [] },
    retry_embedding_jobs: { p_user_id: ada.id },
    get_embedding_queue_stats: { p_user_id: ada.id },
  }
}

function inboxCalls({ ada }) {
  const message = { p_message_id: ada.message.id, p_user_id: ada.id }
  return {
    get_unread_message_count: { p_user_id: ada.id },
    mark_message_as_read: message,
    toggle_message_pin: message,
    archive_message: message,
    create_message_with_attachments: {
      p_user_id: ada.id,
      p_subject: 'Well done',
      p_content: 'You spoke.',
      p_sender_agent_id: 'edda',
      p_sender_name: 'Edda',
      p_category: 'praise',
      p_priority: 'low',
      p_session_node_id: ada.session.id,
      p_goal_node_id: ada.goal.id,
      p_attachments: [{ type: 'link', name: 'Film', url: 'https://example.com/film' }],
      p_message_type: 'goal_achievement',
    },
    cleanup_expired_messages: {},
  }
}

function otherCalls({ ada }) {
  return {
    handle_voice_onboarding: {
      p_user_id: ada.id,
      p_conversation_transcript: TRANSCRIPT,
      p_extracted_profile: { pace: 'slow' },
      p_extracted_goal: { name: 'Hold a toast', target_date: '2027-05-01', milestones: ['write it'] },
      p_conversation_metadata: { conversation_id: 'conv_onboarding' },
    },
    claim_anonymous_events: { p_anonymous_id: ada.anonymousId },
    calculate_engagement_score: { message_count: 20, duration_seconds: 600, tool_calls_count: 5 },
    lgtempo_setup: {},
    lgtempo_version: {},
    lgtempo_uuid_v7: {},
    enable_realtime: {},
  }
}

/** All the calls, by the function's name. */
export function callsOf(world) {
  return { ...graphCalls(world), ...knowledgeCalls(world), ...inboxCalls(world), ...otherCalls(world) }
}

/** The same call with the required arguments alone; a search by words or meaning requires one of the two. */
export function requiredOnly(name, args) {
  const wanted = name === 'search_knowledge_base' ? ['search_query'] : FUNCTIONS[name].required
  return Object.fromEntries(wanted.map((key) => [key, args[key]]))
}

/** Whether a call names exactly the arguments of the contract. */
export function isComplete(name, args) {
  return Object.keys(args).sort().join() === argumentsOf(name).sort().join()
}
