-- The embedding queue: workers claim what lacks an embedding, and store it.
-- What they call keeps to index scans: its plans are kept while the queue fills and drains a thousandfold.

create function @extschema@.claim_embedding_jobs(
    p_limit integer default 100,
    p_lease interval default '5 minutes'
) returns table (
    kind text,
    id uuid,
    user_id uuid,
    content text,
    attempts integer,
    lease uuid
)
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    set enable_seqscan = off
    set enable_bitmapscan = off
    as 'MODULE_PATHNAME', 'claim_embedding_jobs_wrapper';
comment on function @extschema@.claim_embedding_jobs is 'Hands a worker texts to embed, and leases them to it for p_lease (up to a year): nobody else gets them meanwhile.
At most p_limit (0 to 1000). kind is node, chunk or entry; each kind gets an equal share of p_limit, what one does not need goes to the others, and the oldest of a kind come first. content is a node''s label and description, a line each, or the text of a chunk or an entry; user_id whose it is, null where it is shared; attempts how often it was claimed, this time included. Call it in a transaction of its own. Errors: 22004, 22023.';

create function @extschema@.store_embeddings(
    p_items jsonb
) returns integer
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    set enable_seqscan = off
    set enable_bitmapscan = off
    as 'MODULE_PATHNAME', 'store_embeddings_wrapper';
comment on function @extschema@.store_embeddings is 'Stores what a worker has embedded, and returns how many embeddings were stored.
p_items is an array of {"kind", "id", "user_id", "lease", "embedding": […]}, the first four as claim_embedding_jobs gave them (user_id is needed for nodes); with "error": "…" in place of "embedding" an item is given up until it is retried or its text changes. An item whose lease is no longer the current one, because its text has changed or somebody else has claimed it, is skipped; an expired lease that nobody has taken over is still good. A malformed item stores nothing of the call. Errors: 22004, 22023.';

create function @extschema@.retry_embedding_jobs(
    p_user_id uuid default null
) returns bigint
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'retry_embedding_jobs_wrapper';
comment on function @extschema@.retry_embedding_jobs is 'Frees the embedding jobs that were given up, and returns how many.
Those of one person (nodes, entries, chunks of the bases they own), or everybody''s. Their attempts are counted anew.';

create function @extschema@.get_embedding_queue_stats(
    p_user_id uuid default null
) returns table (
    total bigint,
    with_embedding bigint,
    pending bigint,
    leased bigint,
    failed bigint,
    oldest_pending timestamptz,
    by_kind jsonb
)
    language c stable parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'get_embedding_queue_stats_wrapper';
comment on function @extschema@.get_embedding_queue_stats is 'Shows how far embedding is: one row, in which total = with_embedding + pending + leased + failed.
pending is free to be claimed, leased is being worked on, failed was given up; oldest_pending is when the oldest pending row was made; by_kind has the same figures for node, chunk and entry. Counts a person''s live nodes, entries and the chunks of the bases they own: for a signed-in user the own, for service_role without p_user_id everybody''s. Errors: 42501.';

create function @extschema@.lgtempo_stale_embedding() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_stale_embedding_wrapper';
comment on function @extschema@.lgtempo_stale_embedding is 'Clears an embedding whose text changes.';

create function @extschema@.lgtempo_embedding_job() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_embedding_job_wrapper';
comment on function @extschema@.lgtempo_embedding_job is 'Ends the job of a row that was embedded, changed or deleted.';
