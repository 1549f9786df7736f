-- Every table, every caller, every verb: what they get is what tests/matrix/rights.sql declares, and nobody reads, changes,
-- adds or takes away what is another's. What is tried is generated from the catalogue and from the rows that are there.
begin;
set client_min_messages = warning;
set jit = off;
\ir ../matrix/rights.sql
\ir ../matrix/people.sql
\ir ../matrix/attempts.sql

-- Rows of the internal tables that come by themselves only in numbers. No text has this language, so nothing reads them.
insert into knowledge_collections (id, user_id, language, texts, positions)
select pg_temp.n(letter, 95), id, 'no_language', 1, 1 from people;
insert into knowledge_postings (collection_id, lexeme, segment, texts) select pg_temp.n(letter, 95), 'word', 1, '\x00' from people;
insert into knowledge_codes (collection_id, segment, codes) select pg_temp.n(letter, 95), 1, '\x00' from people;

select pg_temp.take_stock();
create temporary table marked as select pg_temp.mark_everything() as columns;
select pg_temp.embed();
-- Marking has changed the texts, which ends their jobs.
insert into embedding_jobs (id, node_id, user_id, lease, leased_until)
select pg_temp.n(letter, 93), pg_temp.n(letter, 15), id, pg_temp.n(letter, 1), now() + interval '1 hour' from people;
insert into knowledge_pending_codes (collection_id, passage_id, code) select pg_temp.n(letter, 95), pg_temp.n(letter, 96), '\x00' from people;
select pg_temp.take_stock();
select pg_temp.make_digest();
-- The database is a copy that goes with the test. Rows of a transaction that is over are read much faster.
commit;
vacuum (freeze, analyze);
begin;

-- What is tried, and the outcomes that the declared rights allow

-- What a role may do with a table, null where nothing; claim is the update that it is.
create function pg_temp.right_to(p_tab regclass, p_role text, p_verb text) returns rights stable language plpgsql as $$
declare
    w rights;
begin
    select r.* into w
    from rights r
    where r.tab = p_tab::text and r.role = p_role and (r.verb = p_verb or r.verb = 'claim' and p_verb = 'update');
    return w;
end $$;

-- What comes of a command that names a row, and of one that names none.
create function pg_temp.one(r rows, verb text, caller callers) returns text[] stable language plpgsql as $$
begin
    return (
        select case
            when w.verb is null then '{42501}'
            when pg_temp.in_scope(r.facts, r.person, w.scope, caller) then '{1 rows}'
            else '{0 rows}'
        end::text[]
        from pg_temp.right_to(r.tab, caller.role, one.verb) w
    );
end $$;
create function pg_temp.every(tab regclass, verb text, caller callers) returns text[] stable language plpgsql as $$
begin
    return (
        select case
            when w.verb is null then '{42501}'
            else array[format('%s rows', (
                select count(*) from rows r where r.tab = $1 and pg_temp.in_scope(r.facts, r.person, w.scope, caller)
            ))]
        end::text[]
        from pg_temp.right_to($1, caller.role, every.verb) w
    );
end $$;

-- Rows to try with: those that the caller may write so, else its own; where it has none, all.
create function pg_temp.templates(p_tab regclass, verb text, caller callers) returns setof rows stable language plpgsql as $$
begin
    return query
    select r.*
    from rows r, pg_temp.right_to(p_tab, caller.role, verb) w
    where r.tab = p_tab
        and case
            when w.verb is not null then pg_temp.in_scope(r.facts, r.person, w.scope, caller)
            else caller.person is null or r.person = caller.person
        end;
end $$;

-- A column that the right is for.
create function pg_temp.some_column(w rights, tab regclass) returns name stable language plpgsql as $$
begin
    return coalesce(w.columns[1]::name, c) from unnest(pg_temp.columns(tab)) c order by c = 'updated_at' desc limit 1;
end $$;

-- What makes a row point to each row that is not its person's, by every foreign key: all its columns, one of them, and with
-- the owner's column where it has that (whole). guarded: the key has it, so it holds for everybody.
create function pg_temp.foreign_values(r rows) returns table (changes jsonb, whole boolean, guarded boolean)
stable language sql as $$
    select distinct c.changes || case when part = -1 then c.owner else '{}' end, part = -1, c.owner <> '{}'
    from pg_constraint k
    join rows target on target.tab = k.confrelid and target.person is distinct from r.person
    cross join lateral unnest(k.conkey || array[0, -1]::int2[]) part
    cross join lateral (
        select jsonb_object_agg(a.attname, value) filter (where not owns and part in (0, -1, a.attnum)),
            coalesce(jsonb_object_agg(a.attname, value) filter (where owns), '{}')
        from unnest(k.conkey, k.confkey) u (from_column, to_column)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.from_column
        join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.to_column
        cross join lateral (select target.contents -> b.attname, a.attname = coalesce(pg_temp.owner_column(r.tab), '')) v (value, owns)
    ) c (changes, owner)
    where k.contype = 'f' and k.conrelid = r.tab and k.confrelid <> 'auth.users'::regclass
        and pg_temp.owner_of(k.confrelid) <> 'coalesce(null, null::uuid)'
        and c.changes is not null
$$;

create function pg_temp.insertion(tab regclass, contents jsonb) returns text stable language plpgsql as $$
begin
    return (
        select format('insert into %s (%s) select %2$s from jsonb_populate_record(null::%1$s, %3$L)', tab, string_agg(quote_ident(c), ', '), contents)
        from unnest(pg_temp.columns(tab)) c
        where contents ? c
    );
end $$;
create function pg_temp.change(r rows, changes jsonb) returns text stable language plpgsql as $$
begin
    return (
        select format('update %s set %s where %s', r.tab, string_agg(format('%I = %L', k, v), ', '), r.key)
        from jsonb_each_text(changes) e (k, v)
    );
end $$;
create function pg_temp.removal(r rows) returns text immutable language sql as $$
    select format('delete from %s where %s', r.tab, r.key)
$$;
-- A command as it is, and with what it gives back.
create function pg_temp.both(command text) returns setof text immutable language plpgsql as $$
begin
    return query
    values (command), (command || ' returning *');
end $$;

-- Each row, all rows, each column, system columns.
create function pg_temp.to_read(p_tab regclass, caller callers) returns table (command text, before text, expected text[])
stable language sql as $$
    select format('select * from %s where %s', p_tab, r.key), null, pg_temp.one(r, 'read', caller)
    from rows r
    where r.tab = p_tab
    union all
    select format('select %s from %s', what, p_tab), null, pg_temp.every(p_tab, 'read', caller)
    from unnest(array['*', 'tableoid, ctid, xmin'] || array(select quote_ident(c) from unnest(pg_temp.columns(p_tab)) c where not caller.odd)) what
$$;

-- Each row that is there, once it is away.
create function pg_temp.to_insert(p_tab regclass, caller callers) returns table (command text, before text, expected text[])
stable language sql as $$
    select c, pg_temp.removal(r), case
            when w.verb is null then '{42501}'
            when pg_temp.in_scope(r.facts, r.person, w.scope, caller) then '{1 rows}'
            else '{42501,23503}'
        end::text[]
    from rows r, pg_temp.right_to(p_tab, caller.role, 'insert') w, pg_temp.both(pg_temp.insertion(p_tab, r.contents)) c
    where r.tab = p_tab
$$;

-- A caller's row in the name of another or of nobody, whom a message's owner replaces; without saying in whose; pointing to another's.
create function pg_temp.to_forge(p_tab regclass, caller callers) returns table (command text, before text, expected text[])
stable language sql as $$
    select c, pg_temp.removal(r), case
            when w.verb is null then '{42501}'
            when caller.role = 'service_role' then '{23503}'
            when v.fine then '{1 rows}'
            else '{42501,23503}'
        end::text[]
    from pg_temp.right_to(p_tab, caller.role, 'insert') w
    cross join coalesce(pg_temp.owner_column(p_tab), '') owner
    cross join lateral (select * from pg_temp.templates(p_tab, 'insert', caller) order by key limit 2) r
    cross join lateral (
        select r.contents || jsonb_build_object(owner, id), id is null and p_tab = 'message_read_receipts'::regclass
        from (values (pg_temp.ada()), (pg_temp.ben()), (null)) p (id)
        where owner <> '' and id is distinct from r.person and caller.role <> 'service_role'
        union all
        select r.contents - owner, owner = 'user_id'
        where owner <> '' and caller.role <> 'service_role'
        union all
        select r.contents || changes, false
        from pg_temp.foreign_values(r)
        where caller.role <> 'service_role' or guarded and not whole
    ) v (contents, fine)
    cross join pg_temp.both(pg_temp.insertion(p_tab, v.contents)) c
$$;

-- A caller's row under another's key, by every unique index: doing nothing, and taking that row over. Where the owner is part
-- of the key it may be the caller: then it is another key.
create function pg_temp.to_upsert(p_tab regclass, caller callers) returns table (command text, before text, expected text[])
stable language sql as $$
    select c, pg_temp.removal(r), case
            when w.verb is null then '{42501}'
            when of_their_own then '{1 rows,0 rows,42501,23503,23505,23P01}'
            when c ~ 'do nothing' then '{0 rows,42501,23503}'
            else '{42501,23503}'
        end::text[]
    from pg_temp.right_to(p_tab, caller.role, 'insert') w
    cross join pg_temp.right_to(p_tab, caller.role, 'update') u
    cross join coalesce(pg_temp.owner_column(p_tab), '') owner
    join pg_index i on i.indrelid = p_tab and i.indisunique and i.indpred is null and i.indexprs is null
    cross join lateral (
        select array_agg(attname) from pg_attribute where attrelid = p_tab and attnum = any (i.indkey[0 : i.indnkeyatts - 1])
    ) k (cols)
    cross join lateral (select * from pg_temp.templates(p_tab, 'insert', caller) order by key limit 1) r
    join rows other on other.tab = p_tab and other.person is distinct from r.person
    cross join (values (false), (true)) v (of_their_own)
    cross join lateral (
        select r.contents || coalesce(jsonb_object_agg(col, other.contents -> col) filter (where not (of_their_own and col = owner)), '{}')
        from unnest(k.cols) col
    ) n (contents)
    cross join lateral (values ('nothing'), (format('update set %I = excluded.%1$I', pg_temp.some_column(u, p_tab)))) a (action)
    cross join pg_temp.both(
        pg_temp.insertion(p_tab, n.contents) || format(' on conflict (%s) do %s', array_to_string(k.cols, ', '), a.action)
    ) c
    where caller.role <> 'service_role' and (owner = any (k.cols) or not of_their_own)
$$;

-- Each column of each row, to what it is; a column of all rows that the policy lets through, by commands that name none;
-- locks; and by merge, which refuses what may be read only.
create function pg_temp.to_update(p_tab regclass, caller callers) returns table (command text, before text, expected text[])
stable language sql as $$
    with w as materialized (
        select u.*, coalesce(u.verb = 'claim', false) as claims, pg_temp.some_column(u, p_tab) as chosen
        from pg_temp.right_to(p_tab, caller.role, 'update') u
    )
    select c, null, case
            when col <> all (w.columns) then '{42501}'
            when claims and pg_temp.in_scope(r.facts, r.person, w.scope, caller) then '{42501}'
            else pg_temp.one(r, 'update', caller)
        end
    from w, rows r, unnest(pg_temp.columns(p_tab)) col, pg_temp.both(format('update %s set %I = %2$I where %s', p_tab, col, r.key)) c
    where r.tab = p_tab and (col = chosen or not caller.odd and c !~ 'returning')
    union all
    select c, null, case when col = any (coalesce(w.columns, array[col])) then pg_temp.every(p_tab, 'update', caller) else '{42501}' end
    from w, (values ('updated_at', 'now()'), ('is_read', 'true'), ('status', '''seen''')) v (col, value),
        pg_temp.both(format('update %s set %I = %s', p_tab, col, value)) c
    where not claims and col = any (pg_temp.columns(p_tab)) and (col, p_tab) <> ('status', 'graph_nodes'::regclass)
    union all
    select format('select * from %s where %s for %s', p_tab, r.key, lock), null, pg_temp.one(r, 'update', caller)
    from rows r, unnest('{update,no key update,share,key share}'::text[]) lock
    where r.tab = p_tab and (lock = 'update' or not caller.odd)
    union all
    select format('merge into %s t using (select) one on %s when matched then update set %I = t.%3$I', p_tab, r.key, w.chosen), null,
        case
            when w.verb is null then '{42501}'
            when claims then '{0 rows,42501}'
            when pg_temp.in_scope(r.facts, r.person, w.scope, caller) then '{1 rows}'
            else '{0 rows,42501}'
        end::text[]
    from w, rows r
    where r.tab = p_tab and not caller.odd
$$;

-- Giving a row away, to another or to nobody, and all of them by a command that names none, which only the policy for updates
-- binds; taking another's; claiming; pointing to another's.
create function pg_temp.to_move(p_tab regclass, caller callers) returns table (command text, before text, expected text[])
stable language sql as $$
    with w as materialized (
        select u.*, coalesce(u.verb = 'claim', false) as claims, owner, u.verb is not null and owner = any (coalesce(u.columns, array[owner])) as granted
        from pg_temp.right_to(p_tab, caller.role, 'update') u, coalesce(pg_temp.owner_column(p_tab)::text, '') owner
    )
    select c, null, case when granted then '{42501,23503}' else '{42501}' end::text[]
    from w, pg_temp.templates(p_tab, 'update', caller) r, (values (pg_temp.ada()), (pg_temp.ben()), (null)) p (id),
        pg_temp.both(pg_temp.change(r, jsonb_build_object(owner, p.id))) c
    where caller.role <> 'service_role' and owner <> '' and p.id is distinct from coalesce(r.person, caller.person)
    union all
    select format('update %s set %I = %L', p_tab, owner, p.id), null, '{42501,23503}'::text[]
    from w, (values (pg_temp.ada()), (pg_temp.ben()), (null)) p (id)
    where caller.role <> 'service_role' and owner <> '' and p.id is distinct from caller.person
    union all
    select c, null, case when not granted then '{42501}' when claims then '{0 rows,42501}' else '{0 rows}' end::text[]
    from w, rows r, pg_temp.both(pg_temp.change(r, jsonb_build_object(owner, caller.person))) c
    where r.tab = p_tab and caller.person is not null and owner <> '' and r.person is distinct from caller.person
    union all
    select format('update %s set %I = %L', p_tab, owner, caller.person), null,
        case when granted and not claims then pg_temp.every(p_tab, 'update', caller) else '{42501}' end
    from w
    where caller.person is not null and owner <> ''
    union all
    select c, null, pg_temp.one(r, 'update', caller)
    from w, rows r, pg_temp.both(pg_temp.change(r, jsonb_build_object(owner, caller.person, 'anonymous_id', null))) c
    where r.tab = p_tab and claims
    union all
    select format('update %s set %I = %L, anonymous_id = null', p_tab, owner, caller.person), null, pg_temp.every(p_tab, 'update', caller)
    from w
    where claims
    union all
    select c, null, case
            when w.verb is null or caller.role <> 'service_role' then '{42501,23503}'
            else '{23503}'
        end::text[]
    from w, lateral (select * from pg_temp.templates(p_tab, 'update', caller) order by key limit 2) r, pg_temp.foreign_values(r) f, pg_temp.both(pg_temp.change(r, f.changes)) c
    where caller.role <> 'service_role' or guarded and not whole
$$;

create function pg_temp.to_delete(p_tab regclass, caller callers) returns table (command text, before text, expected text[])
stable language sql as $$
    select c, null, pg_temp.one(r, 'delete', caller)
    from rows r, pg_temp.both(pg_temp.removal(r)) c
    where r.tab = p_tab
    union all
    select c, null, pg_temp.every(p_tab, 'delete', caller)
    from pg_temp.both(format('delete from %s', p_tab)) c
    union all
    select format('merge into %s t using (select) one on %s when matched then delete', p_tab, r.key), null,
        o || case when o = '{0 rows}' then '{42501}' else '{}' end::text[]
    from rows r, pg_temp.one(r, 'delete', caller) o
    where r.tab = p_tab and not caller.odd
$$;

create function pg_temp.to_truncate(p_tab regclass, caller callers) returns table (command text, before text, expected text[])
stable language sql as $$
    select format('truncate %s%s', p_tab, how), null, case when w.verb is null then '{42501}' else '{0 rows}' end::text[]
    from pg_temp.right_to(p_tab, caller.role, 'truncate') w, (values (''), (' cascade')) v (how)
    where caller.role <> 'service_role' or how <> ''
$$;

create function pg_temp.tries(way text, tab regclass, caller callers) returns table (command text, before text, expected text[])
stable language plpgsql as $$
begin
    return query execute format('select * from pg_temp.%I($1, $2)', 'to_' || way) using tab, caller;
end $$;

-- Tries them all; returns what came out otherwise than declared.
create function pg_temp.deviations(ways text[], tab regclass, caller callers, excused text[] default '{}') returns text language plpgsql as $$
declare
    way text;
    try record;
    got record;
    deviations text := '';
begin
    foreach way in array ways loop
        for try in select * from pg_temp.tries(way, tab, caller) loop
            got := pg_temp.attempt(caller, try.command, try.before);
            insert into attempts values (caller.name, tab, way, got.outcome);
            if got.outcome <> all (try.expected || excused) or got.flaw <> '' then
                deviations := deviations || format(E'\n%s: %s, not %s;%s %s', left(try.command, 300), got.outcome, try.expected, got.flaw, left(got.said, 200));
            end if;
        end loop;
    end loop;
    return left(deviations, 3000);
end $$;

create temporary table ways as
select * from unnest('{read,insert,forge,upsert,update,move,delete,truncate}'::text[]) with ordinality w (way, place);
-- Callers who are as they should be, and those whose claims are not.
create temporary table proper as
select c from callers c where not odd and name !~ 'claiming';
create temporary table odd as
select c from callers c where odd or name ~ 'claiming';

select plan((
    5
    + (select count(*) from declared_tables) * (
        2 + (select count(*) from odd) + (select count(*) from proper) * (select count(*) from ways)
    )
    + 4
)::int);

-- The declared table and the catalogue.
select set_eq(
    'select tab::text from tables', 'select tab from declared_tables',
    'every table, view and sequence is declared, and every declared one is there'
);
select is_empty('select tab from tables where relkind <> ''r''', 'they are all ordinary tables');
select is(
    (select count(*) from rights),
    (select sum(case cell when 'nothing' then 0 when 'all' then 5 else 1 + length(cell) - length(replace(cell, ';', '')) end)
     from declared_tables, unnest(array[anon, person, service]) cell),
    'every declared right is understood'
);
select is_empty(
    'select tab from tables where tab not in (select tab from rows)', 'every table has rows to try with'
);
select cmp_ok(columns, '>', 300::bigint, 'the rows'' texts say whose they are') from marked;
select is(relrowsecurity or relnamespace = 'auth'::regnamespace, true, format('%s has row level security', tab))
from declared_tables
left join pg_class on oid = to_regclass(tab);

-- Everything that is granted, to whomever, on tables and on columns.
select is(
    (
        select string_agg(concat_ws(' ', coalesce(g.rolname, 'PUBLIC'), privilege_type, attname), ', ' order by g.rolname, privilege_type, attname)
        from (
            select c.relowner, a.*, null::name as attname
            from pg_class c, aclexplode(c.relacl) a
            where c.oid = to_regclass(d.tab)
            union all
            select c.relowner, a.*, t.attname
            from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
            where c.oid = to_regclass(d.tab)
        ) granted
        left join pg_roles g on g.oid = granted.grantee
        where grantee <> relowner
    ),
    (
        select string_agg(concat_ws(' ', role, privilege, col), ', ' order by role::name, privilege, col::name)
        from rights
        cross join lateral (
            select case verb when 'read' then 'SELECT' when 'claim' then 'UPDATE' else upper(verb) end
        ) p (privilege)
        left join unnest(columns) col on true
        where tab = d.tab
    ),
    format('%s: nothing is granted but what is declared', d.tab)
)
from declared_tables d;

-- Nobody comes in by odd claims; those that cannot be read are an error, the others are nobody's. First those that are absent,
-- which they are no more once a transaction has set them.
select is(current_setting('request.jwt.claims', true), null, 'no claims are there yet');
select is(pg_temp.deviations('{read,insert,update,delete,truncate}', to_regclass(tab), c), '', format('%s: %s', tab, (c).name))
from odd, declared_tables
where (c).name = 'absent claims';
select is(current_setting('request.jwt.claims', true), null, 'no claims were there');
select is(
    pg_temp.deviations('{read,insert,update,delete,truncate}', to_regclass(tab), c, case when (c).person is null then '{22P02}' else '{}' end::text[]),
    '', format('%s: %s', tab, (c).name)
)
from odd, declared_tables
where (c).name <> 'absent claims';
select diag(format('%s: %s', caller, string_agg(outcome, ', ')))
from (select caller, format('%s times %s', count(*), outcome) as outcome from attempts group by caller, attempts.outcome order by 1, 2) o
where caller in (select (c).name from odd)
group by caller;

-- The matrix. What was undone is cleared away first.
commit;
vacuum;
begin;
select is(pg_temp.deviations(array[way], to_regclass(tab), c), '', format('%s: %s, %s', tab, (c).name, way))
from declared_tables, proper, ways
order by tab, (c).name, place;

-- What was tried was undone, and much was tried.
select is(pg_temp.digest_of_others(c), digest, 'what is not anon''s is as it was')
from proper join digests on name = (c).name
where (c).name = 'anon';
select cmp_ok(count(*), '>', 10000::bigint, 'much was tried') from attempts;
select diag(format('matrix: %s attempts', count(*))) from attempts;
select * from finish();
rollback;
