-- Accounts, profiles and coaches; keys; the extension itself.

-- Sign-ups that are cancelled or interrupted by a shutdown, by a caller who goes on after it: transactions of their
-- own, looked at below.
create function pg_temp.fail() returns trigger language plpgsql as
    $$begin raise exception using errcode = tg_argv[0], message = 'fails on purpose'; end$$;
create function pg_temp.sign_up() returns text language plpgsql as $$
begin
    insert into auth.users (id, email) values ('00000000-0000-4000-8000-0000000000f3', 'f3@example.com');
    return 'signed up';
exception when query_canceled or admin_shutdown then
    return 'interrupted';
end$$;
begin;
create trigger test_fail before insert on users for each row execute function pg_temp.fail('57P01');
select pg_temp.sign_up() as told_of_shutdown \gset
rollback;
begin;
create trigger test_fail before insert on users for each row execute function pg_temp.fail('57014');
select pg_temp.sign_up() as told_of_cancel \gset
select current_setting('search_path') as path_after, count(*) as signed_up
from auth.users where id::text = '00000000-0000-4000-8000-0000000000f3' \gset
rollback;

begin;
select plan(148);
set local client_min_messages = error;

-- Layout.
select set_eq(
    format('select attname::text from pg_attribute where attrelid = %L::regclass and attnum > 0 and not attisdropped', tab),
    string_to_array('id created_at updated_at ' || cols, ' '),
    format('%s has the columns it promises', tab)
)
from (values
    ('users', 'email name full_name avatar_url image token_identifier subscription credits'),
    ('profiles', 'username full_name avatar_url locale preferences coaching_preferences selected_goals goals_updated_at '
        'onboarding_completed_at'),
    ('agent_personae', 'name category goal_category speciality key_features tone_and_style personality backstory strengths '
        'image_url video_intro_url elevenlabs_agent_id voice_profile response_templates availability_status average_rating '
        'is_active is_featured metadata')
) as v (tab, cols);
select ok(relrowsecurity, format('%s has row level security', relname))
from pg_class
where oid in ('users'::regclass, 'profiles'::regclass, 'agent_personae'::regclass)
order by relname;
select set_eq(
    $$select conname::text from pg_constraint
      where contype = 'f' and conrelid in ('users'::regclass, 'profiles'::regclass, 'agent_personae'::regclass)$$,
    array['users_id_fkey', 'profiles_id_fkey'],
    'accounts and profiles refer to auth.users'
);
select enum_has_labels(name, string_to_array(labels, ' ')::name[], format('%s has its labels in order', name))
from (values
    ('node_type'::name, 'goal skill emotion session accomplishment'),
    ('edge_type', 'works_on has_skill derived_from feels achieves'),
    ('emotion_type', 'confident anxious motivated uncertain accomplished frustrated'),
    ('skill_level', 'beginner intermediate advanced expert'),
    ('message_type', 'session_summary goal_achievement recommendation reminder insight resource system'),
    ('message_priority', 'low normal high urgent'),
    ('node_status', 'draft_verbal curated')
) as v (name, labels);

-- Signing up: users and profiles are made.
select lives_ok(
    $$insert into auth.users (id, email, raw_user_meta_data) values
        ('00000000-0000-4000-8000-00000000000a', 'ada@example.com',
         '{"name": "Ada", "full_name": "Ada Example", "avatar_url": "https://example.com/ada.png", "subscription": "gold",
           "credits": 1000, "token_identifier": "forged", "username": "root", "image": "x", "locale": "xx"}'),
        ('00000000-0000-4000-8000-00000000000b', 'ben@example.com', null),
        ('00000000-0000-4000-8000-00000000000c', null, '[1, 2]'),
        ('00000000-0000-4000-8000-00000000000d', 'dan@example.com', '"text"')$$,
    'people sign up, whatever their metadata are'
);
select results_eq(
    $$select id, email, name, full_name, avatar_url from users order by id$$,
    $$values
        ('00000000-0000-4000-8000-00000000000a'::uuid, 'ada@example.com', 'Ada', 'Ada Example', 'https://example.com/ada.png'),
        ('00000000-0000-4000-8000-00000000000b', 'ben@example.com', null, null, null),
        ('00000000-0000-4000-8000-00000000000c', null, null, null, null),
        ('00000000-0000-4000-8000-00000000000d', 'dan@example.com', null, null, null)$$,
    'every account has its row, with e-mail address and names'
);
select results_eq(
    $$select id, full_name, avatar_url from profiles order by id$$,
    $$values
        ('00000000-0000-4000-8000-00000000000a'::uuid, 'Ada Example', 'https://example.com/ada.png'),
        ('00000000-0000-4000-8000-00000000000b', null, null),
        ('00000000-0000-4000-8000-00000000000c', null, null),
        ('00000000-0000-4000-8000-00000000000d', null, null)$$,
    'every account has its profile, made together with it'
);
select results_eq(
    $$select a.subscription, a.credits, a.token_identifier, a.image
      from users a join users b on b.id = '00000000-0000-4000-8000-00000000000b'
      where a.id = '00000000-0000-4000-8000-00000000000a'
          and (a.subscription, a.credits, a.token_identifier, a.image)
              is not distinct from (b.subscription, b.credits, b.token_identifier, b.image)$$,
    $$select subscription, credits, token_identifier, image from users where id = '00000000-0000-4000-8000-00000000000b'$$,
    'metadata give nobody a subscription, credits or a token identifier'
);
select is(username, null, 'metadata give nobody a username') from profiles where id = '00000000-0000-4000-8000-00000000000a';

-- Changes of an account are followed; what the service and the person have set stays.
update users set subscription = 'silver', credits = 7, token_identifier = 'issued' where id = '00000000-0000-4000-8000-00000000000a';
update profiles set username = 'ada', preferences = '{"theme": "dark"}' where id = '00000000-0000-4000-8000-00000000000a';
update auth.users
set email = 'ada@example.org',
    raw_user_meta_data = '{"name": "A.", "full_name": "Ada Other", "avatar_url": "https://example.com/new.png",
        "subscription": "gold", "credits": 1000, "token_identifier": "forged", "username": "root"}'
where id = '00000000-0000-4000-8000-00000000000a';
select results_eq(
    $$select email, name, full_name, avatar_url, subscription, credits::int, token_identifier
      from users where id = '00000000-0000-4000-8000-00000000000a'$$,
    $$values ('ada@example.org', 'A.', 'Ada Other', 'https://example.com/new.png', 'silver', 7, 'issued')$$,
    'an account follows e-mail address and names, and never subscription, credits or token identifier'
);
select results_eq(
    $$select full_name, avatar_url, username, preferences from profiles where id = '00000000-0000-4000-8000-00000000000a'$$,
    $$values ('Ada Other', 'https://example.com/new.png', 'ada', '{"theme": "dark"}'::jsonb)$$,
    'a profile follows the names, and never the username'
);
update auth.users set email = 'ada@example.net' where id = '00000000-0000-4000-8000-00000000000a';
select results_eq(
    $$select email, name from users where id = '00000000-0000-4000-8000-00000000000a'$$,
    $$values ('ada@example.net', 'A.')$$,
    'a new e-mail address alone is followed'
);
update auth.users set raw_user_meta_data = null where id = '00000000-0000-4000-8000-00000000000a';
select results_eq(
    $$select email, name, full_name, avatar_url, subscription from users where id = '00000000-0000-4000-8000-00000000000a'$$,
    $$values ('ada@example.net', null::text, null::text, null::text, 'silver')$$,
    'metadata that are taken away are followed'
);
select is(count(*), 1::bigint, 'other accounts are left alone')
from users where id = '00000000-0000-4000-8000-00000000000b' and email = 'ben@example.com' and name is null;

-- The role that signs people up needs no rights on our tables.
create role test_signup;
grant usage on schema auth to test_signup;
grant select, insert, update, delete on auth.users to test_signup;
set local role test_signup;
select throws_ok('select from users', '42501', null, 'the role that signs people up may not read accounts');
select lives_ok(
    $$insert into auth.users (id, email, raw_user_meta_data)
      values ('00000000-0000-4000-8000-00000000000e', 'eve@example.com', '{"name": "Eve"}')$$,
    'it signs people up'
);
select lives_ok(
    $$update auth.users set email = 'eve@example.org' where id = '00000000-0000-4000-8000-00000000000e'$$,
    'it changes e-mail addresses'
);
reset role;
select results_eq(
    $$select email, name from users where id = '00000000-0000-4000-8000-00000000000e'$$,
    $$values ('eve@example.org', 'Eve')$$,
    'the account is made and follows'
);
select is(count(*), 1::bigint, 'the profile is made') from profiles where id = '00000000-0000-4000-8000-00000000000e';
set local role test_signup;
select lives_ok(
    $$delete from auth.users where id = '00000000-0000-4000-8000-00000000000e'$$, 'it erases people'
);
reset role;
select is(count(*), 0::bigint, 'with them goes their account') from users where id = '00000000-0000-4000-8000-00000000000e';
select is(count(*), 0::bigint, 'with them goes their profile') from profiles where id = '00000000-0000-4000-8000-00000000000e';

-- A failure of ours never makes a sign-up fail.
alter table users add constraint test_broken check (email not like '%@broken.example.com');
select lives_ok(
    $$insert into auth.users (id, email) values ('00000000-0000-4000-8000-0000000000f1', 'a@broken.example.com')$$,
    'a sign-up succeeds though a check on users refuses the row'
);
select is(count(*), 1::bigint, 'who signed up is in auth.users')
from auth.users where id = '00000000-0000-4000-8000-0000000000f1';
select is(count(*), 0::bigint, 'without the account that could not be made')
from users where id = '00000000-0000-4000-8000-0000000000f1';
select lives_ok(
    $$update auth.users set email = 'b@broken.example.com' where id = '00000000-0000-4000-8000-00000000000b'$$,
    'so does a change of the e-mail address'
);
select is(email, 'b@broken.example.com', 'which is changed in auth.users')
from auth.users where id = '00000000-0000-4000-8000-00000000000b';
select is(email, 'ben@example.com', 'and left alone in users')
from users where id = '00000000-0000-4000-8000-00000000000b';
update auth.users set email = 'ben@example.com' where id = '00000000-0000-4000-8000-00000000000b';
alter table users drop constraint test_broken;

create trigger test_fail before insert on profiles for each row execute function pg_temp.fail('P0001');
select lives_ok(
    $$insert into auth.users (id, email) values ('00000000-0000-4000-8000-0000000000f2', 'f2@example.com')$$,
    'a sign-up succeeds though a trigger on profiles fails'
);
drop trigger test_fail on profiles;
select is(:'told_of_cancel'::text, 'interrupted', 'a cancellation is no such failure: it ends the sign-up');
select is(:'told_of_shutdown'::text, 'interrupted', 'nor is a shutdown');
select is(:'signed_up'::int, 0, 'where the caller goes on after it, nobody has signed up');
select is(:'path_after'::text, current_setting('search_path'), 'and the caller''s settings are as they were');

-- Accounts that have no rows, because they are older or something failed, get them from lgtempo_setup().
alter table auth.users disable trigger user;
insert into auth.users (id, email, raw_user_meta_data) values
    ('00000000-0000-4000-8000-0000000000f4', 'old@example.com',
     '{"name": "Old", "full_name": "Old Account", "avatar_url": "https://example.com/old.png", "subscription": "gold",
       "token_identifier": "forged", "username": "root", "credits": 5}');
alter table auth.users enable trigger user;
select is(lgtempo_setup(), 0, 'lgtempo_setup() has no step to run a second time');
select is(lgtempo_setup(), 0, 'nor a third time');
select results_eq(
    $$select id, email, name, full_name, avatar_url, subscription, token_identifier from users
      where id::text like '%-0000000000f_' order by id$$,
    $$values
        ('00000000-0000-4000-8000-0000000000f1'::uuid, 'a@broken.example.com', null, null, null, null::text, null::text),
        ('00000000-0000-4000-8000-0000000000f2', 'f2@example.com', null, null, null, null, null),
        ('00000000-0000-4000-8000-0000000000f4', 'old@example.com', 'Old', 'Old Account', 'https://example.com/old.png', null, null)$$,
    'lgtempo_setup() adds the accounts that are missing'
);
select results_eq(
    $$select id, full_name, username from profiles where id::text like '%-0000000000f_' order by id$$,
    $$values
        ('00000000-0000-4000-8000-0000000000f1'::uuid, null, null::text),
        ('00000000-0000-4000-8000-0000000000f2', null, null),
        ('00000000-0000-4000-8000-0000000000f4', 'Old Account', null)$$,
    'lgtempo_setup() adds the profiles that are missing'
);
select results_eq(
    $$select u.subscription, u.credits::int, p.username from users u join profiles p using (id)
      where id = '00000000-0000-4000-8000-00000000000a'$$,
    $$values ('silver', 7, 'ada')$$,
    'lgtempo_setup() leaves those that are there'
);
delete from profiles where id = '00000000-0000-4000-8000-0000000000f4';
select lives_ok(
    $$update auth.users set email = 'older@example.com' where id = '00000000-0000-4000-8000-0000000000f4'$$,
    'an account whose profile is missing changes all the same'
);
drop trigger lgtempo_sync_user on auth.users;
select lives_ok('select lgtempo_setup()', 'lgtempo_setup() makes the trigger on auth.users again');
insert into auth.users (id, email) values ('00000000-0000-4000-8000-0000000000f5', 'f5@example.com');
select is(count(*), 1::bigint, 'which works') from users where id = '00000000-0000-4000-8000-0000000000f5';

-- Only the owner runs lgtempo_setup().
set local role anon;
select throws_ok('select lgtempo_setup()', '42501', null, 'anon does not run lgtempo_setup()');
set local role authenticated;
select throws_ok('select lgtempo_setup()', '42501', null, 'signed-in people do not run lgtempo_setup()');
set local role service_role;
select throws_ok('select lgtempo_setup()', '42501', null, 'the service does not run lgtempo_setup()');
reset role;
grant execute on function lgtempo_setup to service_role;
set local role service_role;
select throws_ok('select lgtempo_setup()', '42501', null, 'not even if it is granted to it');
reset role;

-- Keys.
create temporary table keys as
select n, lgtempo_uuid_v7() as key from generate_series(1, 10000) n;
select is(count(distinct key), 10000::bigint, 'ten thousand keys are ten thousand') from keys;
select ok(bool_and(substr(key::text, 15, 1) = '7'), 'keys are of version 7') from keys;
select ok(bool_and(substr(key::text, 20, 1) in ('8', '9', 'a', 'b')), 'keys are of the variant of RFC 9562') from keys;
select is(count(*), 0::bigint, 'later keys sort after earlier ones')
from (select key, lag(key) over (order by n) as earlier from keys) k where key <= earlier;
select ok(
    bool_and(
        to_timestamp(('x' || lpad(left(replace(key::text, '-', ''), 12), 16, '0'))::bit(64)::bigint / 1000.0)
        between now() - interval '1 second' and clock_timestamp() + interval '1 second'
    ),
    'keys begin with the time they were made'
)
from keys;
select volatility_is('lgtempo_uuid_v7', 'volatile');

-- Version.
select is(lgtempo_version(), extversion, 'lgtempo_version() is the version of the extension')
from pg_extension where extname = 'lgtempo';
select matches(lgtempo_version(), '^\d+\.\d+\.\d+$', 'lgtempo_version() is three numbers');
set local role anon;
select lives_ok('select lgtempo_version(), lgtempo_uuid_v7()', 'anon may ask for the version and for keys');
set local role authenticated;
select lives_ok('select lgtempo_version(), lgtempo_uuid_v7()', 'signed-in people may ask for the version and for keys');
set local role service_role;
select lives_ok('select lgtempo_version(), lgtempo_uuid_v7()', 'the service may ask for the version and for keys');
reset role;

-- Checks and keys of the tables.
select throws_ok(
    $$insert into users (id) values ('00000000-0000-4000-8000-00000000dead')$$, '23503', null, 'an account belongs to a person who exists'
);
select throws_ok(
    $$insert into profiles (id) values ('00000000-0000-4000-8000-00000000dead')$$, '23503', null, 'so does a profile'
);
select throws_ok(
    $$update profiles set username = 'ada' where id = '00000000-0000-4000-8000-00000000000b'$$, '23505', null, 'a username is unique'
);
select throws_ok($$update profiles set selected_goals = '{}'$$, '23514', null, 'selected goals are an array');
insert into agent_personae (id, name, elevenlabs_agent_id, is_active) values
    ('00000000-0000-7000-8000-000000000001', 'Coach', 'agent-1', true),
    ('00000000-0000-7000-8000-000000000002', 'Retired', 'agent-2', false);
select throws_ok(
    $$insert into agent_personae (name, elevenlabs_agent_id) values ('Double', 'agent-1')$$, '23505', null, 'a voice agent is unique'
);
select throws_ok($$update agent_personae set average_rating = 5.01$$, '23514', null, 'a rating is at most 5');
select throws_ok($$update agent_personae set average_rating = -0.01$$, '23514', null, 'a rating is at least 0');
select lives_ok($$update agent_personae set average_rating = 5$$, 'a rating can be 5');
select col_type_is('agent_personae', 'average_rating', 'numeric(3,2)', 'a rating has two decimals');

-- Rights.
select table_privs_are(tab, who, privs, format('%s: what %s may do with the table', tab, who))
from (values
    ('users'::name, 'anon'::name, '{}'::name[]),
    ('users', 'authenticated', '{SELECT}'),
    ('users', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'),
    ('profiles', 'anon', '{}'),
    ('profiles', 'authenticated', '{SELECT,UPDATE}'),
    ('profiles', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'),
    ('agent_personae', 'anon', '{SELECT}'),
    ('agent_personae', 'authenticated', '{SELECT}'),
    ('agent_personae', 'service_role', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}')
) as v (tab, who, privs);

set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok(format(command, tab), '42501', null, format('anon: ' || command, tab))
from (values ('users'), ('profiles')) as t (tab),
    (values ('select from %I'), ('insert into %I default values'), ('update %I set full_name = ''X'''), ('delete from %I'),
        ('truncate %I cascade')) as c (command);
select results_eq('select name from agent_personae', array['Coach'], 'anon reads the coaches that are active');
select throws_ok(command, '42501', null, 'anon: ' || command)
from (values ('insert into agent_personae (name) values (''X'')'), ('update agent_personae set name = ''X'''),
    ('delete from agent_personae'), ('truncate agent_personae cascade')) as v (command);

set local role authenticated;
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000a","role":"authenticated"}';
select results_eq(
    'select id from users', array['00000000-0000-4000-8000-00000000000a'::uuid], 'people read their own account and no other'
);
select throws_ok(command, '42501', null, 'a signed-in person: ' || command)
from (values ('update users set credits = 1000'), ('update users set subscription = ''gold'''), ('delete from users'),
    ('insert into users (id) values (gen_random_uuid())'), ('truncate users cascade'), ('delete from profiles'),
    ('insert into profiles (id) values (gen_random_uuid())'), ('truncate profiles cascade')) as v (command);
select results_eq(
    'select id from profiles', array['00000000-0000-4000-8000-00000000000a'::uuid], 'people read their own profile and no other'
);
select lives_ok($$update profiles set locale = 'en-GB'$$, 'people change their own profile');
select is(locale, 'en-GB', 'what people change is changed') from profiles;
select throws_ok(
    $$update profiles set id = '00000000-0000-4000-8000-00000000000b'$$, '42501', null, 'people give no profile away'
);
with changed as (
    update profiles set full_name = 'Mine' where id = '00000000-0000-4000-8000-00000000000b' returning id
)
select is(count(*), 0::bigint, 'people do not change other people''s profiles') from changed;
select results_eq('select name from agent_personae', array['Coach'], 'people read the coaches that are active');
select throws_ok(command, '42501', null, 'a signed-in person: ' || command)
from (values ('insert into agent_personae (name) values (''X'')'), ('update agent_personae set name = ''X'''),
    ('delete from agent_personae'), ('truncate agent_personae cascade')) as v (command);
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000b","role":"authenticated"}';
select is(locale, null, 'another person''s profile has not changed') from profiles;
set local request.jwt.claims = '';
select is(count(*), 0::bigint, 'a caller without a name has no account') from users;
select is(count(*), 0::bigint, 'a caller without a name has no profile') from profiles;

set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select ok(count(*) > 3, 'the service reads everybody''s account') from users;
select lives_ok(
    $$update users set credits = 9, subscription = 'gold' where id = '00000000-0000-4000-8000-00000000000b'$$,
    'the service changes accounts'
);
select lives_ok(
    $$update profiles set onboarding_completed_at = now() where id = '00000000-0000-4000-8000-00000000000b'$$,
    'the service changes profiles'
);
select lives_ok($$insert into agent_personae (name) values ('New')$$, 'the service adds coaches');
select results_eq(
    'select name from agent_personae order by name', array['Coach', 'New', 'Retired'], 'the service reads all coaches'
);
select lives_ok($$delete from agent_personae where name = 'New'$$, 'the service erases coaches');

-- updated_at.
update users set updated_at = '2000-01-01';
update profiles set updated_at = '2000-01-01';
update agent_personae set updated_at = '2000-01-01';
select ok(bool_and(updated_at >= now()), 'the database keeps an account''s updated_at') from users;
select ok(bool_and(updated_at >= now()), 'the database keeps a profile''s updated_at') from profiles;
select ok(bool_and(updated_at >= now()), 'the database keeps a coach''s updated_at') from agent_personae;

-- Erasing a person erases everything of that person.
reset role;
insert into graph_nodes (id, user_id, node_type, label) values
    ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-4000-8000-00000000000a', 'goal', 'Speak up'),
    ('00000000-0000-7000-8000-0000000000a2', '00000000-0000-4000-8000-00000000000a', 'session', 'First'),
    ('00000000-0000-7000-8000-0000000000b1', '00000000-0000-4000-8000-00000000000b', 'goal', 'Speak up');
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id) values
    ('00000000-0000-4000-8000-00000000000a', 'works_on', '00000000-0000-7000-8000-0000000000a2', '00000000-0000-7000-8000-0000000000a1');
insert into graph_insights (user_id, insight_type, insight_key, title, content)
values ('00000000-0000-4000-8000-00000000000a', 'x', 'x', 'x', 'x');
insert into user_goals (user_id, goal_title, node_id)
values ('00000000-0000-4000-8000-00000000000a', 'Speak up', '00000000-0000-7000-8000-0000000000a1');
insert into inbox_messages (id, user_id, message_type, session_node_id)
values ('00000000-0000-7000-8000-00000000ad01', '00000000-0000-4000-8000-00000000000a', 'system', '00000000-0000-7000-8000-0000000000a2');
insert into message_attachments (message_id, attachment_type, url)
values ('00000000-0000-7000-8000-00000000ad01', 'link', 'https://example.com');
insert into message_read_receipts (message_id) values ('00000000-0000-7000-8000-00000000ad01');
insert into voice_chat_events (user_id, conversation_id, event_type)
values ('00000000-0000-4000-8000-00000000000a', 'c', 'started');
insert into elevenlabs_conversations (user_id, conversation_id) values ('00000000-0000-4000-8000-00000000000a', 'c');
insert into webhook_events (source, external_id, user_id) values ('test', '1', '00000000-0000-4000-8000-00000000000a');
insert into agent_knowledge_bases (id, agent_id, name, owner_id)
values ('00000000-0000-7000-8000-00000000bb01', 'coach', 'Mine', '00000000-0000-4000-8000-00000000000a');
insert into knowledge_documents (id, knowledge_base_id, title, content)
values ('00000000-0000-7000-8000-00000000dd01', '00000000-0000-7000-8000-00000000bb01', 'Mine', 'Mine');
insert into knowledge_chunks (document_id, chunk_index, content) values ('00000000-0000-7000-8000-00000000dd01', 0, 'Mine');
insert into knowledge (user_id, content) values ('00000000-0000-4000-8000-00000000000a', 'Mine');
select lives_ok(
    $$delete from auth.users where id = '00000000-0000-4000-8000-00000000000a'$$, 'a person with rows everywhere can be erased'
);
select is_empty(
    format('select from %I where %I = %L', t.relname, a.attname, '00000000-0000-4000-8000-00000000000a'),
    format('nothing of the person is left in %s', t.relname)
)
from pg_class t
join pg_constraint c on c.conrelid = t.oid and c.contype = 'f' and c.confrelid = 'auth.users'::regclass
join pg_attribute a on a.attrelid = t.oid and a.attnum = c.conkey[1]
order by t.relname;
select is_empty('select from knowledge_documents', 'nor are documents of the person''s bases');
select is_empty('select from knowledge_chunks', 'nor are chunks of the person''s bases');
select is(count(*), 1::bigint, 'other people''s rows stay') from graph_nodes;

select * from finish();
rollback;
