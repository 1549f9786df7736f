-- The document of a chunk is looked for before any unique key is: whoever may not write there learns nothing of it. Where an
-- administrator has dropped a policy, there is nothing to change.

do $$
begin
    alter policy knowledge_chunks_insert_own on @extschema@.knowledge_chunks
        with check (
            knowledge_base_id = any (array(
                select b.id from @extschema@.agent_knowledge_bases b
                where b.owner_id = (select auth.uid()) and not b.is_public
            ))
            and exists (
                select from @extschema@.knowledge_documents d
                where d.id = knowledge_chunks.document_id and d.knowledge_base_id = knowledge_chunks.knowledge_base_id
            )
        );
    comment on policy knowledge_chunks_insert_own on @extschema@.knowledge_chunks
        is 'People add chunks to documents of their own private bases.';
exception
    when undefined_object then null;
end $$;

do $$
begin
    alter policy knowledge_chunks_update_own on @extschema@.knowledge_chunks
        with check (
            knowledge_base_id = any (array(
                select b.id from @extschema@.agent_knowledge_bases b
                where b.owner_id = (select auth.uid()) and not b.is_public
            ))
            and exists (
                select from @extschema@.knowledge_documents d
                where d.id = knowledge_chunks.document_id and d.knowledge_base_id = knowledge_chunks.knowledge_base_id
            )
        );
    comment on policy knowledge_chunks_update_own on @extschema@.knowledge_chunks
        is 'People change chunks of documents of their own private bases.';
exception
    when undefined_object then null;
end $$;
