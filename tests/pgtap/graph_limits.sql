-- get_node_neighborhood at its limits: nothing to find, and a chain of 100,000 nodes, walked far and stopped on the way.
begin;
select plan(12);

insert into auth.users (id)
values ('00000000-0000-7000-8000-0000000000aa'), ('00000000-0000-7000-8000-0000000000cc');
-- Triggers and the exclusion constraint would take most of the time, and are not what is tested.
alter table graph_edges drop constraint graph_edges_fact_excl;
set local session_replication_role = replica;
create function pg_temp.link(i integer) returns uuid
language sql immutable
return ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid;
insert into graph_nodes (id, user_id, node_type, label)
select pg_temp.link(i), '00000000-0000-7000-8000-0000000000cc', 'session', 'Link ' || i
from generate_series(1, 100000) i;
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
select '00000000-0000-7000-8000-0000000000cc', 'works_on', pg_temp.link(i), pg_temp.link(i + 1)
from generate_series(1, 99999) i;
insert into graph_nodes (id, user_id, node_type, label)
values ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000000aa', 'goal', 'Alone');
set local session_replication_role = origin;
analyze graph_nodes;
analyze graph_edges;
select set_config('request.jwt.claims', '{"sub": "00000000-0000-7000-8000-0000000000cc"}', true);
set local role authenticated;

select is_empty(
    $$ select * from get_node_neighborhood(pg_temp.link(1), 3, p_at => $$ || at || ')',
    'a chain of now is not there at ' || at
)
from (values ($$'-infinity'$$), ($$'4713-01-01 BC'$$), ($$now() - interval '1 microsecond'$$)) t (at);
select is_empty(
    $$ select * from get_node_neighborhood('00000000-0000-7000-8000-00000000000a', 1000) $$,
    'a start in another''s graph leads nowhere'
);
select results_eq(
    'select count(*), max(depth), count(distinct node_id) from get_node_neighborhood(pg_temp.link(1), 1000)',
    'values (1001::bigint, 1000, 1001::bigint)',
    'from the end of a chain, as many nodes are within 1,000 degrees, and the end itself'
);
select results_eq(
    'select count(*), max(depth), min(label), max(label) from get_node_neighborhood(pg_temp.link(50000), 1000)',
    $$ values (2001::bigint, 1000, 'Link 49000', 'Link 51000') $$,
    'from its middle, as many to either side'
);
select is(
    (select max(depth) from get_node_neighborhood(pg_temp.link(50000), 2147483647)),
    50000,
    'no depth is too large'
);

-- How long a walk went on after the timeout that is in force; null if it ended before.
create function pg_temp.overtime(p_budget text) returns interval
language plpgsql
as $$
begin
    perform set_config('lgtempo.pass_budget', p_budget, true);
    perform count(*) from get_node_neighborhood(pg_temp.link(50000), 100000);
    return null;
exception
    when query_canceled then
        return clock_timestamp() - statement_timestamp() - current_setting('statement_timeout')::interval;
end
$$;
set local statement_timeout = '100ms';
select overtime < interval '1 second' as by_levels from pg_temp.overtime('0') overtime \gset
select overtime < interval '1 second' as at_once from pg_temp.overtime('1000000') overtime \gset
set local statement_timeout = 0;
select is(:'by_levels', true, 'a walk by levels is cancelled within a second');
select is(:'at_once', true, 'and so is one that reads all at once');
select is((select count(*) from get_node_neighborhood(pg_temp.link(1), 10)), 11::bigint, 'after which all is as before');

select set_config('request.jwt.claims', '{"sub": "00000000-0000-7000-8000-0000000000aa"}', true);
select results_eq(
    $$
        select depth, label, edge_id
        from unnest(array[0, 1, 2, 1000]) within
        cross join lateral get_node_neighborhood('00000000-0000-7000-8000-00000000000a', within)
    $$,
    $$ select 0, 'Alone'::text, null::uuid from generate_series(1, 4) $$,
    'a person without edges finds the start alone'
);
select is_empty(
    'select * from get_node_neighborhood(pg_temp.link(1), 1000)',
    'and nothing from a start in another''s graph'
);

select * from finish();
rollback;
