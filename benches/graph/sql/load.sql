-- From the draft into the tables, in the order of arrival: on each page are rows of many people, as in real life.

insert into auth.users (id)
select distinct user_id from draft.node;

insert into graph_nodes (
    id, user_id, node_type, label, description, properties, embedding, deleted_at, created_at, updated_at
)
select n.id, n.user_id, n.node_type, n.label, n.description, n.properties, v.embedding,
    draft.instant(n.gone), draft.instant(n.made), draft.instant(coalesce(n.gone, n.made))
from draft.node n
left join draft.vector v using (person, n)
order by n.made, n.id;

insert into graph_edges (
    id, user_id, edge_type, source_node_id, target_node_id, label, valid_from, valid_to, closed_by_delete,
    created_at, updated_at
)
select id, user_id, edge_type, source_node_id, target_node_id, label, draft.instant(made), draft.instant(ended),
    closed_by_delete, draft.instant(made), draft.instant(coalesce(ended, made))
from draft.edge;
