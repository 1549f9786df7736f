-- Plain SQL with pgvector, exact. $1 is the person, $2 the embedding, $3 the limit.
select n.id as node_id, n.node_type, n.label, n.description, n.properties, n.status,
    1 - (n.embedding <=> $2::vector) as similarity
from graph_nodes n
where n.user_id = $1
    and n.deleted_at is null
    and n.embedding is not null
order by n.embedding <=> $2::vector, n.id
limit $3
