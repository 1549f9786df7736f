//! The tables: laid out step by step, adopted from a restore, compared with what the steps made.

use pgrx::pg_sys;

use super::names;
use super::steps::{self, STEPS, Step, tables, version};
use crate::catalog::{expand, hold};
use crate::error::{Answer, forbidden, not_ready};
use crate::guard;
use crate::statement::{Database, statement, values};

statement! {
    MIGRATIONS_THERE() = "
        select from pg_class
        where relname = 'lgtempo_migrations'
            and relnamespace = (select extnamespace from pg_extension where extname = 'lgtempo')";
    VERSION() = "select extversion from pg_extension where extname = 'lgtempo'";
    /// Those of these relations that are not ordinary tables of an owner ($2) with row-level security.
    NOT_OURS("text[]", "oid") = "
        select c.oid::regclass::text
        from pg_class c
        join pg_extension e on e.extname = 'lgtempo' and e.extnamespace = c.relnamespace
        where c.relname = any ($1)
            and not (c.relkind in ('r', 'p') and c.relowner = $2 and c.relrowsecurity)
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

/// Runs the steps of the extension's version that have not been run here, and returns how many.
pub fn bring_up(db: &Database) -> Answer<i32> {
    let steps = steps_of_version(db)?;
    if !is_there(db) {
        names::require_free(db, &names::of_record())?;
        db.script(&expand(MIGRATIONS));
    }
    if steps_done(db).is_empty() {
        adopt_unrecorded(db, &steps);
    }
    let done = steps_done(db);
    if done.is_empty() {
        names::require_free(db, &names::of_tables())?;
    }
    let open: Vec<&Step> = steps.into_iter().filter(|step| !done.contains(&step.number)).collect();
    for step in &open {
        pgrx::check_for_interrupts!();
        run(db, step);
    }
    require_complete(db)?;
    Ok(open.len() as i32)
}

/// The steps up to the version that the catalogue has, which ALTER EXTENSION UPDATE may not yet have brought to the
/// library's. 55000 where it is the newer one: this backend has kept an old library.
fn steps_of_version(db: &Database) -> Answer<Vec<&'static Step>> {
    let name: String = db.run(&VERSION, values![]).value().unwrap_or_default();
    let Some(installed) = version(&name) else { return Ok(STEPS.iter().collect()) };
    if Some(installed) > version(env!("CARGO_PKG_VERSION")) {
        return Err(not_ready(format!("the extension is {name}, the library {}", env!("CARGO_PKG_VERSION")))
            .set_hint("Connect anew, so that the newer library is loaded."));
    }
    Ok(STEPS.iter().filter(|step| step.since <= installed).collect())
}

fn steps_done(db: &Database) -> Vec<i32> {
    db.run(&STEPS_DONE, values![]).column()
}

/// 42501 unless the record of steps, every table it names and every one of ours that is there are `owner`'s.
pub fn require_adoptable(db: &Database, owner: pg_sys::Oid) -> Answer<()> {
    // The record first: whatever else has its name is not to be read.
    require_owned(db, vec!["lgtempo_migrations".to_owned()], owner)?;
    let mut tables: Vec<String> = db.run(&TABLES_NAMED, values![]).column();
    tables.extend(of_steps());
    require_owned(db, tables, owner)
}

/// Records the steps whose tables are there although the record is empty, as pg_dump --schema-only leaves it.
fn adopt_unrecorded(db: &Database, steps: &[&Step]) {
    let there = objects(db);
    for step in steps {
        let made = steps::objects(step.text);
        if made.iter().any(|object| there.contains(object)) {
            db.run(&RECORD, values![step.number, step.name, made]);
        }
    }
}

/// 42501 names what somebody else may have put there: only tables of the owner's are adopted.
fn require_owned(db: &Database, names: Vec<String>, owner: pg_sys::Oid) -> Answer<()> {
    // Before they are looked at: whoever owns the schema may put others in their places.
    hold(&names);
    let others: Vec<String> = db.run(&NOT_OURS, values![names, owner]).column();
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
    // That something to be replaced is not there is no news.
    guard::with_settings(&[(c"client_min_messages", c"warning")], || db.script(&expand(step.text)));
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

/// The names of the tables that the steps lay out.
fn of_steps() -> Vec<String> {
    STEPS.iter().flat_map(|step| tables(step.text)).map(str::to_owned).collect()
}

fn objects(db: &Database) -> Vec<String> {
    db.run(&OBJECTS, values![of_steps()]).column()
}

#[cfg(any(test, feature = "pg_test"))]
#[pgrx::pg_schema]
mod tests {
    use super::*;
    use crate::statement::connected;
    use pgrx::prelude::*;

    #[pg_test]
    fn what_steps_declare_is_what_they_make() {
        let made = connected(|db| Ok(objects(db))).unwrap();
        let declared: Vec<String> = STEPS.iter().flat_map(|step| steps::objects(step.text)).collect();
        let sorted = |mut objects: Vec<String>| {
            objects.sort_unstable();
            objects
        };
        assert_eq!(sorted(declared), sorted(made));
    }
}
