-- Plain SQL with pgvector's index. $1 is the embedding, $2 the base, $3 the limit.
select n.id as chunk_id, n.document_id, d.title as document_title, n.content, 1 - n.distance as similarity,
    n.chunk_index, n.metadata
from (
    select c.*, c.embedding <=> $1::vector as distance
    from rival.knowledge_chunks c
    where c.knowledge_base_id = $2::uuid
    order by c.embedding <=> $1::vector
    limit $3
) n
join knowledge_documents d on d.id = n.document_id
order by n.distance
