-- Plain SQL with a GIN index, any word. $1 is the query's words ('a' | 'b'), $2 the base, $3 the limit.
select n.id, n.document_id, d.title, n.content, b.id as kb_id, b.name as kb_name, n.metadata, n.rank
from (
    select c.*, ts_rank(c.search_vector, $1::tsquery) as rank
    from rival.knowledge_chunks c
    where c.search_vector @@ $1::tsquery
        and c.knowledge_base_id = $2::uuid
    order by rank desc
    limit $3
) n
join knowledge_documents d on d.id = n.document_id
join agent_knowledge_bases b on b.id = n.knowledge_base_id
order by n.rank desc
