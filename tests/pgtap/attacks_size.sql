-- What is too deep or too long for somebody: every jsonb argument nested 10,000 deep, every array with a million elements.
-- Each is taken or refused in plain words, and the server lives on.
begin;
set local client_min_messages = warning;
-- With room for the input itself, so that the functions see it.
set local max_stack_depth = '7000kB';
select * from no_plan();
\ir shared/people.sql
\ir shared/calls.sql
select pg_backend_pid() as backend, pg_postmaster_start_time() as started \gset

create temporary table large (i serial, title text, array_of boolean, given text);
insert into large (title, array_of, given) values
    ('lists in lists', false, $$(repeat('[', 10000) || repeat(']', 10000))::jsonb$$),
    ('objects in objects', false, $$(repeat('{"a":', 10000) || '1' || repeat('}', 10000))::jsonb$$),
    ('depth below a key', false, $$jsonb_build_object('name', 'Deep', 'metadata', (repeat('[', 10000) || repeat(']', 10000))::jsonb,
        'milestones', jsonb_build_array((repeat('[', 10000) || repeat(']', 10000))::jsonb))$$),
    ('depth in a list', false, $$jsonb_build_array(jsonb_build_object('url', 'x', 'kind', 'node', 'metadata', (repeat('[', 10000) || repeat(']', 10000))::jsonb))$$),
    ('a hundred thousand objects', false, $$(select jsonb_agg('{}'::jsonb) from generate_series(1, 100000))$$),
    ('a hundred thousand keys', false, $$(select jsonb_object_agg(i, i) from generate_series(1, 1000000) i)$$),
    ('a million elements', true, 'array_fill((%s)[1], array[1000000])'),
    ('elements in several dimensions', true, 'array_fill((%s)[1], array[2, 2, 2])'),
    ('elements counted from elsewhere', true, 'array_fill((%s)[1], array[3], array[-7])'),
    ('a million times nothing', true, 'array_fill(null::%2$s, array[1000000])');

create function pg_temp.ask(f callable, override jsonb) returns text language plpgsql as $$
declare
    answer text;
begin
    perform pg_temp.act_as(f.role);
    answer := pg_temp.answer(pg_temp.call_of(f, override), false);
    perform pg_temp.act_as('postgres');
    return answer;
end $$;
create temporary table tried as
select c.name, a.argument, l.title,
    pg_temp.ask(c, jsonb_build_object(a.argument, case
        when l.array_of then format(l.given, format('array[%L]::%s', case
            when e.typtype = 'e' then (select enumlabel from pg_enum where enumtypid = e.oid order by enumsortorder limit 1)
            when e.oid = 'uuid'::regtype then '00000000-0000-7000-8000-0000000000a3'
            else 'words'
        end, a.type), e.oid::regtype)
        else l.given
    end)) as outcome
from callable c
cross join unnest(c.arguments, c.types) a (argument, type)
join pg_type t on t.oid = a.type
left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
join large l on l.array_of and e.oid is not null or not l.array_of and a.type = 'jsonb'::regtype;

select ok(
    outcome is null or outcome not like 'ERROR%' or outcome ~ '^ERROR (22|23|54)...: ' and outcome !~ 'panicked|unwrap|\.rs',
    format('%s takes %s in %s or refuses it: %s', name, title, argument, coalesce(left(outcome, 60), 'no rows'))
)
from tried order by name, argument, title;
select is(pg_backend_pid(), :backend, 'the same process answers still');
select is(pg_postmaster_start_time(), :'started'::timestamptz, 'of the same server');
select is(count(*), 6::bigint, 'with the rows that it had') from graph_nodes where user_id = '00000000-0000-4000-8000-00000000000b';

select * from finish();
rollback;
