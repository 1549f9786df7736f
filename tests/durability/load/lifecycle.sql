-- Nodes that are deleted and restored, with an edge each: what is not only being tried is committed.
select id as goal from graph_nodes where user_id = :'person' and label like 'Goal %' order by random() limit 1 \gset
select create_session_node(:'person', :'goal', 10, 'Perhaps') as node \gset
\echo restored | :node
\echo trying | :node
update graph_nodes set deleted_at = now() where id = :'node' returning 'deleted', id;
\echo trying | :node
update graph_nodes set deleted_at = null where id = :'node' returning 'restored', id;
\echo trying | :node
update graph_nodes set deleted_at = now() where id = :'node' returning 'deleted', id;
