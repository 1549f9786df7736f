-- The bases' documents, before their chunks.

insert into knowledge_documents (id, knowledge_base_id, title, content)
select document_id, knowledge_base_id, 'Dictionary, page ' || row_number() over (order by min(place)),
    string_agg(content, E'\n' order by chunk_index)
from draft.passage
group by document_id, knowledge_base_id
