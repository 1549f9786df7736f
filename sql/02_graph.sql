-- A person's temporal knowledge graph: what there is (nodes) and how it relates, when (edges).

create table @extschema@.graph_nodes (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    user_id uuid not null default auth.uid(),
    node_type @extschema@.node_type not null,
    label text not null,
    description text,
    properties jsonb not null default '{}',
    status @extschema@.node_status not null default 'draft_verbal',
    embedding @vector@.vector(1536),
    embedding_code bit(1536) generated always as (@vector@.binary_quantize(embedding)::bit(1536)) stored,
    deleted_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint graph_nodes_pkey primary key (id, user_id),
    constraint graph_nodes_user_fkey foreign key (user_id) references auth.users (id) on delete cascade,
    constraint graph_nodes_label_check
        check (char_length(btrim(label, E' \t\n\r\f\x0b')) between 1 and 255),
    constraint graph_nodes_properties_check check (jsonb_typeof(properties) = 'object'),
    constraint graph_nodes_embedding_check check (@vector@.vector_norm(embedding) > 0::double precision)
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
comment on table @extschema@.graph_nodes is 'Nodes of people''s knowledge graphs: goals, skills, emotions, sessions and accomplishments.
A live goal or skill is unique by its label; the others are events and may repeat. To delete softly, set deleted_at. '
    'Name the columns you select: an embedding is 19 kB of JSON.';
comment on column @extschema@.graph_nodes.id is 'Key, together with user_id (uuid, version 7).';
comment on column @extschema@.graph_nodes.user_id is 'Whose node this is.';
comment on column @extschema@.graph_nodes.node_type is 'What the node stands for.';
comment on column @extschema@.graph_nodes.label is 'Short name, 1 to 255 characters without the blanks around it.';
comment on column @extschema@.graph_nodes.description is 'What there is to say about it.';
comment on column @extschema@.graph_nodes.properties is 'Further facts (a JSON object).';
comment on column @extschema@.graph_nodes.status is 'Whether the person has confirmed what the AI captured.';
comment on column @extschema@.graph_nodes.embedding is 'Embedding of label and description, 1536 dimensions; null until it is computed.';
comment on column @extschema@.graph_nodes.embedding_code is 'The embedding''s signs, one bit each, for searching (generated).';
comment on column @extschema@.graph_nodes.deleted_at is 'When the node was deleted; null while it lives. Whatever is written, the database stores its own clock.';
comment on column @extschema@.graph_nodes.created_at is 'When the node came to be (UTC instant); questions about the past start here.';
comment on column @extschema@.graph_nodes.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create unique index graph_nodes_entity_key on @extschema@.graph_nodes
    (user_id, node_type, btrim(label, E' \t\n\r\f\x0b'))
    where deleted_at is null and node_type in ('goal', 'skill');
comment on index @extschema@.graph_nodes_entity_key is 'A person has one live goal or skill of a label.';
create index graph_nodes_user_type_created_idx on @extschema@.graph_nodes
    (user_id, node_type, created_at desc);
comment on index @extschema@.graph_nodes_user_type_created_idx is 'A person''s nodes of a type, newest first.';
create index graph_nodes_user_idx on @extschema@.graph_nodes (user_id, id);
comment on index @extschema@.graph_nodes_user_idx is 'A person''s nodes by id, side by side.';
create index graph_nodes_user_code_idx on @extschema@.graph_nodes
    (user_id, id) include (node_type, embedding_code) where deleted_at is null and embedding is not null;
comment on index @extschema@.graph_nodes_user_code_idx is 'A person''s embedding codes side by side, read by index-only scans.';

create table @extschema@.graph_edges (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    user_id uuid not null default auth.uid(),
    edge_type @extschema@.edge_type not null,
    source_node_id uuid not null,
    target_node_id uuid not null,
    label text,
    weight real not null default 1,
    properties jsonb not null default '{}',
    valid_from timestamptz not null default now(),
    valid_to timestamptz,
    closed_by_delete boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint graph_edges_pkey primary key (id, user_id),
    constraint graph_edges_user_fkey foreign key (user_id) references auth.users (id) on delete cascade,
    constraint graph_edges_source_node_fkey foreign key (source_node_id, user_id)
        references @extschema@.graph_nodes (id, user_id) on delete cascade,
    constraint graph_edges_target_node_fkey foreign key (target_node_id, user_id)
        references @extschema@.graph_nodes (id, user_id) on delete cascade,
    constraint graph_edges_ends_check check (source_node_id <> target_node_id),
    constraint graph_edges_weight_check check (weight >= 0::real and weight <= 1::real),
    constraint graph_edges_properties_check check (jsonb_typeof(properties) = 'object'),
    constraint graph_edges_valid_check check (valid_to > valid_from),
    constraint graph_edges_valid_from_check check (valid_from < '294276-01-01 00:00:00+00'),
    constraint graph_edges_closed_by_delete_check check (not closed_by_delete or valid_to is not null),
    constraint graph_edges_fact_excl exclude using gist (
        user_id with =,
        edge_type with =,
        source_node_id with =,
        target_node_id with =,
        tstzrange(valid_from, valid_to) with &&
    )
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
comment on table @extschema@.graph_edges is 'Edges of people''s knowledge graphs: how two nodes of one person relate, and when.
An edge is valid from valid_from up to, not including, valid_to; the same fact is never valid twice at one instant. '
    'Embed the ends by graph_edges_source_node_fkey and graph_edges_target_node_fkey.';
comment on column @extschema@.graph_edges.id is 'Key, together with user_id (uuid, version 7).';
comment on column @extschema@.graph_edges.user_id is 'Whose edge this is; both its ends are the same person''s.';
comment on column @extschema@.graph_edges.edge_type is 'How source relates to target.';
comment on column @extschema@.graph_edges.source_node_id is 'The node that the edge leaves.';
comment on column @extschema@.graph_edges.target_node_id is 'The node that the edge reaches.';
comment on column @extschema@.graph_edges.label is 'What there is to say about the relation.';
comment on column @extschema@.graph_edges.weight is 'How strong the relation is, 0 to 1.';
comment on column @extschema@.graph_edges.properties is 'Further facts (a JSON object).';
comment on column @extschema@.graph_edges.valid_from is 'Since when the relation holds.';
comment on column @extschema@.graph_edges.valid_to is 'Until when the relation held; null while it does.';
comment on column @extschema@.graph_edges.closed_by_delete is 'Whether the deletion of an end closed the edge; restoring the end opens it again.';
comment on column @extschema@.graph_edges.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.graph_edges.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create index graph_edges_source_idx on @extschema@.graph_edges
    (user_id, source_node_id) include (target_node_id, id, edge_type, valid_from, valid_to);
comment on index @extschema@.graph_edges_source_idx is 'A person''s edges by source, all that a walk needs, read by index-only scans.';
create index graph_edges_target_idx on @extschema@.graph_edges
    (user_id, target_node_id) include (source_node_id, id, edge_type, valid_from, valid_to);
comment on index @extschema@.graph_edges_target_idx is 'A person''s edges by target, all that a walk needs, read by index-only scans.';
create index graph_edges_user_words_idx on @extschema@.graph_edges
    (user_id, id) where label is not null or properties <> '{}';
comment on index @extschema@.graph_edges_user_words_idx is 'A person''s edges that say more than their type; reading the others needs no visit to the table.';

create table @extschema@.graph_insights (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    user_id uuid not null default auth.uid(),
    insight_type text not null,
    insight_key text not null,
    title text not null,
    content text not null,
    confidence double precision not null default 1,
    node_ids uuid[] not null default '{}',
    evidence jsonb not null default '{}',
    model text,
    status text not null default 'new',
    valid_until timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint graph_insights_pkey primary key (id),
    constraint graph_insights_user_fkey foreign key (user_id) references auth.users (id) on delete cascade,
    constraint graph_insights_confidence_check
        check (confidence >= 0::double precision and confidence <= 1::double precision),
    constraint graph_insights_status_check check (status in ('new', 'seen', 'dismissed'))
);
comment on table @extschema@.graph_insights is 'Insights: what the database or an AI has noticed in a person''s graph.
The person may read them and set their status.';
comment on column @extschema@.graph_insights.id is 'Key (uuid, version 7).';
comment on column @extschema@.graph_insights.user_id is 'Whose insight this is.';
comment on column @extschema@.graph_insights.insight_type is 'Kind of insight.';
comment on column @extschema@.graph_insights.insight_key is 'What the insight is about; one row a key and person where no AI wrote it.';
comment on column @extschema@.graph_insights.title is 'The insight in a few words.';
comment on column @extschema@.graph_insights.content is 'The insight in full.';
comment on column @extschema@.graph_insights.confidence is 'How sure it is, 0 to 1.';
comment on column @extschema@.graph_insights.node_ids is 'The nodes that it is about.';
comment on column @extschema@.graph_insights.evidence is 'The figures behind it (JSON).';
comment on column @extschema@.graph_insights.model is 'The AI model that wrote it; null where the database did.';
comment on column @extschema@.graph_insights.status is 'What the person did with it: new, seen or dismissed.';
comment on column @extschema@.graph_insights.valid_until is 'Since when it is no longer true; null while it is.';
comment on column @extschema@.graph_insights.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.graph_insights.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create unique index graph_insights_user_key on @extschema@.graph_insights
    (user_id, insight_key) where model is null;
comment on index @extschema@.graph_insights_user_key is 'One insight of the database''s own a key and person.';
create index graph_insights_user_created_idx on @extschema@.graph_insights (user_id, created_at desc);
comment on index @extschema@.graph_insights_user_created_idx is 'A person''s insights, newest first.';

create trigger touch before update on @extschema@.graph_nodes
    for each row execute function @extschema@.lgtempo_touch();
create trigger touch before update on @extschema@.graph_edges
    for each row execute function @extschema@.lgtempo_touch();
create trigger touch before update on @extschema@.graph_insights
    for each row execute function @extschema@.lgtempo_touch();
create trigger deletion before insert or update of deleted_at on @extschema@.graph_nodes
    for each row execute function @extschema@.lgtempo_node_deletion();
create trigger deletion_of_edges after update of deleted_at on @extschema@.graph_nodes
    for each row when ((old.deleted_at is null) <> (new.deleted_at is null))
    execute function @extschema@.lgtempo_node_edges();
create trigger ends before insert or update of user_id, source_node_id, target_node_id, valid_to
    on @extschema@.graph_edges
    for each row execute function @extschema@.lgtempo_edge_ends();

alter table @extschema@.graph_nodes enable row level security;
alter table @extschema@.graph_edges enable row level security;
alter table @extschema@.graph_insights enable row level security;

create policy graph_nodes_select_own on @extschema@.graph_nodes
    for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy graph_nodes_select_own on @extschema@.graph_nodes is 'People read their own nodes, deleted ones too.';
create policy graph_nodes_insert_own on @extschema@.graph_nodes
    for insert to authenticated
    with check (user_id = (select auth.uid()));
comment on policy graph_nodes_insert_own on @extschema@.graph_nodes is 'People add nodes of their own.';
create policy graph_nodes_update_own on @extschema@.graph_nodes
    for update to authenticated
    using (user_id = (select auth.uid()))
    with check (user_id = (select auth.uid()));
comment on policy graph_nodes_update_own on @extschema@.graph_nodes is 'People change their own nodes.';
create policy graph_nodes_delete_own on @extschema@.graph_nodes
    for delete to authenticated
    using (user_id = (select auth.uid()));
comment on policy graph_nodes_delete_own on @extschema@.graph_nodes is 'People erase their own nodes.';

create policy graph_edges_select_own on @extschema@.graph_edges
    for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy graph_edges_select_own on @extschema@.graph_edges is 'People read their own edges.';
create policy graph_edges_insert_own on @extschema@.graph_edges
    for insert to authenticated
    with check (user_id = (select auth.uid()));
comment on policy graph_edges_insert_own on @extschema@.graph_edges is 'People add edges of their own.';
create policy graph_edges_update_own on @extschema@.graph_edges
    for update to authenticated
    using (user_id = (select auth.uid()))
    with check (user_id = (select auth.uid()));
comment on policy graph_edges_update_own on @extschema@.graph_edges is 'People change their own edges.';
create policy graph_edges_delete_own on @extschema@.graph_edges
    for delete to authenticated
    using (user_id = (select auth.uid()));
comment on policy graph_edges_delete_own on @extschema@.graph_edges is 'People erase their own edges.';

create policy graph_insights_select_own on @extschema@.graph_insights
    for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy graph_insights_select_own on @extschema@.graph_insights is 'People read their own insights.';
create policy graph_insights_update_own on @extschema@.graph_insights
    for update to authenticated
    using (user_id = (select auth.uid()))
    with check (user_id = (select auth.uid()));
comment on policy graph_insights_update_own on @extschema@.graph_insights is 'People set the status of their own insights.';

revoke all on @extschema@.graph_nodes, @extschema@.graph_edges, @extschema@.graph_insights
    from public, anon, authenticated, service_role;
grant select, insert, update, delete, truncate on @extschema@.graph_nodes, @extschema@.graph_edges, @extschema@.graph_insights to service_role;
grant select, insert, update, delete on @extschema@.graph_nodes, @extschema@.graph_edges to authenticated;
grant select, update (status) on @extschema@.graph_insights to authenticated;
