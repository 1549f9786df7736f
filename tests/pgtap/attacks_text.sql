-- SQL, and whatever else might mean something to somebody on its way, in every text, list of texts and jsonb of every function: it
-- is stored as it was written, or refused, and nothing else happens.
begin;
set local client_min_messages = warning;
select * from no_plan();
\ir shared/people.sql
\ir shared/calls.sql

-- One that fits a name or a key of ours ends what it stands in, the next means something to format() or to a pattern.
create temporary table nasty (i serial, word text);
insert into nasty (word) values
    ($n$'; drop table public.graph_nodes; --$n$), ($n$''); delete from graph_nodes; select ('$n$), ($n$\'; drop table graph_nodes; --$n$),
    ($n$"; drop table graph_nodes; --$n$), ('$$; drop table graph_nodes; $$'), ('$q$ || (select 1/0) || $q$'), ('$1 $2 $10 :1 ?'),
    ('%s %I %L %1$s %% %n %'), ('{} {0} {:?} {{x}} ${x} #{x}'), ('\'), ('\\'), ('\x00 \u0000 \000 \n'), ('a\'), (E'line\nline\r\n\tend'),
    (E'\x01\x1b[31m\x7f'), ('ʼ; drop table graph_nodes; －－'), ('＇ or １=１'), (U&'\02BC\2019\FF07\FF02'), (U&'\202Eright\202C\200B\FEFF.'),
    (U&'\FFFF\+01F600\+010FFFF'), ('null'), ('NULL'), ('default'), ('true'), ('[]'), ('{"a": 1}'), ('{a,"b\"'), ('(1,2)'), ('*/ x /* y'),
    ('& | ! ( ) :* <-> ''x'' -y "z'), ('a & | !b:*'), ('-- - -"'), ('"unclosed'), ('<script>alert(1)</script>'), ('../../etc/passwd'),
    ('english''; drop table graph_nodes; --'), ('pg_catalog.english'), ('x''::text::regclass'), ('select pg_sleep(9)'), ('1e999'), ('-1');
grant select on nasty to public;

-- All that is stored and can be read, a row to a line.
create function pg_temp.contents() returns table (place text, line text) language plpgsql as $$
declare
    t record;
begin
    for t in
        select c.oid::regclass as name from pg_class c
        where c.relnamespace in ('public'::regnamespace, 'auth'::regnamespace) and c.relkind = 'r'
    loop
        return query execute format($q$
            select %L::text, (to_jsonb(t) - array['embedding', 'embedding_code', 'search_vector', 'updated_at'])::text from %s t
        $q$, t.name, t.name);
    end loop;
end $$;
create temporary table before_it as select place, line, count(*) as n from pg_temp.contents() group by place, line;
-- Whoever makes, alters or drops anything at all is counted, which no rollback undoes.
create sequence test_commands;
create function test_command() returns event_trigger language plpgsql as $$begin perform nextval('public.test_commands'); end$$;

-- How a text is given: as it is, in a list, as a value and as a key of jsonb.
create function pg_temp.given(word text, type regtype) returns text immutable return case
    when type = 'text'::regtype then quote_literal(word)
    when type = 'text[]'::regtype then format('array[%L, %1$L]', word)
    else quote_literal(jsonb_build_object(word, word, 'description', word, 'name', word, 'type', word, 'category', word, 'category_id', word,
        'title', word, 'priority', word, 'target_date', word, 'skills', jsonb_build_array(word), 'conversation_id', word)) || '::jsonb'
end;
-- One call, undone at once: what it answers and, where it succeeds, whether the word is found as it was written in what is new, and
-- what is new or gone of another person's.
create temporary table tried (function text, argument text, writes boolean, word text, settings text, outcome text, stored boolean, harm text);
create function pg_temp.try(f callable, argument text, type regtype, word text) returns void language plpgsql as $$
declare
    outcome text;
    kept boolean;
    harm text;
begin
    begin
        perform pg_temp.act_as(f.role);
        outcome := pg_temp.answer(pg_temp.call_of(f, jsonb_build_object(argument, pg_temp.given(word, type))));
        perform pg_temp.act_as('postgres');
        with present as (select place, line, count(*) as n from pg_temp.contents() group by place, line),
        changes as (
            select place, line, coalesce(p.n, 0) > coalesce(b.n, 0) as added
            from present p full join before_it b using (place, line)
            where p.n is distinct from b.n
        )
        select coalesce(bool_or(added and strpos(line, btrim(to_jsonb(word)::text, '"')) > 0), false),
            string_agg(place || line, ' ') filter (where line ~ 'ben-secret|00000000000b|0000000000b.')
        into kept, harm
        from changes;
        raise sqlstate 'UNDO0';
    exception when sqlstate 'UNDO0' then
        perform pg_temp.act_as('postgres');
    end;
    insert into tried values (f.name, argument, f.writes, word, current_setting('standard_conforming_strings'), outcome, kept, harm);
end $$;
create event trigger test_command on ddl_command_end execute function test_command();
create event trigger test_drop on sql_drop execute function test_command();

select count(pg_temp.try(c, a.argument, a.type, n.word)) as cases
from callable c
cross join unnest(c.arguments, c.types) a (argument, type)
cross join nasty n
where a.type in ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype) \gset
-- The old meaning of backslashes, which a caller may choose: a text is a text in it too.
set local standard_conforming_strings = off;
set local backslash_quote = on;
set local escape_string_warning = off;
select count(pg_temp.try(c, a.argument, a.type, n.word)) as more_cases
from callable c
cross join unnest(c.arguments, c.types) a (argument, type)
cross join nasty n
where a.type in ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype) and n.word ~ '[\\'']' \gset
set local standard_conforming_strings = on;

select is_empty(
    format($$select word, settings, outcome from tried where function = %L and argument = %L
        and outcome like 'ERROR%%' and outcome !~ '^ERROR (22...|23...|42501)'$$, function, argument),
    format('%s takes %s as a text or refuses it, %s times', function, argument, count(*))
)
from tried group by function, argument order by function, argument;
select is_empty(
    format('select word, settings, harm from tried where function = %L and argument = %L and harm is not null', function, argument),
    format('%s does nothing else by %s', function, argument)
)
from tried group by function, argument order by function, argument;
select is_empty(
    format($$select word, settings, outcome from tried where function = %L and argument = %L and outcome not like 'ERROR%%' and not stored$$, function, argument),
    format('%s stores %s as it was written', function, argument)
)
from tried where writes group by function, argument order by function, argument;
select is_empty(
    format('select word from tried where function = %L and argument = %L and stored', function, argument), format('%s stores nothing', function)
)
from tried where not writes group by function, argument order by function, argument;
select unalike(outcome, '%panicked%', 'no error is one of Rust''s') from tried where outcome ~ '\.rs|panicked|unwrap|XX000';
select cmp_ok(:cases + :more_cases, '>', 700, format('%s texts were tried', :cases + :more_cases));
select is(is_called, false, 'nothing was made, altered, granted or dropped') from test_commands;

select * from finish();
rollback;
