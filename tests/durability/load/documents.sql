-- Documents of some chunks, three come and one goes: what is not only being erased is committed.
select string_agg(
        format(
            '%s %s %s.',
            (array['Breathe', 'Rehearse', 'Walk', 'Write', 'Listen'])[ceil(5 * random())],
            (array['slowly', 'each morning', 'before the talk', 'with a friend'])[ceil(4 * random())],
            'word' || floor(2000 * random())
        ),
        ' '
    ) as text
from generate_series(1, 120) \gset
select 'document', add_knowledge_document(:'base', 'Advice', :'text' || ' One.', p_max_tokens => 64, p_overlap_tokens => 8);
select 'document', add_knowledge_document(:'base', 'Advice', :'text' || ' Two.', p_max_tokens => 64, p_overlap_tokens => 8);
select 'document', add_knowledge_document(:'shared', 'Advice', :'text' || ' Three.', p_max_tokens => 64, p_overlap_tokens => 8);
select id as document from knowledge_documents where knowledge_base_id = :'base' order by random() limit 1 \gset
\echo erasing | :document
delete from knowledge_documents where id = :'document' returning 'erased', id;
