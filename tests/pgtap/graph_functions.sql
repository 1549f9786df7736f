-- The graph's functions: walking it, searching it, adding to it; bad input; who may ask for whose.
begin;
select plan(362);

-- Short names: Ada, Ben and Cid, the key that ends in some digits, an embedding that begins with some numbers.
create function pg_temp.ada() returns uuid immutable return '00000000-0000-4000-8000-00000000000a'::uuid;
create function pg_temp.ben() returns uuid immutable return '00000000-0000-4000-8000-00000000000b'::uuid;
create function pg_temp.cid() returns uuid immutable return '00000000-0000-4000-8000-00000000000c'::uuid;
create function pg_temp.n(text) returns uuid immutable
    return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;
create function pg_temp.short(uuid) returns text immutable return ltrim(right($1::text, 12), '0');
create function pg_temp.vec(variadic real[]) returns vector immutable
    return ($1 || array_fill(0::real, array[1536 - cardinality($1)]))::vector(1536);

insert into auth.users (id, email) values
    (pg_temp.ada(), 'ada@example.com'), (pg_temp.ben(), 'ben@example.com'), (pg_temp.cid(), 'cid@example.com');

-- What callers write: names, order and types of arguments and results.
select unnest(array[
    is(pg_get_function_arguments(name::regproc), arguments, format('%s takes what it promises', name)),
    is(pg_get_function_result(name::regproc), result, format('%s returns what it promises', name)),
    is(provolatile, volatility, format('%s may be called as often as it promises', name)),
    ok(exists (select from unnest(proconfig) c where c like 'search_path=%'), format('%s has a fixed search_path', name))
])
from (values
    ('get_node_neighborhood',
        'p_node_id uuid, p_depth integer DEFAULT 2, p_user_id uuid DEFAULT NULL::uuid, p_edge_types edge_type[] DEFAULT '
        'NULL::edge_type[], p_at timestamp with time zone DEFAULT NULL::timestamp with time zone',
        'TABLE(node_id uuid, node_type node_type, label text, description text, properties jsonb, status node_status, '
        'depth integer, edge_id uuid, edge_type edge_type, edge_label text, edge_properties jsonb, source_node_id uuid, '
        'target_node_id uuid)', 's'::"char"),
    ('find_similar_nodes',
        'p_user_id uuid, p_query_embedding vector, p_limit integer DEFAULT 10, p_threshold double precision DEFAULT 0.7, '
        'p_node_types node_type[] DEFAULT NULL::node_type[], p_exclude_node_ids uuid[] DEFAULT NULL::uuid[]',
        'TABLE(node_id uuid, node_type node_type, label text, description text, properties jsonb, status node_status, '
        'similarity double precision)', 's'),
    ('track_emotion',
        'p_user_id uuid, p_emotion emotion_type, p_context text DEFAULT NULL::text, p_intensity double precision DEFAULT 0.5, '
        'p_related_node_id uuid DEFAULT NULL::uuid', 'uuid', 'v'),
    ('create_session_node',
        'p_user_id uuid DEFAULT NULL::uuid, p_goal_id uuid DEFAULT NULL::uuid, p_duration integer DEFAULT NULL::integer, '
        'p_summary text DEFAULT NULL::text, p_properties jsonb DEFAULT ''{}''::jsonb', 'uuid', 'v'),
    ('update_session_node',
        'p_session_id uuid, p_summary text DEFAULT NULL::text, p_duration integer DEFAULT NULL::integer, '
        'p_properties jsonb DEFAULT NULL::jsonb, p_goal_id uuid DEFAULT NULL::uuid, p_user_id uuid DEFAULT NULL::uuid',
        'boolean', 'v'),
    ('create_goal_node',
        'p_user_id uuid, p_title text, p_category text DEFAULT NULL::text, p_properties jsonb DEFAULT ''{}''::jsonb',
        'uuid', 'v'),
    ('create_skill_node',
        'p_user_id uuid, p_skill_name text, p_level skill_level DEFAULT ''beginner''::skill_level, '
        'p_transferable_from text[] DEFAULT ''{}''::text[]', 'uuid', 'v'),
    ('update_node_status', 'p_node_id uuid, p_new_status node_status, p_user_id uuid DEFAULT NULL::uuid', 'boolean', 'v'),
    ('upsert_node_embedding', 'p_node_id uuid, p_embedding vector, p_user_id uuid DEFAULT NULL::uuid', 'boolean', 'v')
) as v (name, arguments, result, volatility)
join pg_proc p on p.oid = name::regproc;

-- ---------------------------------------------------------------------------------------------------------------
-- get_node_neighborhood. Ada's graph:
--   First -works_on-> Speak up <-works_on- Second; First -achieves-> Second; First -achieves-> Speak up
--   Speak up -has_skill-> Rust -derived_from-> Talk; First -feels-> anxious
--   closed: Speak up -> Closed; not begun: Speak up -> Future; deleted: Speak up -> Gone -> Beyond; afar: Island
insert into graph_nodes (id, user_id, node_type, label, description, properties, status, created_at) values
    (pg_temp.n('a1'), pg_temp.ada(), 'goal', 'Speak up', 'In meetings', '{"category": "work"}', 'curated', now() - interval '30 days'),
    (pg_temp.n('a2'), pg_temp.ada(), 'session', 'First', null, '{}', 'draft_verbal', now() - interval '30 days'),
    (pg_temp.n('a3'), pg_temp.ada(), 'session', 'Second', null, '{}', 'draft_verbal', now() - interval '10 days'),
    (pg_temp.n('a4'), pg_temp.ada(), 'skill', 'Rust', null, '{"level": "beginner"}', 'draft_verbal', now() - interval '30 days'),
    (pg_temp.n('a5'), pg_temp.ada(), 'accomplishment', 'Talk', null, '{}', 'draft_verbal', now() - interval '30 days'),
    (pg_temp.n('a6'), pg_temp.ada(), 'emotion', 'anxious', null, '{}', 'draft_verbal', now() - interval '30 days'),
    (pg_temp.n('a7'), pg_temp.ada(), 'session', 'Closed', null, '{}', 'draft_verbal', now() - interval '30 days'),
    (pg_temp.n('a8'), pg_temp.ada(), 'session', 'Future', null, '{}', 'draft_verbal', now() - interval '30 days'),
    (pg_temp.n('a9'), pg_temp.ada(), 'session', 'Gone', null, '{}', 'draft_verbal', now() - interval '30 days'),
    (pg_temp.n('aa'), pg_temp.ada(), 'session', 'Beyond', null, '{}', 'draft_verbal', now() - interval '30 days'),
    (pg_temp.n('ab'), pg_temp.ada(), 'session', 'Island', null, '{}', 'draft_verbal', now() - interval '30 days'),
    (pg_temp.n('b1'), pg_temp.ben(), 'goal', 'Speak up', null, '{}', 'draft_verbal', now() - interval '30 days'),
    (pg_temp.n('b2'), pg_temp.ben(), 'session', 'First', null, '{}', 'draft_verbal', now() - interval '30 days'),
    -- The same id at two people.
    (pg_temp.n('ff'), pg_temp.ada(), 'session', 'Of Ada', null, '{}', 'draft_verbal', now()),
    (pg_temp.n('ff'), pg_temp.ben(), 'session', 'Of Ben', null, '{}', 'draft_verbal', now());
insert into graph_edges (id, user_id, edge_type, source_node_id, target_node_id, label, properties, valid_from, valid_to) values
    (pg_temp.n('e1'), pg_temp.ada(), 'works_on', pg_temp.n('a2'), pg_temp.n('a1'), 'as agreed', '{"n": 1}', now() - interval '20 days', null),
    (pg_temp.n('e2'), pg_temp.ada(), 'works_on', pg_temp.n('a3'), pg_temp.n('a1'), null, '{}', now() - interval '9 days', null),
    (pg_temp.n('e3'), pg_temp.ada(), 'achieves', pg_temp.n('a2'), pg_temp.n('a3'), null, '{}', now() - interval '9 days', null),
    (pg_temp.n('e4'), pg_temp.ada(), 'achieves', pg_temp.n('a2'), pg_temp.n('a1'), null, '{}', now() - interval '20 days', null),
    (pg_temp.n('e5'), pg_temp.ada(), 'has_skill', pg_temp.n('a1'), pg_temp.n('a4'), null, '{}', now(), null),
    (pg_temp.n('e6'), pg_temp.ada(), 'derived_from', pg_temp.n('a4'), pg_temp.n('a5'), null, '{}', now() - interval '20 days', null),
    (pg_temp.n('e7'), pg_temp.ada(), 'feels', pg_temp.n('a2'), pg_temp.n('a6'), null, '{}', now() - interval '20 days', null),
    (pg_temp.n('e8'), pg_temp.ada(), 'feels', pg_temp.n('a1'), pg_temp.n('a7'), null, '{}', now() - interval '20 days', now() - interval '5 days'),
    (pg_temp.n('e9'), pg_temp.ada(), 'feels', pg_temp.n('a1'), pg_temp.n('a8'), null, '{}', now() + interval '5 days', null),
    (pg_temp.n('ea'), pg_temp.ada(), 'feels', pg_temp.n('a1'), pg_temp.n('a9'), null, '{}', now() - interval '20 days', null),
    (pg_temp.n('eb'), pg_temp.ada(), 'feels', pg_temp.n('a9'), pg_temp.n('aa'), null, '{}', now() - interval '20 days', null),
    (pg_temp.n('ec'), pg_temp.ada(), 'feels', pg_temp.n('a1'), pg_temp.n('aa'), null, '{}', now() - interval '20 days', now()),
    (pg_temp.n('be'), pg_temp.ben(), 'works_on', pg_temp.n('b2'), pg_temp.n('b1'), null, '{}', now(), null);
update graph_nodes set deleted_at = now() where id = pg_temp.n('a9');

-- A neighbourhood in one line a row: depth, node, edge.
create function pg_temp.lines(p_node_id uuid, p_depth integer default 2, p_user_id uuid default null,
    p_edge_types edge_type[] default null, p_at timestamptz default null) returns setof text language sql as $$
    select concat_ws(' ', depth, label, pg_temp.short(edge_id))
    from get_node_neighborhood(p_node_id, p_depth, p_user_id, p_edge_types, p_at)
$$;

set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select results_eq(
    $$select * from get_node_neighborhood(pg_temp.n('a1'), 0)$$,
    $$values (pg_temp.n('a1'), 'goal'::node_type, 'Speak up', 'In meetings', '{"category": "work"}'::jsonb, 'curated'::node_status,
        0, null::uuid, null::edge_type, null::text, null::jsonb, null::uuid, null::uuid)$$,
    'at depth 0 there is the node itself'
);
select results_eq(
    $$select * from get_node_neighborhood(pg_temp.n('a2'), 1, p_edge_types => '{works_on}')$$,
    $$values
        (pg_temp.n('a2'), 'session'::node_type, 'First', null, '{}'::jsonb, 'draft_verbal'::node_status,
            0, null::uuid, null::edge_type, null::text, null::jsonb, null::uuid, null::uuid),
        (pg_temp.n('a1'), 'goal', 'Speak up', 'In meetings', '{"category": "work"}', 'curated',
            1, pg_temp.n('e1'), 'works_on', 'as agreed', '{"n": 1}', pg_temp.n('a2'), pg_temp.n('a1'))$$,
    'a row tells all of its node and edge'
);
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 1)$$,
    array['0 Speak up', '1 Rust e5', '1 First e1', '1 First e4', '1 Second e2'],
    'depth 1: a row an edge, walked in both directions, by node_type, label and edge_id; not between neighbours'
);
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 2)$$,
    array['0 Speak up', '1 Rust e5', '1 First e1', '1 First e4', '1 Second e2', '1 Second e3', '2 anxious e7', '2 Talk e6'],
    'depth 2: by shortest path; an edge between two of a depth has its target''s node'
);
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a1'))$$, $$select pg_temp.lines(pg_temp.n('a1'), 2)$$, 'depth 2 is what nobody asked for'
);
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 2147483647)$$, $$select pg_temp.lines(pg_temp.n('a1'), 2)$$,
    'a depth beyond the graph is the whole of what is reached'
);
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a5'), 3)$$,
    array['0 Talk', '1 Rust e6', '2 Speak up e5', '3 First e1', '3 First e4', '3 Second e2'],
    'edges are walked against their direction'
);
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a3'), 1)$$, array['0 Second', '1 Speak up e2', '1 First e3'], 'an edge''s farther end may be its source'
);
select results_eq($$select pg_temp.lines(pg_temp.n('ab'), 9)$$, array['0 Island'], 'a node without edges is alone');
select results_eq($$select pg_temp.lines(pg_temp.n('a7'), 9)$$, array['0 Closed'], 'edges that have ended are not walked');
select results_eq($$select pg_temp.lines(pg_temp.n('a8'), 9)$$, array['0 Future'], 'nor are edges that have not begun');
select results_eq($$select pg_temp.lines(pg_temp.n('aa'), 9)$$, array['0 Beyond'], 'nor what leads through deleted nodes');
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 3, null, '{works_on,has_skill}')$$,
    array['0 Speak up', '1 Rust e5', '1 First e1', '1 Second e2'],
    'p_edge_types limits which edges are walked'
);
select results_eq($$select pg_temp.lines(pg_temp.n('a1'), 3, null, '{}')$$, array['0 Speak up'], 'no types, no edges');
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 3, null, '{derived_from}')$$, array['0 Speak up'],
    'a path leads over edges of these types alone'
);

-- How it was.
select set_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 9, p_at => now() - interval '6 days')$$,
    array['0 Speak up', '1 Beyond ec', '1 Beyond eb', '1 Closed e8', '1 First e1', '1 First e4', '1 Gone ea', '1 Second e2',
        '1 Second e3', '2 anxious e7'],
    'as of six days ago: edges of then, and deleted nodes that lived'
);
select set_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 1, p_at => now() - interval '15 days')$$,
    array['0 Speak up', '1 Beyond ec', '1 Closed e8', '1 First e1', '1 First e4', '1 Gone ea'],
    'as of a time before a node came to be'
);
select set_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 1, p_at => now() - interval '20 days')$$,
    array['0 Speak up', '1 Beyond ec', '1 Closed e8', '1 First e1', '1 First e4', '1 Gone ea'],
    'an edge is valid from the instant it begins'
);
select set_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 1, p_at => now() - interval '20 days 1 microsecond')$$,
    array['0 Speak up'], 'and not before'
);
select set_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 1, p_at => now() - interval '5 days')$$,
    array['0 Speak up', '1 Beyond ec', '1 First e1', '1 First e4', '1 Gone ea', '1 Second e2'],
    'an edge is no longer valid at the instant it ends'
);
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a3'), 0, p_at => now() - interval '10 days')$$, array['0 Second'], 'a node counts from the instant it was made'
);
select is_empty(
    $$select pg_temp.lines(pg_temp.n('a3'), 0, p_at => now() - interval '10 days 1 microsecond')$$, 'and not before'
);
select is_empty(
    $$select pg_temp.lines(pg_temp.n('a9'), 0, p_at => (select deleted_at from graph_nodes where id = pg_temp.n('a9')))$$,
    'a node no longer counts at the instant of its deletion'
);
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a9'), 0, p_at => (select deleted_at - interval '1 microsecond' from graph_nodes where id = pg_temp.n('a9')))$$,
    array['0 Gone'], 'but until then'
);
select set_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 1, p_at => now() + interval '5 days')$$,
    array['0 Speak up', '1 First e1', '1 First e4', '1 Future e9', '1 Rust e5', '1 Second e2'],
    'as of a time to come'
);
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 1, p_at => null)$$, $$select pg_temp.lines(pg_temp.n('a1'), 1)$$, 'no time is now'
);

-- What is not there; who may ask.
select is_empty($$select * from get_node_neighborhood(pg_temp.n('dead'))$$, 'an unknown id has no rows');
select is_empty($$select * from get_node_neighborhood(pg_temp.n('b1'))$$, 'another person''s id has no rows');
select is_empty($$select * from get_node_neighborhood(pg_temp.n('a9'))$$, 'a deleted id has no rows');
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 1, pg_temp.ada())$$, $$select pg_temp.lines(pg_temp.n('a1'), 1)$$, 'people may name themselves'
);
select results_eq($$select pg_temp.lines(pg_temp.n('ff'), 1)$$, array['0 Of Ada'], 'of an id that two people have, people see theirs');
reset role;
create policy test_hidden on graph_nodes as restrictive for select to authenticated using (label <> 'Rust');
create policy test_hidden on graph_edges as restrictive for select to authenticated using (edge_type <> 'achieves');
set local role authenticated;
select results_eq(
    $$select pg_temp.lines(pg_temp.n('a1'), 3)$$,
    array['0 Speak up', '1 First e1', '1 Second e2', '2 anxious e7'],
    'what an administrator''s policy hides is not there'
);
reset role;
drop policy test_hidden on graph_nodes;
drop policy test_hidden on graph_edges;
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select results_eq($$select pg_temp.lines(pg_temp.n('b1'), 1)$$, array['0 Speak up', '1 First be'], 'the service asks for a node that one person has');
select results_eq(
    $$select pg_temp.lines(pg_temp.n('b1'), 1, pg_temp.ben())$$, array['0 Speak up', '1 First be'], 'or for one of a person whom it names'
);
select is_empty($$select pg_temp.lines(pg_temp.n('b1'), 1, pg_temp.ada())$$, 'which another has not');
select results_eq($$select pg_temp.lines(pg_temp.n('ff'), 1, pg_temp.ben())$$, array['0 Of Ben'], 'of an id that two people have, it names whose');
select is_empty($$select pg_temp.lines(pg_temp.n('a9'), 1)$$, 'a deleted node of one person has no rows');

-- The same as a naive walk finds, on a generated graph: hubs, cycles, edges closed and to come, deleted nodes.
reset role;
select setseed(0.42) \gset
insert into graph_nodes (id, user_id, node_type, label, created_at)
select pg_temp.n('d' || to_char(i, 'FM000')), pg_temp.cid(), (enum_range(null::node_type))[1 + i % 5], 'Node ' || i,
    now() - random() * interval '20 days'
from generate_series(1, 60) i;
insert into graph_edges (id, user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to)
select pg_temp.n('f' || to_char(i, 'FM000')), pg_temp.cid(), (enum_range(null::edge_type))[1 + i % 5],
    pg_temp.n('d' || to_char(source, 'FM000')), pg_temp.n('d' || to_char(target, 'FM000')), valid_from,
    case when i % 4 = 0 then valid_from + random() * interval '20 days' + interval '1 second' end
from (
    select i, 1 + floor(random() * 60) as source, 1 + floor(random() * random() * 60) as target,
        now() + (random() - 0.9) * interval '20 days' as valid_from
    from generate_series(1, 140) i
) e
where source <> target
on conflict do nothing;
update graph_nodes set deleted_at = now() where user_id = pg_temp.cid() and label in ('Node 7', 'Node 21', 'Node 33', 'Node 50');

create function pg_temp.walk(p_node_id uuid, p_depth integer, p_edge_types edge_type[], p_at timestamptz)
    returns table (node_id uuid, depth integer, edge_id uuid) language sql as $$
    with recursive nodes as (
        select * from graph_nodes
        where user_id = pg_temp.cid()
            and (p_at is null and deleted_at is null or created_at <= p_at and (deleted_at is null or deleted_at > p_at))
    ), edges as (
        select e.*
        from graph_edges e
        join nodes s on s.id = e.source_node_id
        join nodes t on t.id = e.target_node_id
        where e.user_id = pg_temp.cid() and valid_from <= coalesce(p_at, now()) and (valid_to is null or valid_to > coalesce(p_at, now()))
            and (p_edge_types is null or e.edge_type = any (p_edge_types))
    ), reached (id, depth) as (
        select id, 0 from nodes where id = p_node_id
        union
        select case when e.source_node_id = r.id then e.target_node_id else e.source_node_id end, r.depth + 1
        from reached r join edges e on r.id in (e.source_node_id, e.target_node_id)
        where r.depth < p_depth
    ), shortest as (
        select id, min(depth) as depth from reached group by id
    ), rows (id, depth, edge_id) as (
        select id, 0, null::uuid from nodes where id = p_node_id
        union all
        select case when s.depth > t.depth then s.id else t.id end, greatest(s.depth, t.depth), e.id
        from edges e join shortest s on s.id = e.source_node_id join shortest t on t.id = e.target_node_id
        where least(s.depth, t.depth) < p_depth
    )
    select r.id, r.depth, r.edge_id from rows r join nodes n on n.id = r.id order by r.depth, n.node_type, n.label, r.edge_id
$$;
select results_eq(
    format('select node_id, depth, edge_id from get_node_neighborhood(%L, %s, %L, %L, %L)', start, depth, pg_temp.cid(), types, at),
    format('select * from pg_temp.walk(%L, %s, %L, %L)', start, depth, types, at),
    format('as a naive walk finds: node %s, depth %s, edges %s, at %s', pg_temp.short(start), depth, coalesce(types, 'all'), coalesce(at, 'now'))
)
from (
    select pg_temp.n('d' || to_char(i, 'FM000')) as start, i % 5 as depth,
        case when i % 3 = 0 then '{works_on,feels,achieves}' end as types,
        case when i % 4 = 1 then (now() - interval '3 days')::text end as at
    from generate_series(1, 60, 4) i
) g;
select cmp_ok(count(*), '>', 60::bigint, 'which is a graph worth walking')
from get_node_neighborhood(pg_temp.n('d001'), 4, pg_temp.cid());

-- ---------------------------------------------------------------------------------------------------------------
-- find_similar_nodes.
insert into graph_nodes (id, user_id, node_type, label, description, properties, status, embedding) values
    (pg_temp.n('11'), pg_temp.ben(), 'goal', 'Same', 'To the letter', '{"n": 1}', 'curated', pg_temp.vec(2)),
    (pg_temp.n('12'), pg_temp.ben(), 'skill', 'Near', null, '{}', 'draft_verbal', pg_temp.vec(4, 3)),
    (pg_temp.n('14'), pg_temp.ben(), 'session', 'Farther B', null, '{}', 'draft_verbal', pg_temp.vec(3, 4)),
    (pg_temp.n('13'), pg_temp.ben(), 'session', 'Farther A', null, '{}', 'draft_verbal', pg_temp.vec(3, 4)),
    (pg_temp.n('15'), pg_temp.ben(), 'emotion', 'Unrelated', null, '{}', 'draft_verbal', pg_temp.vec(0, 1)),
    (pg_temp.n('16'), pg_temp.ben(), 'emotion', 'Opposite', null, '{}', 'draft_verbal', pg_temp.vec(-1)),
    (pg_temp.n('17'), pg_temp.ben(), 'goal', 'Deleted', null, '{}', 'draft_verbal', pg_temp.vec(1)),
    (pg_temp.n('18'), pg_temp.ben(), 'goal', 'Without', null, '{}', 'draft_verbal', null);
update graph_nodes set deleted_at = now() where id = pg_temp.n('17');
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select results_eq(
    $$select * from find_similar_nodes(null, pg_temp.vec(1), 1)$$,
    $$values (pg_temp.n('11'), 'goal'::node_type, 'Same', 'To the letter', '{"n": 1}'::jsonb, 'curated'::node_status, 1::float8)$$,
    'a row tells all of its node'
);
select results_eq(
    $$select label from find_similar_nodes(null, pg_temp.vec(1), 10, -1)$$,
    array['Same', 'Near', 'Farther A', 'Farther B', 'Unrelated', 'Opposite'],
    'best first, ties by node_id; neither deleted nodes nor those without an embedding'
);
select results_eq(
    $$select pg_temp.short(node_id), similarity::numeric(9, 6) from find_similar_nodes(pg_temp.ben(), pg_temp.vec(1), 10, -1)$$,
    $$values ('11', 1.0::numeric(9, 6)), ('12', 0.8), ('13', 0.6), ('14', 0.6), ('15', 0), ('16', -1)$$,
    'similarity is the cosine'
);
select results_eq(
    $$select similarity from find_similar_nodes(pg_temp.ben(), pg_temp.vec(5, 7, 1), 10, -1)$$,
    $$select 1 - (embedding <=> pg_temp.vec(5, 7, 1)) from graph_nodes where embedding is not null and deleted_at is null order by 1 desc, id$$,
    'that is one minus the cosine distance'
);
select results_eq($$select label from find_similar_nodes(null, pg_temp.vec(1))$$, array['Same', 'Near'], 'the threshold is 0.7 at first');
select results_eq(
    format('select label from find_similar_nodes(null, pg_temp.vec(1), 10, %L)', threshold), string_to_array(labels, ','),
    format('the threshold is inclusive: %s', threshold)
)
from (values
    (1::float8, 'Same'), (0, 'Same,Near,Farther A,Farther B,Unrelated'), (-1, 'Same,Near,Farther A,Farther B,Unrelated,Opposite'),
    (1 - (pg_temp.vec(3, 4) <=> pg_temp.vec(1)), 'Same,Near,Farther A,Farther B')
) as v (threshold, labels);
select is_empty($$select * from find_similar_nodes(null, pg_temp.vec(1), 0, -1)$$, 'limit 0 is an empty answer');
select is(count(*), 3::bigint, 'a limit limits') from find_similar_nodes(null, pg_temp.vec(1), 3, -1);
select is(count(*), 6::bigint, 'a limit of 1000 is allowed') from find_similar_nodes(null, pg_temp.vec(1), 1000, -1);
select results_eq(
    $$select label from find_similar_nodes(null, pg_temp.vec(1), 10, -1, '{goal,emotion}')$$, array['Same', 'Unrelated', 'Opposite'],
    'types limit what is found'
);
select results_eq(
    $$select label from find_similar_nodes(null, pg_temp.vec(1), 1, -1, '{session}')$$, array['Farther A'], 'and not how much of it'
);
select is_empty($$select label from find_similar_nodes(null, pg_temp.vec(1), 10, -1, '{}')$$, 'no types, no nodes');
select results_eq(
    format('select label from find_similar_nodes(null, pg_temp.vec(1), 2, -1, null, %s)', excluded), string_to_array(labels, ','), title
)
from (values
    ('array[pg_temp.n(''11'')]', 'Near,Farther A', 'excluded nodes are left out and others take their places'),
    ('array[null, pg_temp.n(''11''), pg_temp.n(''dead'')]', 'Near,Farther A', 'NULL and unknown ids among them exclude nothing'),
    ('array[null]::uuid[]', 'Same,Near', 'NULL alone excludes nothing'),
    ('''{}''', 'Same,Near', 'an empty list excludes nothing')
) as v (excluded, labels, title);
reset role;
create policy test_hidden on graph_nodes as restrictive for select to authenticated using (label <> 'Same');
set local role authenticated;
select results_eq(
    $$select label from find_similar_nodes(null, pg_temp.vec(1), 2, -1)$$, array['Near', 'Farther A'], 'what an administrator''s policy hides is not found'
);
reset role;
drop policy test_hidden on graph_nodes;

-- Other people's rows never shorten the answer; a computed oracle; beyond lgtempo.exact_search_limit.
select setseed(0.24) \gset
insert into graph_nodes (user_id, node_type, label, embedding)
select pg_temp.ada(), 'session', 'Nearer', pg_temp.vec(1, (i / 1000.0)::real) from generate_series(1, 300) i;
set local role authenticated;
select results_eq(
    $$select label from find_similar_nodes(null, pg_temp.vec(1), 6, -1)$$,
    array['Same', 'Near', 'Farther A', 'Farther B', 'Unrelated', 'Opposite'],
    'other people''s rows never make the answer shorter'
);
reset role;
insert into graph_nodes (user_id, node_type, label, embedding)
select pg_temp.cid(), 'session', 'Random ' || i, (
    select array_agg((random() - 0.5 + case when d % 600 = i then 8 else 0 end)::real)::vector(1536) from generate_series(1, 1536) d where i = i
)
from generate_series(1, 700) i;
create temporary table questions as
select q, (select array_agg((random() - 0.5 + case when d % 600 = q * 37 then 4 else 0 end)::real) from generate_series(1, 1536) d where q = q) as parts
from generate_series(1, 5) q;
create temporary table oracle as
select q, n.id, sum(a::float8 * b) / sqrt(sum(a::float8 * a)) / sqrt(sum(b::float8 * b)) as similarity
from questions, graph_nodes n, unnest(parts, n.embedding::real[]) as pair (a, b)
where n.user_id = pg_temp.cid() and n.embedding is not null
group by q, n.id;
create temporary table answers as
select q, f.node_id, f.similarity from questions, find_similar_nodes(pg_temp.cid(), parts::vector, 10, -1) f;
select results_eq('select q, count(*) from answers group by q order by q', 'select q, 10::bigint from questions order by q', 'a large graph has full answers');
select ok(bool_and(abs(a.similarity - o.similarity) < 1e-6), 'their similarities are those of an oracle')
from answers a left join oracle o on o.q = a.q and o.id = a.node_id;
select cmp_ok(
    count(*)::float8 / 50, '>=', 0.99::float8, 'of the ten nearest of more than 500 at least 99 in 100 are found: noise and a few large numbers'
)
from answers a
where a.node_id in (select id from oracle o where o.q = a.q order by similarity desc limit 10);
delete from graph_nodes where user_id = pg_temp.cid() and label like 'Random %' and substr(label, 8)::int > 300;
select set_eq(
    $$select q, node_id from questions, find_similar_nodes(pg_temp.cid(), parts::vector, 10, -1)$$,
    $$select q, id from (select *, row_number() over (partition by q order by similarity desc, id) as place from oracle
          where id in (select id from graph_nodes)) o where place <= 10$$,
    'up to 500 the answer is exact'
);

-- The same where few directions explain most, as in embeddings of texts.
delete from graph_nodes where user_id = pg_temp.cid() and label like 'Random %';
create temporary table directions as
select k, (select array_agg((random() - 0.5)::real) from generate_series(1, 1536) d where k = k)::vector(1536) as direction
from generate_series(1, 48) k;
create temporary table texts as
select i, sum(direction * array_fill(((random() + random() + random() - 1.5) / sqrt(k))::real, array[1536])::vector) as embedding
from generate_series(1, 720) i, directions
group by i;
insert into graph_nodes (user_id, node_type, label, embedding)
select pg_temp.cid(), 'session', 'Text ' || i, embedding from texts where i <= 700;
select cmp_ok(
    count(*)::float8 / 200, '>=', 0.99::float8, 'of the ten nearest of more than 500 at least 99 in 100 are found: like texts'
)
from texts t
cross join lateral find_similar_nodes(pg_temp.cid(), t.embedding, 10, -1) f
where i > 700 and f.node_id in (
    select n.id from graph_nodes n where n.user_id = pg_temp.cid() and n.embedding is not null order by n.embedding <=> t.embedding limit 10
);

-- ---------------------------------------------------------------------------------------------------------------
-- track_emotion.
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select track_emotion(null, 'anxious', 'Before a talk', 0.8, pg_temp.n('a2')) as id \gset
select results_eq(
    format('select user_id, node_type, label, description, properties - ''timestamp'', deleted_at from graph_nodes where id = %L', :'id'),
    $$values (pg_temp.ada(), 'emotion'::node_type, 'anxious', 'Before a talk',
        '{"emotion": "anxious", "intensity": 0.8, "context": "Before a talk"}'::jsonb, null::timestamptz)$$,
    'an emotion is a node of its own'
);
select ok((properties ->> 'timestamp')::timestamptz between now() - interval '1 minute' and clock_timestamp(), 'it says when')
from graph_nodes where id = :'id';
select results_eq(
    format('select user_id, edge_type, source_node_id, valid_to from graph_edges where target_node_id = %L', :'id'),
    $$values (pg_temp.ada(), 'feels'::edge_type, pg_temp.n('a2'), null::timestamptz)$$,
    'an edge feels leads to it from the node that it is about'
);
select isnt(track_emotion(pg_temp.ada(), 'anxious', 'Before a talk', 0.8, pg_temp.n('a2'))::text, :'id'::text, 'the same emotion again is a new node');
select track_emotion(p_user_id => null, p_emotion => 'motivated') as id \gset
select is(properties ->> 'intensity', '0.5', 'intensity is one half at first') from graph_nodes where id = :'id';
select is_empty(
    format('select from graph_edges where target_node_id = %L', track_emotion(p_emotion => 'confident', p_user_id => pg_temp.ada(), p_intensity => 1)),
    'without a related node there is no edge'
);
select lives_ok(format('select track_emotion(null, %L, p_intensity => 0)', emotion), format('people can be %s', emotion))
from unnest(enum_range(null::emotion_type)) emotion;

-- create_session_node. Its minute is that of UTC wherever the caller is.
set local timezone = 'Asia/Kolkata';
select create_session_node() as id \gset
select results_eq(
    format('select user_id, node_type, description from graph_nodes where id = %L', :'id'),
    $$values (pg_temp.ada(), 'session'::node_type, null::text)$$, 'a session needs nothing'
);
select is(label, 'Coaching session ' || to_char(now() at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), 'its label is the minute, in UTC')
from graph_nodes where id = :'id';
select create_session_node(null, pg_temp.n('a1'), 45, repeat('é', 60), '{"mood": "calm"}') as id \gset
select results_eq(
    format('select label, description, properties - ''timestamp'' from graph_nodes where id = %L', :'id'),
    $$select 'Session: ' || repeat('é', 50), repeat('é', 60),
        jsonb_build_object('mood', 'calm', 'duration_minutes', 45, 'goal_id', pg_temp.n('a1'))$$,
    'a session''s label begins its summary; its properties are all that is given'
);
select ok((properties ->> 'timestamp')::timestamptz between now() - interval '1 minute' and clock_timestamp(), 'and when')
from graph_nodes where id = :'id';
select results_eq(
    format('select user_id, edge_type, target_node_id, valid_to from graph_edges where source_node_id = %L', :'id'),
    $$values (pg_temp.ada(), 'works_on'::edge_type, pg_temp.n('a1'), null::timestamptz)$$,
    'an edge works_on leads from the session to its goal'
);
select create_session_node(p_summary => 'Short', p_user_id => pg_temp.ada()) as id \gset
select is(label, 'Session: Short', 'a short summary is all of the label') from graph_nodes where id = :'id';
set local timezone = 'UTC';

-- update_session_node.
select create_session_node(null, null, 30, 'First summary', '{"mood": "calm", "place": "home"}') as id \gset
create temporary table before as select * from graph_nodes where id = :'id';
select is(update_session_node(:'id'), true, 'a session that is given nothing is found');
select results_eq(
    format('select label, description, properties, status, created_at from graph_nodes where id = %L', :'id'),
    'select label, description, properties, status, created_at from before', 'and nothing is changed'
);
select is(update_session_node(:'id', p_duration => 50), true, 'a duration is changed');
select results_eq(
    format('select label, description, properties from graph_nodes where id = %L', :'id'),
    $$select label, description, properties || '{"duration_minutes": 50}' from before$$, 'and nothing else'
);
select is(update_session_node(:'id', null, null, '{"mood": "glad", "next": 1}'), true, 'properties are changed');
select results_eq(
    format('select label, description, properties from graph_nodes where id = %L', :'id'),
    $$select label, description, properties || '{"duration_minutes": 50, "mood": "glad", "next": 1}' from before$$,
    'key by key, and nothing else'
);
select is(update_session_node(:'id', 'Second summary'), true, 'a summary is changed');
select results_eq(
    format('select label, description, properties ->> ''duration_minutes'' from graph_nodes where id = %L', :'id'),
    $$values ('Session: Second summary', 'Second summary', '50')$$, 'with it the label, which was derived from the first'
);
update graph_nodes set label = 'My own label' where id = :'id';
select is(update_session_node(:'id', p_summary => 'Third summary', p_user_id => pg_temp.ada()), true, 'a summary is changed again');
select results_eq(
    format('select label, description from graph_nodes where id = %L', :'id'),
    $$values ('My own label', 'Third summary')$$, 'but no label that the person gave'
);
select create_session_node() as untitled \gset
select is(update_session_node(:'untitled', 'Now with a summary'), true, 'a session without a summary gets one');
select is(label, 'Session: Now with a summary', 'and its label, the minute, becomes one of the summary') from graph_nodes where id = :'untitled';
select is(update_session_node(:'id', p_goal_id => pg_temp.n('a1')), true, 'a goal is linked');
select is(update_session_node(:'id', null, null, null, pg_temp.n('a1')), true, 'and linked again');
select results_eq(
    format('select edge_type, target_node_id, valid_to from graph_edges where source_node_id = %L', :'id'),
    $$values ('works_on'::edge_type, pg_temp.n('a1'), null::timestamptz)$$, 'which makes one edge'
);
select create_goal_node(null, 'Another goal') as goal \gset
select is(update_session_node(:'id', p_goal_id => :'goal'), true, 'another goal is linked');
select is(count(*), 2::bigint, 'beside the first') from graph_edges where source_node_id = :'id' and edge_type = 'works_on' and valid_to is null;
select is(update_session_node(id, 'x'), false, title)
from (values
    (pg_temp.n('dead'), 'an unknown session is not updated'),
    (pg_temp.n('b2'), 'nor is another person''s'),
    (pg_temp.n('a9'), 'nor is a deleted one'),
    (pg_temp.n('a1'), 'nor is what is no session')
) as v (id, title);
select is(description, 'In meetings', 'a goal is not changed as a session') from graph_nodes where id = pg_temp.n('a1');

-- create_goal_node.
select create_goal_node(null, 'Run', 'health', '{"description": "Ten kilometres", "target_date": "2030-01-01", "priority": "high", "coach": "Max"}') as id \gset
select results_eq(
    format($$select user_id, node_type, label, description, properties ->> 'category', properties ->> 'target_date', properties ->> 'priority',
        properties ->> 'coach' from graph_nodes where id = %L$$, :'id'),
    $$values (pg_temp.ada(), 'goal'::node_type, 'Run', 'Ten kilometres', 'health', '2030-01-01', 'high', 'Max')$$,
    'a goal has all that is given'
);
select is(create_goal_node(pg_temp.ada(), '  Run ', p_properties => '{"coach": "Kim", "pace": 6}'), :'id', 'the same title again is the same goal');
select results_eq(
    format($$select label, description, properties ->> 'category', properties ->> 'target_date', properties ->> 'priority', properties ->> 'coach',
        properties ->> 'pace' from graph_nodes where id = %L$$, :'id'),
    $$values ('Run', 'Ten kilometres', 'health', '2030-01-01', 'high', 'Kim', '6')$$,
    'its properties are merged, and what is not given stays'
);
select is(create_goal_node(null, 'Run', 'sport', '{"description": "Twenty"}'), :'id', 'and again');
select results_eq(
    format($$select description, properties ->> 'category' from graph_nodes where id = %L$$, :'id'),
    $$values ('Twenty', 'sport')$$, 'with a new description and category'
);
select isnt(create_goal_node(null, 'run')::text, :'id'::text, 'titles are compared case-sensitive');
select create_goal_node(p_title => 'Plain', p_user_id => null) as plain \gset
select results_eq(
    format($$select description, properties ->> 'priority', properties ?& array['category', 'target_date', 'priority'], properties ->> 'category',
        properties ->> 'target_date' from graph_nodes where id = %L$$, :'plain'),
    $$values (null::text, 'medium', true, null::text, null::text)$$, 'priority is medium at first'
);
update graph_nodes set deleted_at = now() where id = :'plain';
select isnt(create_goal_node(null, 'Plain')::text, :'plain'::text, 'a deleted goal''s title is a new goal');
select create_goal_node(null, repeat('é', 255)) as long \gset
select is(label, repeat('é', 255), 'a title of 255 characters is allowed') from graph_nodes where id = :'long';

-- create_skill_node.
select create_skill_node(null, 'Listening', 'intermediate', '{teaching,music}') as id \gset
select results_eq(
    format('select user_id, node_type, label, properties from graph_nodes where id = %L', :'id'),
    $$values (pg_temp.ada(), 'skill'::node_type, 'Listening', '{"level": "intermediate", "transferable_from": ["teaching", "music"]}'::jsonb)$$,
    'a skill has its level and where it came from'
);
select is(create_skill_node(pg_temp.ada(), ' Listening  ', 'expert', '{teaching}'), :'id', 'the same skill again is the same node');
select is(properties ->> 'level', 'expert', 'with the new level') from graph_nodes where id = :'id';
select is(properties -> 'transferable_from', '["teaching"]', 'and the new list') from graph_nodes where id = :'id';
select create_skill_node(p_skill_name => 'Juggling', p_user_id => null) as juggling \gset
select is(properties, '{"level": "beginner", "transferable_from": []}', 'the level is beginner at first')
from graph_nodes where id = :'juggling';
select isnt(create_skill_node(null, 'listening')::text, :'id'::text, 'names are compared case-sensitive');
select lives_ok(
    format('select create_skill_node(null, %L, %L)', 'Level ' || level, level), format('a skill can be %s', level)
) from unnest(enum_range(null::skill_level)) level;
select lives_ok($$select create_skill_node(null, 'v')$$, 'a name can be any one letter');
select lives_ok($$select create_skill_node(null, 'im'), create_skill_node(null, 'vim'), create_skill_node(null, 'imv')$$, 'and any few');
select results_eq(
    $$select label from graph_nodes where label in ('im', 'vim', 'imv') order by label$$, array['im', 'imv', 'vim'],
    'skills are told apart by their first and last letters'
);

-- update_node_status.
select is(update_node_status(pg_temp.n('a2'), 'curated'), true, 'a node is confirmed');
select is(status, 'curated', 'it is') from graph_nodes where id = pg_temp.n('a2');
select is(update_node_status(p_node_id => pg_temp.n('a2'), p_new_status => 'draft_verbal', p_user_id => pg_temp.ada()), true, 'and a draft again');
select is(status, 'draft_verbal', 'it is') from graph_nodes where id = pg_temp.n('a2');
select is(update_node_status(id, 'curated'), false, title)
from (values
    (pg_temp.n('dead'), 'an unknown node is not confirmed'),
    (pg_temp.n('b2'), 'nor is another person''s'),
    (pg_temp.n('a9'), 'nor is a deleted one')
) as v (id, title);

-- upsert_node_embedding.
select is(upsert_node_embedding(pg_temp.n('a2'), pg_temp.vec(0, 0, 1)), true, 'an embedding is stored');
select is(embedding, pg_temp.vec(0, 0, 1), 'it is there') from graph_nodes where id = pg_temp.n('a2');
select results_eq($$select node_id from find_similar_nodes(null, pg_temp.vec(0, 0, 1), 1)$$, $$values (pg_temp.n('a2'))$$, 'and searched at once');
select is(upsert_node_embedding(p_node_id => pg_temp.n('a2'), p_embedding => pg_temp.vec(0, 0, -1), p_user_id => pg_temp.ada()), true, 'another is stored');
select is(embedding, pg_temp.vec(0, 0, -1), 'in its place') from graph_nodes where id = pg_temp.n('a2');
select is(upsert_node_embedding(id, pg_temp.vec(1)), false, title)
from (values
    (pg_temp.n('dead'), 'an unknown node has no embedding'),
    (pg_temp.n('b2'), 'another person''s gets none'),
    (pg_temp.n('a9'), 'nor does a deleted one')
) as v (id, title);

-- ---------------------------------------------------------------------------------------------------------------
-- Bad input: the SQLSTATE, and a message that names the argument.
select count(*) as nodes from graph_nodes \gset
select count(*) as edges from graph_edges \gset
create temporary table bad (call text, code text, names text);
insert into bad values
    ('get_node_neighborhood(null)', '22004', 'p_node_id'),
    ('get_node_neighborhood(pg_temp.n(''a1''), null)', '22004', 'p_depth'),
    ('get_node_neighborhood(pg_temp.n(''a1''), -1)', '22023', 'p_depth'),
    ('find_similar_nodes(null, null)', '22004', 'p_query_embedding'),
    ('find_similar_nodes(null, pg_temp.vec(1), null)', '22004', 'p_limit'),
    ('find_similar_nodes(null, pg_temp.vec(1), 10, null)', '22004', 'p_threshold'),
    ('find_similar_nodes(null, pg_temp.vec(1), -1)', '22023', 'p_limit'),
    ('find_similar_nodes(null, pg_temp.vec(1), 1001)', '22023', 'p_limit.*1000'),
    ('find_similar_nodes(null, pg_temp.vec(1), 10, 1.0001)', '22023', 'p_threshold.*-1.*1'),
    ('find_similar_nodes(null, pg_temp.vec(1), 10, -1.0001)', '22023', 'p_threshold'),
    ('find_similar_nodes(null, pg_temp.vec(1), 10, ''NaN'')', '22023', 'p_threshold'),
    ('find_similar_nodes(null, pg_temp.vec(1), 10, ''Infinity'')', '22023', 'p_threshold'),
    ('find_similar_nodes(null, ''[1,2,3]'')', '22023', 'p_query_embedding.*1536'),
    ('find_similar_nodes(null, pg_temp.vec(0))', '22023', 'p_query_embedding.*zero'),
    ('track_emotion(null, null)', '22004', 'p_emotion'),
    ('track_emotion(null, ''anxious'', p_intensity => null)', '22004', 'p_intensity'),
    ('track_emotion(null, ''anxious'', ''x'', -0.01)', '22023', 'p_intensity.*0.*1'),
    ('track_emotion(null, ''anxious'', ''x'', 1.01)', '22023', 'p_intensity'),
    ('track_emotion(null, ''anxious'', ''x'', ''NaN'')', '22023', 'p_intensity'),
    ('track_emotion(null, ''anxious'', ''x'', ''-Infinity'')', '22023', 'p_intensity'),
    ('track_emotion(null, ''anxious'', ''x'', 0.5, pg_temp.n(''dead''))', '23503', 'p_related_node_id'),
    ('track_emotion(null, ''anxious'', ''x'', 0.5, pg_temp.n(''b1''))', '23503', 'p_related_node_id'),
    ('track_emotion(null, ''anxious'', ''x'', 0.5, pg_temp.n(''a9''))', '23503', 'p_related_node_id'),
    ('create_session_node(null, pg_temp.n(''dead''))', '23503', 'p_goal_id'),
    ('create_session_node(null, pg_temp.n(''b1''))', '23503', 'p_goal_id'),
    ('create_session_node(null, pg_temp.n(''a9''))', '23503', 'p_goal_id'),
    ('update_session_node(null)', '22004', 'p_session_id'),
    ('update_session_node(pg_temp.n(''a2''), ''Half written'', p_goal_id => pg_temp.n(''dead''))', '23503', 'p_goal_id'),
    ('update_session_node(pg_temp.n(''a2''), ''Half written'', p_goal_id => pg_temp.n(''b1''))', '23503', 'p_goal_id'),
    ('update_session_node(pg_temp.n(''a2''), ''Half written'', p_goal_id => pg_temp.n(''a9''))', '23503', 'p_goal_id'),
    ('create_goal_node(null, null)', '22004', 'p_title'),
    ('create_goal_node(null, '''')', '22023', 'p_title'),
    ('create_goal_node(null, ''   '')', '22023', 'p_title'),
    ('create_goal_node(null, repeat(''é'', 256))', '22023', 'p_title.*255'),
    ('create_skill_node(null, null)', '22004', 'p_skill_name'),
    ('create_skill_node(null, '''')', '22023', 'p_skill_name'),
    ('create_skill_node(null, repeat(''x'', 256))', '22023', 'p_skill_name.*255'),
    ('create_skill_node(null, ''Rust'', null)', '22004', 'p_level'),
    ('update_node_status(null, ''curated'')', '22004', 'p_node_id'),
    ('update_node_status(pg_temp.n(''a2''), null)', '22004', 'p_new_status'),
    ('upsert_node_embedding(null, pg_temp.vec(1))', '22004', 'p_node_id'),
    ('upsert_node_embedding(pg_temp.n(''a2''), null)', '22004', 'p_embedding'),
    ('upsert_node_embedding(pg_temp.n(''a2''), ''[1,2,3]'')', '22023', 'p_embedding.*1536'),
    ('upsert_node_embedding(pg_temp.n(''a2''), pg_temp.vec(0))', '22023', 'p_embedding.*zero'),
    ('get_node_neighborhood(pg_temp.n(''b1''), 2, pg_temp.ben())', '42501', ''),
    ('find_similar_nodes(pg_temp.ben(), pg_temp.vec(1))', '42501', ''),
    ('track_emotion(pg_temp.ben(), ''anxious'')', '42501', ''),
    ('create_session_node(pg_temp.ben())', '42501', ''),
    ('update_session_node(pg_temp.n(''b2''), ''x'', p_user_id => pg_temp.ben())', '42501', ''),
    ('create_goal_node(pg_temp.ben(), ''Forged'')', '42501', ''),
    ('create_skill_node(pg_temp.ben(), ''Forged'')', '42501', ''),
    ('update_node_status(pg_temp.n(''b2''), ''curated'', pg_temp.ben())', '42501', ''),
    ('upsert_node_embedding(pg_temp.n(''b2''), pg_temp.vec(1), pg_temp.ben())', '42501', ''),
    ('find_similar_nodes(gen_random_uuid(), pg_temp.vec(1))', '42501', '');
select unnest(array[
    throws_ok(format('select %s', call), code, null, format('%s: %s', code, call)),
    throws_matching(format('select %s', call), names, format('says what is wrong: %s', call))
])
from bad;
select is(count(*), :nodes::bigint, 'nothing of it left a node') from graph_nodes;
select is(count(*), :edges::bigint, 'nothing of it left an edge') from graph_edges;
select is(description, null, 'nor half a change') from graph_nodes where id = pg_temp.n('a2');
select throws_ok(
    $$insert into graph_nodes (node_type, label) values ('goal', '')$$, '23514', null, 'the same written by hand breaks a check'
);

-- What a client is told when PostgreSQL itself refuses: PostgreSQL's words and nothing of the machinery.
reset role;
alter table graph_nodes add constraint test_refused check (label <> 'Refused');
create function pg_temp.told(command text) returns text language plpgsql as $$
declare
    code text; message text; detail text; hint text;
begin
    execute command;
    return 'nothing';
exception when others then
    get stacked diagnostics code = returned_sqlstate, message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
    return concat_ws(' ', code, message, detail, hint);
end$$;
set local role authenticated;
select matches(pg_temp.told($$select create_skill_node(null, 'Refused')$$), '^23514 .*test_refused', 'a check that an administrator adds is told');
select doesnt_match(pg_temp.told($$select create_skill_node(null, 'Refused')$$), 'panic|pgrx|std::|\.rs', 'without a panic text');
select is_empty(
    $$select call from bad where pg_temp.told('select ' || call) ~ 'panic|pgrx|std::|\.rs'$$, 'nor is there one with any bad input'
);
reset role;
alter table graph_nodes drop constraint test_refused;

-- ---------------------------------------------------------------------------------------------------------------
-- Who may call.
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok(format('select %s', call), '42501', null, format('anon: %s', call))
from (values
    ('get_node_neighborhood(pg_temp.n(''a1''))'), ('find_similar_nodes(pg_temp.ada(), pg_temp.vec(1))'),
    ('track_emotion(pg_temp.ada(), ''anxious'')'), ('create_session_node(pg_temp.ada())'), ('update_session_node(pg_temp.n(''a2''))'),
    ('create_goal_node(pg_temp.ada(), ''x'')'), ('create_skill_node(pg_temp.ada(), ''x'')'),
    ('update_node_status(pg_temp.n(''a2''), ''curated'')'), ('upsert_node_embedding(pg_temp.n(''a2''), pg_temp.vec(1))')
) as v (call);

-- A signed-in role whose claims name nobody.
set local role authenticated;
set local request.jwt.claims = '{"role":"authenticated"}';
select throws_ok(format('select %s', call), '42501', null, format('nobody: %s', call))
from (values
    ('get_node_neighborhood(pg_temp.n(''a1''), 2, pg_temp.ada())'), ('find_similar_nodes(pg_temp.ada(), pg_temp.vec(1))'),
    ('track_emotion(pg_temp.ada(), ''anxious'')'), ('create_goal_node(pg_temp.ada(), ''x'')')
) as v (call);
-- Claims are not what makes a role privileged.
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"service_role"}';
select throws_ok(
    $$select create_goal_node(pg_temp.ada(), 'Forged')$$, '42501', null, 'claims of service_role give no rights'
);

-- The service names anybody, or nobody where the node tells.
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select unnest(array[
    throws_ok(format('select %s', call), '22004', null, format('the service names nobody: %s', call)),
    throws_matching(format('select %s', call), 'p_user_id', format('says that p_user_id is needed: %s', call))
])
from (values
    ('find_similar_nodes(null, pg_temp.vec(1))'), ('track_emotion(null, ''anxious'')'), ('create_session_node()'),
    ('create_goal_node(null, ''x'')'), ('create_skill_node(null, ''x'')'),
    ('get_node_neighborhood(pg_temp.n(''ff''))'), ('update_session_node(pg_temp.n(''ff''), ''x'')'),
    ('update_node_status(pg_temp.n(''ff''), ''curated'')'), ('upsert_node_embedding(pg_temp.n(''ff''), pg_temp.vec(1))'),
    ('get_node_neighborhood(pg_temp.n(''dead''))'), ('update_session_node(pg_temp.n(''dead''), ''x'')'),
    ('update_node_status(pg_temp.n(''dead''), ''curated'')'), ('upsert_node_embedding(pg_temp.n(''dead''), pg_temp.vec(1))')
) as v (call);
select is(update_session_node(pg_temp.n('b2'), 'By the service'), true, 'the service updates a session that one person has');
select is(update_node_status(pg_temp.n('b1'), 'curated'), true, 'it confirms a node that one person has');
select is(upsert_node_embedding(pg_temp.n('b1'), pg_temp.vec(0, 0, 0, 1)), true, 'it stores the embedding of a node that one person has');
select is(upsert_node_embedding(pg_temp.n('ff'), pg_temp.vec(0, 0, 0, 1), pg_temp.ada()), true, 'and, named, of one that two have');
select results_eq(
    $$select user_id, embedding is null from graph_nodes where id = pg_temp.n('ff') order by 1$$,
    $$values (pg_temp.ada(), false), (pg_temp.ben(), true)$$, 'of the one whom it names'
);
select is(update_node_status(pg_temp.n('a9'), 'curated'), false, 'a deleted node is not there for the service either');
select is(update_node_status(pg_temp.n('dead'), 'curated', pg_temp.ada()), false, 'nor is an unknown one of a person whom it names');
select is(update_node_status(pg_temp.n('b1'), 'curated', pg_temp.ada()), false, 'nor is another''s');
select create_goal_node(pg_temp.ben(), 'Made for Ben') as id \gset
select is(user_id, pg_temp.ben(), 'the service creates for whom it names') from graph_nodes where id = :'id';
select track_emotion(pg_temp.ben(), 'motivated', null, 0.5, pg_temp.n('b1')) as id \gset
select is(user_id, pg_temp.ben(), 'it tracks for whom it names') from graph_nodes where id = :'id';
select throws_ok(
    $$select track_emotion(pg_temp.ben(), 'motivated', null, 0.5, pg_temp.n('a1'))$$, '23503', null, 'but links nobody''s node to another''s'
);
select throws_ok(
    $$select create_session_node(pg_temp.ben(), pg_temp.n('a1'))$$, '23503', null, 'and nobody''s session to another''s goal'
);
-- A role that is not bound, called in a person's name.
reset role;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select create_goal_node(null, 'By claims') as id \gset
select is(user_id, pg_temp.ben(), 'nobody named is who is signed in') from graph_nodes where id = :'id';
select create_goal_node(pg_temp.ada(), 'By name') as id \gset
select is(user_id, pg_temp.ada(), 'an unbound role may name another') from graph_nodes where id = :'id';

-- Reads write nothing.
set local request.jwt.claims = '';
create function pg_temp.read_only() returns bigint language sql stable set transaction_read_only = on as $$
    select (select count(*) from get_node_neighborhood(pg_temp.n('a1'), 1, pg_temp.ada()))
        + (select count(*) from find_similar_nodes(pg_temp.ben(), pg_temp.vec(1)))
$$;
select lives_ok('select pg_temp.read_only()', 'reads work in a read-only transaction');

select * from finish();
rollback;
