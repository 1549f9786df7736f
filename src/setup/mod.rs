//! `lgtempo_setup()`: lays out the tables, or brings them up to the version that is installed.
//!
//! The extension owns the code, its owner owns the tables: what is made here is ordinary and survives every dump.

mod home;
mod layout;
mod names;
mod realtime;
mod steps;

use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::catalog;
use crate::error::{Answer, forbidden};
use crate::guard;
use crate::settings;
use crate::statement::{Database, connected, statement, values};

statement! {
    /// Whose tables a superuser's extension takes up besides that superuser's: the database's owner's, and other superusers'.
    OTHER_OWNER() = "
        select m.relowner
        from pg_extension e
        join pg_roles r on r.oid = e.extowner and r.rolsuper
        join pg_class m on m.relnamespace = e.extnamespace and m.relname = 'lgtempo_migrations'
        join pg_roles o on o.oid = m.relowner
        where e.extname = 'lgtempo'
            and (o.rolsuper or o.oid = (select datdba from pg_database where datname = current_database()))";
}

const NO_TABLES: &str = "lgtempo lays out no tables, because row_security or lgtempo.layout is off: \
    they come with the dump that is being restored, or by select lgtempo_setup()";

/// Lays out the tables or brings them up to the version that is installed; returns how many steps it ran.
///
/// In CREATE EXTENSION it lays out none where row_security or lgtempo.layout is off: a dump that is being restored
/// brings them. Errors: 42501 for others than members of the owner's role and where the owner lacks rights; 42P07
/// where names are taken; 55000 where adopted tables lack something.
#[pg_extern(sql = false)]
fn lgtempo_setup() -> Answer<i32> {
    let extension = catalog::extension();
    let owner = owner_of_tables()?;
    require_owner(owner)?;
    require_primary();
    lock(extension.id);
    let in_script = guard::in_extension_script(extension.id);
    let restoring = in_script && tables_come_otherwise();
    let tables = guard::laying_out(owner, || connected(|db| prepare(db, owner, restoring)))?;
    // Within the script, these are the rights that it has.
    if in_script || guard::is_superuser() {
        connected(|db| home::let_execute(db, vec![extension.owner, owner], restoring))?;
    }
    if !tables {
        guard::notice(NO_TABLES);
        return Ok(0);
    }
    guard::laying_out(owner, || connected(lay_out))
}

/// Makes sure of what the owner needs, and of whose tables those are that are there. Whether tables are to be laid out: not
/// where a dump brings them.
fn prepare(db: &Database, owner: pg_sys::Oid, restoring: bool) -> Answer<bool> {
    let are_there = layout::is_there(db);
    let tables = are_there || !restoring;
    home::require_means(db, tables)?;
    home::make_roles(db);
    if are_there {
        layout::require_adoptable(db, owner)?;
    }
    Ok(tables)
}

fn lay_out(db: &Database) -> Answer<i32> {
    // Triggers that are deferrable fire at once here; putting themselves off is refused.
    db.script("set constraints all immediate");
    home::make_auth(db);
    let steps = layout::bring_up(db)?;
    home::follow_accounts(db)?;
    home::restrain_roles(db);
    if steps > 0 {
        db.script("notify pgrst, 'reload schema'");
    }
    Ok(steps)
}

/// Whether a dump that is being restored brings the tables.
fn tables_come_otherwise() -> bool {
    guard::row_security_is_off() || settings::layout_is_off()
}

/// Whose the tables are: the extension's owner's. Where pg_dumpall or pg_upgrade has made the extension anew it belongs to a
/// superuser, and the tables to whoever's they were.
fn owner_of_tables() -> Answer<pg_sys::Oid> {
    connected(|db| Ok(db.run(&OTHER_OWNER, values![]).value().unwrap_or(catalog::extension().owner)))
}

/// 42501 for others than superusers and members of the owner's role.
fn require_owner(owner: pg_sys::Oid) -> Answer<()> {
    // SAFETY: look-ups in the catalogue by ids of roles.
    if unsafe { pg_sys::is_member_of_role(pg_sys::GetUserId(), owner) } {
        Ok(())
    } else {
        Err(forbidden("only the owner of extension lgtempo may do this"))
    }
}

/// 25006 on a standby, in its own words: the lock below would only say which lock can't be had.
fn require_primary() {
    // SAFETY: raises or returns; the name is a C string.
    unsafe { pg_sys::PreventCommandDuringRecovery(c"lgtempo_setup()".as_ptr()) };
}

/// Has a second setup wait for the end of this transaction.
fn lock(extension: pg_sys::Oid) {
    let mode = pg_sys::ShareUpdateExclusiveLock as pg_sys::LOCKMODE;
    // SAFETY: locks an object by its id until the transaction ends.
    unsafe { pg_sys::LockDatabaseObject(pg_sys::ExtensionRelationId, extension, 0, mode) };
}

/// Called by CREATE EXTENSION's script before it makes anything: 42P07 names all that is in the way, 42501 tables that are not
/// the extension's owner's, 0A000 refuses a database whose encoding is not UTF-8.
#[pg_extern(sql = false)]
fn lgtempo_require_free_names() -> Answer<()> {
    names::require_utf8()?;
    let owner = catalog::extension().owner;
    let are_there = connected(|db| Ok(layout::is_there(db)))?;
    if are_there {
        // The database's owner is not enough here: who installs as a superuser may not know of these tables.
        guard::laying_out(owner, || connected(|db| layout::require_adoptable(db, owner)))?;
    }
    connected(|db| names::require_free(db, &names::of_script(!are_there && !tables_come_otherwise())))
}
