-- Plain SQL with pgvector, exact: sorted by the similarity, which no index gives. $1 is the embedding, $2 the base, $3
-- the limit.
select n.id as chunk_id, n.document_id, d.title as document_title, n.content, n.similarity, n.chunk_index, n.metadata
from (
    select c.*, 1 - (c.embedding <=> $1::vector) as similarity
    from rival.knowledge_chunks c
    where c.knowledge_base_id = $2::uuid
    order by similarity desc
    limit $3
) n
join knowledge_documents d on d.id = n.document_id
order by n.similarity desc
