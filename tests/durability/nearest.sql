-- Says where an HNSW index on the chunks' codes and the table differ, a line each: nothing where all is well. For psql.
\set ON_ERROR_STOP on
begin;
set local client_min_messages = warning;
set local hnsw.ef_search = 400;
set local hnsw.iterative_scan = strict_order;
set local hnsw.max_scan_tuples = 1000000;
create temporary table code on commit drop as
select id, embedding_code as code from knowledge_chunks where embedding is not null order by id;

-- Every row can be reached, and is found once.
set local enable_seqscan = off;
create temporary table reached on commit drop as
select id from knowledge_chunks order by embedding_code <~> (select code from code limit 1) limit (select count(*) from code);
select 'not reached: ' || id from code where id not in (select id from reached);
select 'found twice: ' || id from reached group by id having count(*) > 1;

-- The ten nearest are as near by the index as by reading all.
create temporary table by_index on commit drop as
select q.id, array_agg(n.distance order by n.distance) as distances
from (select * from code where right(id::text, 1) = '7' limit 100) q
cross join lateral (select c.embedding_code <~> q.code as distance from knowledge_chunks c order by c.embedding_code <~> q.code limit 10) n
group by q.id;
set local enable_seqscan = on;
set local enable_indexscan = off;
select 'ten nearest differ: ' || i.id
from by_index i
join code q using (id)
cross join lateral (
    select array_agg(distance order by distance) as distances
    from (select c.code <~> q.code as distance from code c order by 1 limit 10) n
) s
where s.distances <> i.distances;
select 'nothing was asked' where not exists (select from by_index);
rollback;
