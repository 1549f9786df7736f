-- Goals and their categories; who may do what with them.
begin;
select plan(59);

-- Two people, two goals in the graph of the one and one of the other.
insert into auth.users (id, email) values
    ('00000000-0000-4000-8000-00000000000a', 'ada@example.com'),
    ('00000000-0000-4000-8000-00000000000b', 'ben@example.com');
insert into graph_nodes (id, user_id, node_type, label) values
    ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-4000-8000-00000000000a', 'goal', 'Speak up'),
    ('00000000-0000-7000-8000-0000000000a2', '00000000-0000-4000-8000-00000000000a', 'goal', 'Sleep'),
    ('00000000-0000-7000-8000-0000000000b1', '00000000-0000-4000-8000-00000000000b', 'goal', 'Speak up');

-- Layout.
select ok(relrowsecurity, format('%s has row level security', relname))
from pg_class
where oid in ('goal_categories'::regclass, 'user_goals'::regclass)
order by relname;
select set_eq(
    $$select conname::text from pg_constraint
      where contype = 'f' and conrelid in ('goal_categories'::regclass, 'user_goals'::regclass)$$,
    array['user_goals_user_fkey', 'user_goals_category_fkey', 'user_goals_node_fkey'],
    'clients embed by these names'
);
select table_privs_are(tab, who, privs, format('%s: what %s may do with the table', tab, who))
from (values
    ('goal_categories'::name, 'anon'::name, '{SELECT}'::name[]),
    ('goal_categories', 'authenticated', '{SELECT}'),
    ('goal_categories', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'),
    ('user_goals', 'anon', '{}'),
    ('user_goals', 'authenticated', '{SELECT,INSERT,UPDATE,DELETE}'),
    ('user_goals', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}')
) as v (tab, who, privs);

-- Categories: the service writes them, everybody reads them.
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select lives_ok(
    $$insert into goal_categories (id, title, display_color, icon_name) values
        ('test-career', 'Career', '#336699', 'briefcase'), ('test-health', 'Health', '#669933', 'heart')$$,
    'the service adds categories'
);
select throws_ok($$insert into goal_categories (id, title) values ('test-career', 'Again')$$, '23505', null, 'a category''s id is unique');
update goal_categories set title = 'Well-being', updated_at = '2000-01-01' where id = 'test-health';
select ok(title = 'Well-being' and updated_at >= now(), 'the service changes categories, the database keeps updated_at')
from goal_categories where id = 'test-health';
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select is(title, 'Career', 'anon reads categories') from goal_categories where id = 'test-career';
select throws_ok(command, '42501', null, 'anon: ' || command)
from (values ('insert into goal_categories (id, title) values (''x'', ''X'')'), ('update goal_categories set title = ''X'''),
    ('delete from goal_categories'), ('truncate goal_categories cascade')) as v (command);
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select is(title, 'Career', 'people read categories') from goal_categories where id = 'test-career';
select throws_ok(command, '42501', null, 'a signed-in person: ' || command)
from (values ('insert into goal_categories (id, title) values (''x'', ''X'')'), ('update goal_categories set title = ''X'''),
    ('delete from goal_categories'), ('truncate goal_categories cascade')) as v (command);

-- Goals: the person.
select lives_ok(
    $$insert into user_goals (id, goal_title) values ('00000000-0000-7000-8000-00000000c0a1', 'Speak up in meetings')$$,
    'people add goals of their own'
);
select results_eq(
    $$select user_id, goal_status, milestones, metadata, category_id, target_date, node_id, created_at = now(), updated_at = now()
      from user_goals$$,
    $$values ('00000000-0000-4000-8000-00000000000a'::uuid, 'pending', '[]'::jsonb, '{}'::jsonb,
        null::text, null::date, null::uuid, true, true)$$,
    'a goal has its defaults, and people read their own'
);
with added as (insert into user_goals (goal_title) values ('For the key') returning id)
select is(substr(id::text, 15, 1), '7', 'a goal''s key is a uuid, version 7') from added;
select lives_ok(
    $$update user_goals
      set goal_description = 'Once a week', goal_status = 'active', category_id = 'test-career', target_date = '2030-01-31',
          milestones = '[{"title": "First word"}]', metadata = '{"source": "voice"}', updated_at = '2000-01-01',
          node_id = '00000000-0000-7000-8000-0000000000a1'
      where id = '00000000-0000-7000-8000-00000000c0a1'$$,
    'people change their own goals'
);
select results_eq(
    $$select goal_status, updated_at >= now() from user_goals where id = '00000000-0000-7000-8000-00000000c0a1'$$,
    $$values ('active', true)$$,
    'what people change stays changed, the database keeps updated_at'
);
with erased as (delete from user_goals where goal_title = 'For the key' returning id)
select is(count(*), 1::bigint, 'people erase their own goals') from erased;
select throws_ok(command, sqlstate, null, what)
from (values
    ($$insert into user_goals (goal_title) values (null)$$, '23502'::char(5), 'a goal has a title'),
    ($$insert into user_goals (goal_title) values ('')$$, '23514', 'a title is not empty'),
    ($$insert into user_goals (goal_title) values (E' \t\n ')$$, '23514', 'a title is not blank'),
    ($$insert into user_goals (goal_title) values (repeat('é', 256))$$, '23514', 'a title has no more than 255 characters'),
    ($$insert into user_goals (goal_title, milestones) values ('x', '{}')$$, '23514', 'milestones are an array'),
    ($$insert into user_goals (goal_title, metadata) values ('x', '[]')$$, '23514', 'metadata is an object'),
    ($$insert into user_goals (goal_title, category_id) values ('x', 'test-none')$$, '23503', 'a goal''s category exists'),
    ($$insert into user_goals (goal_title, node_id) values ('x', '00000000-0000-7000-8000-0000000000b1')$$, '23503',
        'a goal''s node is not another person''s'),
    ($$insert into user_goals (goal_title, node_id) values ('x', '00000000-0000-7000-8000-0000000000ff')$$, '23503',
        'a goal''s node exists'),
    ($$update user_goals set node_id = '00000000-0000-7000-8000-0000000000b1'$$, '23503',
        'a goal does not move to another person''s node'),
    ($$insert into user_goals (user_id, goal_title) values ('00000000-0000-4000-8000-00000000000b', 'x')$$, '42501',
        'people add no goal in another''s name'),
    ($$insert into user_goals (user_id, goal_title) values (null, 'x')$$, '42501', 'people add no goal of nobody''s'),
    ($$update user_goals set user_id = '00000000-0000-4000-8000-00000000000b', node_id = null$$, '42501',
        'people give no goal away'),
    ($$truncate user_goals$$, '42501', 'people empty no table')
) as v (command, sqlstate, what);
select lives_ok(
    $$insert into user_goals (goal_title) values ('  ' || repeat('é', 255) || E'\n')$$,
    'the blanks around a title do not count'
);

-- Goals: another person, and nobody.
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select is(count(*), 0::bigint, 'another person does not read them') from user_goals;
select lives_ok($$update user_goals set goal_title = 'Mine'$$, 'another person changes the own alone');
select lives_ok($$delete from user_goals$$, 'another person erases the own alone');
select lives_ok(
    $$insert into user_goals (goal_title, node_id) values ('Speak up in meetings', '00000000-0000-7000-8000-0000000000b1')$$,
    'another person may have the same goal'
);
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok(command, '42501', null, 'anon: ' || command)
from (values ('select from user_goals'),
    ('insert into user_goals (user_id, goal_title) values (''00000000-0000-4000-8000-00000000000a'', ''x'')'),
    ('update user_goals set goal_title = ''X'''), ('delete from user_goals'), ('truncate user_goals')) as v (command);

-- Goals: the service.
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select is(count(*), 3::bigint, 'the service reads everybody''s goals, nobody has erased another''s') from user_goals;
select is(count(*), 0::bigint, 'nobody has changed another''s goals') from user_goals where goal_title = 'Mine';
select lives_ok(
    $$insert into user_goals (id, user_id, goal_title, category_id, node_id)
      values ('00000000-0000-7000-8000-00000000c0a2', '00000000-0000-4000-8000-00000000000a', 'Sleep', 'test-career',
          '00000000-0000-7000-8000-0000000000a2')$$,
    'the service adds goals for anybody'
);
select throws_ok($$insert into user_goals (goal_title) values ('x')$$, '23502', null, 'a goal is somebody''s');

-- Erasing a node, a category, a person.
set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
delete from graph_nodes where id = '00000000-0000-7000-8000-0000000000a1';
select results_eq(
    $$select user_id, node_id, category_id from user_goals where id = '00000000-0000-7000-8000-00000000c0a1'$$,
    $$values ('00000000-0000-4000-8000-00000000000a'::uuid, null::uuid, 'test-career')$$,
    'an erased node leaves the goal, its person and its category'
);
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
delete from goal_categories where id = 'test-career';
select results_eq(
    $$select user_id, node_id, category_id from user_goals where id = '00000000-0000-7000-8000-00000000c0a2'$$,
    $$values ('00000000-0000-4000-8000-00000000000a'::uuid, '00000000-0000-7000-8000-0000000000a2'::uuid, null::text)$$,
    'an erased category leaves the goal, its person and its node'
);
reset role;
delete from auth.users where id = '00000000-0000-4000-8000-00000000000a';
select results_eq(
    $$select user_id from user_goals$$, $$values ('00000000-0000-4000-8000-00000000000b'::uuid)$$,
    'an erased person''s goals are gone, other people''s stay'
);

select * from finish();
rollback;
