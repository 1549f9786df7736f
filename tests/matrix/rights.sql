-- Who may do what: a line a table, then a line a function. The matrix tests compare the catalogue, and what callers get
-- when they try, with these lines; they follow the contract, not the code. Whatever is not declared here fails.

-- Rights of a role are separated by semicolons: a verb, whose rows, and the columns where not all. Nothing else is granted,
-- to nobody. all: read, insert, update, delete and truncate any row; claim: update to own.
--   own        the caller's               signed     the caller's, under no anonymous_id
--   private    the caller's, not public   public     anybody's that are public and active
--   shared     nobody's, active           active     those that are active
--   unclaimed  nobody's, of the anonymous_id in the request's header
create temporary table declared_tables (
    tab text,
    anon text,
    person text,
    service text
);
copy declared_tables from stdin (delimiter '|', header);
table                    | anon                             | authenticated                                                             | service_role
goal_categories          | read any                         | read any                                                                  | all
agent_personae           | read active                      | read active                                                               | all
agent_knowledge_bases    | read public                      | read own shared public; insert private; update private; delete private    | all
knowledge_documents      | read public                      | read own shared public; insert private; update private; delete private    | all
knowledge_chunks         | read public                      | read own shared public; insert private; update private; delete private    | all
knowledge                | nothing                          | read own shared; insert own; update own; delete own                       | all
users                    | nothing                          | read own                                                                  | all
profiles                 | nothing                          | read own; update own                                                      | all
graph_nodes              | nothing                          | read own; insert own; update own; delete own                              | all
graph_edges              | nothing                          | read own; insert own; update own; delete own                              | all
user_goals               | nothing                          | read own; insert own; update own; delete own                              | all
graph_insights           | nothing                          | read own; update own (status)                                             | all
inbox_messages           | nothing                          | read own; update own (is_read is_pinned is_archived read_at archived_at)  | all
message_attachments      | nothing                          | read own                                                                  | all
message_read_receipts    | nothing                          | read own; insert own; update own                                          | all
voice_chat_events        | read unclaimed; insert unclaimed | read own unclaimed; insert signed; claim unclaimed (user_id anonymous_id) | all
elevenlabs_conversations | nothing                          | read own; insert own; update own                                          | all
webhook_events           | nothing                          | nothing                                                                   | all
lgtempo_migrations       | nothing                          | nothing                                                                   | all
knowledge_collections    | nothing                          | nothing                                                                   | all
knowledge_postings       | nothing                          | nothing                                                                   | all
knowledge_pending_words  | nothing                          | nothing                                                                   | all
knowledge_codes          | nothing                          | nothing                                                                   | all
knowledge_pending_codes  | nothing                          | nothing                                                                   | all
embedding_jobs           | nothing                          | nothing                                                                   | all
auth.users               | nothing                          | nothing                                                                   | nothing
\.

-- Who may execute a function, and for each of its arguments that names somebody or something of somebody: what it names, and
-- what comes of naming another person's. Something that does not exist must get the very same answer.
--   refused    42501                      missing    23503
--   nothing    no rows, or false          ignored    the same answer as without it
create temporary table declared_functions (
    name text,
    callers text,
    arguments text
);
copy declared_functions from stdin (delimiter '|', header);
function                        | who may execute                | arguments
get_node_neighborhood           | authenticated service_role     | p_node_id node nothing; p_user_id person refused
find_similar_nodes              | authenticated service_role     | p_user_id person refused; p_exclude_node_ids nodes ignored
track_emotion                   | authenticated service_role     | p_user_id person refused; p_related_node_id node missing
create_session_node             | authenticated service_role     | p_user_id person refused; p_goal_id goal missing
update_session_node             | authenticated service_role     | p_session_id session nothing; p_goal_id goal missing; p_user_id person refused
create_goal_node                | authenticated service_role     | p_user_id person refused
create_skill_node               | authenticated service_role     | p_user_id person refused
update_node_status              | authenticated service_role     | p_node_id node nothing; p_user_id person refused
upsert_node_embedding           | authenticated service_role     | p_node_id node nothing; p_user_id person refused
get_user_goals_with_progress    | authenticated service_role     | p_user_id person refused
get_user_skills_graph           | authenticated service_role     | p_user_id person refused
refresh_graph_insights          | authenticated service_role     | p_user_id person refused
add_knowledge_document          | authenticated service_role     | p_knowledge_base_id base missing
search_knowledge_chunks         | anon authenticated service_role | knowledge_base_id_param base nothing
search_knowledge_base           | anon authenticated service_role | kb_id_filter base nothing
hybrid_search                   | anon authenticated service_role | kb_id_filter base nothing
claim_embedding_jobs            | service_role                   |
store_embeddings                | service_role                   |
retry_embedding_jobs            | service_role                   | p_user_id person refused
get_embedding_queue_stats       | authenticated service_role     | p_user_id person refused
get_unread_message_count        | authenticated service_role     | p_user_id person refused
mark_message_as_read            | authenticated service_role     | p_message_id message nothing; p_user_id person refused
toggle_message_pin              | authenticated service_role     | p_message_id message nothing; p_user_id person refused
archive_message                 | authenticated service_role     | p_message_id message nothing; p_user_id person refused
create_message_with_attachments | service_role                   | p_user_id person refused; p_session_node_id session missing; p_goal_node_id goal missing
cleanup_expired_messages        | service_role                   |
handle_voice_onboarding         | authenticated service_role     | p_user_id person refused
claim_anonymous_events          | authenticated                  | p_anonymous_id anonymous_id refused
calculate_engagement_score      | authenticated service_role     |
lgtempo_uuid_v7                 | anon authenticated service_role |
lgtempo_version                 | anon authenticated service_role |
lgtempo_setup                   | nobody                         |
enable_realtime                 | nobody                         |
lgtempo_touch                   | nobody                         |
lgtempo_sync_user               | nobody                         |
lgtempo_node_deletion           | nobody                         |
lgtempo_node_edges              | nobody                         |
lgtempo_edge_ends               | nobody                         |
lgtempo_language                | nobody                         |
lgtempo_base_words              | nobody                         |
lgtempo_document_hash           | nobody                         |
lgtempo_chunk_words             | nobody                         |
lgtempo_entry_words             | nobody                         |
lgtempo_document_counts         | nobody                         |
lgtempo_chunk_counts            | nobody                         |
lgtempo_chunk_moved             | nobody                         |
lgtempo_chunk_index             | nobody                         |
lgtempo_entry_index             | nobody                         |
lgtempo_stale_embedding         | nobody                         |
lgtempo_embedding_job           | nobody                         |
lgtempo_message_preview         | nobody                         |
lgtempo_message_owner           | nobody                         |
\.
update declared_tables set tab = btrim(tab), anon = btrim(anon), person = btrim(person), service = btrim(service);
update declared_functions set name = btrim(name), callers = btrim(callers), arguments = btrim(arguments);
