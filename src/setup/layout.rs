//! The tables: laid out step by step, adopted from a restore, compared with what the steps made.

use super::names;
use super::steps::{STEPS, Step, tables};
use crate::catalog::expand;
use crate::error::{Answer, forbidden, not_ready};
use crate::statement::{Database, statement, values};

statement! {
    MIGRATIONS_THERE() = "
        select from pg_class
        where relname = 'lgtempo_migrations'
            and relnamespace = (select extnamespace from pg_extension where extname = 'lgtempo')";
    /// Those of these relations that are not ordinary tables of the extension's owner with row-level security.
    NOT_OURS("text[]") = "
        select c.oid::regclass::text
        from pg_class c
        join pg_extension e on e.extname = 'lgtempo' and e.extnamespace = c.relnamespace
        where c.relname = any ($1)
            and not (c.relkind in ('r', 'p') and c.relowner = e.extowner and c.relrowsecurity)
        order by 1";
    STEPS_DONE() = "select step from @extschema@.lgtempo_migrations";
    TABLES_NAMED() = "
        select distinct split_part(o.object, ' ', 2)
        from @extschema@.lgtempo_migrations
        cross join unnest(objects) o (object)
        where o.object like 'table %'";
    /// What there is of these tables: themselves, their columns, defaults and triggers.
    OBJECTS("text[]") = "
        with ours as (
            select oid, relname
            from pg_class
            where relnamespace = (select extnamespace from pg_extension where extname = 'lgtempo')
                and relname = any ($1)
        )
        select 'table ' || relname from ours
        union all
        select 'column ' || relname || '.' || a.attname
        from ours join pg_attribute a on a.attrelid = ours.oid and a.attnum > 0 and not a.attisdropped
        union all
        select 'default of ' || relname || '.' || a.attname
        from ours
        join pg_attrdef d on d.adrelid = ours.oid
        join pg_attribute a on a.attrelid = ours.oid and a.attnum = d.adnum
        union all
        select 'trigger ' || t.tgname || ' on ' || relname
        from ours join pg_trigger t on t.tgrelid = ours.oid and not t.tgisinternal";
    RECORD("int4", "text", "text[]") = "
        insert into @extschema@.lgtempo_migrations (step, name, objects) values ($1, $2, $3)";
    /// Forgets what a later step has dropped.
    FORGET("text[]") = "
        update @extschema@.lgtempo_migrations
        set objects = array(select o from unnest(objects) o where o <> all ($1))
        where objects && $1";
    MISSING("text[]") = "
        select o.object
        from @extschema@.lgtempo_migrations
        cross join unnest(objects) o (object)
        where o.object <> all ($1)
        order by step, o.object";
}

const MIGRATIONS: &str = include_str!("../../sql/ensured/migrations.sql");

/// Whether the tables, or at least the record of them, are there.
pub fn is_there(db: &Database) -> bool {
    db.run(&MIGRATIONS_THERE, values![]).first().is_some()
}

/// Runs the steps that have not been run here, and returns how many.
pub fn bring_up(db: &Database) -> Answer<i32> {
    if is_there(db) {
        require_ours(db, vec!["lgtempo_migrations".to_owned()])?;
        require_ours(db, db.run(&TABLES_NAMED, values![]).column())?;
    } else {
        names::require_free(db, &names::of_tables())?;
        db.script(&expand(MIGRATIONS));
    }
    let done: Vec<i32> = db.run(&STEPS_DONE, values![]).column();
    let open: Vec<&Step> = STEPS.iter().filter(|step| !done.contains(&step.number)).collect();
    for step in &open {
        pgrx::check_for_interrupts!();
        run(db, step);
    }
    require_complete(db)?;
    Ok(open.len() as i32)
}

/// 42501 names what somebody else may have put there: only tables of the extension's owner are adopted.
fn require_ours(db: &Database, names: Vec<String>) -> Answer<()> {
    let others: Vec<String> = db.run(&NOT_OURS, values![names]).column();
    if others.is_empty() {
        return Ok(());
    }
    Err(forbidden(format!(
        "not adopted, because they are not ordinary tables of the extension's owner with row-level security: {}",
        others.join(", ")
    )))
}

/// Runs a step and records what it has made and dropped.
fn run(db: &Database, step: &Step) {
    let before = objects(db);
    db.script(&expand(step.text));
    let after = objects(db);
    let made: Vec<String> = after.iter().filter(|object| !before.contains(object)).cloned().collect();
    let dropped: Vec<String> = before.into_iter().filter(|object| !after.contains(object)).collect();
    db.run(&RECORD, values![step.number, step.name, made]);
    db.run(&FORGET, values![dropped]);
}

/// 55000 lists what the tables lack: DROP EXTENSION … CASCADE, for one, takes the columns of our types with it.
fn require_complete(db: &Database) -> Answer<()> {
    let missing: Vec<String> = db.run(&MISSING, values![objects(db)]).column();
    if missing.is_empty() {
        return Ok(());
    }
    Err(not_ready(format!("the tables of lgtempo lack: {}", missing.join(", ")))
        .set_hint("Restore them from a backup, or drop the tables and lgtempo_migrations to begin anew."))
}

fn objects(db: &Database) -> Vec<String> {
    let names: Vec<String> = STEPS.iter().flat_map(|step| tables(step.text)).map(str::to_owned).collect();
    db.run(&OBJECTS, values![names]).column()
}
