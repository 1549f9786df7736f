-- The embedding queue: who may use it, what is claimed and in what order, what voids a claim, how far it is.
begin;
select plan(149);
set local client_min_messages = warning;

-- Short names: Ada and Ben, the key that ends in some digits, an embedding in JSON, and an item of what a worker hands in.
create function pg_temp.ada() returns uuid immutable return '00000000-0000-4000-8000-00000000000a'::uuid;
create function pg_temp.ben() returns uuid immutable return '00000000-0000-4000-8000-00000000000b'::uuid;
create function pg_temp.n(text) returns uuid immutable
    return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;
create function pg_temp.numbers(first real) returns jsonb immutable
    return to_jsonb($1 || array_fill(0::real, array[1535]));
create table claimed (kind text, id uuid, user_id uuid, content text, attempts integer, lease uuid);
create function pg_temp.item(id uuid, result jsonb) returns jsonb
    return (select jsonb_build_object('kind', c.kind, 'id', c.id, 'user_id', c.user_id, 'lease', c.lease) || $2 from claimed c where c.id = $1);
create function pg_temp.embedded(id uuid, first real default 1) returns jsonb
    return pg_temp.item($1, jsonb_build_object('embedding', pg_temp.numbers($2)));
create function pg_temp.given_up(id uuid) returns jsonb return pg_temp.item($1, '{"error": "the model refused"}');
create function pg_temp.claim(most integer default 1000, length interval default '5 minutes') returns setof text language sql as $$
    delete from claimed;
    insert into claimed select * from claim_embedding_jobs(most, length);
    select right(id::text, 2) from claimed order by id
$$;
create procedure pg_temp.sign_in(uuid) language sql as $$
    select set_config('request.jwt.claims', case when $1 is null then '' else jsonb_build_object('sub', $1)::text end, true)
$$;
create function pg_temp.states(uuid default null) returns text language sql as $$
    select concat_ws(' ', total, with_embedding, pending, leased, failed) from get_embedding_queue_stats($1)
$$;
grant select, insert, update, delete on claimed to service_role, authenticated, anon;

insert into auth.users (id) values (pg_temp.ada()), (pg_temp.ben());

-- Rights.
select is(pg_get_function_arguments(name::regproc), arguments, format('%s takes what it promises', name))
from (values
    ('claim_embedding_jobs', 'p_limit integer DEFAULT 100, p_lease interval DEFAULT ''00:05:00''::interval'),
    ('store_embeddings', 'p_items jsonb'),
    ('retry_embedding_jobs', 'p_user_id uuid DEFAULT NULL::uuid'),
    ('get_embedding_queue_stats', 'p_user_id uuid DEFAULT NULL::uuid')
) v (name, arguments);
select is(
    array(
        select r.role::text
        from (values ('anon'), ('authenticated'), ('service_role')) r (role)
        where has_function_privilege(r.role, name::regproc, 'execute')
    ),
    roles,
    format('%s may call %s', roles, name)
)
from (values
    ('claim_embedding_jobs', '{service_role}'::text[]),
    ('store_embeddings', '{service_role}'),
    ('retry_embedding_jobs', '{service_role}'),
    ('get_embedding_queue_stats', '{authenticated,service_role}'),
    ('lgtempo_stale_embedding', '{}'),
    ('lgtempo_embedding_job', '{}')
) v (name, roles);
select ok(relrowsecurity, 'jobs are under row-level security') from pg_class where oid = 'embedding_jobs'::regclass;
select policies_are('embedding_jobs', '{}'::name[], 'and nobody has a policy on them');
select is(
    array(
        select p from unnest('{select,insert,update,delete,truncate,references,trigger}'::text[]) p
        where has_table_privilege(role, 'embedding_jobs', p)
    ),
    rights,
    format('%s has these rights on jobs: %s', role, rights)
)
from (values
    ('anon', '{}'::text[]),
    ('authenticated', '{}'),
    ('service_role', '{select,insert,update,delete,truncate}')
) v (role, rights);

-- Claiming.
set local role service_role;
select is_empty('select * from claim_embedding_jobs()', 'where nothing lacks an embedding, there is nothing to claim');
reset role;
insert into graph_nodes (id, user_id, node_type, label, description, embedding, deleted_at) values
    (pg_temp.n('a1'), pg_temp.ada(), 'goal', 'Sing', 'aloud', null, null),
    (pg_temp.n('a2'), pg_temp.ada(), 'skill', 'Breathing', null, null, null),
    (pg_temp.n('a3'), pg_temp.ada(), 'emotion', 'calm', '', null, null),
    (pg_temp.n('a4'), pg_temp.ada(), 'emotion', 'gone', null, null, now()),
    (pg_temp.n('a5'), pg_temp.ada(), 'emotion', 'embedded', null, pg_temp.numbers(1)::text::vector, null),
    (pg_temp.n('a1'), pg_temp.ben(), 'goal', 'Run', null, null, null);
insert into agent_knowledge_bases (id, agent_id, name, owner_id) values
    (pg_temp.n('b1'), 'coach', 'Ada''s', pg_temp.ada()), (pg_temp.n('b2'), 'coach', 'everybody''s', null);
insert into knowledge_documents (id, knowledge_base_id, title, content)
values (pg_temp.n('d1'), pg_temp.n('b1'), 'Hers', 'x'), (pg_temp.n('d2'), pg_temp.n('b2'), 'Ours', 'x');
insert into knowledge_chunks (id, document_id, chunk_index, content) values
    (pg_temp.n('c1'), pg_temp.n('d1'), 0, 'Rest makes a talk.'), (pg_temp.n('c2'), pg_temp.n('d2'), 0, 'Drink water.');
insert into knowledge (id, user_id, content) values
    (pg_temp.n('e1'), pg_temp.ben(), 'Ben sleeps well.'), (pg_temp.n('e2'), null, 'Sleep is for all.');
select is_empty('table embedding_jobs', 'an insert writes no job');

set local role service_role;
select throws_ok(format('select claim_embedding_jobs(%s)', arguments), state, null, format('claim_embedding_jobs(%s) is refused', arguments))
from (values
    ('-1', '22023'), ('1001', '22023'), ('null', '22004'), ('1, null', '22004'), ('1, ''0''', '22023'), ('1, ''-1 second''', '22023'),
    ('1, ''2 years''', '22023'), ('1, ''1 month -1 year''', '22023')
) v (arguments, state);
select is_empty('select claim_embedding_jobs(0)', 'a claim of 0 is empty');
select is_empty('select from embedding_jobs', 'what was refused has claimed nothing');

select results_eq(
    $$select kind, right(id::text, 2), user_id, content, attempts from claim_embedding_jobs() order by kind desc, id, user_id$$,
    $$values
        ('node', 'a1', pg_temp.ada(), E'Sing\naloud', 1),
        ('node', 'a1', pg_temp.ben(), 'Run', 1),
        ('node', 'a2', pg_temp.ada(), 'Breathing', 1),
        ('node', 'a3', pg_temp.ada(), 'calm', 1),
        ('entry', 'e1', pg_temp.ben(), 'Ben sleeps well.', 1),
        ('entry', 'e2', null, 'Sleep is for all.', 1),
        ('chunk', 'c1', pg_temp.ada(), 'Rest makes a talk.', 1),
        ('chunk', 'c2', null, 'Drink water.', 1)$$,
    'everything without an embedding is claimed, deleted nodes aside, with the text to embed and whose it is'
);
select is_empty('select claim_embedding_jobs()', 'what is leased is not claimed again');
select ok(
    count(*) = 8 and bool_and(leased_until > now() + '4 minutes' and leased_until < clock_timestamp() + '5 minutes')
        and bool_and(lease is not null and failed_at is null),
    'the leases are for five minutes'
) from embedding_jobs;

-- Shares and order.
delete from embedding_jobs;
select results_eq(
    'select kind, right(id::text, 2) from claim_embedding_jobs(3)',
    $$values ('node', 'a1'), ('chunk', 'c1'), ('entry', 'e1')$$,
    'each kind gets an equal share, and the oldest come first'
);
select results_eq(
    'select kind, count(*) from claim_embedding_jobs(4) group by kind order by kind',
    $$values ('chunk', 1::bigint), ('entry', 1::bigint), ('node', 2::bigint)$$,
    'what one kind does not need goes to the others'
);
select results_eq('select kind, right(id::text, 2) from claim_embedding_jobs(9)', $$values ('node', 'a3')$$, 'the rest is claimed at last');

-- Leases end.
update embedding_jobs set leased_until = clock_timestamp() - interval '1 second' where node_id = pg_temp.n('a2');
select results_eq(
    'select right(id::text, 2), attempts from claim_embedding_jobs()', $$values ('a2', 2)$$, 'an expired lease is free again, and attempts are counted'
);
delete from embedding_jobs;
select is(count(*), 8::bigint, 'a lease of a microsecond does not have one call claim twice')
from claim_embedding_jobs(1000, '1 microsecond');
delete from embedding_jobs;

-- Storing.
select lives_ok('select pg_temp.claim()', 'all is claimed');
select throws_ok(format('select store_embeddings(%L)', items), state, message, format('%s: is refused', left(items, 60)))
from (values
    (null, '22004', 'p_items must not be null'),
    ('{}', '22023', 'p_items must be a JSON array of objects'),
    ('1', '22023', 'p_items must be a JSON array of objects'),
    ('null', '22023', 'p_items must be a JSON array of objects'),
    ('[1]', '22023', 'p_items[0] must be an object'),
    ('[[]]', '22023', 'p_items[0] must be an object')
) v (items, state, message);
select throws_ok(
    format('select store_embeddings(%L)', jsonb_build_array(pg_temp.embedded(pg_temp.n('c1')), item)),
    '22023',
    'p_items[1]' || message,
    format('an item%s', message)
)
from (
    select pg_temp.embedded(pg_temp.n('a2')) || change as item, message
    from (values
        ('{"kind": null}'::jsonb, '.kind must be node, chunk or entry'),
        ('{"kind": "edge"}', '.kind must be node, chunk or entry'),
        ('{"kind": 1}', '.kind must be node, chunk or entry'),
        ('{"id": "x"}', '.id must be a uuid'),
        ('{"id": null}', '.id must be a uuid'),
        ('{"id": {}}', '.id must be a uuid'),
        ('{"user_id": null}', '.user_id must be a uuid: the person whose node it is'),
        ('{"user_id": "nobody"}', '.user_id must be a uuid: the person whose node it is'),
        ('{"lease": null}', '.lease must be a uuid, as claim_embedding_jobs gave it'),
        ('{"lease": 7}', '.lease must be a uuid, as claim_embedding_jobs gave it'),
        ('{"embedding": null}', ' must have either an embedding or an error'),
        ('{"error": "both"}', ' must have either an embedding or an error'),
        ('{"embedding": null, "error": {}}', '.error must be a text')
    ) v (change, message)
    union all
    select pg_temp.item(pg_temp.n('a2'), jsonb_build_object('embedding', embedding)),
        '.embedding must be an array of 1536 numbers that single precision holds, not all zero'
    from (values
        ('[]'::jsonb), ('"[1, 2]"'), ('{}'), ('1'), ('true'),
        (pg_temp.numbers(0)),
        (pg_temp.numbers(1) || '[1]'),
        (pg_temp.numbers(1) - 0),
        (jsonb_set(pg_temp.numbers(1), '{5}', '1e39')),
        (jsonb_set(pg_temp.numbers(1), '{5}', '-1e400')),
        (jsonb_set(pg_temp.numbers(1), '{5}', 'null')),
        (jsonb_set(pg_temp.numbers(1), '{5}', '"1"')),
        (jsonb_set(pg_temp.numbers(1), '{5}', '[1]')),
        ((repeat('[', 5000) || repeat(']', 5000))::jsonb)
    ) v (embedding)
) refused;
select is(count(*), 0::bigint, 'a malformed item stores nothing of the call') from knowledge_chunks where embedding is not null;
select is(store_embeddings('[]'), 0, 'nothing to store is no error');

select is(
    store_embeddings(jsonb_build_array(
        pg_temp.embedded(pg_temp.n('a2'), 0.5),
        pg_temp.embedded(pg_temp.n('c1'), -2),
        pg_temp.embedded(pg_temp.n('e1')) || '{"user_id": null, "remark": "ignored"}',
        pg_temp.given_up(pg_temp.n('a3')),
        pg_temp.given_up(pg_temp.n('c2')),
        pg_temp.given_up(pg_temp.n('e2')) || jsonb_build_object('error', repeat('x', 2000))
    )),
    3,
    'embeddings are stored and counted, errors are not counted'
);
select results_eq(
    $$select embedding::real[], embedding_code::bit(2) from graph_nodes where id = pg_temp.n('a2')$$,
    $$select 0.5::real || array_fill(0::real, array[1535]), b'10'$$,
    'a node has its embedding, and the code of it'
);
select is(embedding::text, '[-2' || repeat(',0', 1535) || ']', 'so has a chunk') from knowledge_chunks where id = pg_temp.n('c1');
select ok(embedding is not null, 'and an entry') from knowledge where id = pg_temp.n('e1');
select results_eq(
    $$select coalesce(node_id, chunk_id, entry_id), length(error), failed_at is not null, lease, leased_until
      from embedding_jobs where error is not null order by 1$$,
    $$values (pg_temp.n('a3'), 17, true, null::uuid, null::timestamptz), (pg_temp.n('c2'), 17, true, null, null), (pg_temp.n('e2'), 1000, true, null, null)$$,
    'what was given up is kept, with the beginning of the reason'
);
select results_eq(
    'select node_id, user_id from embedding_jobs where error is null order by user_id',
    $$values (pg_temp.n('a1'), pg_temp.ada()), (pg_temp.n('a1'), pg_temp.ben())$$,
    'what was stored has no job any more'
);
select is(store_embeddings(jsonb_build_array(pg_temp.embedded(pg_temp.n('a2'), 7), pg_temp.embedded(pg_temp.n('a3'), 7))), 0,
    'what was stored or given up can''t be stored again');
select ok(embedding::real[] @> array[0.5::real], 'nor is an embedding overwritten') from graph_nodes where id = pg_temp.n('a2');
select is_empty('select claim_embedding_jobs()', 'what was given up is not claimed');

-- Retrying, person by person.
select is(retry_embedding_jobs(pg_temp.ben()), 0::bigint, 'Ben has given up nothing');
select is(retry_embedding_jobs(pg_temp.ada()), 1::bigint, 'Ada''s node is freed, not what is shared');
select is(retry_embedding_jobs(), 2::bigint, 'and then the rest');
select is(retry_embedding_jobs(), 0::bigint, 'leases are left alone');
select is(count(*), 2::bigint, 'they are still there') from embedding_jobs where lease is not null;
select results_eq('select pg_temp.claim()', array['a3', 'c2', 'e2'], 'what was freed is claimed again');
select ok(bool_and(attempts = 1), 'and its attempts are counted anew') from claimed;
delete from embedding_jobs;
update knowledge_chunks set embedding = null;
update knowledge set embedding = null;
select pg_temp.claim();
select store_embeddings(jsonb_agg(pg_temp.given_up(n))) from unnest(array[pg_temp.n('c1'), pg_temp.n('c2'), pg_temp.n('e1'), pg_temp.n('e2')]) n;
select is(retry_embedding_jobs(pg_temp.ada()), 1::bigint, 'a chunk is its base''s owner''s to retry');
select is(retry_embedding_jobs(pg_temp.ben()), 1::bigint, 'an entry its person''s');

-- What voids a claim. Each time all is claimed first.
create function pg_temp.again() returns void language sql as $$
    delete from embedding_jobs;
    update graph_nodes set embedding = null, label = btrim(label, '!'), deleted_at = case when id = pg_temp.n('a4') then deleted_at end;
    update knowledge_chunks set embedding = null;
    update knowledge set embedding = null;
    select pg_temp.claim();
$$;
create function pg_temp.stored(id uuid) returns integer return store_embeddings(jsonb_build_array(pg_temp.embedded(id)));

select pg_temp.again();
update graph_nodes set label = label || '!' where id = pg_temp.n('a2');
update graph_nodes set description = 'x' where id = pg_temp.n('a3');
update knowledge_chunks set content = content || '!' where id = pg_temp.n('c1');
update knowledge set content = content || '!' where id = pg_temp.n('e1');
select is(pg_temp.stored(n), 0, 'changing the text voids the claim') from unnest(array[pg_temp.n('a2'), pg_temp.n('a3'), pg_temp.n('c1'), pg_temp.n('e1')]) n;
select results_eq('select pg_temp.claim()', array['a2', 'a3', 'c1', 'e1'], 'and queues it again');
select is(content, 'Ben sleeps well.!', 'with the new text') from claimed where kind = 'entry';

select pg_temp.again();
update graph_nodes set status = 'curated', label = label, properties = '{"a": 1}';
update knowledge_chunks set content = content, metadata = '{"a": 1}';
update knowledge set content = content, metadata = '{"a": 1}';
select is(pg_temp.stored(n), 1, 'changing something else does not') from unnest(array[pg_temp.n('a2'), pg_temp.n('c1'), pg_temp.n('e1')]) n;

select pg_temp.again();
create temp table earlier as table claimed;
update embedding_jobs set leased_until = clock_timestamp() - interval '1 second';
select is(count(*), 9::bigint, 'expired leases are claimed anew') from pg_temp.claim();
select is(
    store_embeddings((
        select jsonb_agg(jsonb_build_object('kind', kind, 'id', id, 'user_id', user_id, 'lease', lease, 'embedding', pg_temp.numbers(1)))
        from earlier
    )),
    0,
    'a new claim voids the old one'
);
select is(
    store_embeddings((
        select jsonb_agg(jsonb_build_object('kind', kind, 'id', id, 'user_id', user_id, 'lease', lease, 'error', 'late'))
        from earlier
    )),
    0,
    'for giving up too'
);
select is(count(*), 0::bigint, 'nothing was given up') from embedding_jobs where failed_at is not null;
select is(pg_temp.stored(pg_temp.n('a2')), 1, 'the new one is good');

select pg_temp.again();
update embedding_jobs set leased_until = clock_timestamp() - interval '1 second';
select is(pg_temp.stored(pg_temp.n('a2')), 1, 'an expired lease that nobody has taken over is still good');

select pg_temp.again();
update graph_nodes set deleted_at = now() where id = pg_temp.n('a2');
select is(pg_temp.stored(pg_temp.n('a2')), 0, 'a node that was deleted is not embedded');
update graph_nodes set deleted_at = null where id = pg_temp.n('a2');
select is(pg_temp.stored(pg_temp.n('a2')), 0, 'nor by the old lease when it is back');
select results_eq('select pg_temp.claim()', array['a2'], 'a node that is back is queued again');

select pg_temp.again();
update graph_nodes set embedding = pg_temp.numbers(3)::text::vector where id = pg_temp.n('a2');
select is(pg_temp.stored(pg_temp.n('a2')), 0, 'an embedding that was written meanwhile is not overwritten');
select is(count(*), 0::bigint, 'and ends the job') from embedding_jobs where node_id = pg_temp.n('a2');

select pg_temp.again();
select store_embeddings(jsonb_build_array(pg_temp.given_up(pg_temp.n('a2')), pg_temp.given_up(pg_temp.n('c1')), pg_temp.given_up(pg_temp.n('e1'))));
update graph_nodes set description = 'new' where id = pg_temp.n('a2');
update knowledge_chunks set content = content || '!' where id = pg_temp.n('c1');
update knowledge set content = content || '!' where id = pg_temp.n('e1');
select results_eq('select pg_temp.claim()', array['a2', 'c1', 'e1'], 'changing the text frees what was given up');

-- A stale embedding is cleared.
select pg_temp.again();
select is(store_embeddings((select jsonb_agg(pg_temp.embedded(id)) from claimed where right(id::text, 2) in ('a2', 'a3', 'c1', 'e1'))), 4, 'all four are embedded');
update graph_nodes set properties = '{}', description = description, status = 'curated';
update knowledge_chunks set content = content, metadata = '{}';
update knowledge set content = content, language = 'simple';
select results_eq(
    $$select right(id::text, 2) from (select id, embedding from graph_nodes union all select id, embedding from knowledge_chunks
      union all select id, embedding from knowledge) t where embedding is not null order by 1$$,
    array['a2', 'a3', 'c1', 'e1'], 'where the text stays as it is, the embedding stays'
);
update graph_nodes set label = 'Louder' where id = pg_temp.n('a2');
update graph_nodes set description = null where id = pg_temp.n('a3');
update knowledge_chunks set content = 'Rest.' where id = pg_temp.n('c1');
insert into knowledge (id, content) values (pg_temp.n('e1'), 'Ben naps.') on conflict (id) do update set content = excluded.content;
select results_eq(
    $$select embedding is null, embedding_code is null from graph_nodes where id in (pg_temp.n('a2'), pg_temp.n('a3'))
      union all select embedding is null, embedding_code is null from knowledge_chunks where id = pg_temp.n('c1')
      union all select embedding is null, embedding_code is null from knowledge where id = pg_temp.n('e1')$$,
    'values (true, true), (true, true), (true, true), (true, true)', 'where the text changes, the embedding and its code are cleared'
);
update graph_nodes set embedding = pg_temp.numbers(1)::text::vector where id = pg_temp.n('a5');
update graph_nodes set label = 'Softer', embedding = pg_temp.numbers(4)::text::vector where id = pg_temp.n('a5');
select ok(embedding::real[] @> array[4::real], 'unless the same statement sets it') from graph_nodes where id = pg_temp.n('a5');
update graph_nodes set label = 'Softest', embedding = null where id = pg_temp.n('a5');
select ok(embedding is null, 'or clears it') from graph_nodes where id = pg_temp.n('a5');

-- Erasing leaves no job behind.
select pg_temp.again();
delete from graph_nodes where id = pg_temp.n('a2');
delete from knowledge_documents where id = pg_temp.n('d1');
delete from knowledge where id = pg_temp.n('e2');
select is(pg_temp.stored(n), 0, 'what was erased is skipped') from unnest(array[pg_temp.n('a2'), pg_temp.n('c1'), pg_temp.n('e2')]) n;
reset role;
delete from auth.users where id = pg_temp.ben();
select results_eq(
    'select right(coalesce(node_id, chunk_id, entry_id)::text, 2) from embedding_jobs order by 1', array['a1', 'a3', 'a5', 'c2'], 'and has no job'
);
delete from graph_nodes;
delete from knowledge_documents;
delete from knowledge;
select is_empty('table embedding_jobs', 'nothing is left');

-- A row is one kind of job, in one state.
insert into graph_nodes (id, user_id, node_type, label) values (pg_temp.n('a1'), pg_temp.ada(), 'goal', 'Sing');
insert into knowledge (id, user_id, content) values (pg_temp.n('e1'), null, 'x');
select throws_ok(format('insert into embedding_jobs %s', job), '23514', null, format('%s is no job', job))
from (values
    ('(lease, leased_until) values (gen_random_uuid(), now())'),
    ('(node_id, lease, leased_until) values (pg_temp.n(''a1''), gen_random_uuid(), now())'),
    ('(entry_id, user_id, lease, leased_until) values (pg_temp.n(''e1''), pg_temp.ada(), gen_random_uuid(), now())'),
    ('(entry_id) values (pg_temp.n(''e1''))'),
    ('(entry_id, lease) values (pg_temp.n(''e1''), gen_random_uuid())'),
    ('(entry_id, lease, leased_until, error, failed_at) values (pg_temp.n(''e1''), gen_random_uuid(), now(), ''x'', now())'),
    ('(entry_id, error) values (pg_temp.n(''e1''), ''x'')'),
    ('(node_id, user_id, entry_id, error, failed_at) values (pg_temp.n(''a1''), pg_temp.ada(), pg_temp.n(''e1''), ''x'', now())')
) v (job);

-- How far it is, for whom.
insert into auth.users (id) values (pg_temp.ben());
insert into agent_knowledge_bases (id, agent_id, name, owner_id) values (pg_temp.n('b3'), 'coach', 'Ben''s', pg_temp.ben());
insert into graph_nodes (id, user_id, node_type, label, embedding, created_at, deleted_at) values
    (pg_temp.n('a2'), pg_temp.ada(), 'skill', 'Breathing', pg_temp.numbers(1)::text::vector, '2026-01-01', null),
    (pg_temp.n('a3'), pg_temp.ada(), 'skill', 'Walking', null, '2026-02-02', null),
    (pg_temp.n('a4'), pg_temp.ada(), 'skill', 'Gone', null, '2026-01-01', now()),
    (pg_temp.n('a6'), pg_temp.ada(), 'skill', 'Leased', null, '2026-01-03', null),
    (pg_temp.n('f1'), pg_temp.ben(), 'skill', 'Running', null, '2026-03-03', null);
insert into knowledge_documents (id, knowledge_base_id, title, content) values
    (pg_temp.n('d1'), pg_temp.n('b1'), 'Hers', 'x'), (pg_temp.n('d2'), pg_temp.n('b2'), 'Ours', 'x'), (pg_temp.n('d3'), pg_temp.n('b3'), 'His', 'x');
insert into knowledge_chunks (id, document_id, chunk_index, content, created_at) values
    (pg_temp.n('c1'), pg_temp.n('d1'), 0, 'Rest makes a talk.', '2026-01-04'), (pg_temp.n('c2'), pg_temp.n('d2'), 0, 'Drink water.', '2026-01-05'),
    (pg_temp.n('c3'), pg_temp.n('d3'), 0, 'Stretch.', '2026-01-06');
insert into knowledge (id, user_id, content, created_at) values (pg_temp.n('e2'), pg_temp.ada(), 'Hers.', '2026-01-07');
insert into embedding_jobs (node_id, user_id, lease, leased_until) values (pg_temp.n('a6'), pg_temp.ada(), gen_random_uuid(), now() + interval '1 hour');
insert into embedding_jobs (node_id, user_id, lease, leased_until) values (pg_temp.n('a3'), pg_temp.ada(), gen_random_uuid(), now() - interval '1 hour');
insert into embedding_jobs (chunk_id, error, failed_at) values (pg_temp.n('c1'), 'x', now()), (pg_temp.n('c3'), 'x', now());
insert into embedding_jobs (entry_id, error, failed_at) values (pg_temp.n('e1'), 'x', now());

set local role service_role;
select is(pg_temp.states(), '10 1 5 1 3', 'everybody''s figures add up: total, with an embedding, pending, leased, failed');
select is(pg_temp.states(pg_temp.ada()), '6 1 3 1 1', 'Ada''s: her nodes, her entry, the chunk of her base');
select is(pg_temp.states(pg_temp.ben()), '2 0 1 0 1', 'Ben''s');
select is(pg_temp.states(gen_random_uuid()), '0 0 0 0 0', 'nobody''s');
select results_eq(
    'select oldest_pending, by_kind from get_embedding_queue_stats()',
    $$values ('2026-01-05'::timestamptz, jsonb_build_object(
        'node', jsonb_build_object('total', 5, 'with_embedding', 1, 'pending', 3, 'leased', 1, 'failed', 0, 'oldest_pending', '2026-02-02'::timestamptz),
        'chunk', jsonb_build_object('total', 3, 'with_embedding', 0, 'pending', 1, 'leased', 0, 'failed', 2, 'oldest_pending', '2026-01-05'::timestamptz),
        'entry', jsonb_build_object('total', 2, 'with_embedding', 0, 'pending', 1, 'leased', 0, 'failed', 1, 'oldest_pending', '2026-01-07'::timestamptz)
    ))$$,
    'by kind too, and since when the oldest of what is free waits'
);

reset role;
create temp table ours as
    select p.id, (select array_agg(s::text) from get_embedding_queue_stats(p.id) s) as stats from (values (pg_temp.ada()), (pg_temp.ben())) p (id);
grant select on ours to authenticated;
set local role authenticated;
call pg_temp.sign_in(pg_temp.ada());
select is((select array_agg(s::text) from get_embedding_queue_stats() s), stats, 'a signed-in user gets its own, with what it may not read counted')
from ours where id = pg_temp.ada();
select is((select array_agg(s::text) from get_embedding_queue_stats(pg_temp.ada()) s), stats, 'also by name') from ours where id = pg_temp.ada();
select throws_ok('select get_embedding_queue_stats(pg_temp.ben())', '42501', null, 'but nobody else''s');
select throws_ok(command, '42501', null, command || ' is not for a signed-in user')
from (values ('select claim_embedding_jobs()'), ('select store_embeddings(''[]'')'), ('select retry_embedding_jobs()'), ('table embedding_jobs')) v (command);
call pg_temp.sign_in(pg_temp.ben());
select is((select array_agg(s::text) from get_embedding_queue_stats() s), stats, 'so does Ben') from ours where id = pg_temp.ben();
call pg_temp.sign_in(null);
select throws_ok('select get_embedding_queue_stats()', '42501', null, 'who is not signed in gets none');

-- What people do to their own rows keeps the jobs right.
call pg_temp.sign_in(pg_temp.ada());
update graph_nodes set label = 'Leased no more' where id = pg_temp.n('a6');
update knowledge_chunks set content = 'Rest.' where id = pg_temp.n('c1');
select is(pg_temp.states(), '6 1 5 0 0', 'a changed text is free, whoever changes it');
set local role anon;
call pg_temp.sign_in(null);
select throws_ok(command, '42501', null, command || ' is not for anon')
from (values ('select claim_embedding_jobs()'), ('select store_embeddings(''[]'')'), ('select retry_embedding_jobs()'),
    ('select get_embedding_queue_stats()'), ('table embedding_jobs')) v (command);

-- An administrator's policies count.
reset role;
create policy hidden on graph_nodes as restrictive for select to authenticated using (label <> 'Walking');
set local role authenticated;
call pg_temp.sign_in(pg_temp.ada());
select is(pg_temp.states(), '5 1 4 0 0', 'what a policy of the administrator''s hides is not counted');
reset role;
select * from finish();
rollback;
