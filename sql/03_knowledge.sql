-- What the coaches know: bases of documents cut into chunks, and short stand-alone entries.

create table @extschema@.agent_knowledge_bases (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    agent_id text not null,
    name text not null,
    description text,
    owner_id uuid,
    is_public boolean not null default false,
    is_active boolean not null default true,
    language text not null default 'english',
    indexing_status text not null default 'pending',
    document_count integer not null default 0,
    total_chunks integer not null default 0,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint agent_knowledge_bases_pkey primary key (id),
    constraint agent_knowledge_bases_owner_fkey foreign key (owner_id) references auth.users (id) on delete cascade,
    constraint agent_knowledge_bases_agent_owner_name_key unique nulls not distinct (agent_id, owner_id, name),
    constraint agent_knowledge_bases_indexing_status_check
        check (indexing_status in ('pending', 'processing', 'completed', 'failed'))
);
comment on table @extschema@.agent_knowledge_bases is 'Knowledge bases: what an AI coach can look up.
A base without an owner is shared by all signed-in users; a public one is open to everybody; an owned one is private.';
comment on column @extschema@.agent_knowledge_bases.id is 'Key (uuid, version 7).';
comment on column @extschema@.agent_knowledge_bases.agent_id is 'The coach that uses the base.';
comment on column @extschema@.agent_knowledge_bases.name is 'Name, unique for a coach and an owner.';
comment on column @extschema@.agent_knowledge_bases.description is 'What the base is about.';
comment on column @extschema@.agent_knowledge_bases.owner_id is 'Whose base this is; null: shared by all signed-in users.';
comment on column @extschema@.agent_knowledge_bases.is_public is 'Whether everybody, signed in or not, may read it.';
comment on column @extschema@.agent_knowledge_bases.is_active is 'Whether the base is in use; others than its owner read it only then.';
comment on column @extschema@.agent_knowledge_bases.language is 'Text search configuration that splits its words, such as english.';
comment on column @extschema@.agent_knowledge_bases.indexing_status is 'How far indexing is: pending, processing, completed or failed.';
comment on column @extschema@.agent_knowledge_bases.document_count is 'How many documents it has (kept by the database).';
comment on column @extschema@.agent_knowledge_bases.total_chunks is 'How many chunks they have (kept by the database).';
comment on column @extschema@.agent_knowledge_bases.metadata is 'Whatever else is kept (JSON).';
comment on column @extschema@.agent_knowledge_bases.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.agent_knowledge_bases.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create index agent_knowledge_bases_owner_idx on @extschema@.agent_knowledge_bases (owner_id);
comment on index @extschema@.agent_knowledge_bases_owner_idx is 'The bases of an owner.';
create index agent_knowledge_bases_public_idx on @extschema@.agent_knowledge_bases (id) where is_public;
comment on index @extschema@.agent_knowledge_bases_public_idx is 'The public bases: with the one above, all that a person may read.';

create table @extschema@.knowledge_documents (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    knowledge_base_id uuid not null,
    title text not null,
    content text not null,
    source_url text,
    document_type text not null default 'text',
    content_hash text not null,
    chunk_count integer not null default 0,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint knowledge_documents_pkey primary key (id),
    constraint knowledge_documents_id_base_key unique (id, knowledge_base_id),
    constraint knowledge_documents_knowledge_base_fkey foreign key (knowledge_base_id)
        references @extschema@.agent_knowledge_bases (id) on delete cascade,
    constraint knowledge_documents_base_content_hash_key unique (knowledge_base_id, content_hash),
    constraint knowledge_documents_document_type_check
        check (document_type in ('text', 'markdown', 'pdf', 'html'))
);
comment on table @extschema@.knowledge_documents is 'Documents of the knowledge bases.
Who may read a base may read its documents; its owner may write them.';
comment on column @extschema@.knowledge_documents.id is 'Key (uuid, version 7).';
comment on column @extschema@.knowledge_documents.knowledge_base_id is 'The base that the document belongs to.';
comment on column @extschema@.knowledge_documents.title is 'Title.';
comment on column @extschema@.knowledge_documents.content is 'The whole text.';
comment on column @extschema@.knowledge_documents.source_url is 'Where it was found.';
comment on column @extschema@.knowledge_documents.document_type is 'Format of the text: text, markdown, pdf or html.';
comment on column @extschema@.knowledge_documents.content_hash is 'SHA-256 of the text in hexadecimal, unique in its base (kept by the database).';
comment on column @extschema@.knowledge_documents.chunk_count is 'How many chunks it has (kept by the database).';
comment on column @extschema@.knowledge_documents.metadata is 'Whatever else is kept (JSON).';
comment on column @extschema@.knowledge_documents.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.knowledge_documents.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create table @extschema@.knowledge_chunks (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    document_id uuid not null,
    knowledge_base_id uuid not null,
    chunk_index integer not null,
    content text not null,
    token_count integer,
    embedding @vector@.vector(1536),
    embedding_code bit(1536) generated always as (@vector@.binary_quantize(embedding)::bit(1536)) stored,
    metadata jsonb not null default '{}',
    search_vector tsvector,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint knowledge_chunks_pkey primary key (id),
    constraint knowledge_chunks_document_fkey foreign key (document_id, knowledge_base_id)
        references @extschema@.knowledge_documents (id, knowledge_base_id) on delete cascade on update cascade,
    constraint knowledge_chunks_document_index_key unique (document_id, chunk_index),
    constraint knowledge_chunks_embedding_check check (@vector@.vector_norm(embedding) > 0::double precision)
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
comment on table @extschema@.knowledge_chunks is 'Chunks: the passages of the documents, as search finds them.
Name the columns you select: an embedding is 19 kB of JSON.';
comment on column @extschema@.knowledge_chunks.id is 'Key (uuid, version 7).';
comment on column @extschema@.knowledge_chunks.document_id is 'The document that the passage is from.';
comment on column @extschema@.knowledge_chunks.knowledge_base_id is 'The document''s base; filled in where it is left out.';
comment on column @extschema@.knowledge_chunks.chunk_index is 'Place in the document, from 0.';
comment on column @extschema@.knowledge_chunks.content is 'The passage''s text.';
comment on column @extschema@.knowledge_chunks.token_count is 'Length in tokens of the embedding model''s tokenizer; null where nobody counted.';
comment on column @extschema@.knowledge_chunks.embedding is 'Embedding of the text, 1536 dimensions; null until it is computed.';
comment on column @extschema@.knowledge_chunks.embedding_code is 'The embedding''s signs, one bit each, for searching (generated).';
comment on column @extschema@.knowledge_chunks.metadata is 'Whatever else is kept (JSON).';
comment on column @extschema@.knowledge_chunks.search_vector is 'The text''s words in the base''s language (kept by the database).';
comment on column @extschema@.knowledge_chunks.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.knowledge_chunks.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create index knowledge_chunks_base_document_idx on @extschema@.knowledge_chunks (knowledge_base_id, document_id);
comment on index @extschema@.knowledge_chunks_base_document_idx is 'A base''s chunks, and a document''s.';
create index knowledge_chunks_search_idx on @extschema@.knowledge_chunks using gin (search_vector);
comment on index @extschema@.knowledge_chunks_search_idx is 'Chunks by word, for full-text queries of the service.';

create table @extschema@.knowledge (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    user_id uuid default auth.uid(),
    content text not null,
    language text not null default 'english',
    embedding @vector@.vector(1536),
    embedding_code bit(1536) generated always as (@vector@.binary_quantize(embedding)::bit(1536)) stored,
    metadata jsonb not null default '{}',
    source_type text,
    source_url text,
    search_vector tsvector,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint knowledge_pkey primary key (id),
    constraint knowledge_user_fkey foreign key (user_id) references auth.users (id) on delete cascade,
    constraint knowledge_embedding_check check (@vector@.vector_norm(embedding) > 0::double precision)
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
comment on table @extschema@.knowledge is 'Entries: short pieces of knowledge that stand alone.
An entry without a person is shared by all signed-in users. Name the columns you select: an embedding is 19 kB of JSON.';
comment on column @extschema@.knowledge.id is 'Key (uuid, version 7).';
comment on column @extschema@.knowledge.user_id is 'Whose entry this is; null: shared by all signed-in users.';
comment on column @extschema@.knowledge.content is 'The entry''s text.';
comment on column @extschema@.knowledge.language is 'Text search configuration that splits its words, such as english.';
comment on column @extschema@.knowledge.embedding is 'Embedding of the text, 1536 dimensions; null until it is computed.';
comment on column @extschema@.knowledge.embedding_code is 'The embedding''s signs, one bit each, for searching (generated).';
comment on column @extschema@.knowledge.metadata is 'Whatever else is kept (JSON).';
comment on column @extschema@.knowledge.source_type is 'Kind of source it came from.';
comment on column @extschema@.knowledge.source_url is 'Where it was found.';
comment on column @extschema@.knowledge.search_vector is 'The text''s words in the entry''s language (kept by the database).';
comment on column @extschema@.knowledge.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.knowledge.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create index knowledge_user_created_idx on @extschema@.knowledge (user_id, created_at desc);
comment on index @extschema@.knowledge_user_created_idx is 'A person''s entries, newest first.';
create index knowledge_search_idx on @extschema@.knowledge using gin (search_vector);
comment on index @extschema@.knowledge_search_idx is 'Entries by word, for full-text queries of the service.';

create table @extschema@.knowledge_collections (
    id bigint not null generated always as identity,
    knowledge_base_id uuid,
    user_id uuid,
    language text,
    texts bigint not null,
    positions bigint not null,
    segments bigint not null default 0,
    pending_words integer not null default 0,
    pending_codes integer not null default 0,
    codes bigint not null default 0,
    stale_codes bigint not null default 0,
    constraint knowledge_collections_pkey primary key (id),
    constraint knowledge_collections_base_user_language_key
        unique nulls not distinct (knowledge_base_id, user_id, language)
);
comment on table @extschema@.knowledge_collections is 'What is searched together: a base''s chunks, or a person''s entries in a language (internal).
It goes with its last text. No foreign key leads out: a cascade would take it before the texts'' triggers have read it.';
comment on column @extschema@.knowledge_collections.id is 'Key, as short as its segments want it.';
comment on column @extschema@.knowledge_collections.knowledge_base_id is 'The base whose chunks these are; null for entries.';
comment on column @extschema@.knowledge_collections.user_id is 'Whose entries these are; null for chunks and for shared entries.';
comment on column @extschema@.knowledge_collections.language is 'The entries'' language; null for chunks, which have their base''s.';
comment on column @extschema@.knowledge_collections.texts is 'How many texts it has.';
comment on column @extschema@.knowledge_collections.positions is 'How many lexeme positions they have together.';
comment on column @extschema@.knowledge_collections.segments is 'The number of its latest segment.';
comment on column @extschema@.knowledge_collections.pending_words is 'How many texts are not in its postings yet.';
comment on column @extschema@.knowledge_collections.pending_codes is 'How many embeddings'' codes are in no segment yet.';
comment on column @extschema@.knowledge_collections.codes is 'How many codes are in segments.';
comment on column @extschema@.knowledge_collections.stale_codes is 'How many of those are of embeddings that are gone.';

create table @extschema@.knowledge_postings (
    collection_id bigint not null,
    lexeme text collate "C" not null,
    segment bigint not null,
    texts bytea not null,
    constraint knowledge_postings_pkey primary key (collection_id, lexeme, segment) include (texts)
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
alter table @extschema@.knowledge_postings alter column texts set storage external;
comment on table @extschema@.knowledge_postings is 'Which texts contain a word, read by index-only scans to rank by BM25 (internal).
A row for each lexeme of a segment of texts, kept by the statements that write chunks and entries.';
comment on column @extschema@.knowledge_postings.collection_id is 'The collection that the texts belong to.';
comment on column @extschema@.knowledge_postings.lexeme is 'The word, as its language''s text search configuration reduces it.';
comment on column @extschema@.knowledge_postings.segment is 'The number of the segment in its collection.';
comment on column @extschema@.knowledge_postings.texts is 'The segment''s chunks or entries that contain it, how often, and how long they are.';

create table @extschema@.knowledge_pending_words (
    collection_id bigint not null,
    passage_id uuid not null,
    words bytea not null,
    constraint knowledge_pending_words_pkey primary key (collection_id, passage_id)
) with (toast_tuple_target = 8160);
comment on table @extschema@.knowledge_pending_words is 'Texts whose words are not in the postings yet (internal).
A segment is written when there are enough texts for one; until then search reads them here.';
comment on column @extschema@.knowledge_pending_words.collection_id is 'The collection that the text belongs to.';
comment on column @extschema@.knowledge_pending_words.passage_id is 'The chunk or entry.';
comment on column @extschema@.knowledge_pending_words.words is 'Its lexemes, and how often it has each.';

create table @extschema@.knowledge_codes (
    collection_id bigint not null,
    segment bigint not null,
    codes bytea not null,
    constraint knowledge_codes_pkey primary key (collection_id, segment)
) with (toast_tuple_target = 8160);
alter table @extschema@.knowledge_codes alter column codes set storage external;
comment on table @extschema@.knowledge_codes is 'The embeddings'' codes, side by side, read as a whole to find the nearest (internal).
A row fills a page. A code whose embedding has changed or gone stays until there are many of them: search looks at the embeddings themselves in the end.';
comment on column @extschema@.knowledge_codes.collection_id is 'The collection that the chunks or entries belong to.';
comment on column @extschema@.knowledge_codes.segment is 'The number of the segment in its collection.';
comment on column @extschema@.knowledge_codes.codes is 'The chunks or entries, each with its embedding''s signs, one bit each.';

create table @extschema@.knowledge_pending_codes (
    collection_id bigint not null,
    passage_id uuid not null,
    code bytea not null,
    constraint knowledge_pending_codes_pkey primary key (collection_id, passage_id)
);
comment on table @extschema@.knowledge_pending_codes is 'Codes that are in no segment yet (internal).
A segment is written when there are enough for one; until then search reads them here.';
comment on column @extschema@.knowledge_pending_codes.collection_id is 'The collection that the chunk or entry belongs to.';
comment on column @extschema@.knowledge_pending_codes.passage_id is 'The chunk or entry.';
comment on column @extschema@.knowledge_pending_codes.code is 'The chunk or entry again, with its embedding''s signs, as in a segment.';

create trigger touch before update on @extschema@.agent_knowledge_bases
    for each row execute function @extschema@.lgtempo_touch();
create trigger touch before update on @extschema@.knowledge_documents
    for each row execute function @extschema@.lgtempo_touch();
create trigger touch before update on @extschema@.knowledge_chunks
    for each row execute function @extschema@.lgtempo_touch();
create trigger touch before update on @extschema@.knowledge
    for each row execute function @extschema@.lgtempo_touch();

create trigger language before insert or update of language on @extschema@.agent_knowledge_bases
    for each row execute function @extschema@.lgtempo_language();
create trigger words after update of language on @extschema@.agent_knowledge_bases
    for each row when (old.language <> new.language)
    execute function @extschema@.lgtempo_base_words();
create trigger derive before insert or update of content, content_hash on @extschema@.knowledge_documents
    for each row execute function @extschema@.lgtempo_document_hash();
create trigger derive before insert or update of content, document_id, knowledge_base_id, search_vector
    on @extschema@.knowledge_chunks
    for each row execute function @extschema@.lgtempo_chunk_words();
create trigger derive before insert or update of content, language, search_vector on @extschema@.knowledge
    for each row execute function @extschema@.lgtempo_entry_words();

create trigger counts after insert or delete or update of knowledge_base_id on @extschema@.knowledge_documents
    for each row execute function @extschema@.lgtempo_document_counts();
create trigger counts_truncated after truncate on @extschema@.knowledge_documents
    for each statement execute function @extschema@.lgtempo_document_counts();
create trigger counts_inserted after insert on @extschema@.knowledge_chunks
    referencing new table as changed
    for each statement execute function @extschema@.lgtempo_chunk_counts();
create trigger counts_deleted after delete on @extschema@.knowledge_chunks
    referencing old table as changed
    for each statement execute function @extschema@.lgtempo_chunk_counts();
create trigger counts_moved after update of document_id, knowledge_base_id on @extschema@.knowledge_chunks
    for each row when (old.document_id <> new.document_id or old.knowledge_base_id <> new.knowledge_base_id)
    execute function @extschema@.lgtempo_chunk_moved();
create trigger counts_truncated after truncate on @extschema@.knowledge_chunks
    for each statement execute function @extschema@.lgtempo_chunk_counts();
create trigger index_inserted after insert on @extschema@.knowledge_chunks
    referencing new table as changed
    for each statement execute function @extschema@.lgtempo_chunk_index();
create trigger index_deleted after delete on @extschema@.knowledge_chunks
    referencing old table as changed
    for each statement execute function @extschema@.lgtempo_chunk_index();
create trigger index_updated after update on @extschema@.knowledge_chunks
    referencing old table as removed new table as added
    for each statement execute function @extschema@.lgtempo_chunk_index();
create trigger index_truncated after truncate on @extschema@.knowledge_chunks
    for each statement execute function @extschema@.lgtempo_chunk_index();
create trigger index_inserted after insert on @extschema@.knowledge
    referencing new table as changed
    for each statement execute function @extschema@.lgtempo_entry_index();
create trigger index_deleted after delete on @extschema@.knowledge
    referencing old table as changed
    for each statement execute function @extschema@.lgtempo_entry_index();
create trigger index_updated after update on @extschema@.knowledge
    referencing old table as removed new table as added
    for each statement execute function @extschema@.lgtempo_entry_index();
create trigger index_truncated after truncate on @extschema@.knowledge
    for each statement execute function @extschema@.lgtempo_entry_index();

alter table @extschema@.agent_knowledge_bases enable row level security;
alter table @extschema@.knowledge_documents enable row level security;
alter table @extschema@.knowledge_chunks enable row level security;
alter table @extschema@.knowledge enable row level security;
alter table @extschema@.knowledge_collections enable row level security;
alter table @extschema@.knowledge_postings enable row level security;
alter table @extschema@.knowledge_pending_words enable row level security;
alter table @extschema@.knowledge_codes enable row level security;
alter table @extschema@.knowledge_pending_codes enable row level security;

create policy agent_knowledge_bases_select_public on @extschema@.agent_knowledge_bases
    for select to anon
    using (is_active and is_public);
comment on policy agent_knowledge_bases_select_public on @extschema@.agent_knowledge_bases
    is 'Everybody reads the public bases that are active.';
create policy agent_knowledge_bases_select on @extschema@.agent_knowledge_bases
    for select to authenticated
    using ((is_active and (owner_id is null or is_public)) or owner_id = (select auth.uid()));
comment on policy agent_knowledge_bases_select on @extschema@.agent_knowledge_bases
    is 'Signed-in people read the shared and public bases that are active, and all of their own.';
create policy agent_knowledge_bases_insert_own on @extschema@.agent_knowledge_bases
    for insert to authenticated
    with check (owner_id = (select auth.uid()) and not is_public);
comment on policy agent_knowledge_bases_insert_own on @extschema@.agent_knowledge_bases
    is 'People add private bases of their own.';
create policy agent_knowledge_bases_update_own on @extschema@.agent_knowledge_bases
    for update to authenticated
    using (owner_id = (select auth.uid()) and not is_public)
    with check (owner_id = (select auth.uid()) and not is_public);
comment on policy agent_knowledge_bases_update_own on @extschema@.agent_knowledge_bases
    is 'People change private bases of their own.';
create policy agent_knowledge_bases_delete_own on @extschema@.agent_knowledge_bases
    for delete to authenticated
    using (owner_id = (select auth.uid()) and not is_public);
comment on policy agent_knowledge_bases_delete_own on @extschema@.agent_knowledge_bases
    is 'People erase private bases of their own.';

create policy knowledge_documents_select on @extschema@.knowledge_documents
    for select to anon, authenticated
    using (knowledge_base_id = any (array(select b.id from @extschema@.agent_knowledge_bases b)));
comment on policy knowledge_documents_select on @extschema@.knowledge_documents
    is 'Who may read a base may read its documents.';
create policy knowledge_documents_insert_own on @extschema@.knowledge_documents
    for insert to authenticated
    with check (knowledge_base_id = any (array(
        select b.id from @extschema@.agent_knowledge_bases b
        where b.owner_id = (select auth.uid()) and not b.is_public
    )));
comment on policy knowledge_documents_insert_own on @extschema@.knowledge_documents
    is 'People add documents of their own private bases.';
create policy knowledge_documents_update_own on @extschema@.knowledge_documents
    for update to authenticated
    using (knowledge_base_id = any (array(
        select b.id from @extschema@.agent_knowledge_bases b
        where b.owner_id = (select auth.uid()) and not b.is_public
    )))
    with check (knowledge_base_id = any (array(
        select b.id from @extschema@.agent_knowledge_bases b
        where b.owner_id = (select auth.uid()) and not b.is_public
    )));
comment on policy knowledge_documents_update_own on @extschema@.knowledge_documents
    is 'People change documents of their own private bases.';
create policy knowledge_documents_delete_own on @extschema@.knowledge_documents
    for delete to authenticated
    using (knowledge_base_id = any (array(
        select b.id from @extschema@.agent_knowledge_bases b
        where b.owner_id = (select auth.uid()) and not b.is_public
    )));
comment on policy knowledge_documents_delete_own on @extschema@.knowledge_documents
    is 'People erase documents of their own private bases.';

create policy knowledge_chunks_select on @extschema@.knowledge_chunks
    for select to anon, authenticated
    using (knowledge_base_id = any (array(select b.id from @extschema@.agent_knowledge_bases b)));
comment on policy knowledge_chunks_select on @extschema@.knowledge_chunks
    is 'Who may read a base may read its chunks.';
create policy knowledge_chunks_insert_own on @extschema@.knowledge_chunks
    for insert to authenticated
    with check (knowledge_base_id = any (array(
        select b.id from @extschema@.agent_knowledge_bases b
        where b.owner_id = (select auth.uid()) and not b.is_public
    )));
comment on policy knowledge_chunks_insert_own on @extschema@.knowledge_chunks
    is 'People add chunks of their own private bases.';
create policy knowledge_chunks_update_own on @extschema@.knowledge_chunks
    for update to authenticated
    using (knowledge_base_id = any (array(
        select b.id from @extschema@.agent_knowledge_bases b
        where b.owner_id = (select auth.uid()) and not b.is_public
    )))
    with check (knowledge_base_id = any (array(
        select b.id from @extschema@.agent_knowledge_bases b
        where b.owner_id = (select auth.uid()) and not b.is_public
    )));
comment on policy knowledge_chunks_update_own on @extschema@.knowledge_chunks
    is 'People change chunks of their own private bases.';
create policy knowledge_chunks_delete_own on @extschema@.knowledge_chunks
    for delete to authenticated
    using (knowledge_base_id = any (array(
        select b.id from @extschema@.agent_knowledge_bases b
        where b.owner_id = (select auth.uid()) and not b.is_public
    )));
comment on policy knowledge_chunks_delete_own on @extschema@.knowledge_chunks
    is 'People erase chunks of their own private bases.';

create policy knowledge_select on @extschema@.knowledge
    for select to authenticated
    using (user_id is null or user_id = (select auth.uid()));
comment on policy knowledge_select on @extschema@.knowledge is 'People read the shared entries and their own.';
create policy knowledge_insert_own on @extschema@.knowledge
    for insert to authenticated
    with check (user_id = (select auth.uid()));
comment on policy knowledge_insert_own on @extschema@.knowledge
    is 'People add entries of their own.';
create policy knowledge_update_own on @extschema@.knowledge
    for update to authenticated
    using (user_id = (select auth.uid()))
    with check (user_id = (select auth.uid()));
comment on policy knowledge_update_own on @extschema@.knowledge
    is 'People change entries of their own.';
create policy knowledge_delete_own on @extschema@.knowledge
    for delete to authenticated
    using (user_id = (select auth.uid()));
comment on policy knowledge_delete_own on @extschema@.knowledge
    is 'People erase entries of their own.';

revoke all on @extschema@.agent_knowledge_bases, @extschema@.knowledge_documents,
    @extschema@.knowledge_chunks, @extschema@.knowledge,
    @extschema@.knowledge_collections, @extschema@.knowledge_postings, @extschema@.knowledge_pending_words,
    @extschema@.knowledge_codes, @extschema@.knowledge_pending_codes
    from public, anon, authenticated, service_role;
grant select, insert, update, delete, truncate on @extschema@.agent_knowledge_bases, @extschema@.knowledge_documents,
    @extschema@.knowledge_chunks, @extschema@.knowledge,
    @extschema@.knowledge_collections, @extschema@.knowledge_postings, @extschema@.knowledge_pending_words,
    @extschema@.knowledge_codes, @extschema@.knowledge_pending_codes
    to service_role;
grant select on @extschema@.agent_knowledge_bases, @extschema@.knowledge_documents, @extschema@.knowledge_chunks
    to anon;
grant select, insert, update, delete on @extschema@.agent_knowledge_bases, @extschema@.knowledge_documents,
    @extschema@.knowledge_chunks, @extschema@.knowledge
    to authenticated;
