-- What a person says and does: what is printed is committed.
select id as goal from graph_nodes where user_id = :'person' and label like 'Goal %' order by random() limit 1 \gset
select 'emotion', track_emotion(:'person', 'motivated', 'Said ' || random(), 0.5, :'goal');
select 'session', create_session_node(:'person', :'goal', 30, 'Summary ' || random());
select 'skill', create_skill_node(:'person', 'Skill ' || floor(1000 * random()), 'expert');
begin;
select lgtempo_uuid_v7() as one, lgtempo_uuid_v7() as other \gset
insert into graph_nodes (id, user_id, node_type, label)
values (:'one', :'person', 'accomplishment', 'One'), (:'other', :'person', 'accomplishment', 'Other');
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
values (:'person', 'derived_from', :'one', :'other') returning id as edge \gset
commit;
\echo edge | :edge
