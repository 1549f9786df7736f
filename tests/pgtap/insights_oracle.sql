-- refresh_graph_insights against naive queries, on generated graphs and on a chain of 50,001 nodes.
begin;
select plan(43);

-- What counts, as the naive queries see it.
create function pg_temp.live(p_user uuid, p_type node_type default null) returns setof graph_nodes language sql as $$
    select * from graph_nodes where user_id = p_user and deleted_at is null and (p_type is null or node_type = p_type)
$$;
create function pg_temp.edges(p_user uuid, p_type edge_type default null)
returns table (source uuid, source_type node_type, target uuid, target_type node_type) language sql as $$
    select s.id, s.node_type, t.id, t.node_type
    from graph_edges e
    join pg_temp.live(p_user) s on s.id = e.source_node_id
    join pg_temp.live(p_user) t on t.id = e.target_node_id
    where e.user_id = p_user and e.valid_from <= now() and (e.valid_to is null or e.valid_to > now()) and (p_type is null or e.edge_type = p_type)
$$;
create function pg_temp.given_up(p_user uuid) returns setof uuid language sql as $$
    select node_id from user_goals where user_id = p_user and goal_status in ('completed', 'achieved', 'abandoned', 'cancelled')
$$;

create function pg_temp.neglected(p_user uuid) returns setof text language sql as $$
    select 'neglected_goal:' || g.id
    from pg_temp.live(p_user, 'goal') g
    where g.created_at < now() - interval '30 days'
        and g.id not in (select node_id from pg_temp.given_up(p_user) node_id where node_id is not null)
        and g.id not in (select target from pg_temp.edges(p_user, 'achieves'))
        and g.id not in (
            select e.target from pg_temp.edges(p_user, 'works_on') e join pg_temp.live(p_user, 'session') s on s.id = e.source
            where s.created_at >= now() - interval '30 days'
        )
$$;
create function pg_temp.trend(p_user uuid, out recent bigint, out recent_mean numeric, out earlier bigint, out earlier_mean numeric) language sql as $$
    select count(*) filter (where new), avg(felt) filter (where new), count(*) filter (where not new), avg(felt) filter (where not new)
    from (
        select created_at > now() - interval '30 days' as new,
            (properties ->> 'intensity')::numeric * case when label in ('confident', 'motivated', 'accomplished') then 1 else -1 end as felt
        from pg_temp.live(p_user, 'emotion')
        where created_at > now() - interval '60 days'
    ) e
$$;
create function pg_temp.skills(p_user uuid) returns table (skill uuid, sessions bigint) language sql as $$
    select skill, count(distinct session)
    from (
        select source as skill, target as session from pg_temp.edges(p_user, 'has_skill') where source_type = 'skill' and target_type = 'session'
        union all
        select target, source from pg_temp.edges(p_user, 'has_skill') where source_type = 'session' and target_type = 'skill'
    ) e
    group by skill having count(distinct session) >= 2
$$;
create function pg_temp.close_to_done(p_user uuid) returns table (key text, evidence jsonb) language sql as $$
    select 'goal_close_to_done:' || goal, jsonb_build_object('accomplishments', count(distinct done), 'milestones', milestones)
    from (
        select target as goal, source as done from pg_temp.edges(p_user, 'achieves') where source_type = 'accomplishment'
        union all
        select w.target, d.source
        from pg_temp.edges(p_user, 'derived_from') d
        join pg_temp.edges(p_user, 'works_on') w on w.source = d.target and w.source_type = 'session'
        where d.source_type = 'accomplishment'
    ) a
    join pg_temp.live(p_user, 'goal') g on g.id = goal
    cross join lateral (
        select jsonb_array_length(coalesce((select u.milestones from user_goals u where u.node_id = g.id and u.milestones <> '[]'), g.properties -> 'milestones'))
            as milestones
    ) m
    where g.id not in (select node_id from pg_temp.given_up(p_user) node_id where node_id is not null)
    group by goal, milestones
    having milestones > 0 and count(distinct done) * 4 >= milestones * 3
$$;
-- Each node is taken out in turn: what its neighbours reach without it are the parts.
create function pg_temp.connectors(p_user uuid) returns table (node uuid, parts bigint, cut_off numeric) language sql as $$
    with recursive links as (
        select source as a, target as b from pg_temp.edges(p_user) union select target, source from pg_temp.edges(p_user)
    ), reached (gone, start, node) as (
        select a, b, b from links
        union
        select r.gone, r.start, l.b from reached r join links l on l.a = r.node where l.b <> r.gone
    ), parts as (
        select distinct gone, first, size
        from (select gone, min(node::text) as first, count(*) as size from reached group by gone, start) s
    )
    select gone, count(*), sum(size) - max(size) from parts group by gone having sum(size) - max(size) >= 2
$$;

-- Four people with graphs of 90 nodes, sparse enough to fall apart.
create temporary table people as select place, lgtempo_uuid_v7() as id from generate_series(1, 4) place;
insert into auth.users (id) select id from people;
select setseed(0.25) \gset
set local session_replication_role = replica;
create temporary table nodes as
select p.place as person, p.id as user_id, i, ('00000000-0000-7000-9000-' || lpad((1000 * p.place + i)::text, 12, '0'))::uuid as id, (array['goal', 'skill', 'emotion', 'session', 'session', 'accomplishment'])[1 + i % 6]::node_type as type
from people p, generate_series(1, 90) i;
insert into graph_nodes (id, user_id, node_type, label, properties, created_at, deleted_at)
select id, user_id, type,
    case when type = 'emotion' then (enum_range(null::emotion_type))[1 + floor(random() * 6)]::text else type || ' ' || i end, '{}',
    now() - random() * interval '80 days', case when random() < 0.08 then now() - random() * interval '10 days' end
from nodes;
update graph_nodes
set properties = case node_type
    when 'emotion' then jsonb_build_object('emotion', label, 'intensity', round(random()::numeric, 2))
    when 'goal' then jsonb_build_object('milestones', (select jsonb_agg(m) from generate_series(1, 1 + abs(hashtext(label)) % 4) m))
    else '{}'
end;
insert into user_goals (user_id, goal_title, node_id, goal_status, milestones)
select user_id, label, id, (array['pending', 'active', 'completed', 'achieved', 'abandoned', 'cancelled'])[1 + floor(random() * random() * 6)],
    coalesce((select jsonb_agg(m) from generate_series(1, abs(hashtext(id::text)) % 4) m), '[]')
from graph_nodes where node_type = 'goal' and random() < 0.6;
-- Edges of every type wherever they like, and more of those that insights are made of.
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to)
select user_id, type, source, target, began, case when fate < 0.15 then began + length * interval '60 days' + interval '1 second' end
from (
    select s.user_id, s.id as source, t.id as target, now() + (random() - 0.97) * interval '80 days' as began, random() as fate, random() as length,
        case
            when s.type = 'session' and t.type = 'goal' then 'works_on'
            when s.type = 'accomplishment' and t.type = 'session' then 'derived_from'
            when s.type = 'accomplishment' and t.type = 'goal' then 'achieves'
            when 'skill' in (s.type, t.type) then 'has_skill'
            else (enum_range(null::edge_type))[1 + (s.i + t.i) % 5]::text
        end::edge_type as type
    from nodes s join nodes t on s.person = t.person and s.i <> t.i
    where random() < case
        when s.type = 'session' and t.type = 'goal' then 0.06 + 0.02 * s.person
        when s.type = 'accomplishment' and t.type in ('session', 'goal') then 0.04 + 0.01 * s.person
        when s.type = 'skill' and t.type = 'session' or s.type = 'session' and t.type = 'skill' then 0.02 * s.person
        else 0.002 * s.person
    end
) e
on conflict do nothing;
set local session_replication_role = origin;

-- One person's by that person, the others' by the service.
select id as first from people where place = 1 \gset
select set_config('request.jwt.claims', jsonb_build_object('sub', :'first', 'role', 'authenticated')::text, true) \gset
set local role authenticated;
create temporary table returned as select 1 as place, refresh_graph_insights() as number;
reset role;
insert into returned select place, refresh_graph_insights(id) from people where place > 1;
select is(r.number::bigint, (select count(*) from graph_insights i where i.user_id = p.id), format('person %s: as many as are returned are there', place))
from people p join returned r using (place);
select set_eq(
    format('select insight_key from graph_insights where user_id = %L and insight_type = %L', id, 'neglected_goal'),
    format('select pg_temp.neglected(%L)', id), format('person %s: goals are neglected as naively found', place)
)
from people;
select results_eq(
    format($$select (evidence #>> '{recent,emotions}')::bigint, (evidence #>> '{earlier,emotions}')::bigint,
        abs((evidence #>> '{recent,mean}')::numeric - recent_mean) <= 0.0051, abs((evidence #>> '{earlier,mean}')::numeric - earlier_mean) <= 0.0051,
        abs((evidence ->> 'change')::numeric - recent_mean + earlier_mean) <= 0.0101
        from graph_insights, pg_temp.trend(user_id) where user_id = %L and insight_type = 'emotion_trend'$$, id),
    format('select recent, earlier, true, true, true from pg_temp.trend(%L)', id), format('person %s: the emotions'' trend is as naively found', place)
)
from people;
select results_eq(
    format($$select (s ->> 'sessions')::bigint from graph_insights, jsonb_array_elements(evidence -> 'skills') with ordinality e (s, o)
        where user_id = %L and insight_type = 'leading_skills' order by o$$, id),
    format('select sessions from pg_temp.skills(%L) order by 1 desc limit 3', id), format('person %s: skills lead as naively found', place)
)
from people;
select is_empty(
    format($$select s from graph_insights, jsonb_array_elements(evidence -> 'skills') with ordinality e (s, o) where user_id = %L
        and not exists (select from pg_temp.skills(%1$L) where skill::text = s ->> 'id' and skill = node_ids[o] and sessions = (s ->> 'sessions')::bigint)$$, id),
    format('person %s: each with the sessions that it has', place)
)
from people;
select set_eq(
    format('select insight_key, evidence from graph_insights where user_id = %L and insight_type = %L', id, 'goal_close_to_done'),
    format('select * from pg_temp.close_to_done(%L)', id), format('person %s: goals are close to done as naively found', place)
)
from people;
-- Of several that cut off as many, any may be among the five.
select results_eq(
    format($$select (evidence ->> 'cut_off')::numeric from graph_insights where user_id = %L and insight_type = 'connector' order by 1 desc$$, id),
    format('select cut_off from pg_temp.connectors(%L) order by 1 desc limit 5', id), format('person %s: connectors cut off as many as naively found', place)
)
from people;
select is_empty(
    format($$select insight_key, evidence from graph_insights where user_id = %L and insight_type = 'connector' and not exists (
        select from pg_temp.connectors(%1$L) where insight_key = 'connector:' || node and evidence = jsonb_build_object('parts', parts, 'cut_off', cut_off))$$, id),
    format('person %s: each with its figures', place)
)
from people;
select cmp_ok(count(*), '>=', number, format('the generated graphs have %s insights of the kind %s or more', number, type))
from (values ('neglected_goal', 8::bigint), ('emotion_trend', 4), ('leading_skills', 3), ('goal_close_to_done', 4), ('connector', 6)) as v (type, number)
left join graph_insights on insight_type = type
group by type, number;

-- Nodes are deleted and edges end: what is written step by step is what is written at once.
update graph_nodes set deleted_at = now() where user_id in (select id from people) and deleted_at is null and right(id::text, 1) in ('0', '1');
update graph_edges set valid_to = now()
where user_id in (select id from people) and valid_from < now() and (valid_to is null or valid_to > now()) and hashtext(concat(source_node_id, target_node_id)) % 12 = 0;
create temporary table before as select * from graph_insights;
create temporary table numbers as select refresh_graph_insights(id) as number from people;
select is(
    sum(number), (select count(*) from graph_insights n left join before b using (id) where b.id is null or n is distinct from b),
    'as many rows are written as are returned'
)
from numbers;
select cmp_ok(sum(number), '>=', 10::bigint, 'which are ten or more') from numbers;
create temporary table stepwise as
select user_id, insight_key, title, content, confidence, node_ids, evidence from graph_insights where valid_until is null;
delete from graph_insights;
select count(refresh_graph_insights(id)) from people \gset
select set_eq(
    'select user_id, insight_key, title, content, confidence, node_ids, evidence from graph_insights', 'select * from stepwise',
    'insights depend on the graph alone, not on how it came to be'
);

-- A chain of 50,001 nodes. Triggers and the exclusion constraint would take most of the time, and are not what is tested.
alter table graph_edges drop constraint graph_edges_fact_excl;
set local session_replication_role = replica;
create function pg_temp.link(i integer) returns uuid
language sql immutable
return ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid;
insert into graph_nodes (id, user_id, node_type, label)
select pg_temp.link(i), (select id from people where place = 1), 'session', 'Link ' || i from generate_series(1, 50001) i;
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
select (select id from people where place = 1), 'feels', pg_temp.link(i), pg_temp.link(i + 1) from generate_series(1, 50000) i;
set local session_replication_role = origin;
analyze graph_nodes;
analyze graph_edges;
select cmp_ok(refresh_graph_insights(:'first'), '>=', 5, 'a chain of 50,001 nodes is not too deep');
select results_eq(
    format($$select insight_key, evidence from graph_insights where user_id = %L and insight_type = 'connector' and valid_until is null order by 1$$, :'first'),
    $$select 'connector:' || pg_temp.link(i), jsonb_build_object('parts', 2, 'cut_off', 25000 - abs(25001 - i))
      from generate_series(24999, 25003) i order by 1$$,
    'its middle holds it together'
);
select is(refresh_graph_insights(:'first'), 0, 'and does so again');

select * from finish();
rollback;
