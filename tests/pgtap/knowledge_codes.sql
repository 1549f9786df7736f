-- The codes that searches by meaning read: kept by whatever is written in whatever way.
begin;
select plan(33);
set local client_min_messages = warning;

create function pg_temp.n(text) returns uuid immutable
    return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;
-- A vector like no other, the same for the same number.
create function pg_temp.vec(seed integer) returns vector immutable language sql as $$
    select array_agg(sin(seed * 1.7 + i * (1 + seed % 13)) order by i)::real[]::vector from generate_series(1, 1536) i
$$;
create function pg_temp.ada() returns uuid immutable return '00000000-0000-4000-8000-00000000000a'::uuid;
insert into auth.users (id) values (pg_temp.ada());
insert into agent_knowledge_bases (id, agent_id, name) values (pg_temp.n('b1'), 'coach', 'One'), (pg_temp.n('b2'), 'coach', 'Two');
insert into knowledge_documents (id, knowledge_base_id, title, content) values
    (pg_temp.n('d1'), pg_temp.n('b1'), 'First', 'First'), (pg_temp.n('d2'), pg_temp.n('b1'), 'Second', 'Second'),
    (pg_temp.n('d3'), pg_temp.n('b2'), 'Third', 'Third');

-- Each id and code as the tables have it.
create function pg_temp.kept() returns table (base uuid, person uuid, id uuid, code bytea) language sql as $$
    with packed as (
        select collection_id, substring(codes from 208 * i + 1 for 208) as code
        from knowledge_codes, generate_series(0, length(codes) / 208 - 1) i
        union all
        select collection_id, code from knowledge_pending_codes
    )
    select c.knowledge_base_id, c.user_id, encode(substring(p.code from 1 for 16), 'hex')::uuid, substring(p.code from 17)
    from packed p left join knowledge_collections c on c.id = p.collection_id
$$;
create function pg_temp.live() returns table (base uuid, person uuid, id uuid, code bytea) language sql as $$
    with found as (
        select knowledge_base_id as base, null::uuid as person, id, embedding_code from knowledge_chunks where embedding is not null
        union all
        select null, user_id, id, embedding_code from knowledge where embedding is not null
    )
    -- Behind its length, bit_send gives the bits as they lie in memory.
    select base, person, id, substring(bit_send(embedding_code) from 5) from found
$$;
-- Nothing is missing, counts are right, and what is stale is no more than a quarter or a page.
create function pg_temp.holds(phase text) returns setof text language plpgsql as $$
begin
    return next is_empty(
        'select * from pg_temp.live() except select * from pg_temp.kept()', phase || ': every embedding has its code'
    );
    return next is_empty(
        $q$select id from knowledge_collections c
            where pending_codes <> (select count(*) from knowledge_pending_codes p where p.collection_id = c.id)
                or pending_codes >= 38
                or codes <> (select coalesce(sum(length(codes)), 0) / 208 from knowledge_codes p where p.collection_id = c.id)
                or stale_codes > greatest(38, codes / 4)
            union all
            select null
            where (select coalesce(sum(codes - stale_codes + pending_codes), 0) from knowledge_collections) <> (select count(*) from pg_temp.live())$q$,
        phase || ': counts are right'
    );
end $$;
-- A search in one base, by codes, finds what comparing every embedding finds.
create function pg_temp.same(phase text) returns setof text language plpgsql as $$
begin
    set local lgtempo.exact_search_limit = 0;
    return next results_eq(
        $q$select q, f.chunk_id from generate_series(1, 20) q,
            search_knowledge_chunks(pg_temp.vec(q * 7), pg_temp.n('b1'), -1, 3) f$q$,
        $q$select q, f.id from generate_series(1, 20) q, lateral (
            select id from knowledge_chunks
            where knowledge_base_id = pg_temp.n('b1') and embedding is not null
            order by embedding <=> pg_temp.vec(q * 7), id limit 3
        ) f$q$,
        phase || ': by codes as by embeddings'
    );
end $$;

insert into knowledge_chunks (document_id, chunk_index, content, embedding)
select pg_temp.n('d1'), i, 'Text ' || i, case when i % 5 > 0 then pg_temp.vec(i) end from generate_series(1, 100) i;
select pg_temp.holds('many at once');
select pg_temp.same('many at once');
do $$ begin
    for i in 101..150 loop
        insert into knowledge_chunks (document_id, chunk_index, content, embedding)
        values (pg_temp.n('d2'), i, 'Text ' || i, pg_temp.vec(i));
    end loop;
end $$;
select pg_temp.holds('one by one');
update knowledge_chunks set embedding = pg_temp.vec(chunk_index + 1000) where embedding is null;
select pg_temp.holds('embedded later');
update knowledge_chunks set embedding = pg_temp.vec(chunk_index + 500) where chunk_index % 3 = 0;
select pg_temp.holds('embedded anew');
select pg_temp.same('embedded anew');
update knowledge_chunks set embedding = pg_temp.vec(chunk_index + 2000);
select pg_temp.holds('all embedded anew at once');
update knowledge_chunks set embedding = pg_temp.vec(chunk_index + 500 * (chunk_index % 2));
update knowledge_chunks set embedding = pg_temp.vec(chunk_index + 2000) where chunk_index % 2 = 0;
select pg_temp.holds('and back again');
update knowledge_chunks set embedding = null where chunk_index % 7 = 0;
select pg_temp.holds('embeddings cleared');
update knowledge_chunks set metadata = '{"seen": true}';
select pg_temp.holds('other columns changed');
update knowledge_documents set knowledge_base_id = pg_temp.n('b2') where id = pg_temp.n('d2');
select pg_temp.holds('a document moved');
select pg_temp.same('a document moved');
delete from knowledge_chunks where chunk_index % 2 = 0;
select pg_temp.holds('half erased');
select pg_temp.same('half erased');
update knowledge_chunks set content = content || ' again', embedding = embedding;
select pg_temp.holds('texts changed, embeddings kept');
insert into knowledge (id, user_id, content, embedding)
select pg_temp.n('e' || i), case when i % 2 = 0 then pg_temp.ada() end, 'Entry ' || i, pg_temp.vec(i) from generate_series(1, 90) i;
update knowledge set language = 'german' where right(id::text, 1) = '3';
update knowledge set user_id = null where right(id::text, 1) = '4';
select pg_temp.holds('entries');
delete from auth.users;
select pg_temp.holds('a person erased');
truncate knowledge_chunks cascade;
select pg_temp.holds('chunks truncated');
delete from knowledge;
delete from agent_knowledge_bases;
select is_empty('select * from pg_temp.kept()', 'nothing is left');

select * from finish();
rollback;
