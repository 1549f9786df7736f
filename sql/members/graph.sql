-- A person's graph: walking it, searching it, adding to it.
-- What walks and searches keeps to index scans: their plans are generic, and people's graphs differ a thousandfold.

create function @extschema@.get_node_neighborhood(
    p_node_id uuid,
    p_depth integer default 2,
    p_user_id uuid default null,
    p_edge_types @extschema@.edge_type[] default null,
    p_at timestamptz default null
) returns table (
    node_id uuid,
    node_type @extschema@.node_type,
    label text,
    description text,
    properties jsonb,
    status @extschema@.node_status,
    depth integer,
    edge_id uuid,
    edge_type @extschema@.edge_type,
    edge_label text,
    edge_properties jsonb,
    source_node_id uuid,
    target_node_id uuid
)
    language c stable parallel unsafe
    set search_path = pg_catalog, pg_temp
    set enable_seqscan = off
    set enable_bitmapscan = off
    as 'MODULE_PATHNAME', 'get_node_neighborhood_wrapper';
comment on function @extschema@.get_node_neighborhood is 'Shows a node''s neighbourhood: all live nodes within p_depth degrees, and the edges that lead there.
Edges are walked in both directions; depth is the length of the shortest path. First comes the node itself with depth 0 and no edge, then a row for each edge that has an end nearer than p_depth, with the farther end''s node. Ordered by depth, node_type, label and edge_id. p_edge_types limits which edges are walked; p_at asks how it was at an instant. No rows where there is no such live node. Errors: 22004, 22023, 42501.';

create function @extschema@.find_similar_nodes(
    p_user_id uuid,
    p_query_embedding vector,
    p_limit integer default 10,
    p_threshold double precision default 0.7,
    p_node_types @extschema@.node_type[] default null,
    p_exclude_node_ids uuid[] default null
) returns table (
    node_id uuid,
    node_type @extschema@.node_type,
    label text,
    description text,
    properties jsonb,
    status @extschema@.node_status,
    similarity double precision
)
    language c stable parallel unsafe
    set search_path = pg_catalog, pg_temp
    set enable_seqscan = off
    set enable_bitmapscan = off
    as 'MODULE_PATHNAME', 'find_similar_nodes_wrapper';
comment on function @extschema@.find_similar_nodes is 'Finds a person''s nodes whose meaning is nearest to an embedding, best first.
similarity is 1 minus the cosine distance; only nodes of at least p_threshold (-1 to 1) are found, at most p_limit (0 to 1000). Errors: 22004, 22023, 42501.';

create function @extschema@.track_emotion(
    p_user_id uuid,
    p_emotion @extschema@.emotion_type,
    p_context text default null,
    p_intensity double precision default 0.5,
    p_related_node_id uuid default null
) returns uuid
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'track_emotion_wrapper';
comment on function @extschema@.track_emotion is 'Records how a person feels, and returns the new emotion''s id.
p_intensity is 0 to 1. With p_related_node_id an edge feels leads from that node to the emotion. Errors: 22004, 22023, 23503, 42501.';

create function @extschema@.create_session_node(
    p_user_id uuid default null,
    p_goal_id uuid default null,
    p_duration integer default null,
    p_summary text default null,
    p_properties jsonb default '{}'
) returns uuid
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'create_session_node_wrapper';
comment on function @extschema@.create_session_node is 'Records a coaching session, and returns its id.
p_duration is in minutes. With p_goal_id an edge works_on leads from the session to that goal. Errors: 22004, 22023, 23503, 42501.';

create function @extschema@.update_session_node(
    p_session_id uuid,
    p_summary text default null,
    p_duration integer default null,
    p_properties jsonb default null,
    p_goal_id uuid default null,
    p_user_id uuid default null
) returns boolean
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'update_session_node_wrapper';
comment on function @extschema@.update_session_node is 'Changes what is given of a session and nothing else.
A summary sets the description and a label that was derived from it; properties are merged key by key; a goal not yet linked gets its works_on edge. False where there is no such live session. Errors: 22004, 22023, 23503, 42501.';

create function @extschema@.create_goal_node(
    p_user_id uuid,
    p_title text,
    p_category text default null,
    p_properties jsonb default '{}'
) returns uuid
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'create_goal_node_wrapper';
comment on function @extschema@.create_goal_node is 'Records a goal, and returns its id.
The same title again returns the same goal with the properties merged. p_properties.description becomes the description. Errors: 22004, 22023, 42501.';

create function @extschema@.create_skill_node(
    p_user_id uuid,
    p_skill_name text,
    p_level @extschema@.skill_level default 'beginner',
    p_transferable_from text[] default '{}'
) returns uuid
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'create_skill_node_wrapper';
comment on function @extschema@.create_skill_node is 'Records a skill, and returns its id.
The same skill again returns the same node with the new level. Errors: 22004, 22023, 42501.';

create function @extschema@.update_node_status(
    p_node_id uuid,
    p_new_status @extschema@.node_status,
    p_user_id uuid default null
) returns boolean
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'update_node_status_wrapper';
comment on function @extschema@.update_node_status is 'Says whether the person has confirmed a node.
False where there is no such live node. Errors: 22004, 42501.';

create function @extschema@.upsert_node_embedding(
    p_node_id uuid,
    p_embedding vector,
    p_user_id uuid default null
) returns boolean
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'upsert_node_embedding_wrapper';
comment on function @extschema@.upsert_node_embedding is 'Stores a node''s embedding, 1536 dimensions.
False where there is no such live node. Errors: 22004, 22023, 42501.';

create function @extschema@.get_user_goals_with_progress(
    p_user_id uuid default null
) returns table (
    goal_id uuid,
    goal_title text,
    category text,
    target_date date,
    priority text,
    session_count bigint,
    total_duration_minutes bigint,
    accomplishment_count bigint,
    latest_session_date timestamptz
)
    language c stable parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'get_user_goals_with_progress_wrapper';
comment on function @extschema@.get_user_goals_with_progress is 'Shows a person''s goals and what was done for them, newest goal first.
Counts the sessions that work on a goal, their minutes, and the accomplishments derived from them; each once, and current edges only. A malformed date is null, a malformed duration 0. Errors: 22004, 42501.';

create function @extschema@.get_user_skills_graph(
    p_user_id uuid default null
) returns table (
    skill_id uuid,
    skill_name text,
    skill_level text,
    transferable_from text[],
    used_in_sessions bigint,
    related_accomplishments bigint
)
    language c stable parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'get_user_skills_graph_wrapper';
comment on function @extschema@.get_user_skills_graph is 'Shows a person''s skills, by name, and where they were used.
Counts the sessions joined to a skill by a current edge has_skill, and the accomplishments joined by a current edge or naming it in properties.skills. Errors: 22004, 42501.';

create function @extschema@.refresh_graph_insights(
    p_user_id uuid default null
) returns integer
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    set enable_seqscan = off
    set enable_bitmapscan = off
    as 'MODULE_PATHNAME', 'refresh_graph_insights_wrapper';
comment on function @extschema@.refresh_graph_insights is 'Notes what a person''s graph says by itself, without any AI; returns how many insights were added, changed or ended.
neglected_goal: no session has worked on a goal for 30 days. emotion_trend: the last 30 days against the 30 before. leading_skills: the up to three skills that most sessions lean on. goal_close_to_done: accomplishments for three quarters of a goal''s milestones or more. connector: the up to five nodes without which most others would be cut off. Each names its nodes and has its figures as evidence, is kept by its insight_key, and ends (valid_until) when it is no longer true; one that is true again is new again. Insights that a model wrote are left alone. Errors: 22004, 42501.';

create function @extschema@.lgtempo_node_deletion() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_node_deletion_wrapper';
comment on function @extschema@.lgtempo_node_deletion is 'Stores the database''s own clock as the time of a deletion.';

create function @extschema@.lgtempo_node_edges() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_node_edges_wrapper';
comment on function @extschema@.lgtempo_node_edges is 'Closes the edges of a node that is deleted, and opens those of one that is restored.';

create function @extschema@.lgtempo_edge_ends() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_edge_ends_wrapper';
comment on function @extschema@.lgtempo_edge_ends is 'Sees to it that an edge begins and opens between live nodes only.';
