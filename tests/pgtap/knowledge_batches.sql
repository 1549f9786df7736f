-- One statement that changes more words and codes than are held in memory at once, which are then written in several parts.
begin;
select plan(15);
set local client_min_messages = warning;

create function pg_temp.n(text) returns uuid immutable
    return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;
insert into agent_knowledge_bases (id, agent_id, name) values (pg_temp.n('b1'), 'coach', 'One'), (pg_temp.n('b2'), 'coach', 'Two');
insert into knowledge_documents (id, knowledge_base_id, title, content) values
    (pg_temp.n('d1'), pg_temp.n('b1'), 'First', 'First'), (pg_temp.n('d2'), pg_temp.n('b2'), 'Second', 'Second');

-- 400 texts of 800 different words each, and embeddings: 320,000 words in a statement.
create temporary table text_of (i integer, words text, embedding vector);
insert into text_of
select i, w.words, v.embedding
from generate_series(1, 400) i
cross join lateral (
    select string_agg('word' || (i * 7919 + k * 37) % 30011, ' ' order by k) from generate_series(1, 800) k
) w (words)
cross join lateral (
    select array_agg(sin(i * 1.7 + k * (1 + i % 13)) order by k)::real[]::vector from generate_series(1, 1536) k
) v (embedding);
-- The embedding of another text.
create function pg_temp.other(i integer, places integer) returns vector stable language sql as $$
    select t.embedding from text_of t where t.i = 1 + ($1 + $2) % 400
$$;

-- What is kept of each passage: its code, and which collection has it.
create function pg_temp.kept() returns table (base uuid, id uuid, code bytea) language sql as $$
    with packed as (
        select collection_id, substring(codes from 208 * i + 1 for 208) as code
        from knowledge_codes, generate_series(0, length(codes) / 208 - 1) i
        union all
        select collection_id, code from knowledge_pending_codes
    )
    select c.knowledge_base_id, encode(substring(p.code from 1 for 16), 'hex')::uuid, substring(p.code from 17)
    from packed p left join knowledge_collections c on c.id = p.collection_id
$$;
-- Behind its length, bit_send gives the bits as they lie in memory.
create function pg_temp.live() returns table (base uuid, id uuid, code bytea) language sql as $$
    select knowledge_base_id, id, substring(bit_send(embedding_code) from 5) from knowledge_chunks where embedding is not null
$$;
create function pg_temp.holds(phase text) returns setof text language plpgsql as $$
begin
    return next is_empty(
        'select * from pg_temp.live() except select * from pg_temp.kept()', phase || ': every embedding has its code'
    );
    return next is_empty(
        $q$select c.knowledge_base_id
            from knowledge_collections c
            where c.codes - c.stale_codes + c.pending_codes <> (select count(*) from pg_temp.live() where base = c.knowledge_base_id)
                or c.codes <> (select coalesce(sum(length(p.codes)), 0) / 208 from knowledge_codes p where p.collection_id = c.id)
                or c.pending_codes <> (select count(*) from knowledge_pending_codes p where p.collection_id = c.id)
                or c.stale_codes > greatest(38, c.codes / 4)
                or c.texts <> (select count(*) from knowledge_chunks k where k.knowledge_base_id = c.knowledge_base_id)
                or c.positions <> (
                    select sum(cardinality(u.positions))
                    from knowledge_chunks k
                    cross join unnest(k.search_vector) u
                    where k.knowledge_base_id = c.knowledge_base_id
                )$q$,
        phase || ': counts are right'
    );
    return next results_eq(
        $q$select b, w, (select count(*) from search_knowledge_base(w, pg_temp.n(b), 1000))
            from unnest('{b1,b2}'::text[]) b, unnest('{word7956,word9695,word20011,new,newer}'::text[]) w
            order by b, w$q$,
        $q$select b, w, (
                select count(*) from knowledge_chunks
                where knowledge_base_id = pg_temp.n(b) and search_vector @@ to_tsquery('english', w)
            )
            from unnest('{b1,b2}'::text[]) b, unnest('{word7956,word9695,word20011,new,newer}'::text[]) w
            order by b, w$q$,
        phase || ': words are found where they are'
    );
end $$;

insert into knowledge_chunks (document_id, chunk_index, content, embedding)
select pg_temp.n('d1'), i, words, embedding from text_of;
select pg_temp.holds('all added');
update knowledge_chunks set content = content || ' new', embedding = pg_temp.other(chunk_index, 100);
select pg_temp.holds('all texts and embeddings changed');
update knowledge_chunks
set content = content || ' newer',
    embedding = pg_temp.other(chunk_index, 200),
    document_id = pg_temp.n('d2'),
    knowledge_base_id = pg_temp.n('b2')
where chunk_index % 5 <> 0;
select pg_temp.holds('most moved and changed');
update knowledge_chunks
set document_id = case knowledge_base_id when pg_temp.n('b1') then pg_temp.n('d2') else pg_temp.n('d1') end,
    knowledge_base_id = case knowledge_base_id when pg_temp.n('b1') then pg_temp.n('b2') else pg_temp.n('b1') end;
select pg_temp.holds('the bases exchanged');
delete from knowledge_chunks where chunk_index > 20;
select pg_temp.holds('most deleted');

select * from finish();
rollback;
