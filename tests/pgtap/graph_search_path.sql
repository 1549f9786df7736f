-- A hostile search_path: objects called as ours or PostgreSQL's are, found first by whoever calls a function.
-- The calls are the session's first, so that also what a function keeps is made under that path.
begin;
select plan(10);

create function pg_temp.ada() returns uuid immutable return '00000000-0000-4000-8000-00000000000a'::uuid;
create function pg_temp.n(text) returns uuid immutable
    return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;
create function pg_temp.vec(variadic real[]) returns vector immutable
    return ($1 || array_fill(0::real, array[1536 - cardinality($1)]))::vector(1536);

-- What lies in wait.
create schema test_evil;
grant usage on schema test_evil to public;
create table test_evil.graph_nodes (id uuid, user_id uuid);
create table test_evil.graph_edges (id uuid, user_id uuid);
create function test_evil.forged(uuid, uuid) returns boolean language plpgsql as $$begin raise exception 'forged operator'; end$$;
create operator test_evil.= (leftarg = uuid, rightarg = uuid, function = test_evil.forged);
create function test_evil.forged(vector, vector) returns float8 language plpgsql as $$begin raise exception 'forged operator'; end$$;
create operator test_evil.<=> (leftarg = vector, rightarg = vector, function = test_evil.forged);
create function test_evil.forged(jsonb, jsonb) returns jsonb language plpgsql as $$begin raise exception 'forged operator'; end$$;
create operator test_evil.|| (leftarg = jsonb, rightarg = jsonb, function = test_evil.forged);
create function test_evil.forged(timestamptz, timestamptz) returns boolean language plpgsql as $$begin raise exception 'forged operator'; end$$;
create operator test_evil.<= (leftarg = timestamptz, rightarg = timestamptz, function = test_evil.forged);
create function test_evil.now() returns timestamptz language plpgsql as $$begin raise exception 'forged function'; end$$;
create function test_evil.lgtempo_uuid_v7() returns uuid language plpgsql as $$begin raise exception 'forged function'; end$$;
create function test_evil.btrim(text, text) returns text language plpgsql as $$begin raise exception 'forged function'; end$$;
create function test_evil.to_char(timestamp, text) returns text language plpgsql as $$begin raise exception 'forged function'; end$$;
create type test_evil.node_type as enum ('forged');

-- A graph and a knowledge base, made and asked under that path.
set local search_path = test_evil, pg_catalog, public;
insert into auth.users (id, email) values (pg_temp.ada(), 'ada@example.com');
insert into public.graph_nodes (id, user_id, node_type, label, embedding) values
    (pg_temp.n('a1'), pg_temp.ada(), 'goal', 'Speak up', pg_temp.vec(1)),
    (pg_temp.n('a2'), pg_temp.ada(), 'session', 'First', pg_temp.vec(3, 4)),
    (pg_temp.n('a3'), pg_temp.ada(), 'skill', 'Rust', null);
insert into public.graph_edges (id, user_id, edge_type, source_node_id, target_node_id) values
    (pg_temp.n('e1'), pg_temp.ada(), 'works_on', pg_temp.n('a2'), pg_temp.n('a1')),
    (pg_temp.n('e2'), pg_temp.ada(), 'has_skill', pg_temp.n('a1'), pg_temp.n('a3'));
insert into public.agent_knowledge_bases (id, agent_id, name) values (pg_temp.n('b1'), 'coach', 'Shared');
insert into public.knowledge_documents (id, knowledge_base_id, title, content) values (pg_temp.n('d1'), pg_temp.n('b1'), 'Talks', 'Talks');
insert into public.knowledge_chunks (id, document_id, chunk_index, content, embedding)
values (pg_temp.n('c1'), pg_temp.n('d1'), 0, 'Breathe before you speak', pg_temp.vec(1));
insert into public.knowledge (id, content, embedding) values (pg_temp.n('c2'), 'Speak slowly', pg_temp.vec(3, 4));
create temporary table got as select label, depth, edge_id from public.get_node_neighborhood(pg_temp.n('a1'), 2, pg_temp.ada());
create temporary table got_similar as select label from public.find_similar_nodes(pg_temp.ada(), pg_temp.vec(1), 10, -1);
create temporary table got_chunks as select chunk_id from public.search_knowledge_chunks(pg_temp.vec(1));
create temporary table got_passages as
select id, relevance_score > 0 as relevant from public.search_knowledge_base('speak slowly', null, 10, pg_temp.vec(3, 4));
create temporary table got_written as
select public.track_emotion(pg_temp.ada(), 'anxious', 'x', 0.5, pg_temp.n('a1')) as emotion,
    public.create_session_node(pg_temp.ada(), pg_temp.n('a1'), 5, 'Hostile') as session,
    public.create_goal_node(pg_temp.ada(), 'Hostile goal', 'x', '{"a": 1}') as goal,
    public.create_skill_node(pg_temp.ada(), 'Hostile skill') as skill,
    public.update_session_node(pg_temp.n('a2'), 'Hostile', 5, '{"a": 1}', pg_temp.n('a1'), pg_temp.ada()) as updated,
    public.update_node_status(pg_temp.n('a2'), 'curated', pg_temp.ada()) as status,
    public.upsert_node_embedding(pg_temp.n('a2'), pg_temp.vec(1), pg_temp.ada()) as embedding;
update public.graph_nodes set deleted_at = pg_catalog.now() where id operator(pg_catalog.=) pg_temp.n('a3');
set local search_path = "$user", public;
select results_eq(
    'select * from got',
    $$values ('Speak up', 0, null::uuid), ('Rust', 1, pg_temp.n('e2')), ('First', 1, pg_temp.n('e1'))$$,
    'a hostile search_path changes no walk'
);
select results_eq('select * from got_similar', array['Speak up', 'First'], 'nor a search for nodes');
select results_eq('select * from got_chunks', $$values (pg_temp.n('c1'))$$, 'nor a search for chunks');
select results_eq('select * from got_passages', $$values (pg_temp.n('c2'), true), (pg_temp.n('c1'), true)$$, 'nor an answer to a question');
select is(count(*), 4::bigint, 'nor what is created') from graph_nodes n, got_written w
where n.id in (emotion, session, goal, skill) and n.user_id = pg_temp.ada();
select ok(updated and status and embedding, 'nor what is updated') from got_written;
select ok(deleted_at >= now(), 'nor what a deletion does') from graph_nodes where id = pg_temp.n('a3');
select is(count(*), 1::bigint, 'nor what a sign-up does') from users where email = 'ada@example.com';
select is(document_count, 1, 'nor what is counted') from agent_knowledge_bases where id = pg_temp.n('b1');
select is(count(*), 0::bigint, 'and nothing is written to the forged tables') from test_evil.graph_nodes;

select * from finish();
rollback;
