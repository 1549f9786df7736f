-- Graphs as a year of coaching leaves them: of 500 nodes, 10 are goals, 40 skills, 120 sessions, 250 emotions of the
-- last 90 days and 80 accomplishments, with three edges a node. Some emotions hang on one session alone.

insert into auth.users (id)
select user_id from draft.graph;

select setseed(0.5);
create unlogged table draft.node as
select person, user_id, lgtempo_uuid_v7() as id, node_type, made, luck,
    row_number() over (partition by person, node_type order by made) as place
from (
    select person, user_id, luck,
        (case
            when share <= 0.02 then 'goal'
            when share <= 0.10 then 'skill'
            when share <= 0.34 then 'session'
            when share <= 0.84 then 'emotion'
            else 'accomplishment'
        end)::node_type as node_type,
        now() - (luck * case when share > 0.34 and share <= 0.84 then 90 else 360 end) * interval '1 day' as made
    from (
        select person, user_id, n::double precision / nodes as share, random() as luck
        from draft.graph, generate_series(1, nodes) n
        offset 0
    ) drawn
) timed;
create unique index on draft.node (person, node_type, place);
analyze draft.node;

insert into graph_nodes (id, user_id, node_type, label, description, properties, status, created_at, updated_at)
select id, user_id, node_type, case when node_type = 'emotion' then feeling else initcap(node_type::text) || ' ' || place end,
    'What was said about it: ' || md5(place::text) || md5('more ' || place) || ', and how it went on.',
    case node_type
        when 'emotion' then jsonb_build_object('emotion', feeling, 'intensity', round(luck::numeric, 2), 'timestamp', made)
        when 'session' then jsonb_build_object('duration_minutes', 30 + place % 30, 'timestamp', made)
        when 'goal' then jsonb_build_object('category', 'career', 'target_date', (now() + interval '60 days')::date)
        when 'skill' then jsonb_build_object('level', 'intermediate')
        else '{}'
    end,
    'curated', made, made
from (
    select *, (enum_range(null::emotion_type))[1 + (place * 7 + floor(6 * luck)::int) % 6]::text as feeling
    from draft.node
) felt
order by made;

-- A target is drawn by its place among the person's nodes of its type: those of low places more often, but for emotions.
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id, valid_from, created_at, updated_at)
select drawn.user_id, edge_type, source, t.id, since, since, since
from (
    select s.person, s.user_id, s.id as source, s.made, edge_type::edge_type, target_type::node_type,
        1 + floor(of_type * random() ^ case target_type when 'emotion' then 1 else 2 end)::int as place
    from draft.node s
    join (values
        ('session', 'works_on', 'goal', 1.4),
        ('session', 'has_skill', 'skill', 4),
        ('session', 'derived_from', 'session', 0.8),
        ('session', 'feels', 'emotion', 2),
        ('goal', 'feels', 'emotion', 12),
        ('accomplishment', 'derived_from', 'session', 1),
        ('accomplishment', 'achieves', 'goal', 1),
        ('accomplishment', 'has_skill', 'skill', 2),
        ('skill', 'derived_from', 'skill', 0.5)
    ) kind (source_type, edge_type, target_type, times) on node_type = source_type::node_type
    join (
        select person, node_type as target_kind, count(*) as of_type
        from draft.node
        group by person, node_type
    ) sized on sized.person = s.person and target_kind = target_type::node_type
    cross join lateral generate_series(1, floor(times + s.place % 5 / 5.0)::int)
    order by s.id, edge_type, target_type
    offset 0
) drawn
join draft.node t using (person, place)
cross join lateral (select greatest(drawn.made, t.made) as since) later
where t.node_type = drawn.target_type and source <> t.id
on conflict do nothing;

insert into user_goals (user_id, goal_title, target_date, milestones, node_id, created_at, updated_at)
select user_id, 'Goal ' || place, now() + interval '60 days', (
    select jsonb_agg(jsonb_build_object('title', 'Milestone ' || step, 'done', false))
    from generate_series(1, 4 + place::int % 8) step
), id, made, made
from draft.node
where node_type = 'goal';
