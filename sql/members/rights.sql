-- Lays out the tables, which also makes the roles; then says who may call what, whatever the database's default
-- privileges are. Nothing is for PUBLIC.
select @extschema@.lgtempo_setup();

revoke all on function
    @extschema@.lgtempo_setup,
    @extschema@.lgtempo_uuid_v7,
    @extschema@.lgtempo_version,
    @extschema@.search_knowledge_chunks,
    @extschema@.search_knowledge_base,
    @extschema@.hybrid_search,
    @extschema@.add_knowledge_document,
    @extschema@.get_node_neighborhood,
    @extschema@.find_similar_nodes,
    @extschema@.track_emotion,
    @extschema@.create_session_node,
    @extschema@.update_session_node,
    @extschema@.create_goal_node,
    @extschema@.create_skill_node,
    @extschema@.update_node_status,
    @extschema@.upsert_node_embedding,
    @extschema@.get_user_goals_with_progress,
    @extschema@.get_user_skills_graph,
    @extschema@.claim_embedding_jobs,
    @extschema@.store_embeddings,
    @extschema@.retry_embedding_jobs,
    @extschema@.get_embedding_queue_stats,
    @extschema@.get_unread_message_count,
    @extschema@.mark_message_as_read,
    @extschema@.toggle_message_pin,
    @extschema@.archive_message,
    @extschema@.create_message_with_attachments,
    @extschema@.cleanup_expired_messages,
    @extschema@.handle_voice_onboarding,
    @extschema@.claim_anonymous_events,
    @extschema@.calculate_engagement_score,
    @extschema@.refresh_graph_insights,
    @extschema@.enable_realtime,
    @extschema@.lgtempo_touch,
    @extschema@.lgtempo_sync_user,
    @extschema@.lgtempo_node_deletion,
    @extschema@.lgtempo_node_edges,
    @extschema@.lgtempo_edge_ends,
    @extschema@.lgtempo_language,
    @extschema@.lgtempo_base_words,
    @extschema@.lgtempo_document_hash,
    @extschema@.lgtempo_chunk_words,
    @extschema@.lgtempo_entry_words,
    @extschema@.lgtempo_document_counts,
    @extschema@.lgtempo_chunk_counts,
    @extschema@.lgtempo_chunk_moved,
    @extschema@.lgtempo_chunk_index,
    @extschema@.lgtempo_entry_index,
    @extschema@.lgtempo_stale_embedding,
    @extschema@.lgtempo_embedding_job,
    @extschema@.lgtempo_message_preview,
    @extschema@.lgtempo_message_owner
    from public, anon, authenticated, service_role;

grant execute on function
    @extschema@.lgtempo_uuid_v7,
    @extschema@.lgtempo_version,
    @extschema@.search_knowledge_chunks,
    @extschema@.search_knowledge_base,
    @extschema@.hybrid_search
    to anon, authenticated, service_role;

grant execute on function
    @extschema@.get_node_neighborhood,
    @extschema@.find_similar_nodes,
    @extschema@.track_emotion,
    @extschema@.create_session_node,
    @extschema@.update_session_node,
    @extschema@.create_goal_node,
    @extschema@.create_skill_node,
    @extschema@.update_node_status,
    @extschema@.upsert_node_embedding,
    @extschema@.get_user_goals_with_progress,
    @extschema@.get_user_skills_graph,
    @extschema@.refresh_graph_insights,
    @extschema@.add_knowledge_document,
    @extschema@.get_embedding_queue_stats,
    @extschema@.get_unread_message_count,
    @extschema@.mark_message_as_read,
    @extschema@.toggle_message_pin,
    @extschema@.archive_message,
    @extschema@.handle_voice_onboarding,
    @extschema@.calculate_engagement_score
    to authenticated, service_role;

grant execute on function
    @extschema@.claim_embedding_jobs,
    @extschema@.store_embeddings,
    @extschema@.retry_embedding_jobs,
    @extschema@.create_message_with_attachments,
    @extschema@.cleanup_expired_messages
    to service_role;

-- Claiming is the signed-in person's alone: it asks for a header that only a client sends.
grant execute on function
    @extschema@.claim_anonymous_events
    to authenticated;
