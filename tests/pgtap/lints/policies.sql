-- Row-level security.

create temporary view table_without_rls as
select oid::regclass::text as object from house_table where not relrowsecurity;

create temporary view rls_without_policy as
select t.oid::regclass::text as object
from house_table t
where t.relrowsecurity and not exists (select from policy p where p.polrelid = t.oid);

create temporary view policy_without_rls as
select p.name as object
from policy p
join house_table t on t.oid = p.polrelid
where not t.relrowsecurity;

-- Each policy for each row, instead of one: all of a role's permissive policies for an action are evaluated.
create temporary view several_permissive_policies as
select format('%s, %s, %s', p.polrelid::regclass, r.rolname, a.action) as object
from policy p
join (values ('r', 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete')) a (cmd, action) on p.polcmd in (a.cmd::"char", '*')
join pg_roles r on r.oid = any (p.polroles) or 0 = any (p.polroles) and r.rolname in (select name from api_role)
where p.polpermissive
group by p.polrelid, r.rolname, a.action
having count(*) > 1;

-- A condition without its text constants and without its sub-selects that have no FROM: those are evaluated once, not
-- once a row. Goes from the innermost parentheses outwards, which become brackets.
create function pg_temp.each_row(condition text) returns text language plpgsql as $$
declare
    rest text := regexp_replace(condition, '''([^'']|'''')*''', '''''', 'g');
    before text;
begin
    loop
        before := rest;
        rest := regexp_replace(rest, '\( *SELECT ((?!\sFROM\s)[^()])*\)', 'once');
        if rest = before then
            rest := regexp_replace(rest, '\(([^()]*)\)', '[\1]');
        end if;
        exit when rest = before;
    end loop;
    return rest;
end$$;

create temporary view auth_call_for_each_row as
select p.name as object
from policy p
where pg_temp.each_row(p.seen || ' ' || p.written) ~ '\m(uid|role|jwt|email|current_setting)\[';

-- Conditions on writing that are no conditions: anybody among the policy's roles may write anything.
create temporary view always_true_write as
select p.name as object
from policy p
where p.polpermissive
    and case p.polcmd
        when 'a' then p.written in ('', 'true')
        when 'd' then p.seen in ('', 'true')
        when 'w' then p.seen in ('', 'true') or p.written = 'true'
        when '*' then p.seen in ('', 'true') or p.written = 'true'
    end;

-- What people can change themselves proves nothing about them.
create temporary view user_editable_claim as
select p.name as object
from policy p
where p.seen || p.written ~ 'user_meta_?data';
