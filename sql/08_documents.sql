-- The document of a chunk is looked for before any unique key is: whoever may not write there learns nothing of it. Beside what
-- an administrator has made of the other policies. A dump of the schema alone brings the policies without the record of this step.

drop policy if exists knowledge_chunks_insert_document on @extschema@.knowledge_chunks;
create policy knowledge_chunks_insert_document on @extschema@.knowledge_chunks
    as restrictive for insert to authenticated
    with check (exists (
        select from @extschema@.knowledge_documents d
        where d.id = knowledge_chunks.document_id and d.knowledge_base_id = knowledge_chunks.knowledge_base_id
    ));
comment on policy knowledge_chunks_insert_document on @extschema@.knowledge_chunks
    is 'People add chunks only to documents that they may read.';

drop policy if exists knowledge_chunks_update_document on @extschema@.knowledge_chunks;
create policy knowledge_chunks_update_document on @extschema@.knowledge_chunks
    as restrictive for update to authenticated
    with check (exists (
        select from @extschema@.knowledge_documents d
        where d.id = knowledge_chunks.document_id and d.knowledge_base_id = knowledge_chunks.knowledge_base_id
    ));
comment on policy knowledge_chunks_update_document on @extschema@.knowledge_chunks
    is 'People move chunks only to documents that they may read.';
