-- What people have today: the same rows in a table with plain indexes and pgvector's, guarded by the same policies.
-- Writes are compared on a copy without embeddings' index, which would make each of them 50 times dearer.

create schema rival;
grant usage on schema rival to authenticated;

create table rival.knowledge_chunks (like knowledge_chunks including defaults);
alter table rival.knowledge_chunks drop column embedding_code;
alter table rival.knowledge_chunks drop column search_vector;
alter table rival.knowledge_chunks
    add search_vector tsvector generated always as (to_tsvector('english', content)) stored;
create table rival.written_chunks (like rival.knowledge_chunks including all);

insert into rival.knowledge_chunks (id, document_id, knowledge_base_id, chunk_index, content, embedding)
select id, document_id, knowledge_base_id, chunk_index, content, embedding
from draft.passage
order by place;
insert into rival.written_chunks (id, document_id, knowledge_base_id, chunk_index, content)
select id, document_id, knowledge_base_id, chunk_index, content
from draft.passage
order by place;

alter table rival.knowledge_chunks add primary key (id);
create index on rival.knowledge_chunks (knowledge_base_id);
create index on rival.knowledge_chunks using gin (search_vector);
set maintenance_work_mem = '3GB';
create index on rival.knowledge_chunks using hnsw (embedding vector_cosine_ops);
reset maintenance_work_mem;

alter table rival.written_chunks add primary key (id);
alter table rival.written_chunks add unique (document_id, chunk_index);
alter table rival.written_chunks
    add foreign key (document_id, knowledge_base_id) references knowledge_documents (id, knowledge_base_id);
create index on rival.written_chunks using gin (search_vector);

alter table rival.knowledge_chunks enable row level security;
create policy knowledge_chunks_select on rival.knowledge_chunks
    for select to authenticated
    using (knowledge_base_id = any (array(select b.id from agent_knowledge_bases b)));
grant select on rival.knowledge_chunks to authenticated;

alter table rival.written_chunks enable row level security;
create policy written_chunks_insert_own on rival.written_chunks
    for insert to authenticated
    with check (knowledge_base_id = any (array(
        select b.id from agent_knowledge_bases b
        where b.owner_id = (select auth.uid()) and not b.is_public
    )));
grant insert on rival.written_chunks to authenticated;
