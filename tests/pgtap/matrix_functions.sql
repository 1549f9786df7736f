-- Every function, every caller: who may execute it is what tests/matrix/rights.sql declares, and so is what comes of naming
-- another person or what is another's; nobody is told or changes what is another's. Calls are generated from the catalogue.
begin;
set client_min_messages = warning;
set jit = off;
\ir ../matrix/rights.sql
\ir ../matrix/people.sql
\ir ../matrix/attempts.sql
select pg_temp.take_stock();
create temporary table marked as select pg_temp.mark_everything() as columns;
select pg_temp.embed();
select pg_temp.take_stock();
select pg_temp.make_digest();
-- The database is a copy that goes with the test. Rows of a transaction that is over are read much faster.
commit;
vacuum (freeze, analyze);
begin;

create temporary table functions as
select p.oid, p.proname::text as name
from pg_proc p
join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
join pg_extension e on d.refclassid = 'pg_extension'::regclass and e.oid = d.refobjid and e.extname = 'lgtempo';

-- What functions take: for those that name something, what it is and what another's gives.
create temporary table arguments as
select f.name as function, u.argument, format_type(u.type, null) as type, u.place <= p.pronargs - p.pronargdefaults as required, d.kind, d.gives
from functions f
join pg_proc p on p.oid = f.oid
cross join lateral unnest(p.proargnames[:p.pronargs], p.proargtypes::oid[]) with ordinality u (argument, type, place)
left join lateral (
    select m[2] as kind, m[3] as gives
    from declared_functions, regexp_split_to_table(arguments, '; *') phrase, regexp_match(phrase, '^(\w+) (\w+) (refused|missing|nothing|ignored)$') m
    where name = f.name and m[1] = u.argument
) d on true;

-- What somebody, by the letter of the keys, has of a kind.
create function pg_temp.thing(kind text, letter text) returns text stable language sql as $$
    select case kind
        when 'person' then (select id::text from people p where p.letter = $2)
        when 'node' then pg_temp.n(letter, 12)::text
        when 'goal' then pg_temp.n(letter, 11)::text
        when 'session' then pg_temp.n(letter, 13)::text
        when 'message' then pg_temp.n(letter, 52)::text
        when 'base' then pg_temp.n(letter, 100 + ascii(letter))::text
        when 'nodes' then array[pg_temp.n(letter, 11), pg_temp.n(letter, 13)]::text
        when 'anonymous_id' then pg_temp.known_id()
    end
$$;

-- A call with what is required and what is given: everything of the caller, who is p_user_id null to all but the service.
create function pg_temp.call(p_function text, caller callers, given jsonb default '{}') returns text stable language sql as $$
    select format(case when prorettype = 'trigger'::regtype then 'select %s(%s)' else 'select * from %s(%s)' end, p_function, string_agg(format('%I => %L::%s', argument, case
        when given ? argument then given ->> argument
        when kind = 'person' then case when caller.role = 'service_role' then caller.person::text end
        when kind is not null then pg_temp.thing(kind, case when caller.person = pg_temp.ada() then 'a' else 'b' end)
        when type = 'vector' then pg_temp.embedding(1)::text
        when argument = 'p_items' then '[]'
        when type = 'jsonb' then '{"name": "Run a marathon"}'
        when type = 'text' then 'Secret'
        when type = 'integer' then '3'
        else (select enumlabel::text from pg_enum where enumtypid = to_regtype(type) order by enumsortorder limit 1)
    end, type), ', ') filter (where argument is not null))
    from functions
    join pg_proc using (oid)
    left join arguments on function = p_function and (required or given ? argument or kind = 'person' or argument = 'search_query')
    where name = p_function
    group by prorettype
$$;

-- What is not the caller's and nobody shows it: keys of everything that has one.
create function pg_temp.keys_of_others(caller callers) returns setof text stable language sql as $$
    select r.contents ->> 'id'
    from rows r
    where r.contents ->> 'id' ~ '^[abc]{8}-' and r.person is distinct from caller.person
        and pg_temp.audience(r) not in ('everybody', 'members')
$$;

-- What a caller tries with a function: a call, and what may come of it; same: whose answer it must get, but for the keys in it.
create function pg_temp.calls(p_function text, caller callers) returns table (command text, expected text, same text)
stable language sql as $$
    with a as materialized (
        select * from arguments where function = p_function and kind is not null
    ), me as (
        -- The service acts for Ben where it can say so.
        select exists (select from a where kind = 'person') as personal, caller.role <> 'service_role' as bound,
            case when caller.person = pg_temp.ada() then 'b' else 'a' end as other,
            '00000000-0000-7000-8000-00000000000f' as unknown
    )
    -- With what is the caller's own.
    select pg_temp.call(p_function, caller), 'success', null
    union all
    -- Another person; somebody who does not exist; another person with what is theirs.
    select pg_temp.call(p_function, caller, given), case when bound then 'refused' else 'success or missing' end, null
    from me, lateral (
        values
            (jsonb_build_object('p_user_id', pg_temp.thing('person', other))),
            (jsonb_build_object('p_user_id', unknown)),
            ((select jsonb_object_agg(argument, pg_temp.thing(kind, other)) from a))
    ) v (given)
    where personal
    union all
    -- Anything that is another's, in place of each thing; it looks like what does not exist.
    select pg_temp.call(p_function, caller, jsonb_build_object(argument, case kind when 'nodes' then format('{%s}', key) else key end)),
        case when bound or personal then gives else 'success or missing' end,
        case
            when not (bound or personal) then null
            when gives = 'ignored' then pg_temp.call(p_function, caller)
            else pg_temp.call(p_function, caller, jsonb_build_object(argument, unknown))
        end
    from me, a, pg_temp.keys_of_others(caller) key
    where kind not in ('person', 'anonymous_id')
    union all
    -- An anonymous_id that is not the header's.
    select pg_temp.call(p_function, caller, jsonb_build_object(argument, pg_temp.other_id())), gives, null
    from a
    where kind = 'anonymous_id'
    union all
    -- Nothing.
    select pg_temp.call(p_function, caller, jsonb_build_object(argument, null)),
        case when kind = 'person' or not required then 'success' else 'null' end, null
    from me, a
    where bound or kind <> 'person'
$$;

-- Whether an outcome is what was expected.
create function pg_temp.fits(outcome text, said text, expected text) returns boolean immutable language sql as $$
    select case expected
        when 'forbidden' then outcome = '42501' and said like 'permission denied for function %'
        when 'refused' then outcome = '42501' and said not like 'permission denied for %'
        when 'missing' then outcome = '23503'
        when 'null' then outcome in ('22004', '42501')
        when 'nothing' then outcome = '0 rows' or outcome = '1 rows' and said = '(f)'
        when 'ignored' then outcome ~ 'rows'
        when 'success' then outcome ~ 'rows'
        when 'success or missing' then outcome ~ 'rows' or outcome = '23503'
        when 'nobody''s' then outcome !~ 'rows' or outcome = '0 rows' or said ~ '^\((f|0|0,0,0,0,0,,.*)\)$'
        when 'anything' then true
    end
$$;
-- What was said, without the keys in it.
create function pg_temp.gist(said text) returns text immutable language sql as $$
    select regexp_replace(said, '[0-9a-f]{8}-[0-9a-f-]{27}', '…', 'g')
$$;

create function pg_temp.deviation(p_function text, caller callers, try record) returns text language plpgsql as $$
declare
    got record;
    alike record;
    deviation text := '';
begin
    -- The service may name anybody.
    if try.expected = 'success or missing' then
        caller.person := null;
    end if;
    got := pg_temp.attempt(caller, try.command, null);
    insert into attempts values (caller.name, p_function, 'call', got.outcome);
    if not pg_temp.fits(got.outcome, got.said, try.expected) then
        deviation := format(' not %s;', try.expected);
    end if;
    if try.same is not null then
        alike := pg_temp.attempt(caller, try.same, null);
        if (got.outcome, pg_temp.gist(got.said)) is distinct from (alike.outcome, pg_temp.gist(alike.said)) then
            deviation := deviation || format(' not like %s: %s %s;', try.same, alike.outcome, left(alike.said, 200));
        end if;
    end if;
    deviation := deviation || got.flaw;
    return case when deviation = '' then '' else format(E'\n%s: %s %s;', try.command, got.outcome, left(got.said, 200)) || deviation end;
end $$;

create function pg_temp.deviations(p_function text, caller callers) returns text language plpgsql as $$
declare
    declared text := (select callers from declared_functions where name = p_function);
    try record;
    deviations text := '';
    personal boolean := exists (select from arguments a where a.function = p_function and a.kind = 'person');
begin
    if not exists (select from functions where name = p_function) then
        return 'it is not there';
    end if;
    if caller.role = 'service_role' and personal then
        select pg_temp.ben(), secrets, keys into caller.person, caller.secrets, caller.keys from callers where name = 'another person';
    end if;
    for try in
        select * from pg_temp.calls(p_function, caller) c where caller.role = any (string_to_array(declared, ' '))
        union all
        select pg_temp.call(p_function, caller), 'forbidden', null where caller.role <> all (string_to_array(declared, ' '))
    loop
        deviations := deviations || pg_temp.deviation(p_function, caller, try);
    end loop;
    return left(deviations, 3000);
end $$;

-- Callers who are nobody: with nothing, and with what is Ada's. Only what needs no person answers.
create function pg_temp.intrusions(p_function text, caller callers) returns text language plpgsql as $$
declare
    declared text := (select callers from declared_functions where name = p_function);
    try record;
    deviations text := '';
begin
    if not exists (select from functions where name = p_function) then
        return 'it is not there';
    end if;
    for try in
        select pg_temp.call(p_function, caller, given) as command, case
                when caller.role <> all (string_to_array(declared, ' ')) then 'forbidden'
                when of_a_person then 'nobody''s'
                else 'anything'
            end as expected,
            null as same
        from (
            select coalesce(jsonb_object_agg(argument, pg_temp.thing(kind, 'a')), '{}'), count(*) > 0
            from arguments where function = p_function and kind is not null
            union all
            select coalesce(jsonb_object_agg(argument, pg_temp.thing(kind, 'a')), '{}'), count(*) > 0
            from arguments where function = p_function and kind <> 'person'
            union all
            select jsonb '{}', bool_or(kind = 'person')
            from arguments where function = p_function
        ) v (given, of_a_person)
    loop
        deviations := deviations || pg_temp.deviation(p_function, caller, try);
    end loop;
    return left(deviations, 3000);
end $$;

create temporary table proper as
select c from callers c where not odd;
create temporary table odd as
select c from callers c where odd;

select plan((
    3 + (select count(*) from declared_functions) * (1 + (select count(*) from callers))
    + 4
)::int);

-- The declared functions and the catalogue.
select bag_eq(
    'select name from functions', 'select name from declared_functions',
    'every function is declared, and every declared one is there, once'
);
select is_empty(
    $$select function, argument from arguments a
      join declared_functions d on d.name = a.function
      where kind is null and (type ~ 'uuid' or argument ~ '_id') and d.callers <> 'nobody' and argument <> 'p_sender_agent_id'$$,
    'every argument that names something is declared'
);
select is_empty(
    $$select name, phrase from declared_functions, regexp_split_to_table(arguments, '; *') phrase
      where phrase <> '' and name in (select name from functions)
          and not exists (select from arguments a where a.function = name and format('%s %s %s', argument, kind, gives) = phrase)$$,
    'every declared argument is one'
);
select is(
    coalesce((
        select string_agg(coalesce(g.rolname, 'PUBLIC'), ' ' order by g.rolname)
        from functions f
        join pg_proc p on p.oid = f.oid
        cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        left join pg_roles g on g.oid = a.grantee
        where f.name = d.name and a.grantee <> p.proowner
    ), 'nobody'),
    callers,
    format('%s: may be executed by who is declared', name)
)
from declared_functions d;

-- Nobody comes in by odd claims. First those that are absent, which they are no more once a transaction has set them.
select is(current_setting('request.jwt.claims', true), null, 'no claims are there yet');
select is(pg_temp.intrusions(name, c), '', format('%s: %s', name, (c).name))
from odd, declared_functions
where (c).name = 'absent claims';
select is(current_setting('request.jwt.claims', true), null, 'no claims were there');
select is(pg_temp.intrusions(name, c), '', format('%s: %s', name, (c).name))
from odd, declared_functions
where (c).name <> 'absent claims';
select diag(format('%s: %s', caller, string_agg(outcome, ', ')))
from (select caller, format('%s times %s', count(*), outcome) as outcome from attempts group by caller, attempts.outcome order by 1, 2) o
group by caller;

-- The matrix.
select is(pg_temp.deviations(name, c), '', format('%s: %s', name, (c).name))
from declared_functions, proper;

-- What was tried was undone, and much was tried.
select is(pg_temp.digest_of_others(c), digest, 'what is not anon''s is as it was')
from proper join digests d on d.name = (c).name
where (c).name = 'anon';
select cmp_ok(count(*), '>', 3000::bigint, 'much was tried') from attempts;
select diag(format('matrix: %s attempts', count(*))) from attempts;
select * from finish();
rollback;
