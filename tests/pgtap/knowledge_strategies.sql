-- Meaning: the promised count and the best of what is readable, by exact comparison and by codes, whatever an administrator's
-- policies hide and whatever index there is.
begin;
select plan(51);
set local client_min_messages = warning;
create function pg_temp.n(text) returns uuid immutable return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;
insert into auth.users (id) values ('00000000-0000-4000-8000-00000000000a'), ('00000000-0000-4000-8000-00000000000b');
insert into agent_knowledge_bases (id, agent_id, name, owner_id) values
    (pg_temp.n('b1'), 'coach', 'Shared', null), (pg_temp.n('b2'), 'coach', 'Ada''s', '00000000-0000-4000-8000-00000000000a'),
    (pg_temp.n('b3'), 'coach', 'Ben''s', '00000000-0000-4000-8000-00000000000b');
insert into knowledge_documents (id, knowledge_base_id, title, content)
select pg_temp.n('d' || i), pg_temp.n('b' || i), 'Document', 'Text' from generate_series(1, 3) i;

-- Clusters of embeddings: a centre and two shares of noise.
select setseed(0.5);
create temporary table direction as
select n, (array(select random() - 0.5 from generate_series(1, 1536 + 0 * n)))::vector as v from generate_series(1, 80) n;
create function pg_temp.times(v vector, factor float8) returns vector immutable return v * array_fill(factor::real, array[1536])::vector;
insert into knowledge_chunks (document_id, chunk_index, content, metadata, embedding)
select pg_temp.n('d' || case when i % 750 = 0 then 2 when i % 4 = 1 then 3 else 1 end), i, 'calm', jsonb_build_object('i', i),
    c.v + pg_temp.times(a.v, 0.3 + (i % 13) / 10.0::real) + pg_temp.times(b.v, 0.3 + (i % 11) / 10.0::real)
from generate_series(1, 2000) i
join direction c on c.n = 1 + i % 20
join direction a on a.n = 21 + i * 7 % 60
join direction b on b.n = 21 + i / 60 % 60;
grant select on direction to public;
create temporary table query as
select q, a.v + c.v as v from generate_series(1, 8) q join direction a on a.n = 20 + q join direction c on c.n = 1 + q % 20;
grant select on query to public;

-- Over all queries: rows that are missing of the promised number, and the share of the best that was found.
create function pg_temp.found(base uuid, most int, exact int) returns table (missing bigint, recall numeric) language plpgsql as $$
begin
    perform set_config('lgtempo.exact_search_limit', exact::text, true);
    return query
        select sum(readable - got)::bigint, round(sum(hits) / nullif(sum(readable), 0), 3)
        from (
            select least(most, cardinality(best.ids)) as readable, cardinality(got.ids) as got,
                (select count(*) from unnest(got.ids) id where id = any (best.ids[:most])) as hits
            from query q,
                lateral (select array(select id from knowledge_chunks
                    where embedding is not null and (base is null or knowledge_base_id = base) order by embedding <=> q.v limit 10) as ids) best,
                lateral (select array(select chunk_id from search_knowledge_chunks(q.v, base, -1, most)) as ids) got
        ) x;
end $$;
create function pg_temp.holds(title text, base uuid default null) returns setof text language sql as $$
    select unnest(array[
        is(missing, 0::bigint, format('%s, the best %s, exact up to %s: as many as promised', title, most, exact)),
        cmp_ok(recall, '>=', case when exact = 0 then 0.97 else 1 end, format('%s, the best %s, exact up to %s: the best', title, most, exact))
    ])
    from unnest(array[1, 10]) most, unnest(array[0, 100000]) exact, pg_temp.found(base, most, exact)
$$;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
set local role authenticated;
select pg_temp.holds('Ada''s and the shared');
select pg_temp.holds('Ada''s, 0.1 % of the table', pg_temp.n('b2'));
select is_empty($$select * from query q, search_knowledge_chunks(q.v, pg_temp.n('b3'), -1, 1000)$$, 'Ben''s base is as good as none');
reset role;
create policy test_some on knowledge_chunks as restrictive for select to authenticated using ((metadata ->> 'i')::int % 2 = 0);
set local role authenticated;
select pg_temp.holds('where a policy hides half');
reset role;
drop policy test_some on knowledge_chunks;
create policy test_few on knowledge_chunks as restrictive for select to authenticated using ((metadata ->> 'i')::int % 100 = 3);
set local role authenticated;
select pg_temp.holds('where a policy hides 99 %');
reset role;
alter table knowledge_chunks force row level security;
set local role authenticated;
select pg_temp.holds('where row-level security is forced');
reset role;
alter table knowledge_chunks no force row level security;
drop policy test_few on knowledge_chunks;

-- An administrator's index, and counts that have search use it.
create index test_codes on knowledge_chunks using hnsw (embedding_code bit_hamming_ops);
update agent_knowledge_bases set total_chunks = 200000;
set local hnsw.ef_search = 77;
set local role authenticated;
select pg_temp.holds('with an index on the codes');
select is(current_setting('hnsw.ef_search'), '77', 'hnsw.ef_search is as it was');
select is(coalesce(nullif(current_setting('hnsw.iterative_scan', true), ''), 'off'), 'off', 'so is hnsw.iterative_scan');
reset role;
select * from finish();
rollback;
