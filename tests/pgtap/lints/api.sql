-- What the API shows, or goes around row-level security with.

-- Read with the rights of the view's owner, whom policies don't bind.
create temporary view definer_view as
select v.oid::regclass::text as object
from relation v
where v.relkind = 'v'
    and not exists (
        select
        from pg_options_to_table(v.reloptions)
        where option_name = 'security_invoker' and option_value in ('true', 'on', 'yes', '1')
    );

create temporary view auth_users_exposed as
select v.oid::regclass::text as object
from relation v
where v.relkind in ('v', 'm')
    and pg_temp.api_may_read(v.oid)
    and exists (
        select
        from pg_rewrite w
        join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
        where w.ev_class = v.oid and d.refclassid = 'pg_class'::regclass and d.refobjid = 'auth.users'::regclass
    );

-- No policy guards these.
create temporary view materialized_view_in_api as
select oid::regclass::text as object from relation where relkind = 'm' and pg_temp.api_may_read(oid);

create temporary view foreign_table_in_api as
select oid::regclass::text as object from relation where relkind = 'f' and pg_temp.api_may_read(oid);

-- What an extension brings is part of the API if it is where the API looks.
create temporary view extension_in_public as
select extname::text as object from pg_extension where extnamespace = 'public'::regnamespace;
