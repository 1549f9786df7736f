-- Says where an HNSW index on the chunks' codes and the table differ, a line each: nothing where all is well. For psql, as a
-- superuser, where no row was updated after it got its embedding; it leaves nothing.
\set ON_ERROR_STOP on
begin;
set local client_min_messages = warning;
set local hnsw.ef_search = 400;
set local hnsw.iterative_scan = strict_order;
set local hnsw.max_scan_tuples = 1000000;
create temporary table code on commit drop as
select id, ctid as place, embedding_code as code from knowledge_chunks where embedding is not null order by id;

-- The elements on the index's pages: of each, the rows' places in the table, and the code.
create schema checking;
create extension pageinspect schema checking;
create function pg_temp.two(page bytea, at int) returns int immutable language sql as 'select get_byte(page, at) + 256 * get_byte(page, at + 1)';
create temporary table element on commit drop as
with page as materialized (
    select checking.get_raw_page(i.indexrelid::regclass::text, block::int) as page
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    join pg_am a on a.oid = c.relam and a.amname = 'hnsw',
    generate_series(1, pg_relation_size(c.oid) / 8192 - 1) block
    where i.indrelid = 'knowledge_chunks'::regclass
), item as (
    select page, pg_temp.two(page, 24 + 4 * i) & 32767 as at
    from page, generate_series(0, (pg_temp.two(page, 12) - 24) / 4 - 1) i
)
select format('(%s,%s)', 65536 * pg_temp.two(page, row) + pg_temp.two(page, row + 2), pg_temp.two(page, row + 4))::tid as place,
    substring(page from at + 81 for 192) as code
from item, generate_series(at + 4, at + 58, 6) row
where get_byte(page, at) = 1 and get_byte(page, at + 2) = 0 and pg_temp.two(page, row + 4) <> 0;
select 'not in the index as it is: ' || id
from code
where (place, substring(bit_send(code) from 5)) not in (select place, code from element);
select 'twice in the index: ' || place from element group by place having count(*) > 1;

-- HNSW is a graph that does not promise to lead to every row, crash or no crash: it leads to nearly all, and to none twice.
set local enable_seqscan = off;
create temporary table reached on commit drop as
select id from knowledge_chunks order by embedding_code <~> (select code from code limit 1) limit (select count(*) from code);
select format('not reached: %s of %s', count(*) filter (where id not in (select id from reached)), count(*))
from code
having 100 * count(*) filter (where id not in (select id from reached)) >= count(*);
select 'found twice: ' || id from reached group by id having count(*) > 1;

-- Nearly all of the ten nearest are as near by the index as by reading all.
create temporary table by_index on commit drop as
select q.id, n.place, n.distance
from (select * from code where right(id::text, 1) = '7' limit 100) q
cross join lateral (
    select row_number() over (order by distance) as place, distance
    from (select c.embedding_code <~> q.code as distance from knowledge_chunks c order by c.embedding_code <~> q.code limit 10) n
) n;
set local enable_seqscan = on;
set local enable_indexscan = off;
select format('ten nearest differ: %s of %s', count(*) filter (where i.distance is distinct from s.distance), count(*))
from (select * from code where right(id::text, 1) = '7' limit 100) q
cross join lateral (
    select row_number() over (order by distance) as place, distance
    from (select c.code <~> q.code as distance from code c order by 1 limit 10) n
) s
left join by_index i on (i.id, i.place) = (q.id, s.place)
having count(*) = 0 or 100 * count(*) filter (where i.distance is distinct from s.distance) >= 5 * count(*);
rollback;
