-- Says where an index and its table differ, a line each: nothing where all is well. For psql, as a superuser, in a database
-- whose tables are in public; it leaves nothing.
\set ON_ERROR_STOP on
begin;
set local client_min_messages = warning;
create schema checking;
create extension amcheck schema checking;
create extension pg_visibility schema checking;

create temporary table tables on commit drop as
select c.oid::regclass as name
from pg_class c
where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'auth'::regnamespace);

-- The tables and what lies out of line.
select 'heap: ' || name || ' ' || h::text from tables, checking.verify_heapam(name, check_toast => true) h;
select 'visible without being so: ' || name || ' ' || t_ctid::text
from tables, lateral (
    select * from checking.pg_check_visible(name) union all select * from checking.pg_check_frozen(name)
) v;

-- B-trees: bt_index_parent_check raises what it finds.
create function pg_temp.problem(index regclass) returns text language plpgsql as $$
begin
    perform checking.bt_index_parent_check(index, heapallindexed => true, rootdescend => true);
    return null;
exception when others then
    return format('btree: %s: %s', index, sqlerrm);
end $$;
select pg_temp.problem(i.indexrelid)
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_am a on a.oid = c.relam and a.amname = 'btree'
where i.indrelid in (select name from tables)
    or i.indrelid in (select reltoastrelid from pg_class where oid in (select name from tables))
order by 1 \g | grep -v '^$' || true

-- Whatever else could answer in an index's stead goes, to the end of this transaction.
alter table graph_edges drop constraint graph_edges_pkey;
drop index graph_edges_source_idx, graph_edges_target_idx, graph_edges_user_words_idx;
set local enable_seqscan = off;

create function pg_temp.uses(query text, index text) returns setof text language plpgsql as $$
declare line text;
begin
    for line in execute 'explain ' || query loop
        if line like '%' || index || '%' then return; end if;
    end loop;
    return next 'not asked: ' || index;
end $$;

-- GIN: how many rows have each word.
create temporary table word on commit drop as
select 'knowledge_chunks' as place, w.lexeme, count(*) as rows from knowledge_chunks, unnest(search_vector) w group by 2
union all
select 'knowledge', w.lexeme, count(*) from knowledge, unnest(search_vector) w group by 2;
select pg_temp.uses($$select count(*) from knowledge_chunks where search_vector @@ 'word'$$, 'knowledge_chunks_search_idx');
select pg_temp.uses($$select count(*) from knowledge where search_vector @@ 'word'$$, 'knowledge_search_idx');
select 'gin: ' || place || ' ' || lexeme || ': ' || found || ' instead of ' || rows
from word w
cross join lateral (
    select case place
        when 'knowledge' then (select count(*) from knowledge where search_vector @@ quote_literal(lexeme)::tsquery)
        else (select count(*) from knowledge_chunks where search_vector @@ quote_literal(lexeme)::tsquery)
    end as found
) f
where found <> rows;

-- GiST: each edge by its fact and period.
create temporary table fact on commit drop as
select id, user_id, edge_type, source_node_id, target_node_id, tstzrange(valid_from, valid_to) as period from graph_edges;
select pg_temp.uses(
    'select e.id from fact f, lateral (select id from graph_edges e
        where e.user_id = f.user_id and e.edge_type = f.edge_type and e.source_node_id = f.source_node_id
            and e.target_node_id = f.target_node_id and tstzrange(e.valid_from, e.valid_to) && f.period offset 0) e',
    'graph_edges_fact_excl'
);
select 'gist: ' || f.id || ' is found ' || count(e.id) || ' times'
from fact f
left join lateral (
    select e.id
    from graph_edges e
    where e.user_id = f.user_id and e.edge_type = f.edge_type and e.source_node_id = f.source_node_id
        and e.target_node_id = f.target_node_id and tstzrange(e.valid_from, e.valid_to) && f.period
    offset 0
) e on true
group by f.id
having count(e.id) <> 1 or f.id <> all (array_agg(e.id));
rollback;
