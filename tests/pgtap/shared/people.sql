-- Ada and Ben with a row in every table of people's own, and something shared. Ids end in a and a digit or letter for Ada,
-- in b and the same for Ben; every text bears its person's word, ada-secret or ben-secret.
-- It is run under hostile search paths too: every name is qualified, and no operator is used.

insert into auth.users (id, email)
select pg_catalog.format('00000000-0000-4000-8000-00000000000%s', l)::pg_catalog.uuid, pg_catalog.format('%s@example.com', w)
from (values ('a', 'ada-secret'), ('b', 'ben-secret')) v (l, w);
create temporary table person as
select w as word, l as letter, pg_catalog.format('00000000-0000-4000-8000-00000000000%s', l)::pg_catalog.uuid as id,
    pg_catalog.format('00000000-0000-7000-8000-0000000000%s', l) as prefix
from (values ('a', 'ada-secret'), ('b', 'ben-secret')) v (l, w);
create temporary table meaning as
select pg_catalog.format('[1%s]', pg_catalog.repeat(',0', 1535)) as embedding;

insert into public.graph_nodes (id, user_id, node_type, label, description, properties, embedding, deleted_at)
select pg_catalog.concat(p.prefix, v.suffix)::pg_catalog.uuid, p.id, v.kind::public.node_type, pg_catalog.concat(p.word, ' ', v.suffix), p.word,
    pg_catalog.jsonb_build_object('note', p.word), case when v.gone then null else m.embedding end::public.vector,
    case when v.gone then pg_catalog.now() end
from person p, meaning m, (values
    ('1', 'goal', false), ('2', 'session', false), ('3', 'skill', false), ('4', 'emotion', false), ('5', 'goal', true),
    ('6', 'accomplishment', false)
) v (suffix, kind, gone);
insert into public.graph_edges (id, user_id, edge_type, source_node_id, target_node_id, label)
select pg_catalog.concat(p.prefix, v.suffix)::pg_catalog.uuid, p.id, v.kind::public.edge_type,
    pg_catalog.concat(p.prefix, v.source)::pg_catalog.uuid, pg_catalog.concat(p.prefix, v.target)::pg_catalog.uuid, p.word
from person p, (values ('e', 'works_on', '2', '1'), ('f', 'has_skill', '2', '3')) v (suffix, kind, source, target);
insert into public.graph_insights (id, user_id, insight_type, insight_key, title, content, model)
select pg_catalog.concat(prefix, '7')::pg_catalog.uuid, id, 'advice', word, word, word, 'model' from person;
insert into public.user_goals (id, user_id, goal_title, goal_description, node_id)
select pg_catalog.concat(prefix, '8')::pg_catalog.uuid, id, word, word, pg_catalog.concat(prefix, '1')::pg_catalog.uuid from person;
insert into public.inbox_messages (id, user_id, subject, preview, content, session_node_id, goal_node_id)
select pg_catalog.concat(prefix, '9')::pg_catalog.uuid, id, word, word, pg_catalog.jsonb_build_object('text', word),
    pg_catalog.concat(prefix, '2')::pg_catalog.uuid, pg_catalog.concat(prefix, '1')::pg_catalog.uuid
from person;
insert into public.message_attachments (id, message_id, user_id, title, url)
select pg_catalog.concat(prefix, '0')::pg_catalog.uuid, pg_catalog.concat(prefix, '9')::pg_catalog.uuid, id, word, word from person;
insert into public.message_read_receipts (message_id, user_id, device_info)
select pg_catalog.concat(prefix, '9')::pg_catalog.uuid, id, pg_catalog.jsonb_build_object('note', word) from person;
insert into public.voice_chat_events (user_id, event_type, event_data)
select id, 'spoken', pg_catalog.jsonb_build_object('note', word) from person;
insert into public.elevenlabs_conversations (user_id, conversation_id, metadata)
select id, word, pg_catalog.jsonb_build_object('note', word) from person;
insert into public.webhook_events (source, external_id, user_id, data)
select 'voice', word, id, pg_catalog.jsonb_build_object('note', word) from person;
update public.profiles set locale = 'en', preferences = '{"theme": "dark"}';

-- Knowledge: a base of each, and one that is shared.
insert into public.agent_knowledge_bases (id, agent_id, name, owner_id)
select pg_catalog.concat(prefix, 'b')::pg_catalog.uuid, 'coach', word, id from person
union all
select '00000000-0000-7000-8000-0000000000cb', 'coach', 'Shared', null;
insert into public.knowledge_documents (id, knowledge_base_id, title, content)
select pg_catalog.concat(prefix, 'd')::pg_catalog.uuid, pg_catalog.concat(prefix, 'b')::pg_catalog.uuid, word, word from person
union all
select '00000000-0000-7000-8000-0000000000cd', '00000000-0000-7000-8000-0000000000cb', 'Talks', 'Breathe';
insert into public.knowledge_chunks (id, document_id, chunk_index, content, embedding)
select pg_catalog.concat(prefix, 'c')::pg_catalog.uuid, pg_catalog.concat(prefix, 'd')::pg_catalog.uuid, 0,
    pg_catalog.concat('Breathe ', word), m.embedding::public.vector
from person, meaning m
union all
select '00000000-0000-7000-8000-0000000000cc', '00000000-0000-7000-8000-0000000000cd', 0, 'Breathe before you speak', m.embedding::public.vector
from meaning m;
insert into public.knowledge (id, user_id, content, embedding)
select pg_catalog.concat(prefix, 'a')::pg_catalog.uuid, id, pg_catalog.concat('Breathe ', word), m.embedding::public.vector from person, meaning m
union all
select '00000000-0000-7000-8000-0000000000ca', null, 'Breathe slowly', m.embedding::public.vector from meaning m;
