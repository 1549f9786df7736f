-- What the system before this one let through, or refused wrongly.
begin;
set local client_min_messages = warning;
select * from no_plan();
\ir shared/people.sql
\ir shared/calls.sql

select is_empty(
    $$select polrelid::regclass, polname from pg_policy
      where pg_get_expr(polwithcheck, polrelid) = 'true' or polcmd <> 'r' and pg_get_expr(polqual, polrelid) = 'true'$$,
    'no policy lets everybody write'
);
select is_empty($$select name from callable group by name having count(*) > 1$$, 'no function has an overload');
select is_empty($$select c.name from callable c join pg_proc p using (oid) where p.prosecdef$$, 'no function has its owner''s rights');
select is_empty(
    $$select c.oid::regclass from pg_class c
      where c.relkind in ('v', 'm') and c.relnamespace = 'public'::regnamespace and c.relname !~ '^(tap_|pg_all_)'$$,
    'there is no view that shows its owner''s rows'
);
create function pg_temp.truncates(role text, name text) returns text language plpgsql as $$
begin
    perform pg_temp.act_as(role);
    return throws_ok(format('truncate public.%I', name), '42501', null, format('%s does not truncate %s', role, name));
end $$;
select pg_temp.truncates(role, relname)
from pg_class, unnest(array['anon', 'authenticated']) role
where relnamespace = 'public'::regnamespace and relkind = 'r' and relrowsecurity;
select pg_temp.act_as('authenticated');
select throws_ok(
    $$insert into inbox_messages (user_id, subject) values ('00000000-0000-4000-8000-00000000000b', 'Spam')$$, '42501', null,
    'nobody fills anybody''s inbox'
);
select lives_ok(
    $$update graph_nodes set deleted_at = now() where id = '00000000-0000-7000-8000-0000000000a6'$$, 'a soft delete of the own is not refused'
);
select is(count(*), 1::bigint, 'and the row is still the owner''s to see') from graph_nodes
where id = '00000000-0000-7000-8000-0000000000a6' and deleted_at is not null;
select isnt(track_emotion(null, 'anxious', 'again', 0.5), track_emotion(null, 'anxious', 'again', 0.5), 'the same emotion is felt twice');
-- Row security turned off by the caller is an error, not a view of everything.
set local row_security = off;
select throws_ok('select * from graph_nodes', '42501', null, 'nobody turns row security off');
select unalike(coalesce(pg_temp.answer(pg_temp.call_of(callable), false), ''), '%ben-secret%', format('nor by way of %s', name))
from callable where role = 'authenticated';
select pg_temp.act_as('postgres');
select * from finish();
rollback;
