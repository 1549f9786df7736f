-- What the lints look at: all that is in lgtempo's schema and in auth, and lgtempo's own members wherever they are.
-- What other extensions bring is theirs.

create temporary view house as
select n.oid
from pg_namespace n
where n.nspname = 'auth'
    or n.oid = (select extnamespace from pg_extension where extname = 'lgtempo');

create temporary view of_others as
select d.classid, d.objid as oid
from pg_depend d
join pg_extension e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
where d.deptype = 'e' and e.extname <> 'lgtempo';

create temporary view relation as
select c.*
from pg_class c
where c.relnamespace in (select oid from house)
    and c.oid not in (select oid from of_others where classid = 'pg_class'::regclass);

create temporary view house_table as
select * from relation where relkind in ('r', 'p');

create temporary view routine as
select p.*
from pg_proc p
where p.pronamespace in (select oid from house)
    and p.oid not in (select oid from of_others where classid = 'pg_proc'::regclass);

-- The roles that anybody may come as.
create temporary view api_role (name) as
values ('anon'::name), ('authenticated');

-- Whether they may read any of a relation.
create function pg_temp.api_may_read(relation oid) returns boolean
return exists (select from api_role where has_any_column_privilege(name, relation, 'select'));

-- Policies, and their conditions as text: what a row must meet to be seen, and to be written.
create temporary view policy as
select p.oid, p.polname, p.polrelid, p.polpermissive, p.polroles, p.polcmd,
    p.polrelid::regclass || '.' || p.polname as name,
    coalesce(pg_get_expr(p.polqual, p.polrelid), '') as seen,
    coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') as written
from pg_policy p
join house_table t on t.oid = p.polrelid;
