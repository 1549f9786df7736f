-- How the matrix tests try things: who calls, what each may do as declared, and one attempt, always undone.

-- person: who it is to the database. claims null: leaves them absent.
create temporary table callers (
    name text,
    role text,
    person uuid,
    claims text,
    odd boolean,
    secrets text,
    keys text
);
insert into callers (name, role, person, claims)
values
    ('anon', 'anon', null::uuid, '{"role": "anon"}'),
    ('the owner', 'authenticated', pg_temp.ada(), format('{"sub": "%s", "role": "authenticated"}', pg_temp.ada())),
    ('another person', 'authenticated', pg_temp.ben(), format('{"sub": "%s", "role": "authenticated"}', pg_temp.ben())),
    ('service_role', 'service_role', null, '{"role": "service_role"}'),
    ('absent claims', 'authenticated', null, null),
    ('null claims', 'authenticated', null, ''),
    ('claims that are no JSON', 'authenticated', null, '{"sub": '),
    ('claims that are JSON null', 'authenticated', null, 'null'),
    ('claims that are an array', 'authenticated', null, format('["sub", "%s"]', pg_temp.ada())),
    ('claims that are a string', 'authenticated', null, format('"%s"', pg_temp.ada())),
    ('claims without sub', 'authenticated', null, '{"role": "authenticated"}'),
    ('a sub that is null', 'authenticated', null, '{"sub": null}'),
    ('a sub that is empty', 'authenticated', null, '{"sub": ""}'),
    ('a sub that is no uuid', 'authenticated', null, '{"sub": "ada@example.com"}'),
    ('a sub that is a number', 'authenticated', null, '{"sub": 10}'),
    ('a sub that is an object', 'authenticated', null, format('{"sub": {"id": "%s"}}', pg_temp.ada())),
    ('a sub that is an array', 'authenticated', null, format('{"sub": ["%s"]}', pg_temp.ada())),
    ('a sub that is nobody''s', 'authenticated', null, '{"sub": "00000000-0000-4000-8000-00000000000f"}'),
    ('a sub of another spelling', 'authenticated', null, format('{"Sub": "%s", "user_id": "%1$s", "claims": {"sub": "%1$s"}}', pg_temp.ada())),
    ('anon with a person''s sub', 'anon', null, format('{"sub": "%s", "role": "authenticated"}', pg_temp.ada())),
    ('anon claiming to be the service', 'anon', null, format('{"sub": "%s", "role": "service_role"}', pg_temp.ada())),
    ('a person claiming to be the service', 'authenticated', pg_temp.ben(), format('{"sub": "%s", "role": "service_role", "user_role": "postgres"}', pg_temp.ben())),
    ('nobody claiming to be the service', 'authenticated', null, '{"role": "service_role"}');

update callers set odd = person is null and name not in ('anon', 'service_role');
-- What would give away that a caller is told what is not theirs: words, see mark_everything, and keys.
update callers set
    secrets = 'secret.of.(nobody'
        || case when person is distinct from pg_temp.ada() then '|ada' else '' end
        || case when person is distinct from pg_temp.ben() then '|ben' else '' end
        || case when role = 'anon' then '|members' else '' end || ')',
    keys = 'c{8}-'
        || case when person is distinct from pg_temp.ada() then '|a{8}-' else '' end
        || case when person is distinct from pg_temp.ben() then '|b{8}-' else '' end;

create function pg_temp.act_as(caller callers) returns void language plpgsql as $$
begin
    if caller.claims is not null then
        perform set_config('request.jwt.claims', caller.claims, true);
    end if;
    perform set_config('request.headers', json_build_object('x-anonymous-id', pg_temp.known_id())::text, true),
        set_config('role', caller.role, true);
end $$;

-- What is there

-- Everything that lies in the extension's schema and belongs to no other extension, and the accounts.
create temporary table tables as
select c.oid::regclass as tab, c.relkind
from pg_class c
where c.oid = 'auth.users'::regclass
    or c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and c.relnamespace = (select extnamespace from pg_extension where extname = 'lgtempo')
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e');

create function pg_temp.columns(tab regclass) returns name[] stable language plpgsql as $$
begin
    return (
        select array_agg(attname order by attnum)
        from pg_attribute
        where attrelid = tab and attnum > 0 and not attisdropped and attgenerated = ''
    );
end $$;

-- The column that says whose a row is, where there is one.
create function pg_temp.owner_column(tab regclass) returns name stable language plpgsql as $$
begin
    return (
        select a.attname
        from pg_attribute a
        where a.attrelid = tab
            and (
                a.attname in ('user_id', 'owner_id')
                or a.attname = 'id' and tab = 'auth.users'::regclass
                or a.attname = 'id' and exists (
                    select from pg_constraint where conrelid = tab and confrelid = 'auth.users'::regclass and conkey = array[a.attnum]
                )
            )
    );
end $$;

-- SQL for whose row t is: by a column, or by the base, the collection or the text that it belongs to.
create function pg_temp.owner_of(tab regclass) returns text stable language sql as $$
    select format('coalesce(%s, null::uuid)', coalesce(string_agg(expression, ', '), 'null'))
    from (
        select 't.' || quote_ident(pg_temp.owner_column(tab)) as expression
        where pg_temp.owner_column(tab) is not null
        union all
        select v.expression
        from (values
            ('knowledge_base_id', '(select b.owner_id from agent_knowledge_bases b where b.id = t.knowledge_base_id)'),
            ('chunk_id', '(select b.owner_id from agent_knowledge_bases b join knowledge_chunks k on k.knowledge_base_id = b.id where k.id = t.chunk_id)'),
            ('entry_id', '(select e.user_id from knowledge e where e.id = t.entry_id)'),
            ('collection_id', '(select coalesce(k.user_id, b.owner_id) from knowledge_collections k
                left join agent_knowledge_bases b on b.id = k.knowledge_base_id where k.id = t.collection_id)')
        ) v (col, expression)
        join pg_attribute a on a.attrelid = tab and a.attname = v.col
    ) expressions
$$;

-- Every row: how to name it, what it contains, whose it is, and the facts that rights depend on (a document has its base's).
create temporary table rows (
    tab regclass,
    key text,
    contents jsonb,
    person uuid,
    facts jsonb
);
create function pg_temp.take_stock() returns void language plpgsql as $$
declare
    tab regclass;
    key name[];
begin
    truncate rows;
    for tab in select t.tab from tables t where relkind = 'r' loop
        key := array(
            select attname from pg_attribute a join pg_index i on i.indrelid = tab and i.indisprimary
            where a.attrelid = tab and a.attnum = any (i.indkey) order by a.attnum
        );
        execute format(
            $sql$
                insert into rows
                select %L::regclass,
                    (select string_agg(format('%%I = %%L', k, c ->> k), ' and ') from unnest(%L::name[]) k),
                    c,
                    %s,
                    c || %s
                from %s t, to_jsonb(t) c
            $sql$,
            tab, key, pg_temp.owner_of(tab),
            case when tab::text ~ 'document|chunks' then '(select to_jsonb(b) from agent_knowledge_bases b where b.id = t.knowledge_base_id)' else '''{}''' end,
            tab
        );
    end loop;
    analyze rows;
end $$;

-- What is declared

create temporary table rights as
select d.tab, v.role, w.verb, string_to_array(btrim(m[2]), ' ') as scope, string_to_array(m[4], ' ') as columns
from declared_tables d
cross join lateral (values ('anon', d.anon), ('authenticated', d.person), ('service_role', d.service)) v (role, cell)
cross join lateral regexp_split_to_table(
    replace(v.cell, 'all', 'read any; insert any; update any; delete any; truncate any'), '; *'
) phrase
cross join lateral regexp_match(phrase, '^(read|insert|update|claim|delete|truncate)([a-z ]*)(\(([a-z_ ]*)\))?$') m
cross join lateral (select m[1] as verb) w
where v.cell <> 'nothing';

create function pg_temp.in_scope(facts jsonb, person uuid, scope text[], caller callers) returns boolean stable language plpgsql as $$
begin
    return (
        select coalesce(bool_or(case word
                when 'any' then true
                when 'own' then person = caller.person
                when 'signed' then person = caller.person and facts ->> 'anonymous_id' is null
                when 'private' then person = caller.person and not (facts ->> 'is_public')::boolean
                when 'public' then (facts ->> 'is_active')::boolean and (facts ->> 'is_public')::boolean
                when 'shared' then person is null and coalesce((facts ->> 'is_active')::boolean, true)
                when 'active' then (facts ->> 'is_active')::boolean
                when 'unclaimed' then person is null and facts ->> 'anonymous_id' = pg_temp.known_id()
            end), false)
        from unnest(scope) word
    );
end $$;

-- One attempt

-- Who may read a row: everybody, all who are signed in, or a person alone.
create function pg_temp.audience(r rows) returns text stable language plpgsql as $$
begin
    return (
        select case
            when bool_or(pg_temp.in_scope(r.facts, r.person, scope, caller)) filter (where caller.role = 'anon') then 'everybody'
            when bool_or(pg_temp.in_scope(r.facts, r.person, scope, caller)) then 'members'
            when r.person = pg_temp.ada() then 'Ada'
            when r.person = pg_temp.ben() then 'Ben'
            else 'nobody'
        end
        from rights
        join callers caller on caller.name in ('anon', 'claims without sub') and caller.role = rights.role
        where rights.tab = r.tab::text and rights.verb = 'read'
    );
end $$;
-- Puts "secret of Ada" and the like into every column of text or JSON that takes it; returns how many it marked.
create function pg_temp.mark_everything() returns bigint language plpgsql as $$
declare
    r rows;
    col name;
    type text;
    words text;
    value text;
    marked bigint := 0;
begin
    for r in select * from rows loop
        words := format('secret of %s: %s', pg_temp.audience(r), left(md5(r.key), 8));
        for col, type in
            select attname, format_type(atttypid, null) from pg_attribute
            where attrelid = r.tab and attname = any (pg_temp.columns(r.tab)) and attname not in ('anonymous_id', 'language')
                and atttypid in ('text'::regtype, 'jsonb'::regtype, 'text[]'::regtype)
        loop
            foreach value in array case type
                when 'text' then array[words || ' ' || col, replace(split_part(words, ':', 1), ' ', '_')]
                when 'jsonb' then array[jsonb_build_object('note', words)::text, jsonb_build_array(words)::text]
                else array[array[words]::text]
            end loop
                begin
                    execute format('update %s set %I = %L where %s', r.tab, col, lower(value), r.key);
                    marked := marked + 1;
                    exit;
                exception
                    when check_violation or unique_violation or foreign_key_violation or invalid_parameter_value or undefined_object then
                end;
            end loop;
        end loop;
    end loop;
    return marked;
end $$;

-- A digest of what is not the caller's: other people's rows, and what is nobody's, what may be claimed by the header aside.
-- Versions of rows, not contents: also a change to what it was before is one.
create function pg_temp.make_digest() returns void language plpgsql as $$
begin
    execute format(
        $sql$
            create function pg_temp.digest_of_others(caller callers) returns text language plpgsql
                set plan_cache_mode = force_generic_plan as $body$
            begin
                return (select md5(string_agg(line, '' order by line)) from (%s) lines);
            end $body$
        $sql$,
        (
            select string_agg(format(
                'select %L || t.ctid || t.xmin as line from %s t where %s is distinct from caller.person %s', tab, tab, pg_temp.owner_of(tab),
                case when tab = 'voice_chat_events'::regclass
                    then 'and not (t.user_id is null and t.anonymous_id = pg_temp.known_id())' else '' end
            ), ' union all ')
            from tables
            where relkind = 'r'
        )
    );
end $$;
create temporary table digests (
    name text,
    person uuid,
    digest text
);
create function pg_temp.digest_now(caller callers) returns text language plpgsql as $$
declare
    known text := (select digest from digests d where d.name = caller.name and d.person is not distinct from caller.person);
begin
    if known is null then
        known := pg_temp.digest_of_others(caller);
        insert into digests values (caller.name, caller.person, known);
    end if;
    return known;
end $$;

-- How many rows this transaction has written, undone ones too: where none was, what is not the caller's is as it was.
create function pg_temp.written() returns bigint language plpgsql as $$
begin
    return (
        select sum(pg_stat_get_xact_tuples_inserted(tab) + pg_stat_get_xact_tuples_updated(tab) + pg_stat_get_xact_tuples_deleted(tab))
        from tables
    );
end $$;

create temporary table attempts (
    caller text,
    subject text,
    verb text,
    outcome text
);

-- Runs a command as somebody, after preparations, and undoes it. outcome: an SQLSTATE or the number of rows, and what they say;
-- flaw: what the caller has got or done that is somebody else's.
create function pg_temp.attempt(
    caller callers, command text, before text,
    out outcome text, out said text, out flaw text
) language plpgsql as $$
declare
    n bigint;
    digest text;
    detail text;
    written bigint;
    prepared boolean := false;
    guarded boolean := caller.role <> 'service_role' or caller.person is not null;
begin
    flaw := '';
    -- Outside of what is undone, or it would be forgotten.
    if guarded and before is null then
        digest := pg_temp.digest_now(caller);
    end if;
    begin
        if before is not null then
            execute before;
            digest := case when guarded then pg_temp.digest_of_others(caller) end;
        end if;
        prepared := true;
        written := pg_temp.written();
        perform pg_temp.act_as(caller);
        if command ~ '^select|returning \*$' then
            execute format('with answer as (%s) select count(*), coalesce(string_agg(answer::text, E''\n''), '''') from answer', command)
            into n, said;
        else
            execute command;
            get diagnostics n = row_count;
            said := '';
        end if;
        perform set_config('role', 'none', true);
        if guarded and (pg_temp.written() > written or command ~ '^truncate') and digest is distinct from pg_temp.digest_of_others(caller) then
            flaw := flaw || ' CHANGED what is not theirs;';
        end if;
        raise sqlstate 'UNDO0';
    exception
        when sqlstate 'UNDO0' then
            outcome := n || ' rows';
        when others then
            if not prepared then
                raise;
            end if;
            get stacked diagnostics outcome = returned_sqlstate, said = message_text, detail = pg_exception_detail;
            said := concat_ws(' ', said, detail);
    end;
    -- Who brings a word or a key along may get it back.
    if guarded and (exists (
            select from regexp_matches(lower(said), format('(%s[^"]{0,10})', caller.secrets), 'g') told
            where position(told[1] in lower(command)) = 0
        )
        or said ~ caller.keys and command !~ caller.keys) then
        flaw := flaw || ' WAS TOLD what is not theirs: ' || substring(said from '(?i).{0,20}(?:secret.of|a{8}-|b{8}-|c{8}-).{0,20}');
    end if;
end $$;
