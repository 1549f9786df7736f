// For each table rows that break one of its rules, and the SQLSTATE; written by hand, so PostgreSQL itself names the rule.

import { UNKNOWN } from '../support.mjs'

function accounts({ ada }) {
  return {
    users: [[{ id: UNKNOWN }, '23503'], [{ id: ada.id }, '23505'], [{ id: null }, '23502'], [{ id: 'x' }, '22P02']],
    profiles: [
      [{ id: UNKNOWN }, '23503'],
      [{ id: ada.id }, '23505'],
      [{ id: ada.id, preferences: [] }, '23514'],
      [{ id: ada.id, selected_goals: {} }, '23514'],
    ],
    agent_personae: [
      [{}, '23502'],
      [{ name: 'Falk', average_rating: 5.5 }, '23514'],
      [{ name: 'Falk', average_rating: 'good' }, '22P02'],
      [{ name: 'Falk', elevenlabs_agent_id: 'agent_edda' }, '23505'],
    ],
    goal_categories: [[{ id: 'sport' }, '23502'], [{ id: 'career', title: 'Again' }, '23505']],
    user_goals: [
      [{}, '23502'],
      [{ goal_title: ' ' }, '23514'],
      [{ goal_title: 'x'.repeat(256) }, '23514'],
      [{ goal_title: 'Run', category_id: 'nothing' }, '23503'],
      [{ goal_title: 'Run', node_id: UNKNOWN }, '23503'],
      [{ goal_title: 'Run', milestones: {} }, '23514'],
      [{ goal_title: 'Run', target_date: 'someday' }, '22007'],
    ],
  }
}

function graph({ ada, ben }) {
  const edge = { edge_type: 'achieves', source_node_id: ada.session.id, target_node_id: ada.goal.id }
  const insight = { user_id: ada.id, insight_type: 'x', insight_key: 'x', title: 'x', content: 'x' }
  return {
    graph_nodes: [
      [{ label: 'x' }, '23502'],
      [{ node_type: 'goal', label: '' }, '23514'],
      [{ node_type: 'goal', label: 'x'.repeat(256) }, '23514'],
      [{ node_type: 'dream', label: 'x' }, '22P02'],
      [{ node_type: 'goal', label: 'x', status: 'finished' }, '22P02'],
      [{ node_type: 'goal', label: 'x', properties: [] }, '23514'],
      [{ node_type: 'goal', label: ada.goal.label }, '23505'],
      [{ node_type: 'goal', label: 'x', user_id: ben.id }, '42501'],
    ],
    graph_edges: [
      [{ ...edge, edge_type: 'loves' }, '22P02'],
      [{ ...edge, weight: 1.5 }, '23514'],
      [{ ...edge, target_node_id: ada.session.id }, '23514'],
      [{ ...edge, target_node_id: UNKNOWN }, '23503'],
      [{ ...edge, target_node_id: ben.goal.id }, '23503'],
      [{ ...edge, valid_from: '2026-01-02', valid_to: '2026-01-01' }, '23514'],
      [{ ...edge, edge_type: 'works_on' }, '23P01'],
    ],
    graph_insights: [
      [{ ...insight, confidence: 1.5 }, '23514'],
      [{ ...insight, status: 'unheard' }, '23514'],
      [{ ...insight, node_ids: ['x'] }, '22P02'],
      [{ ...insight, user_id: UNKNOWN }, '23503'],
      [{ ...insight, title: null }, '23502'],
    ],
  }
}

function knowledge({ ada, ben }) {
  const document = { knowledge_base_id: ada.base.id, title: 'x', content: 'x' }
  const chunk = { document_id: ada.document.id, chunk_index: 70, content: 'x' }
  return {
    agent_knowledge_bases: [
      [{ agent_id: 'coach', name: 'Notes', owner_id: ada.id }, '23505'],
      [{ agent_id: 'coach', name: 'x', owner_id: ben.id }, '42501'],
      [{ agent_id: 'coach', name: 'x', owner_id: ada.id, is_public: true }, '42501'],
      [{ agent_id: 'coach', name: 'x', owner_id: ada.id, indexing_status: 'lost' }, '23514'],
      [{ agent_id: 'coach', owner_id: ada.id }, '23502'],
    ],
    knowledge_documents: [
      [{ ...document, document_type: 'word' }, '23514'],
      [{ ...document, content: ada.document.content }, '23505'],
      [{ ...document, knowledge_base_id: ben.base.id }, '42501'],
      [{ ...document, title: null }, '23502'],
    ],
    knowledge_chunks: [
      [{ ...chunk, chunk_index: 0 }, '23505'],
      [{ ...chunk, chunk_index: 'first' }, '22P02'],
      [{ ...chunk, content: null }, '23502'],
    ],
    knowledge: [
      [{}, '23502'],
      [{ content: 'x', user_id: ben.id }, '42501'],
      [{ content: 'x', user_id: null }, '42501'],
    ],
  }
}

function inbox({ ada, ben }) {
  const attachment = { user_id: ada.id, message_id: ada.message.id, url: 'https://example.com/x' }
  return {
    inbox_messages: [
      [{ user_id: ada.id, message_type: 'spam' }, '22P02'],
      [{ user_id: ada.id, priority: 'whenever' }, '22P02'],
      [{ user_id: ada.id, metadata: [] }, '23514'],
      [{ user_id: ada.id, session_node_id: ben.session.id }, '23503'],
      [{ user_id: ada.id, goal_node_id: UNKNOWN }, '23503'],
      [{ user_id: UNKNOWN }, '23503'],
    ],
    message_attachments: [
      [{ ...attachment, url: null }, '23514'],
      [{ ...attachment, duration_seconds: -1 }, '23514'],
      [{ ...attachment, file_size_bytes: 'big' }, '22P02'],
      [{ ...attachment, message_id: UNKNOWN }, '23503'],
      [{ ...attachment, user_id: ben.id }, '23503'],
    ],
    message_read_receipts: [
      [{ message_id: ada.message.id }, '23505'],
      [{ message_id: UNKNOWN }, '23503'],
      [{ message_id: ben.message.id }, '23503'],
      [{ message_id: ben.message.id, user_id: ben.id }, '42501'],
      [{ message_id: ada.message.id, read_duration_seconds: -1 }, '23514'],
    ],
  }
}

function voice({ ada, ben }) {
  return {
    voice_chat_events: [
      [{}, '23502'],
      [{ event_type: 'Call Started' }, '23514'],
      [{ event_type: 'call_started', user_id: ben.id }, '42501'],
      [{ event_type: 'call_started', anonymous_id: ada.anonymousId }, '42501'],
    ],
    elevenlabs_conversations: [
      [{}, '23502'],
      [{ conversation_id: 'conv_1' }, '23505'],
      [{ conversation_id: 'conv_x', duration_minutes: -1 }, '23514'],
      [{ conversation_id: 'conv_x', metadata: [] }, '23514'],
      [{ conversation_id: 'conv_x', started_at: 'someday' }, '22007'],
      [{ conversation_id: 'conv_x', user_id: ben.id }, '42501'],
    ],
    webhook_events: [
      [{}, '23502'],
      [{ source: 'stripe', external_id: `event of ${ada.id}` }, '23505'],
      [{ source: 'stripe', external_id: 'x', user_id: UNKNOWN }, '23503'],
    ],
  }
}

export function badRows(world) {
  return { ...accounts(world), ...graph(world), ...knowledge(world), ...inbox(world), ...voice(world) }
}
