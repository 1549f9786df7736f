-- The coaches' knowledge: searching it, and what the database keeps of it itself.

create function @extschema@.add_knowledge_document(
    p_knowledge_base_id uuid,
    p_title text,
    p_content text,
    p_source_url text default null,
    p_document_type text default 'text',
    p_metadata jsonb default '{}',
    p_max_tokens integer default 512,
    p_overlap_tokens integer default 64
) returns uuid
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'add_knowledge_document_wrapper';
comment on function @extschema@.add_knowledge_document is 'Stores a document in a knowledge base and splits it into chunks.
The same content again in the same base returns the existing document''s id. Chunks have at most p_max_tokens (1 to 8191) tokens of cl100k_base, the tokenizer of the embedding models, and repeat up to p_overlap_tokens (0 to below p_max_tokens) of the one before; with p_document_type markdown they follow headings and blocks. Errors: 22004, 22023, 23503 for a base that the caller may not write.';

create function @extschema@.search_knowledge_chunks(
    query_embedding vector,
    knowledge_base_id_param uuid default null,
    match_threshold double precision default 0.7,
    match_count integer default 5
) returns table (
    chunk_id uuid,
    document_id uuid,
    document_title text,
    content text,
    similarity double precision,
    chunk_index integer,
    metadata jsonb
)
    language c stable parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'search_knowledge_chunks_wrapper';
comment on function @extschema@.search_knowledge_chunks is 'Finds the passages whose meaning is nearest to an embedding, best first.
It searches one knowledge base, or all that the caller may read. similarity is 1 minus the cosine distance; only passages of at least match_threshold (-1 to 1) are found, at most match_count (0 to 1000). Errors: 22004, 22023.';

create function @extschema@.search_knowledge_base(
    search_query text default null,
    kb_id_filter uuid default null,
    limit_results integer default 10,
    query_embedding vector default null,
    similarity_threshold double precision default 0.0
) returns table (
    id uuid,
    source text,
    document_id uuid,
    title text,
    content text,
    kb_id uuid,
    kb_name text,
    metadata jsonb,
    relevance_score double precision,
    similarity double precision,
    keyword_score double precision
)
    language c stable parallel unsafe
    set search_path = pg_catalog, pg_temp
    set client_min_messages = warning
    as 'MODULE_PATHNAME', 'search_knowledge_base_wrapper';
comment on function @extschema@.search_knowledge_base is 'Answers a question with the best passages: by words, by meaning, or by both.
search_query takes words (any may match), "quoted phrases" (must) and -words (must not), and ranks by BM25; query_embedding ranks by similarity, at least similarity_threshold; both are fused by reciprocal rank, 0.7 / (60 + rank) by words and 0.3 / (60 + rank) by meaning, and phrases and -words bind what is found by either. Without kb_id_filter it searches all bases and, for those who may read them, entries that the caller may read. Errors: 22004 with neither, 22023.';

create function @extschema@.hybrid_search(
    query_embedding vector,
    query_text text,
    kb_id_filter uuid default null,
    match_count integer default 10,
    semantic_weight double precision default 0.7
) returns table (
    id uuid,
    title text,
    content text,
    metadata jsonb,
    similarity_score double precision,
    keyword_score double precision,
    combined_score double precision
)
    language c stable parallel unsafe
    set search_path = pg_catalog, pg_temp
    set client_min_messages = warning
    as 'MODULE_PATHNAME', 'hybrid_search_wrapper';
comment on function @extschema@.hybrid_search is 'Finds the best passages by words and by meaning, with a weight between the two.
query_text is read as search_knowledge_base reads it. combined_score is semantic_weight / (60 + rank by similarity) + (1 - semantic_weight) / (60 + rank by BM25); keyword_score is the BM25 score, 0 where no word matches. It searches one knowledge base, or all that the caller may read. Errors: 22004, 22023.';

create function @extschema@.lgtempo_language() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_language_wrapper';
comment on function @extschema@.lgtempo_language is 'Sees to it that a knowledge base''s language is a text search configuration.';

create function @extschema@.lgtempo_base_words() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_base_words_wrapper';
comment on function @extschema@.lgtempo_base_words is 'Splits a base''s chunks into words anew when its language changes.';

create function @extschema@.lgtempo_document_hash() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_document_hash_wrapper';
comment on function @extschema@.lgtempo_document_hash is 'Keeps the SHA-256 of a document''s content.';

create function @extschema@.lgtempo_chunk_words() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_chunk_words_wrapper';
comment on function @extschema@.lgtempo_chunk_words is 'Keeps a chunk''s base and words.';

create function @extschema@.lgtempo_entry_words() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_entry_words_wrapper';
comment on function @extschema@.lgtempo_entry_words is 'Keeps an entry''s words.';

create function @extschema@.lgtempo_document_counts() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_document_counts_wrapper';
comment on function @extschema@.lgtempo_document_counts is 'Keeps the bases'' counts of documents.';

create function @extschema@.lgtempo_chunk_counts() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_chunk_counts_wrapper';
comment on function @extschema@.lgtempo_chunk_counts is 'Keeps the documents'' and bases'' counts of chunks.';

create function @extschema@.lgtempo_chunk_moved() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_chunk_moved_wrapper';
comment on function @extschema@.lgtempo_chunk_moved is 'Keeps the counts right when a chunk moves.';

create function @extschema@.lgtempo_chunk_index() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_chunk_index_wrapper';
comment on function @extschema@.lgtempo_chunk_index is 'Keeps what searches of chunks read: their words'' postings and their embeddings'' codes.';

create function @extschema@.lgtempo_entry_index() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_entry_index_wrapper';
comment on function @extschema@.lgtempo_entry_index is 'Keeps what searches of entries read: their words'' postings and their embeddings'' codes.';
