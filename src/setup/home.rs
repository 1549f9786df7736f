//! What lies outside our schema: roles, schema auth, and the triggers that follow it. Every run ensures it.

use pgrx::pg_sys;

use crate::catalog::expand;
use crate::error::{Answer, forbidden, not_ready};
use crate::guard;
use crate::statement::{Database, Statement, statement, values};

statement! {
    /// The grants that let roles ($1), and the database's owner too if so ($2), use the functions in tables and triggers.
    GRANTS("oid[]", "bool") = "
        select format(
            'grant execute on function %s to %I',
            string_agg(p.oid::regprocedure::text, ', '),
            r.rolname
        )
        from pg_extension e
        join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
        join pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid
        join pg_roles r
            on r.oid = any ($1)
            or $2 and r.oid = (select datdba from pg_database where datname = current_database())
        where e.extname = 'lgtempo'
        group by r.rolname";
    MISSING_ROLES() = "
        select format(
            'create role %I nologin noinherit%s',
            r.name,
            case when r.name = 'service_role' then ' bypassrls' else '' end
        )
        from unnest(array['anon', 'authenticated', 'service_role']) r (name)
        where to_regrole(r.name) is null";
    /// What a superuser must grant so that the current user can lay out the tables.
    MISSING_RIGHTS() = "
        with schemas as (
            select n.oid, n.oid::regnamespace as name, e.extname
            from pg_extension e
            join pg_namespace n on n.oid = e.extnamespace
            where e.extname in ('lgtempo', 'vector')
        ), auth as (
            select n.oid,
                (select c.oid from pg_class c where c.relnamespace = n.oid and c.relname = 'users') as users,
                exists (select from pg_proc p where p.pronamespace = n.oid and p.proname = 'uid') as has_uid
            from pg_namespace n
            where n.nspname = 'auth'
        ), wanted (sql, granted) as (
            select format('grant create on schema %s to %I', name, current_user), has_schema_privilege(oid, 'create')
            from schemas
            where extname = 'lgtempo'
            union all
            select format('grant usage on schema %s to %I', name, current_user), has_schema_privilege(oid, 'usage')
            from schemas
            union all
            select format('grant create on database %I to %I', current_database(), current_user),
                exists (select from auth) or has_database_privilege(current_database(), 'create')
            union all
            select format('grant usage on schema auth to %I', current_user), has_schema_privilege(oid, 'usage')
            from auth
            union all
            select format('grant create on schema auth to %I', current_user), has_schema_privilege(oid, 'create')
            from auth
            where users is null or not has_uid
            union all
            select format('grant %s on auth.users to %I', needed, current_user), has_table_privilege(users, needed)
            from auth
            cross join unnest(array['select', 'references', 'trigger']) r (needed)
            where users is not null
            union all
            select format('grant usage on schema %s to %I', s.name, r.name),
                has_schema_privilege(s.oid, 'usage with grant option')
                    or has_schema_privilege(case when to_regrole(r.name) is null then 'public' else r.name end, s.oid, 'usage')
            from schemas s
            cross join unnest(array['anon', 'authenticated', 'service_role']) r (name)
        )
        select sql from wanted where not granted";
    GRANTS_OF_USAGE() = "
        select distinct format('grant usage on schema %s to %I', n.oid::regnamespace, role.name)
        from pg_extension e
        join pg_namespace n on n.oid = e.extnamespace
        cross join (values ('anon'), ('authenticated'), ('service_role')) role (name)
        where e.extname in ('lgtempo', 'vector') and not has_schema_privilege(role.name, n.oid, 'usage')";
    /// What roles of the API must not have on our tables: rights that no policy is for, and a whole row where columns
    /// are granted. A restore brings them where the database has default privileges.
    EXCESSIVE_RIGHTS() = "
        with ours as (
            select c.oid, c.oid::regclass as name, c.relacl
            from pg_class c
            where c.relnamespace = (select extnamespace from pg_extension where extname = 'lgtempo')
                and (
                    c.relname = 'lgtempo_migrations'
                    or 'table ' || c.relname in (
                        select o from @extschema@.lgtempo_migrations cross join unnest(objects) o
                    )
                )
        ), roles (id, name) as (
            select 0::oid, 'public'
            union all
            select oid, quote_ident(rolname)
            from pg_roles
            where rolname in ('anon', 'authenticated', 'service_role')
        ), granted as (
            select o.oid, o.name, r.id as role_id, r.name as role, a.privilege_type as privilege,
                (
                    select string_agg(quote_ident(t.attname), ', ')
                    from pg_attribute t
                    cross join aclexplode(t.attacl) c
                    where t.attrelid = o.oid and c.grantee = r.id and c.privilege_type = a.privilege_type
                ) as columns
            from ours o
            cross join aclexplode(o.relacl) a
            join roles r on r.id = a.grantee
        )
        select format('revoke %s on %s from %s', g.privilege, g.name, g.role)
            || case
                when g.columns is null then ''
                else format('; grant %s (%s) on %s to %s', g.privilege, g.columns, g.name, g.role)
            end
        from granted g
        where g.privilege in ('REFERENCES', 'TRIGGER')
            or g.role_id = 0
            or g.columns is not null
            or g.role <> 'service_role' and not exists (
                select from pg_policy p
                where p.polrelid = g.oid
                    and p.polroles && array[0::oid, g.role_id]
                    and (
                        p.polcmd = '*'
                        or (p.polcmd, g.privilege) in (('r', 'SELECT'), ('a', 'INSERT'), ('w', 'UPDATE'), ('d', 'DELETE'))
                    )
                    and g.privilege in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
            )";
    /// What auth.users must have and has not. Casts of a type are its owner's to make.
    ODD_ACCOUNTS() = "
        select format('a column %s of type %s', w.name, w.type)
        from (values ('id', 'uuid'), ('email', 'text'), ('raw_user_meta_data', 'jsonb')) w (name, type)
        where not exists (
            select from pg_attribute a
            join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
            join pg_type t on t.oid = a.atttypid
            join pg_roles o on o.oid = t.typowner
            where c.oid = to_regclass('auth.users')
                and a.attname = w.name
                and not a.attisdropped
                and (t.oid = w.type::regtype or w.name <> 'id' and (o.rolsuper or o.rolname = current_user))
        )
        order by w.name";
    IS_MISSING_SCHEMA() = "select to_regnamespace('auth') is null";
    IS_MISSING_USERS() = "select to_regclass('auth.users') is null";
    IS_MISSING_UID() = "select to_regproc('auth.uid') is null";
    IS_MISSING_ROLE() = "select to_regproc('auth.role') is null";
    IS_MISSING_JWT() = "select to_regproc('auth.jwt') is null";
    IS_MISSING_TRIGGER() = "
        select not exists (
            select from pg_trigger where tgrelid = 'auth.users'::regclass and tgname = 'lgtempo_sync_user'
        )";
}

/// A probe and the SQL that makes what it finds missing.
type Ensured = (&'static std::thread::LocalKey<Statement>, &'static str);

const AUTH: &[Ensured] = &[
    (&IS_MISSING_SCHEMA, include_str!("../../sql/ensured/auth_schema.sql")),
    (&IS_MISSING_USERS, include_str!("../../sql/ensured/auth_users.sql")),
    (&IS_MISSING_UID, include_str!("../../sql/ensured/auth_uid.sql")),
    (&IS_MISSING_ROLE, include_str!("../../sql/ensured/auth_role.sql")),
    (&IS_MISSING_JWT, include_str!("../../sql/ensured/auth_jwt.sql")),
];

const TRIGGER: Ensured = (&IS_MISSING_TRIGGER, include_str!("../../sql/ensured/auth_trigger.sql"));
const ACCOUNTS: &str = include_str!("../../sql/ensured/accounts.sql");

/// Lets owners use the functions, which may belong to a superuser. Runs with the script's rights, or a superuser's.
///
/// Where a dump is being restored the tables are about to come, and may be the database's owner's.
pub fn let_execute(db: &Database, owners: Vec<pg_sys::Oid>, restoring: bool) -> Answer<()> {
    for grant in db.run(&GRANTS, values![owners, restoring]).column::<String>() {
        db.script(&grant);
    }
    Ok(())
}

/// 42501 lists all that the extension's owner lacks, as SQL for a superuser to run. Nothing has been made by then.
///
/// Roles are wanted always, the other rights only where tables are to be laid out.
pub fn require_means(db: &Database, tables: bool) -> Answer<()> {
    if guard::is_superuser() {
        return Ok(());
    }
    let mut lacks = db.run(&MISSING_ROLES, values![]).column::<String>();
    if tables {
        lacks.extend(db.run(&MISSING_RIGHTS, values![]).column::<String>());
    }
    if lacks.is_empty() {
        return Ok(());
    }
    Err(forbidden(format!(
        "the extension's owner lacks what lgtempo needs; as a superuser, run: {};",
        lacks.join("; ")
    )))
}

/// Makes the roles of the API that are missing.
pub fn make_roles(db: &Database) {
    db.run(&MISSING_ROLES, values![]).column::<String>().iter().for_each(|sql| db.script(sql));
}

/// Makes what is missing of schema auth, and lets the roles of the API use the schemas.
pub fn make_auth(db: &Database) {
    AUTH.iter().for_each(|ensured| ensure(db, ensured));
    db.run(&GRANTS_OF_USAGE, values![]).column::<String>().iter().for_each(|sql| db.script(sql));
}

/// Takes from the roles of the API what they must not have on our tables.
pub fn restrain_roles(db: &Database) {
    db.run(&EXCESSIVE_RIGHTS, values![]).column::<String>().iter().for_each(|sql| db.script(sql));
}

/// Has users and profiles follow auth.users, and adds the rows of accounts older than that.
///
/// 55000 where auth.users is no table or has columns of a stranger's types: reading those would run code of the stranger's, as the
/// owner of our tables.
pub fn follow_accounts(db: &Database) -> Answer<()> {
    db.script("lock table auth.users in access share mode");
    let odd: Vec<String> = db.run(&ODD_ACCOUNTS, values![]).column();
    if !odd.is_empty() {
        return Err(not_ready(format!("lgtempo can't follow auth.users, which lacks: {}", odd.join(", "))));
    }
    ensure(db, &TRIGGER);
    db.script(&expand(ACCOUNTS));
    Ok(())
}

fn ensure(db: &Database, (is_missing, sql): &Ensured) {
    if db.run(is_missing, values![]).value() == Some(true) {
        db.script(&expand(sql));
    }
}
