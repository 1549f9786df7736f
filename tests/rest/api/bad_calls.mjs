// For each function what is wrong to ask of it: the argument as changed from a good call, the SQLSTATE, and, where the
// argument's name is not enough, what the message must say.

import { UNKNOWN, vector } from '../support.mjs'

const NO_UUID = [['x', '22P02']]
const EMBEDDING = [
  [null, '22004'],
  [[1, 0], '22023'],
  [vector({}), '22023'],
  ['near', '22P02'],
]
const LIMIT = [
  [null, '22004'],
  [-1, '22023'],
  [1001, '22023'],
  ['many', '22P02'],
  [99_999_999_999, '22003'],
  [1.5, '22P02'],
]
const SIMILARITY = [
  [null, '22004'],
  [-1.01, '22023'],
  [1.01, '22023'],
  ['high', '22P02'],
]
const SHARE = [
  [null, '22004'],
  [-0.01, '22023'],
  [1.01, '22023'],
  ['NaN', '22023'],
]
const LABEL = [
  [null, '22004'],
  ['', '22023'],
  [' \n\t', '22023'],
  ['x'.repeat(256), '22023'],
]
const OBJECT = [
  [[1], '22023'],
  ['text', '22023'],
]
const NEEDED = [[null, '22004']]

/** Cases of one argument, from its bad values and their codes. */
const of = (argument, ...lists) =>
  lists.flat().map(([value, code, message]) => [{ [argument]: value }, code, message])

function graph({ ben }) {
  const SOMEBODY_ELSE = [...NO_UUID, [ben.id, '42501']]
  const NOT_A_NODE = [...NO_UUID, [UNKNOWN, '23503'], [ben.goal.id, '23503']]
  return {
    get_node_neighborhood: [
      ...of('p_node_id', NEEDED, NO_UUID),
      ...of('p_depth', [[null, '22004'], [-1, '22023'], ['two', '22P02'], [99_999_999_999, '22003']]),
      ...of('p_user_id', SOMEBODY_ELSE),
      ...of('p_edge_types', [[['loves'], '22P02'], ['works_on', '22P02']]),
      ...of('p_at', [['someday', '22007']]),
    ],
    find_similar_nodes: [
      ...of('p_user_id', SOMEBODY_ELSE),
      ...of('p_query_embedding', EMBEDDING),
      ...of('p_limit', LIMIT),
      ...of('p_threshold', SIMILARITY),
      ...of('p_node_types', [[['dream'], '22P02']]),
      ...of('p_exclude_node_ids', [[['x'], '22P02']]),
    ],
    track_emotion: [
      ...of('p_user_id', SOMEBODY_ELSE),
      ...of('p_emotion', NEEDED, [['joyful', '22P02']]),
      ...of('p_intensity', SHARE),
      ...of('p_related_node_id', NOT_A_NODE),
    ],
    create_session_node: [
      ...of('p_user_id', SOMEBODY_ELSE),
      ...of('p_goal_id', NOT_A_NODE),
      ...of('p_duration', [['long', '22P02'], [99_999_999_999, '22003']]),
      ...of('p_properties', OBJECT),
    ],
    update_session_node: [
      ...of('p_session_id', NEEDED, NO_UUID),
      ...of('p_duration', [['long', '22P02']]),
      ...of('p_properties', OBJECT),
      ...of('p_goal_id', NOT_A_NODE),
      ...of('p_user_id', SOMEBODY_ELSE),
    ],
    create_goal_node: [...of('p_user_id', SOMEBODY_ELSE), ...of('p_title', LABEL), ...of('p_properties', OBJECT)],
    create_skill_node: [
      ...of('p_user_id', SOMEBODY_ELSE),
      ...of('p_skill_name', LABEL),
      ...of('p_level', NEEDED, [['master', '22P02']]),
      ...of('p_transferable_from', [['piano', '22P02']]),
    ],
    update_node_status: [
      ...of('p_node_id', NEEDED, NO_UUID),
      ...of('p_new_status', NEEDED, [['finished', '22P02']]),
      ...of('p_user_id', SOMEBODY_ELSE),
    ],
    upsert_node_embedding: [
      ...of('p_node_id', NEEDED, NO_UUID),
      ...of('p_embedding', EMBEDDING),
      ...of('p_user_id', SOMEBODY_ELSE),
    ],
    get_user_goals_with_progress: of('p_user_id', SOMEBODY_ELSE),
    get_user_skills_graph: of('p_user_id', SOMEBODY_ELSE),
    refresh_graph_insights: of('p_user_id', SOMEBODY_ELSE),
  }
}

function knowledge({ ben }) {
  return {
    add_knowledge_document: [
      ...of('p_knowledge_base_id', NEEDED, NO_UUID, [[UNKNOWN, '23503'], [ben.base.id, '23503']]),
      ...of('p_title', NEEDED),
      ...of('p_content', NEEDED, [[' \n', '22023'], ['a\u0000b', '22P05']]),
      ...of('p_document_type', [['word', '22023']]),
      ...of('p_metadata', [[[1], '22023']]),
      ...of('p_max_tokens', [[0, '22023'], [8192, '22023'], ['many', '22P02']]),
      ...of('p_overlap_tokens', [[-1, '22023'], [256, '22023']]),
    ],
    search_knowledge_chunks: [
      ...of('query_embedding', EMBEDDING),
      ...of('knowledge_base_id_param', NO_UUID),
      ...of('match_threshold', SIMILARITY),
      ...of('match_count', LIMIT),
    ],
    search_knowledge_base: [
      [{ search_query: null, query_embedding: null }, '22004', /search_query.*query_embedding/],
      ...of('kb_id_filter', NO_UUID),
      ...of('limit_results', LIMIT),
      ...of('query_embedding', EMBEDDING.slice(1)),
      ...of('similarity_threshold', SIMILARITY),
    ],
    hybrid_search: [
      ...of('query_embedding', EMBEDDING),
      ...of('query_text', NEEDED),
      ...of('kb_id_filter', NO_UUID),
      ...of('match_count', LIMIT),
      ...of('semantic_weight', SHARE),
    ],
    claim_embedding_jobs: [
      ...of('p_limit', LIMIT),
      ...of('p_lease', NEEDED, [['soon', '22007'], ['-1 second', '22023']]),
    ],
    store_embeddings: of('p_items', NEEDED, [
      [{}, '22023'],
      [[1], '22023', /p_items\[0\]/],
      [[{ kind: 'dream', id: UNKNOWN, lease: UNKNOWN, embedding: [1] }], '22023', /p_items\[0\]\.kind/],
      [[{ kind: 'node', id: UNKNOWN, lease: UNKNOWN, embedding: vector({ 0: 1 }) }], '22023', /p_items\[0\]\.user_id/],
      [[{ kind: 'entry', id: UNKNOWN, lease: UNKNOWN, embedding: [1] }], '22023', /p_items\[0\]\.embedding/],
    ]),
    retry_embedding_jobs: of('p_user_id', NO_UUID),
    get_embedding_queue_stats: of('p_user_id', NO_UUID, [[ben.id, '42501']]),
  }
}

function inbox({ ben }) {
  const message = [...of('p_message_id', NEEDED, NO_UUID), ...of('p_user_id', NO_UUID, [[ben.id, '42501']])]
  const NOT_A_NODE = [...NO_UUID, [UNKNOWN, '23503'], [ben.session.id, '23503']]
  return {
    get_unread_message_count: of('p_user_id', NO_UUID, [[ben.id, '42501']]),
    mark_message_as_read: message,
    toggle_message_pin: message,
    archive_message: message,
    create_message_with_attachments: [
      ...of('p_user_id', NEEDED, NO_UUID),
      // Nobody has no nodes either.
      [{ p_user_id: UNKNOWN, p_session_node_id: null, p_goal_node_id: null }, '23503', /user/],
      ...of('p_subject', NEEDED),
      ...of('p_content', NEEDED),
      ...of('p_priority', NEEDED, [['whenever', '22P02']]),
      ...of('p_message_type', NEEDED, [['spam', '22P02']]),
      ...of('p_session_node_id', NOT_A_NODE),
      ...of('p_goal_node_id', NOT_A_NODE),
      ...of('p_attachments', [
        [{ name: 'Film' }, '22023'],
        ['text', '22023'],
        [[1], '22023'],
        [[{ type: 'link', name: 'Film' }], '22023'],
      ]),
    ],
  }
}

function others({ ben }) {
  const GOAL = { name: 'Hold a toast' }
  return {
    handle_voice_onboarding: [
      ...of('p_user_id', NO_UUID, [[ben.id, '42501']]),
      ...of('p_conversation_transcript', NEEDED),
      ...of('p_extracted_profile', NEEDED, OBJECT),
      ...of('p_extracted_goal', NEEDED, OBJECT, [
        [{}, '22004'],
        [{ name: ' ' }, '22023'],
        [{ ...GOAL, target_date: 'next year' }, '22007', /target_date/],
        [{ ...GOAL, category_id: 'nothing' }, '23503', /category_id/],
        [{ ...GOAL, milestones: 'one' }, '22023', /milestones/],
      ]),
      ...of('p_conversation_metadata', OBJECT),
    ],
    claim_anonymous_events: of('p_anonymous_id', NEEDED, [['x'.repeat(32), '42501']]),
    calculate_engagement_score: [
      ...of('message_count', NEEDED, [['many', '22P02'], [99_999_999_999, '22003']]),
      ...of('duration_seconds', NEEDED, [['long', '22P02']]),
      ...of('tool_calls_count', NEEDED, [['few', '22P02']]),
    ],
  }
}

export function badCalls(world) {
  return { ...graph(world), ...knowledge(world), ...inbox(world), ...others(world) }
}
