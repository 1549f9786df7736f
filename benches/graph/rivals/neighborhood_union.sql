-- Plain SQL: a recursive CTE that walks both directions and forgets repeats of a node at a depth (UNION).
-- $1 is the start, $2 the depth, $3 the person.
with recursive walk (id, depth) as (
    select $1::uuid, 0
    union
    select met.id, w.depth + 1
    from walk w
    join graph_nodes n on n.user_id = $3 and n.id = w.id and n.deleted_at is null
    cross join lateral (
        select e.target_node_id as id
        from graph_edges e
        where e.user_id = $3
            and e.source_node_id = n.id
            and e.valid_from <= now()
            and (e.valid_to is null or e.valid_to > now())
        union all
        select e.source_node_id
        from graph_edges e
        where e.user_id = $3
            and e.target_node_id = n.id
            and e.valid_from <= now()
            and (e.valid_to is null or e.valid_to > now())
    ) met
    where w.depth < $2
),
reached as materialized (
    select n.id, w.depth
    from (select id, min(depth) as depth from walk group by id) w
    join graph_nodes n on n.user_id = $3 and n.id = w.id and n.deleted_at is null
),
-- The same once more, by subscripts: of these the planner expects a thousand, and so it hashes them.
depths as materialized (
    select ids[i] as id, depths[i] as depth
    from (select array_agg(id) as ids, array_agg(depth) as depths from reached) r
    cross join generate_subscripts(ids, 1) i
)
select n.id as node_id, n.node_type, n.label, n.description, n.properties, n.status, 0 as depth,
    null::uuid as edge_id, null::edge_type as edge_type, null::text as edge_label, null::jsonb as edge_properties,
    null::uuid as source_node_id, null::uuid as target_node_id
from graph_nodes n
where n.user_id = $3 and n.id = $1 and n.deleted_at is null
union all
select n.id, n.node_type, n.label, n.description, n.properties, n.status, e.depth,
    e.id, e.edge_type, e.label, e.properties, e.source_node_id, e.target_node_id
from (
    -- An edge counts once: from its nearer end, or from its source where both are equally near.
    select e.*, far.depth
    from (
        select near.depth as nearest, e.*
        from reached near
        cross join lateral (
            select e.id, e.edge_type, e.label, e.properties, e.source_node_id, e.target_node_id,
                e.target_node_id as far, 0 as farther
            from graph_edges e
            where e.user_id = $3
                and e.source_node_id = near.id
                and e.valid_from <= now()
                and (e.valid_to is null or e.valid_to > now())
            union all
            select e.id, e.edge_type, e.label, e.properties, e.source_node_id, e.target_node_id,
                e.source_node_id, 1
            from graph_edges e
            where e.user_id = $3
                and e.target_node_id = near.id
                and e.valid_from <= now()
                and (e.valid_to is null or e.valid_to > now())
        ) e
        where near.depth < $2
        offset 0
    ) e
    join depths far on far.id = e.far and far.depth >= e.nearest + e.farther
    offset 0
) e
join graph_nodes n on n.user_id = $3 and n.id = e.far
order by depth, node_type, label, edge_id
