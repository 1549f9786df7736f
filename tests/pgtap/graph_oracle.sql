-- get_node_neighborhood against a naive recursive query, on generated graphs: hubs, cycles, closed and future edges,
-- deleted nodes, ids that several people share. The budget of a pass forces each strategy and each switch between them.
begin;
select plan(9);

create function oracle(p_user uuid, p_node uuid, p_depth integer, p_types edge_type[], p_at timestamptz)
returns table (node_id uuid, depth integer, edge_id uuid, edge_label text, edge_properties jsonb)
language sql
as $$
    with recursive live as (
        select n.*
        from graph_nodes n
        where n.user_id = p_user
            and case
                when p_at is null then n.deleted_at is null
                else n.created_at <= p_at and (n.deleted_at is null or n.deleted_at > p_at)
            end
    ), valid as (
        select e.*
        from graph_edges e
        where e.user_id = p_user
            and e.valid_from <= coalesce(p_at, now())
            and (e.valid_to is null or e.valid_to > coalesce(p_at, now()))
            and (p_types is null or e.edge_type = any (p_types))
            and e.source_node_id in (select id from live)
            and e.target_node_id in (select id from live)
    ), walk (node, steps) as (
        select id, 0 from live where id = p_node
        union
        select case when v.source_node_id = w.node then v.target_node_id else v.source_node_id end, w.steps + 1
        from walk w
        join valid v on w.node in (v.source_node_id, v.target_node_id)
        where w.steps < p_depth
    ), shortest as (
        select node, min(steps) as steps from walk group by node
    ), answer (node, steps, edge) as (
        select node, 0, null::uuid from shortest where steps = 0
        union all
        select case when s.steps > t.steps then v.source_node_id else v.target_node_id end,
            greatest(s.steps, t.steps), v.id
        from valid v
        join shortest s on s.node = v.source_node_id
        join shortest t on t.node = v.target_node_id
        where least(s.steps, t.steps) < p_depth
    )
    select a.node, a.steps, a.edge, v.label, v.properties
    from answer a
    join live n on n.id = a.node
    left join valid v on v.id = a.edge
    order by a.steps, n.node_type, n.label, a.edge
$$;

-- Calls both and compares the answers row by row, in order; returns the calls whose answers differ.
create function differences(p_user uuid, p_depth integer, p_types edge_type[], p_at timestamptz, p_budget integer)
returns table (node uuid, rows_expected bigint)
language sql
as $$
    select set_config('lgtempo.pass_budget', p_budget::text, true);
    select n.id, cardinality(expected.rows)
    from (select distinct on (id) id from graph_nodes where user_id = p_user order by id limit 25) n
    cross join lateral (
        select array_agg(row (o.node_id, o.depth, o.edge_id, o.edge_label, o.edge_properties)::text order by o.ordinality)
            as rows
        from oracle(p_user, n.id, p_depth, p_types, p_at) with ordinality o
    ) expected
    cross join lateral (
        select array_agg(row (f.node_id, f.depth, f.edge_id, f.edge_label, f.edge_properties)::text order by f.ordinality)
            as rows
        from get_node_neighborhood(n.id, p_depth, p_user, p_types, p_at) with ordinality f
    ) found
    where expected.rows is distinct from found.rows
$$;

-- From never reading a person's edges at once to always; between, the frontier decides at which level.
create temporary table budgets as
select unnest(array[0, 1, 2, 4, 8, 32, 1000]) as budget;

create temporary table people as
select place, lgtempo_uuid_v7() as id from generate_series(1, 4) place;
insert into auth.users (id) select id from people;

select setseed(0.2026);
-- What triggers would forbid (nodes deleted long ago, edges into them) must be there: the past has such rows.
set local session_replication_role = replica;

create temporary table shared_ids as
select place, lgtempo_uuid_v7() as id from generate_series(1, 60) place;

insert into graph_nodes (id, user_id, node_type, label, created_at, deleted_at)
select id,
    user_id,
    node_type,
    -- Labels of events repeat; in lower and upper case they tell collations apart.
    chr((array[65, 97])[1 + floor(random() * 2)] + floor(random() * 4)::int)
        || case when node_type in ('goal', 'skill') then place::text else '' end,
    now() - random() * interval '200 days',
    case when random() < 0.12 then now() - random() * interval '100 days' end
from (
    select s.id, p.id as user_id, s.place, (enum_range(null::node_type))[1 + floor(random() * 5)] as node_type
    from people p
    cross join shared_ids s
    offset 0
) drawn;

insert into graph_edges (user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to, label, properties)
select made.user_id, made.edge_type, s.id, t.id, made.valid_from,
    case when made.fate < 0.25 then made.valid_from + made.length * interval '150 days' + interval '1 second' end,
    case when made.words < made.wordiness then 'said ' || made.words end,
    case when made.words * 2 < made.wordiness then jsonb_build_object('said', made.words) else '{}' end
from (
    -- A power of a random number makes hubs of the first nodes.
    select p.id as user_id,
        (enum_range(null::edge_type))[1 + floor(random() * 5)] as edge_type,
        1 + floor(power(random(), 1 + p.place) * 60)::int as source,
        1 + floor(random() * 60)::int as target,
        now() + (random() - 0.9) * interval '200 days' as valid_from,
        random() as fate,
        random() as length,
        random() as words,
        -- None, few, many or all of a person's edges have words.
        (array[0, 0.1, 0.7, 1])[p.place] as wordiness
    from people p
    cross join generate_series(1, 130)
) made
join shared_ids s on s.place = made.source
join shared_ids t on t.place = made.target
where made.source <> made.target
on conflict do nothing;
set local session_replication_role = origin;
analyze graph_nodes;
analyze graph_edges;

select cmp_ok(
    (select count(*) from graph_edges e join people p on p.id = e.user_id where e.valid_to < now()), '>', 30::bigint,
    'the generated graphs have closed edges'
);
select results_eq(
    $$
        select count(e.label) = 0, count(e.label) between 1 and 60, count(e.label) > 70
        from people p
        join graph_edges e on e.user_id = p.id
        group by p.place
        order by p.place
    $$,
    $$ values (true, false, false), (false, true, false), (false, false, true), (false, false, true) $$,
    'edges with words are none, few or many of a person''s'
);
select cmp_ok(
    (
        select max(o.depth)
        from people p
        cross join shared_ids s
        cross join lateral oracle(p.id, s.id, 6, null, null) o
    ),
    '>=', 4,
    'the generated graphs are deep enough to tell paths from degrees'
);

select is_empty(
    $$
        select p.place, depth, d.*
        from people p
        cross join generate_series(0, 6) depth
        cross join budgets
        cross join lateral differences(p.id, depth, null, null, budget) d
    $$,
    'at any depth, read by levels, at once or first this and then that, the answer is the naive one'
);
select is_empty(
    $$
        select p.place, types, d.*
        from people p
        cross join (
            values ('{works_on}'::edge_type[]), ('{feels,achieves}'), ('{}'), (enum_range(null::edge_type))
        ) t (types)
        cross join (values (0), (1), (1000)) b (budget)
        cross join lateral differences(p.id, 4, types, null, budget) d
    $$,
    'whatever types of edges are walked, the answer is the naive one'
);
select is_empty(
    $$
        select p.place, at, d.*
        from people p
        cross join lateral (
            select now() - back * interval '1 day' as at from unnest(array[-40, 0, 10, 60, 120, 199, 1000]) back
        ) t
        cross join (values (0), (1), (1000)) b (budget)
        cross join lateral differences(p.id, 3, null, at, budget) d
    $$,
    'at any instant the answer is the naive one'
);

grant execute on all functions in schema public to authenticated;
grant select on people, shared_ids, budgets to authenticated;
select set_config('request.jwt.claims', json_build_object('sub', (select id from people where place = 2))::text, true);
set local role authenticated;
select is_empty(
    $$
        select d.*
        from people p
        cross join generate_series(1, 4) depth
        cross join budgets
        cross join lateral differences(p.id, depth, null, null, budget) d
        where p.id = auth.uid()
    $$,
    'the answer is the naive one for a caller whom row-level security binds'
);
select is_empty(
    $$
        select n.node_id
        from shared_ids s
        cross join lateral get_node_neighborhood(s.id, 3) n
        where not exists (select from graph_nodes o where o.id = n.node_id and o.user_id = auth.uid())
    $$,
    'ids that several people share lead nobody into another''s graph'
);

reset role;
select cmp_ok(
    (
        select count(*)
        from (select count(*) as number from graph_edges e join people p on p.id = e.user_id group by p.id) edges
        cross join budgets b
        where b.budget * 4 < edges.number and b.budget * 60 > edges.number
    ),
    '>', 3::bigint,
    'some budgets are too small for the start and large enough for a later frontier'
);
select * from finish();
rollback;
