-- The embedding queue: what lacks an embedding is pending; only what a worker has claimed or given up is a row here.

create table @extschema@.embedding_jobs (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    node_id uuid,
    user_id uuid,
    chunk_id uuid,
    entry_id uuid,
    attempts integer not null default 1,
    lease uuid,
    leased_until timestamptz,
    error text,
    failed_at timestamptz,
    constraint embedding_jobs_pkey primary key (id),
    constraint embedding_jobs_node_key unique (node_id, user_id),
    constraint embedding_jobs_chunk_key unique (chunk_id),
    constraint embedding_jobs_entry_key unique (entry_id),
    constraint embedding_jobs_node_fkey foreign key (node_id, user_id)
        references @extschema@.graph_nodes (id, user_id) on delete cascade on update cascade,
    constraint embedding_jobs_chunk_fkey foreign key (chunk_id)
        references @extschema@.knowledge_chunks (id) on delete cascade on update cascade,
    constraint embedding_jobs_entry_fkey foreign key (entry_id)
        references @extschema@.knowledge (id) on delete cascade on update cascade,
    constraint embedding_jobs_kind_check
        check (num_nonnulls(node_id, chunk_id, entry_id) = 1 and (node_id is null) = (user_id is null)),
    constraint embedding_jobs_lease_check check ((lease is null) = (leased_until is null)),
    constraint embedding_jobs_error_check check ((error is null) = (failed_at is null)),
    constraint embedding_jobs_state_check check ((lease is null) = (failed_at is not null))
);
comment on table @extschema@.embedding_jobs is 'Embedding jobs that a worker has claimed or given up (internal).
What lacks an embedding and is not here is free to be claimed; an embedding that is stored, and a text that changes, end the job.';
comment on column @extschema@.embedding_jobs.id is 'Key (uuid, version 7).';
comment on column @extschema@.embedding_jobs.node_id is 'The node to be embedded, with user_id; exactly one of node_id, chunk_id and entry_id is set.';
comment on column @extschema@.embedding_jobs.user_id is 'Whose node that is.';
comment on column @extschema@.embedding_jobs.chunk_id is 'The chunk to be embedded.';
comment on column @extschema@.embedding_jobs.entry_id is 'The entry to be embedded.';
comment on column @extschema@.embedding_jobs.attempts is 'How often it was claimed.';
comment on column @extschema@.embedding_jobs.lease is 'The current claim, which a worker shows when it stores; null once it was given up.';
comment on column @extschema@.embedding_jobs.leased_until is 'From when others may claim it.';
comment on column @extschema@.embedding_jobs.error is 'Why it was given up, in the worker''s words.';
comment on column @extschema@.embedding_jobs.failed_at is 'When it was given up; null while it is leased.';

create index graph_nodes_unembedded_idx on @extschema@.graph_nodes (id)
    where embedding is null and deleted_at is null;
comment on index @extschema@.graph_nodes_unembedded_idx is 'Live nodes without an embedding, oldest first.';
create index knowledge_chunks_unembedded_idx on @extschema@.knowledge_chunks (id)
    where embedding is null;
comment on index @extschema@.knowledge_chunks_unembedded_idx is 'Chunks without an embedding, oldest first.';
create index knowledge_unembedded_idx on @extschema@.knowledge (id)
    where embedding is null;
comment on index @extschema@.knowledge_unembedded_idx is 'Entries without an embedding, oldest first.';

-- An embedding that comes through an update unchanged was not made from the new text.
create trigger stale_embedding before update on @extschema@.graph_nodes
    for each row when (
        (old.label, old.description) is distinct from (new.label, new.description)
        and old.embedding operator(@vector@.=) new.embedding
    )
    execute function @extschema@.lgtempo_stale_embedding();
create trigger stale_embedding before update on @extschema@.knowledge_chunks
    for each row when (
        old.content is distinct from new.content
        and old.embedding operator(@vector@.=) new.embedding
    )
    execute function @extschema@.lgtempo_stale_embedding();
create trigger stale_embedding before update on @extschema@.knowledge
    for each row when (
        old.content is distinct from new.content
        and old.embedding operator(@vector@.=) new.embedding
    )
    execute function @extschema@.lgtempo_stale_embedding();

-- Only what lacks an embedding can have a job.
create trigger embedding_job after update on @extschema@.graph_nodes
    for each row when (
        old.embedding is null
        and (
            new.embedding is not null
            or (old.label, old.description) is distinct from (new.label, new.description)
            or (old.deleted_at is null and new.deleted_at is not null)
        )
    )
    execute function @extschema@.lgtempo_embedding_job('node');
create trigger embedding_job after update on @extschema@.knowledge_chunks
    for each row when (
        old.embedding is null
        and (new.embedding is not null or old.content is distinct from new.content)
    )
    execute function @extschema@.lgtempo_embedding_job('chunk');
create trigger embedding_job after update on @extschema@.knowledge
    for each row when (
        old.embedding is null
        and (new.embedding is not null or old.content is distinct from new.content)
    )
    execute function @extschema@.lgtempo_embedding_job('entry');

alter table @extschema@.embedding_jobs enable row level security;

revoke all on @extschema@.embedding_jobs from public, anon, authenticated, service_role;
grant select, insert, update, delete, truncate on @extschema@.embedding_jobs to service_role;
