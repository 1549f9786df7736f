-- The people's graphs. random() is called in the order of the people, who come first in every plan: whoever has the
-- same number of people before them has the same graph, in databases of all sizes.

create function draft.kind(share double precision) returns node_type
    language sql immutable
    return (case
        when share <= 0.05 then 'goal'
        when share <= 0.17 then 'skill'
        when share <= 0.47 then 'session'
        when share <= 0.82 then 'emotion'
        else 'accomplishment'
    end)::node_type;

-- History runs from 2023-01-01 for 700 days; nodes are deleted in the 20 days from 2025-01-01.
select setseed(0.25);
create unlogged table draft.node as
select person, n, user_id, draft.key(made, 'node ' || person || ' ' || n) as id, node_type,
    initcap(node_type::text) || ' ' || n || ' of the year' as label,
    'What was said about it: ' || md5(n::text) || md5('more ' || n) || ', and how it went on.' as description,
    jsonb_build_object('duration_minutes', n % 90, 'priority', 'medium', 'timestamp', draft.instant(made))
        as properties,
    made, gone
from (
    select person, n, user_id, draft.kind(n::double precision / nodes) as node_type,
        1672531200000 + (random() * 60480000000)::bigint as made,
        case when random() < 0.02 then 1735689600000 + (random() * 1728000000)::bigint end as gone
    from draft.person, generate_series(1, nodes) n
    offset 0
) made_up
union all
select 0, n, md5('reader')::uuid, draft.key(made, 'synset ' || n), node_type, label, gloss, '{}', made, null
from (
    select n, node_type, label, gloss, 1672531200000 + (random() * 60480000000)::bigint as made
    from (select * from draft.synset order by n) synset
    offset 0
) read;
create unique index on draft.node (person, n);
analyze draft.node;

-- Edges arrive within ten days of the younger end. Targets are heavy-tailed: the lower a node's number, the more
-- often it is one. A node has one edge of each type to somewhere, so no fact comes twice.
select setseed(0.75);
create unlogged table draft.edge as
select user_id, id, edge_type, label, source_node_id, target_node_id, made, least(closed, gone) as ended,
    coalesce(gone <= least(closed, gone), false) as closed_by_delete
from (
    select s.user_id, draft.key(m.made, concat_ws(' ', 'edge', e.person, e.source, e.target, e.edge_type)) as id,
        e.edge_type, e.label, s.id as source_node_id, t.id as target_node_id, m.made,
        case when closing < 0.05 then m.made + 1 + (closing * 20 * (1735689600000 - m.made))::bigint end as closed,
        least(s.gone, t.gone) as gone
    from (
        select person, source, case when source = target then target % nodes + 1 else target end as target,
            (array['works_on', 'has_skill', 'derived_from', 'feels', 'achieves']::edge_type[])[k] as edge_type,
            null as label, lateness, closing
        from (
            select person, nodes, source, k, floor(nodes * random() ^ 2.5)::int + 1 as target,
                random() as lateness, random() as closing
            from draft.person, generate_series(1, nodes) source, generate_series(1, edges_per_node) k
            offset 0
        ) drawn
        union all
        select 0, source, target, edge_type, symbol, random(), 1
        from (select * from draft.link order by source, target, edge_type) link
    ) e
    join draft.node s on s.person = e.person and s.n = e.source
    join draft.node t on t.person = e.person and t.n = e.target
    cross join lateral (
        select greatest(s.made, t.made) + (lateness * 864000000)::bigint as made
    ) m
) dated
order by made, id;
analyze draft.edge;
