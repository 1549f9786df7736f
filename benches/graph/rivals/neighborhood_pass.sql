-- Plain SQL: one pass over the person's nodes and edges, then a recursive CTE in memory.
-- $1 is the start, $2 the depth, $3 the person.
with recursive node as materialized (
    select id, node_type, label, description, properties, status
    from graph_nodes
    where user_id = $3 and deleted_at is null
),
edge as materialized (
    select id, edge_type, label, properties, source_node_id, target_node_id
    from graph_edges
    where user_id = $3
        and valid_from <= now()
        and (valid_to is null or valid_to > now())
),
hop as materialized (
    select e.source_node_id as near, n.id as far
    from edge e
    join node n on n.id = e.target_node_id
    union all
    select e.target_node_id, n.id
    from edge e
    join node n on n.id = e.source_node_id
),
walk (id, depth) as (
    select id, 0
    from node
    where id = $1
    union
    select h.far, w.depth + 1
    from walk w
    join hop h on h.near = w.id
    where w.depth < $2
),
reached as materialized (
    select id, min(depth) as depth
    from walk
    group by id
)
select n.id as node_id, n.node_type, n.label, n.description, n.properties, n.status, 0 as depth,
    null::uuid as edge_id, null::edge_type as edge_type, null::text as edge_label, null::jsonb as edge_properties,
    null::uuid as source_node_id, null::uuid as target_node_id
from node n
where n.id = $1
union all
select n.id, n.node_type, n.label, n.description, n.properties, n.status, greatest(s.depth, t.depth),
    e.id, e.edge_type, e.label, e.properties, e.source_node_id, e.target_node_id
from edge e
join reached s on s.id = e.source_node_id
join reached t on t.id = e.target_node_id
join node n on n.id = case when s.depth > t.depth then s.id else t.id end
where least(s.depth, t.depth) < $2
order by depth, node_type, label, edge_id
