-- What is rewritten with every text that comes or goes stays small.

-- Every statement that writes chunks counts in one row of each: room on its page lets the new version follow the old one there,
-- without another entry in any index.
alter table @extschema@.agent_knowledge_bases set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
alter table @extschema@.knowledge_collections set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
-- Searches read all that is pending, dead or not.
alter table @extschema@.knowledge_pending_words set (autovacuum_vacuum_scale_factor = 0.05);
alter table @extschema@.knowledge_pending_codes set (autovacuum_vacuum_scale_factor = 0.05);
