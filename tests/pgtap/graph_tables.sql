-- The graph's tables: what they refuse, soft deletion, who may do what; and what holds for every table of the extension.
begin;
select plan(215);

-- Short names: Ada and Ben, the key that ends in some digits, an embedding that begins with some numbers.
create function pg_temp.ada() returns uuid immutable return '00000000-0000-4000-8000-00000000000a'::uuid;
create function pg_temp.ben() returns uuid immutable return '00000000-0000-4000-8000-00000000000b'::uuid;
create function pg_temp.n(text) returns uuid immutable
    return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;
create function pg_temp.vec(variadic real[]) returns vector immutable
    return ($1 || array_fill(0::real, array[1536 - cardinality($1)]))::vector(1536);

insert into auth.users (id, email) values (pg_temp.ada(), 'ada@example.com'), (pg_temp.ben(), 'ben@example.com');

-- The tables of the extension.
create temporary table ours as
select c.oid, c.relname, c.relrowsecurity, c.relowner
from pg_class c
where c.relkind in ('r', 'p')
    and c.relnamespace = (select extnamespace from pg_extension where extname = 'lgtempo')
    and not exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    );
create temporary table promised (name) as
select unnest(string_to_array('users profiles agent_personae agent_knowledge_bases knowledge_documents knowledge_chunks '
    'knowledge graph_nodes graph_edges graph_insights inbox_messages message_attachments message_read_receipts '
    'voice_chat_events elevenlabs_conversations webhook_events user_goals goal_categories', ' '));
grant select on ours, promised to public;
select is_empty('select name from promised except select relname::text from ours', 'all eighteen tables are there');
select is_empty(
    $$select c.relname from pg_depend d join pg_class c on d.classid = 'pg_class'::regclass and d.objid = c.oid
      where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and c.relkind in ('r', 'p')
          and d.refobjid = (select oid from pg_extension where extname = 'lgtempo')$$,
    'no table is a member of the extension'
);
select is_empty(
    $$select relname from ours where relowner <> (select extowner from pg_extension where extname = 'lgtempo')$$,
    'every table is the owner''s of the extension'
);
select is_empty('select relname from ours where not relrowsecurity', 'every table has row level security');
select is_empty(
    $$select relname from ours where coalesce(obj_description(oid, 'pg_class'), '') = ''$$, 'every table is commented'
);
select is_empty(
    $$select relname, attname from ours join pg_attribute a on attrelid = oid and attnum > 0 and not attisdropped
      where coalesce(col_description(oid, attnum), '') = ''$$,
    'every column is commented'
);
select is_empty(
    $$select relname, polname from ours join pg_policy p on polrelid = ours.oid
      where coalesce(obj_description(p.oid, 'pg_policy'), '') = ''$$,
    'every policy is commented'
);
select is_empty(
    $$select p.oid::regprocedure from pg_proc p join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid
      where d.deptype = 'e' and d.refobjid = (select oid from pg_extension where extname = 'lgtempo')
          and coalesce(obj_description(p.oid, 'pg_proc'), '') = ''$$,
    'every function is commented'
);
select is_empty(
    $$select relname, conname from ours join pg_constraint c on conrelid = ours.oid and contype = 'f'
      where not exists (
          select from pg_index i
          where i.indrelid = c.conrelid and i.indisvalid
              and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
              and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) like '%IS NOT NULL%')
      )$$,
    'every foreign key is indexed'
);
select is_empty(
    $$select relname, p.polname from ours join pg_policy p on polrelid = ours.oid where p.polcmd = '*' or 0 = any (p.polroles)$$,
    'every policy is for one verb and for named roles'
);
select is_empty(
    $$select relname, polname from ours join pg_policy on polrelid = ours.oid
      where regexp_replace(
          coalesce(pg_get_expr(polqual, polrelid), '') || coalesce(pg_get_expr(polwithcheck, polrelid), ''),
          '\( *SELECT auth\.uid\(\)', '', 'g') like '%auth.uid()%'$$,
    'every policy asks who is calling once, not for every row'
);
select is_empty(
    $$select name, col from promised, (values ('created_at'), ('updated_at')) as c (col)
      where not exists (
          select from pg_attribute a join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
          where a.attrelid = name::regclass and a.attname = c.col and a.attnotnull
              and a.atttypid = 'timestamptz'::regtype and pg_get_expr(d.adbin, d.adrelid) = 'now()'
      )$$,
    'every table has created_at and updated_at'
);
select is_empty(
    $$select name from promised
      where name not in ('users', 'profiles', 'goal_categories') and not exists (
          select from pg_attribute a join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
          where a.attrelid = name::regclass and a.attname = 'id' and a.atttypid = 'uuid'::regtype
              and pg_get_expr(d.adbin, d.adrelid) like '%lgtempo_uuid_v7()'
      )$$,
    'keys are made by lgtempo_uuid_v7()'
);

-- Rights on all tables.
select is_empty(
    $$select who, relname, priv from ours, unnest(array['anon', 'authenticated']) who,
          unnest(array['TRUNCATE', 'REFERENCES', 'TRIGGER']) priv
      where has_table_privilege(who, oid, priv)$$,
    'anon and authenticated have TRUNCATE, REFERENCES and TRIGGER on nothing'
);
select is_empty(
    $$select who, relname from ours, unnest(array['anon', 'authenticated']) who where has_any_column_privilege(who, oid, 'REFERENCES')$$,
    'nor REFERENCES on a column'
);
select is_empty(
    $$select c.relname from ours, pg_class c, aclexplode(c.relacl) a where c.oid = ours.oid and a.grantee = 0$$,
    'PUBLIC has nothing on any table'
);
select is_empty(
    $$select who, relname, priv from ours, unnest(array['anon', 'authenticated']) who,
          unnest(array['SELECT', 'INSERT', 'UPDATE']) priv
      where (relname = 'webhook_events' or relname not in (select name from promised))
          and has_any_column_privilege(who, oid, priv)$$,
    'anon and authenticated have nothing on internal tables'
);
select is_empty(
    $$select relname, priv from ours, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) priv
      where not has_table_privilege('service_role', oid, priv)$$,
    'the service may do everything with every table'
);

-- Rights on functions.
create temporary table verbs as
select p.oid, p.proname::text as name, p.prorettype = 'trigger'::regtype as for_triggers, p.proacl, p.proconfig, p.prosecdef
from pg_proc p
join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
where d.refobjid = (select oid from pg_extension where extname = 'lgtempo');
select is_empty(
    $$select name from verbs where proacl is null or exists (select from aclexplode(proacl) a where a.grantee = 0)$$,
    'no function is executable by PUBLIC'
);
select is_empty(
    $$select name from verbs where has_function_privilege('anon', oid, 'execute') and name not in
      ('search_knowledge_chunks', 'search_knowledge_base', 'hybrid_search', 'lgtempo_uuid_v7', 'lgtempo_version')$$,
    'anon may execute the searches of knowledge, the key generator and the version'
);
select is_empty(
    $$select name from verbs where has_function_privilege('authenticated', oid, 'execute') and (for_triggers or name in
      ('lgtempo_setup', 'enable_realtime', 'claim_embedding_jobs', 'store_embeddings', 'retry_embedding_jobs',
       'create_message_with_attachments', 'cleanup_expired_messages'))$$,
    'signed-in people execute nothing that is the service''s or the owner''s'
);
select is_empty(
    $$select name, who from verbs, unnest(array['authenticated', 'service_role']) who
      where not has_function_privilege(who, oid, 'execute') and name in
      ('get_node_neighborhood', 'find_similar_nodes', 'track_emotion', 'create_session_node', 'update_session_node',
       'create_goal_node', 'create_skill_node', 'update_node_status', 'upsert_node_embedding', 'search_knowledge_chunks',
       'search_knowledge_base', 'lgtempo_uuid_v7', 'lgtempo_version')$$,
    'signed-in people and the service execute the functions of the main job'
);
select is_empty(
    $$select name from verbs where has_function_privilege('service_role', oid, 'execute')
      and (for_triggers or name in ('lgtempo_setup', 'enable_realtime'))$$,
    'the service executes nothing that is the owner''s'
);
select is_empty('select name from verbs group by name having count(*) > 1', 'one function a name');
select is_empty('select name from verbs where prosecdef', 'functions run with the caller''s rights');
select is_empty(
    $$select name from verbs where not exists (select from unnest(proconfig) c where c like 'search_path=%')$$,
    'every function has a fixed search_path'
);

-- The graph's layout.
select set_eq(
    format('select attname::text from pg_attribute where attrelid = %L::regclass and attnum > 0 and not attisdropped', tab),
    string_to_array('id created_at updated_at ' || cols, ' '),
    format('%s has the columns it promises', tab)
)
from (values
    ('graph_nodes', 'user_id node_type label description properties status embedding embedding_code deleted_at'),
    ('graph_edges', 'user_id edge_type source_node_id target_node_id label weight properties valid_from valid_to closed_by_delete'),
    ('graph_insights', 'user_id insight_type insight_key title content confidence node_ids evidence model status valid_until')
) as v (tab, cols);
select col_is_pk('graph_nodes', array['id', 'user_id'], 'a node''s key is its id and its person');
select col_is_pk('graph_edges', array['id', 'user_id'], 'an edge''s key is its id and its person');
select set_eq(
    $$select conname::text from pg_constraint
      where contype = 'f' and conrelid in ('graph_nodes'::regclass, 'graph_edges'::regclass, 'graph_insights'::regclass)$$,
    array['graph_nodes_user_fkey', 'graph_edges_user_fkey', 'graph_edges_source_node_fkey', 'graph_edges_target_node_fkey',
        'graph_insights_user_fkey'],
    'clients embed by these names'
);
select col_type_is('graph_nodes', 'embedding', 'vector(1536)', 'embeddings have 1536 dimensions');
select col_type_is('graph_nodes', 'embedding_code', 'bit(1536)', 'and so have their codes');
select col_type_is('graph_edges', 'weight', 'real', 'weights are real');

-- Nodes: defaults and checks.
insert into graph_nodes (id, user_id, node_type, label) values
    (pg_temp.n('a1'), pg_temp.ada(), 'goal', 'Speak up'),
    (pg_temp.n('a2'), pg_temp.ada(), 'session', 'First'),
    (pg_temp.n('a3'), pg_temp.ada(), 'skill', 'Rust'),
    (pg_temp.n('b1'), pg_temp.ben(), 'goal', 'Speak up'),
    (pg_temp.n('b2'), pg_temp.ben(), 'session', 'First');
select results_eq(
    $$select status, properties, deleted_at, embedding is null, embedding_code is null, created_at = now() from graph_nodes
      where id = pg_temp.n('a1')$$,
    $$values ('draft_verbal'::node_status, '{}'::jsonb, null::timestamptz, true, true, true)$$,
    'a node is a draft, alive and without properties at first'
);
select lives_ok(
    format('insert into graph_nodes (user_id, node_type, label) values (pg_temp.ada(), ''emotion'', %L)', label), title
)
from (values
    ('x', 'a label can have one character'),
    ('v', 'whichever it is'),
    (repeat('é', 255), 'a label can have 255 characters'),
    ('  ' || repeat('é', 255) || '  ', 'blanks around them don''t count')
) as v (label, title);
select throws_ok(
    format('insert into graph_nodes (user_id, node_type, label) values (pg_temp.ada(), ''emotion'', %L)', label), '23514', null, title
)
from (values
    ('', 'a label is not empty'),
    ('   ', 'a label is not blank'),
    (repeat('é', 256), 'a label has at most 255 characters')
) as v (label, title);
select throws_ok(
    $$insert into graph_nodes (user_id, node_type) values (pg_temp.ada(), 'emotion')$$, '23502', null, 'a node has a label'
);
select throws_ok(
    $$update graph_nodes set properties = '[]' where id = pg_temp.n('a1')$$, '23514', null, 'properties are an object'
);
select throws_ok(
    $$insert into graph_nodes (user_id, node_type, label) values (gen_random_uuid(), 'goal', 'x')$$, '23503', null,
    'a node belongs to a person who exists'
);
select throws_ok(
    $$insert into graph_nodes (node_type, label) values ('goal', 'x')$$, '23502', null, 'a node belongs to somebody'
);
select throws_ok(
    $$insert into graph_nodes (id, user_id, node_type, label) values (pg_temp.n('a1'), pg_temp.ada(), 'session', 'x')$$,
    '23505', null, 'a person has an id once'
);
select lives_ok(
    $$insert into graph_nodes (id, user_id, node_type, label) values (pg_temp.n('a3'), pg_temp.ben(), 'session', 'x')$$,
    'another person may have the same'
);

-- Embeddings.
select lives_ok(
    $$update graph_nodes set embedding = pg_temp.vec(1, -1, 0.5) where id = pg_temp.n('a1')$$, 'an embedding can be written'
);
select is(embedding_code, ('101' || repeat('0', 1533))::bit(1536), 'its code is made of the signs')
from graph_nodes where id = pg_temp.n('a1');
select throws_ok(
    $$update graph_nodes set embedding = pg_temp.vec(0) where id = pg_temp.n('a1')$$, '23514', null, 'the zero vector is no embedding'
);
select throws_ok(
    $$insert into graph_nodes (user_id, node_type, label, embedding) values (pg_temp.ada(), 'session', 'x', pg_temp.vec(0))$$,
    '23514', null, 'nor at first'
);
select throws_matching(
    $$update graph_nodes set embedding = '[1, 2, 3]' where id = pg_temp.n('a1')$$, '1536', 'an embedding has 1536 dimensions'
);
select throws_ok(
    $$update graph_nodes set embedding_code = repeat('0', 1536)::bit(1536)$$, '428C9', null, 'a code is never written by hand'
);

-- Entities are unique, events are not.
select throws_ok(
    format('insert into graph_nodes (user_id, node_type, label) values (pg_temp.ada(), %L, %L)', type, label), '23505', null, title
)
from (values
    ('goal', 'Speak up', 'a goal is unique by its label'),
    ('goal', '  Speak up ', 'compared without the blanks around it'),
    ('skill', 'Rust', 'a skill is unique by its label'),
    ('skill', ' Rust', 'compared without the blanks around it')
) as v (type, label, title);
select lives_ok(
    format('insert into graph_nodes (user_id, node_type, label) values (pg_temp.ada(), %L, %L)', type, label), title
)
from (values
    ('goal', 'speak up', 'labels are compared case-sensitive'),
    ('skill', 'Speak up', 'a skill may be called as a goal is'),
    ('skill', 'im', 'labels are compared letter by letter'),
    ('skill', 'vim', 'to their first'),
    ('skill', 'imv', 'and to their last'),
    ('emotion', 'anxious', 'an emotion is tracked'),
    ('emotion', 'anxious', 'and the same again'),
    ('session', 'First', 'sessions may repeat'),
    ('accomplishment', 'Gave a talk', 'an accomplishment is noted'),
    ('accomplishment', 'Gave a talk', 'and the same again')
) as v (type, label, title);
select throws_ok(
    $$update graph_nodes set label = 'speak up' where id = pg_temp.n('a1')$$, '23505', null, 'a goal does not take another''s label'
);

-- Edges: defaults and checks.
insert into graph_edges (id, user_id, edge_type, source_node_id, target_node_id)
values (pg_temp.n('ae1'), pg_temp.ada(), 'works_on', pg_temp.n('a2'), pg_temp.n('a1'));
select results_eq(
    $$select weight, properties, valid_from = now(), valid_to, closed_by_delete from graph_edges where id = pg_temp.n('ae1')$$,
    $$values (1::real, '{}'::jsonb, true, null::timestamptz, false)$$,
    'an edge is valid from now on'
);
select lives_ok(format('update graph_edges set weight = %s', weight), format('a weight can be %s', weight))
from unnest(array['0', '1', '0.5']) weight;
select throws_ok(format('update graph_edges set %s', change), '23514', null, title)
from (values
    ('weight = -0.01', 'a weight is at least 0'),
    ('weight = 1.01', 'a weight is at most 1'),
    ('weight = ''NaN''', 'a weight is a number'),
    ('properties = ''"text"''', 'properties are an object'),
    ('valid_to = valid_from', 'an edge ends after it begins'),
    ('valid_to = valid_from - interval ''1 day''', 'and not before'),
    ('source_node_id = target_node_id', 'an edge has two ends')
) as v (change, title);
select throws_ok(
    format('insert into graph_edges (user_id, edge_type, source_node_id, target_node_id) values (%s, ''feels'', %s, %s)',
        person, source, target),
    '23503', null, title
)
from (values
    ('pg_temp.ada()', 'pg_temp.n(''a1'')', 'pg_temp.n(''b1'')', 'no edge leads to another person''s node'),
    ('pg_temp.ada()', 'pg_temp.n(''b1'')', 'pg_temp.n(''a1'')', 'nor from one'),
    ('pg_temp.ada()', 'pg_temp.n(''b1'')', 'pg_temp.n(''b2'')', 'nor is it somebody else''s than its ends'),
    ('pg_temp.ada()', 'pg_temp.n(''a1'')', 'pg_temp.n(''dead'')', 'an edge leads to a node that exists'),
    ('pg_temp.ada()', 'pg_temp.n(''dead'')', 'pg_temp.n(''a1'')', 'an edge leaves a node that exists')
) as v (person, source, target, title);
select throws_ok(
    $$update graph_edges set target_node_id = pg_temp.n('b1') where id = pg_temp.n('ae1')$$, '23503', null,
    'no edge is moved to another person''s node'
);

-- The same fact is never valid twice at one instant.
insert into graph_edges (id, user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to)
values (pg_temp.n('ae2'), pg_temp.ada(), 'has_skill', pg_temp.n('a2'), pg_temp.n('a3'), '2020-01-01Z', '2021-01-01Z');
select throws_ok(
    format('insert into graph_edges (user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to)
        values (pg_temp.ada(), ''has_skill'', pg_temp.n(''a2''), pg_temp.n(''a3''), %L, %L)', valid_from, valid_to),
    '23P01', null, title
)
from (values
    ('2020-06-01Z', null, 'a fact does not begin while it is valid'),
    ('2019-06-01Z', '2020-06-01Z', 'nor end'),
    ('2019-06-01Z', null, 'nor span'),
    ('2020-02-01Z', '2020-03-01Z', 'nor lie within')
) as v (valid_from, valid_to, title);
select throws_ok(
    $$insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
      values (pg_temp.ada(), 'works_on', pg_temp.n('a2'), pg_temp.n('a1'))$$,
    '23P01', null, 'a fact that is valid is not recorded again'
);
select lives_ok(
    format('insert into graph_edges (user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to)
        values (pg_temp.ada(), %L, pg_temp.n(%L), pg_temp.n(%L), %L, %L)', type, source, target, valid_from, valid_to),
    title
)
from (values
    ('has_skill', 'a2', 'a3', '2019-01-01Z', '2020-01-01Z', 'a fact may end when it begins again'),
    ('has_skill', 'a2', 'a3', '2021-01-01Z', '2022-01-01Z', 'a fact may begin when it has ended'),
    ('achieves', 'a2', 'a3', '2020-01-01Z', '2021-01-01Z', 'another type is another fact'),
    ('has_skill', 'a3', 'a2', '2020-01-01Z', '2021-01-01Z', 'the other direction is another fact')
) as v (type, source, target, valid_from, valid_to, title);
select throws_ok(
    $$update graph_edges set valid_to = null where id = pg_temp.n('ae2')$$, '23P01', null, 'a fact is not prolonged into itself'
);

-- Insights.
insert into graph_insights (id, user_id, insight_type, insight_key, title, content)
values (pg_temp.n('a11'), pg_temp.ada(), 'neglected_goal', 'goal:1', 'Neglected', 'For weeks.');
select is(status, 'new', 'an insight is new at first') from graph_insights;
select throws_ok(format('update graph_insights set %s', change), '23514', null, title)
from (values
    ('confidence = 1.01', 'confidence is at most 1'),
    ('confidence = -0.01', 'confidence is at least 0'),
    ('confidence = ''NaN''', 'confidence is a number'),
    ('status = ''read''', 'a status is new, seen or dismissed')
) as v (change, title);
select lives_ok(format('update graph_insights set status = %L', status), format('an insight can be %s', status))
from unnest(array['seen', 'dismissed', 'new']) status;
select throws_ok(
    $$insert into graph_insights (user_id, insight_type, insight_key, title, content)
      values (pg_temp.ada(), 'x', 'goal:1', 'x', 'x')$$,
    '23505', null, 'the database has one insight a key'
);
select lives_ok(
    $$insert into graph_insights (user_id, insight_type, insight_key, title, content, model)
      values (pg_temp.ada(), 'x', 'goal:1', 'x', 'x', 'some-model'), (pg_temp.ada(), 'x', 'goal:1', 'x', 'x', 'some-model'),
          (pg_temp.ben(), 'x', 'goal:1', 'x', 'x', null)$$,
    'an AI may have several, and another person one'
);

-- Soft deletion: the database's own clock, whatever is written.
delete from graph_edges;
insert into graph_nodes (id, user_id, node_type, label) values
    (pg_temp.n('c1'), pg_temp.ada(), 'goal', 'Center'),
    (pg_temp.n('c2'), pg_temp.ada(), 'session', 'Open'),
    (pg_temp.n('c3'), pg_temp.ada(), 'session', 'Closed'),
    (pg_temp.n('c4'), pg_temp.ada(), 'session', 'Ends later'),
    (pg_temp.n('c5'), pg_temp.ada(), 'session', 'Begins later'),
    (pg_temp.n('c6'), pg_temp.ada(), 'skill', 'Reached');
insert into graph_edges (id, user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to) values
    (pg_temp.n('ce2'), pg_temp.ada(), 'works_on', pg_temp.n('c2'), pg_temp.n('c1'), now() - interval '1 day', null),
    (pg_temp.n('ce3'), pg_temp.ada(), 'works_on', pg_temp.n('c3'), pg_temp.n('c1'), now() - interval '2 days', now() - interval '1 day'),
    (pg_temp.n('ce4'), pg_temp.ada(), 'works_on', pg_temp.n('c4'), pg_temp.n('c1'), now() - interval '1 day', now() + interval '1 day'),
    (pg_temp.n('ce5'), pg_temp.ada(), 'works_on', pg_temp.n('c5'), pg_temp.n('c1'), now() + interval '1 day', null),
    (pg_temp.n('ce6'), pg_temp.ada(), 'has_skill', pg_temp.n('c1'), pg_temp.n('c6'), now() - interval '1 day', null),
    (pg_temp.n('ce7'), pg_temp.ada(), 'achieves', pg_temp.n('c2'), pg_temp.n('c6'), now() - interval '1 day', null);
select clock_timestamp() as before_deletion \gset
update graph_nodes set deleted_at = '2000-01-01' where id = pg_temp.n('c1');
select ok(deleted_at between :'before_deletion' and clock_timestamp(), 'a deletion in the past happens now')
from graph_nodes where id = pg_temp.n('c1');
select results_eq(
    $$select e.id, e.closed_by_delete,
          case when valid_to = n.deleted_at then 'deletion'
              when valid_to = valid_from + interval '1 microsecond' then 'just begun'
              when valid_to is null then 'open'
              else (valid_to - now())::text end
      from graph_edges e, graph_nodes n
      where n.id = pg_temp.n('c1') and e.id between pg_temp.n('ce1') and pg_temp.n('ce9') order by e.id$$,
    $$values
        (pg_temp.n('ce2'), true, 'deletion'),
        (pg_temp.n('ce3'), false, '-1 days'),
        (pg_temp.n('ce4'), true, 'deletion'),
        (pg_temp.n('ce5'), true, 'just begun'),
        (pg_temp.n('ce6'), true, 'deletion'),
        (pg_temp.n('ce7'), false, 'open')$$,
    'edges that were open are closed with it, in both directions; others are left alone'
);
update graph_nodes set deleted_at = 'infinity' where id = pg_temp.n('c1');
select ok(deleted_at between :'before_deletion' and clock_timestamp(), 'a time forged afterwards is not stored either')
from graph_nodes where id = pg_temp.n('c1');
insert into graph_nodes (id, user_id, node_type, label, deleted_at)
values (pg_temp.n('c9'), pg_temp.ada(), 'goal', 'Gone', '2100-01-01');
select ok(deleted_at between :'before_deletion' and clock_timestamp(), 'nor one that is there from the beginning')
from graph_nodes where id = pg_temp.n('c9');

-- No new edge to a deleted node, none that opens again.
select throws_ok(
    $$insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
      values (pg_temp.ada(), 'achieves', pg_temp.n('c3'), pg_temp.n('c1'))$$,
    '23503', null, 'no new edge leads to a deleted node'
);
select throws_ok(
    $$insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
      values (pg_temp.ada(), 'achieves', pg_temp.n('c1'), pg_temp.n('c3'))$$,
    '23503', null, 'no new edge leaves a deleted node'
);
select throws_ok(
    $$update graph_edges set target_node_id = pg_temp.n('c1') where id = pg_temp.n('ce7')$$,
    '23503', null, 'no edge is moved to a deleted node'
);
select throws_ok(
    $$update graph_edges set valid_to = null, closed_by_delete = false where id = pg_temp.n('ce2')$$,
    '23503', null, 'no edge of a deleted node is opened by hand'
);

-- Restoring.
update graph_nodes set deleted_at = null where id = pg_temp.n('c1');
select results_eq(
    $$select id, closed_by_delete, valid_to is null from graph_edges
      where id between pg_temp.n('ce1') and pg_temp.n('ce9') order by id$$,
    $$values
        (pg_temp.n('ce2'), false, true),
        (pg_temp.n('ce3'), false, false),
        (pg_temp.n('ce4'), false, true),
        (pg_temp.n('ce5'), false, true),
        (pg_temp.n('ce6'), false, true),
        (pg_temp.n('ce7'), false, true)$$,
    'restoring a node opens the edges that its deletion closed, and no others'
);

-- Restoring one end of two.
update graph_nodes set deleted_at = now() where id = pg_temp.n('c1');
update graph_nodes set deleted_at = now() where id = pg_temp.n('c2');
update graph_nodes set deleted_at = null where id = pg_temp.n('c1');
select results_eq(
    $$select id, closed_by_delete, valid_to is null from graph_edges
      where id in (pg_temp.n('ce2'), pg_temp.n('ce6'), pg_temp.n('ce7')) order by id$$,
    $$values (pg_temp.n('ce2'), true, false), (pg_temp.n('ce6'), false, true), (pg_temp.n('ce7'), true, false)$$,
    'an edge whose other end is deleted stays closed'
);
update graph_nodes set deleted_at = null where id = pg_temp.n('c2');
select results_eq(
    $$select id, closed_by_delete, valid_to is null from graph_edges
      where id in (pg_temp.n('ce2'), pg_temp.n('ce6'), pg_temp.n('ce7')) order by id$$,
    $$values (pg_temp.n('ce2'), false, true), (pg_temp.n('ce6'), false, true), (pg_temp.n('ce7'), false, true)$$,
    'and opens with its last end'
);
update graph_nodes set deleted_at = now() where id in (pg_temp.n('c1'), pg_temp.n('c2'));
update graph_nodes set deleted_at = null where id in (pg_temp.n('c1'), pg_temp.n('c2'));
select results_eq(
    $$select closed_by_delete, valid_to from graph_edges where id = pg_temp.n('ce2')$$,
    $$values (false, null::timestamptz)$$,
    'both ends deleted and restored at once are both ends restored'
);

-- An edge that somebody ended by hand stays ended.
update graph_edges set valid_to = now() where id = pg_temp.n('ce2');
update graph_nodes set deleted_at = now() where id = pg_temp.n('c1');
update graph_nodes set deleted_at = null where id = pg_temp.n('c1');
select is(valid_to, now(), 'an edge that was ended by hand stays ended') from graph_edges where id = pg_temp.n('ce2');

-- A fact that has been recorded again meanwhile, here by a process that bypasses triggers.
update graph_nodes set deleted_at = now() where id = pg_temp.n('c1');
alter table graph_edges disable trigger user;
insert into graph_edges (id, user_id, edge_type, source_node_id, target_node_id, valid_from)
values (pg_temp.n('ce8'), pg_temp.ada(), 'has_skill', pg_temp.n('c1'), pg_temp.n('c6'), clock_timestamp());
alter table graph_edges enable trigger user;
select lives_ok(
    $$update graph_nodes set deleted_at = null where id = pg_temp.n('c1')$$, 'a node whose fact has been recorded again can be restored'
);
select results_eq(
    $$select id, valid_to is null from graph_edges where id in (pg_temp.n('ce6'), pg_temp.n('ce8')) order by id$$,
    $$values (pg_temp.n('ce6'), false), (pg_temp.n('ce8'), true)$$,
    'the old edge stays closed, the new one is valid'
);

-- The same fact twice, one period after the other: both closed by the deletion, the later one opens.
insert into graph_nodes (id, user_id, node_type, label) values
    (pg_temp.n('d1'), pg_temp.ada(), 'session', 'One'), (pg_temp.n('d2'), pg_temp.ada(), 'session', 'Two');
insert into graph_edges (id, user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to) values
    (pg_temp.n('de1'), pg_temp.ada(), 'feels', pg_temp.n('d1'), pg_temp.n('d2'), now() - interval '1 day', now() + interval '1 day'),
    (pg_temp.n('de2'), pg_temp.ada(), 'feels', pg_temp.n('d1'), pg_temp.n('d2'), now() + interval '1 day', null);
update graph_nodes set deleted_at = now() where id = pg_temp.n('d2');
select lives_ok($$update graph_nodes set deleted_at = null where id = pg_temp.n('d2')$$, 'two periods of a fact come back as one');
select results_eq(
    $$select id, valid_to is null from graph_edges where id in (pg_temp.n('de1'), pg_temp.n('de2')) order by id$$,
    $$values (pg_temp.n('de1'), false), (pg_temp.n('de2'), true)$$,
    'the later one opens'
);

-- Labels of the deleted.
update graph_nodes set deleted_at = now() where id = pg_temp.n('a3');
select lives_ok(
    $$insert into graph_nodes (user_id, node_type, label) values (pg_temp.ada(), 'skill', 'Rust')$$,
    'the label of a deleted skill is free'
);
select throws_ok(
    $$update graph_nodes set deleted_at = null where id = pg_temp.n('a3') and user_id = pg_temp.ada()$$, '23505', null,
    'a skill whose label is taken is not restored'
);
select isnt(deleted_at, null, 'it stays deleted') from graph_nodes where id = pg_temp.n('a3') and user_id = pg_temp.ada();

-- Erasing for good.
delete from graph_nodes where id = pg_temp.n('c2');
select is(count(*), 0::bigint, 'edges go with a node that is erased')
from graph_edges where pg_temp.n('c2') in (source_node_id, target_node_id);

-- updated_at.
update graph_nodes set updated_at = '2000-01-01';
update graph_edges set updated_at = '2000-01-01';
update graph_insights set updated_at = '2000-01-01';
select ok(bool_and(updated_at >= now()), 'the database keeps a node''s updated_at') from graph_nodes;
select ok(bool_and(updated_at >= now()), 'the database keeps an edge''s updated_at') from graph_edges;
select ok(bool_and(updated_at >= now()), 'the database keeps an insight''s updated_at') from graph_insights;

-- Rights.
select table_privs_are(tab, who, privs, format('%s: what %s may do with the table', tab, who))
from (values
    ('graph_nodes'::name, 'anon'::name, '{}'::name[]),
    ('graph_nodes', 'authenticated', '{SELECT,INSERT,UPDATE,DELETE}'),
    ('graph_nodes', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'),
    ('graph_edges', 'anon', '{}'),
    ('graph_edges', 'authenticated', '{SELECT,INSERT,UPDATE,DELETE}'),
    ('graph_edges', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'),
    ('graph_insights', 'anon', '{}'),
    ('graph_insights', 'authenticated', '{SELECT}'),
    ('graph_insights', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}')
) as v (tab, who, privs);

set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok(format(command, tab), '42501', null, format('anon: ' || command, tab))
from (values ('graph_nodes'), ('graph_edges'), ('graph_insights')) as t (tab),
    (values ('select from %I'), ('insert into %I default values'), ('update %I set properties = null'), ('delete from %I'),
        ('truncate %I cascade')) as c (command)
where (tab, command) <> ('graph_insights', 'update %I set properties = null');
select throws_ok($$update graph_insights set status = 'seen'$$, '42501', null, 'anon marks no insight');

-- The person.
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select results_eq(
    'select distinct user_id from graph_nodes', $$values (pg_temp.ben())$$, 'people see their own nodes and no others'
);
select lives_ok(
    $$insert into graph_nodes (id, node_type, label) values (pg_temp.n('b3'), 'goal', 'Sleep'), (pg_temp.n('b4'), 'session', 'Third')$$,
    'people add nodes; whose they are need not be said'
);
select results_eq(
    $$select user_id from graph_nodes where id = pg_temp.n('b3')$$, $$values (pg_temp.ben())$$, 'they are theirs'
);
select lives_ok(
    $$insert into graph_edges (id, edge_type, source_node_id, target_node_id) values
        (pg_temp.n('be1'), 'works_on', pg_temp.n('b4'), pg_temp.n('b3')), (pg_temp.n('be2'), 'works_on', pg_temp.n('b2'), pg_temp.n('b1'))$$,
    'people add edges'
);
select results_eq('select id from graph_edges order by id', $$values (pg_temp.n('be1')), (pg_temp.n('be2'))$$, 'people see their own edges and no others');
select throws_ok(command, '42501', null, title)
from (values
    ($$insert into graph_nodes (user_id, node_type, label) values (pg_temp.ada(), 'goal', 'Forged')$$,
        'people add no nodes in another''s name'),
    ($$update graph_nodes set user_id = pg_temp.ada() where id = pg_temp.n('a3')$$, 'people give no node away'),
    ($$insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
        values (pg_temp.ada(), 'achieves', pg_temp.n('a1'), pg_temp.n('a2'))$$, 'people add no edges in another''s name'),
    ('truncate graph_nodes cascade', 'people empty no table of nodes'),
    ('truncate graph_edges', 'people empty no table of edges'),
    ('truncate graph_insights', 'people empty no table of insights')
) as v (command, title);
select throws_ok(
    $$update graph_edges set user_id = pg_temp.ada()$$, null, null, 'people give no edge away'
);
select throws_ok(
    $$insert into graph_edges (edge_type, source_node_id, target_node_id) values ('works_on', pg_temp.n('b2'), pg_temp.n('a1'))$$,
    '23503', null, 'people link nothing to another person''s node'
);
with changed as (update graph_nodes set label = 'Hacked' where user_id = pg_temp.ada() returning id)
select is(count(*), 0::bigint, 'people change no other person''s nodes') from changed;
with changed as (delete from graph_nodes where user_id = pg_temp.ada() returning id)
select is(count(*), 0::bigint, 'people erase no other person''s nodes') from changed;
with changed as (update graph_edges set label = 'Hacked' where user_id = pg_temp.ada() returning id)
select is(count(*), 0::bigint, 'people change no other person''s edges') from changed;
with changed as (delete from graph_edges where user_id = pg_temp.ada() returning id)
select is(count(*), 0::bigint, 'people erase no other person''s edges') from changed;
select lives_ok(
    $$update graph_nodes set description = 'Eight hours' where id = pg_temp.n('b3')$$, 'people change their own nodes'
);
select lives_ok($$update graph_edges set weight = 0.5 where id = pg_temp.n('be1')$$, 'people change their own edges');

-- Soft deletion by the person.
select lives_ok($$update graph_nodes set deleted_at = '2001-01-01' where id = pg_temp.n('b3')$$, 'people delete their own nodes softly');
select ok(deleted_at >= now(), 'they still see them, with the time of deletion') from graph_nodes where id = pg_temp.n('b3');
select results_eq(
    $$select closed_by_delete, valid_to >= now() from graph_edges where id = pg_temp.n('be1')$$,
    $$values (true, true)$$, 'their edges are closed'
);
with deleted as (update graph_nodes set deleted_at = now() where id = pg_temp.n('b4') returning id)
select is(count(*), 1::bigint, 'a soft deletion can return the row') from deleted;
select throws_ok(
    $$insert into graph_edges (edge_type, source_node_id, target_node_id) values ('achieves', pg_temp.n('b2'), pg_temp.n('b3'))$$,
    '23503', null, 'they link nothing to what they have deleted'
);
select lives_ok($$update graph_nodes set deleted_at = null where id in (pg_temp.n('b3'), pg_temp.n('b4'))$$, 'people restore what they have deleted');
select results_eq(
    $$select closed_by_delete, valid_to from graph_edges where id = pg_temp.n('be1')$$,
    $$values (false, null::timestamptz)$$, 'their edges are open again'
);
select lives_ok($$delete from graph_edges where id = pg_temp.n('be1')$$, 'people erase their own edges');
select lives_ok($$delete from graph_nodes where id = pg_temp.n('b4')$$, 'people erase their own nodes');

-- Insights: read, and set the status.
select results_eq('select distinct user_id from graph_insights', $$values (pg_temp.ben())$$, 'people read their own insights and no others');
select lives_ok($$update graph_insights set status = 'seen'$$, 'people set the status of their insights');
select is(status, 'seen', 'it is set') from graph_insights;
select throws_ok($$update graph_insights set status = 'read'$$, '23514', null, 'to what there is');
select throws_ok(
    format('update graph_insights set %I = %1$I', attname), '42501', null, format('people do not change an insight''s %s', attname)
)
from pg_attribute
where attrelid = 'graph_insights'::regclass and attnum > 0 and not attisdropped and attname <> 'status'
order by attnum;
select throws_ok(
    $$insert into graph_insights (insight_type, insight_key, title, content) values ('x', 'y', 'x', 'x')$$,
    '42501', null, 'people write no insights'
);
select throws_ok('delete from graph_insights', '42501', null, 'people erase no insights');

-- The other person; a caller who is nobody.
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select is(count(*), 0::bigint, 'another person sees none of it') from graph_nodes where user_id = pg_temp.ben();
select is(status, 'new', 'another person''s insight has not changed') from graph_insights where model is null;
set local request.jwt.claims = '';
select is(count(*), 0::bigint, 'a caller without a name has no nodes') from graph_nodes;
select is(count(*), 0::bigint, 'a caller without a name has no edges') from graph_edges;
select throws_ok(
    $$insert into graph_nodes (node_type, label) values ('goal', 'x')$$, null, null, 'a caller without a name adds none'
);

-- The service.
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select is(count(distinct user_id), 2::bigint, 'the service sees everybody''s nodes') from graph_nodes;
select lives_ok(
    $$insert into graph_nodes (id, user_id, node_type, label) values (pg_temp.n('5e1'), pg_temp.ada(), 'session', 'By the service')$$,
    'the service adds nodes'
);
select lives_ok(
    $$insert into graph_edges (id, user_id, edge_type, source_node_id, target_node_id)
      values (pg_temp.n('5e2'), pg_temp.ada(), 'works_on', pg_temp.n('5e1'), pg_temp.n('c1'))$$,
    'the service adds edges'
);
select lives_ok($$update graph_nodes set deleted_at = now() where id = pg_temp.n('5e1')$$, 'the service deletes softly');
select ok(closed_by_delete, 'which closes the edges') from graph_edges where id = pg_temp.n('5e2');
select lives_ok($$update graph_insights set content = 'Changed'$$, 'the service changes insights');
select lives_ok('delete from graph_insights', 'the service erases insights');
select lives_ok($$delete from graph_nodes where id = pg_temp.n('5e1')$$, 'the service erases nodes');

select * from finish();
rollback;
