-- PL/pgSQL: level by level, what is found kept in arrays, the payload joined once at the end.
-- The tables are those of the caller's search_path, and the plans are kept per connection.

create type rival.edge as (
    id uuid,
    edge_type edge_type,
    label text,
    properties jsonb,
    source_node_id uuid,
    target_node_id uuid
);

create function rival.walk(p_node_id uuid, p_depth integer, p_user_id uuid)
    returns table (
        node_id uuid,
        node_type node_type,
        label text,
        description text,
        properties jsonb,
        status node_status,
        depth integer,
        edge_id uuid,
        edge_type edge_type,
        edge_label text,
        edge_properties jsonb,
        source_node_id uuid,
        target_node_id uuid
    )
    language plpgsql stable
as $$
#variable_conflict use_column
declare
    frontier uuid[];
    previous uuid[] := '{}';
    met rival.edge[];
    met_fars uuid[];
    met_depths integer[];
    edges rival.edge[] := '{}';
    fars uuid[] := '{}';
    depths integer[] := '{}';
begin
    select array[id] into frontier
    from graph_nodes
    where user_id = p_user_id and id = p_node_id and deleted_at is null;
    if frontier is null then
        return;
    end if;

    for level in 1..p_depth loop
        -- An edge counts once: from its nearer end, or from its source where both are equally near.
        -- A join, as "= any (frontier)" makes the planner combine bitmaps with the index on user_id.
        select array_agg(e.edge), array_agg(e.far), array_agg(e.depth)
        into met, met_fars, met_depths
        from (
            select row(e.id, e.edge_type, e.label, e.properties, e.source_node_id, e.target_node_id)::rival.edge
                    as edge,
                e.target_node_id as far,
                case when e.target_node_id in (select unnest(frontier)) then level - 1 else level end as depth
            from unnest(frontier) near
            join graph_edges e on e.source_node_id = near
            where e.user_id = p_user_id
                and e.valid_from <= now()
                and (e.valid_to is null or e.valid_to > now())
                and e.target_node_id not in (select unnest(previous))
            union all
            select row(e.id, e.edge_type, e.label, e.properties, e.source_node_id, e.target_node_id)::rival.edge,
                e.source_node_id,
                level
            from unnest(frontier) near
            join graph_edges e on e.target_node_id = near
            where e.user_id = p_user_id
                and e.valid_from <= now()
                and (e.valid_to is null or e.valid_to > now())
                and e.source_node_id not in (select unnest(previous || frontier))
        ) e;
        exit when met is null;
        edges := edges || met;
        fars := fars || met_fars;
        depths := depths || met_depths;
        exit when level = p_depth;

        previous := frontier;
        select array_agg(id) into frontier
        from graph_nodes
        where user_id = p_user_id
            and id = any (met_fars)
            and deleted_at is null
            and id not in (select unnest(previous));
        exit when frontier is null;
    end loop;

    return query
    with node as materialized (
        select n.id, n.node_type, n.label, n.description, n.properties, n.status
        from graph_nodes n
        where n.user_id = p_user_id and n.id = any (fars || p_node_id) and n.deleted_at is null
    )
    select n.id, n.node_type, n.label, n.description, n.properties, n.status, 0 as depth,
        null::uuid as edge_id, null::edge_type, null::text, null::jsonb, null::uuid, null::uuid
    from node n
    where n.id = p_node_id
    union all
    select n.id, n.node_type, n.label, n.description, n.properties, n.status, w.depth,
        w.id, w.edge_type, w.label, w.properties, w.source_node_id, w.target_node_id
    from rows from (unnest(edges), unnest(fars), unnest(depths))
        as w (id, edge_type, label, properties, source_node_id, target_node_id, far, depth)
    join node n on n.id = w.far
    order by depth, node_type, label, edge_id;
end
$$;
