//! `lgtempo_setup()`: lays out the tables, or brings them up to this version.
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
use crate::statement::connected;

const NO_TABLES: &str = "lgtempo lays out no tables, because row_security or lgtempo.layout is off: \
    they come with the dump that is being restored, or by select lgtempo_setup()";

/// Lays out the tables or brings them up to this version; returns how many steps it ran.
///
/// In CREATE EXTENSION it lays out none where row_security or lgtempo.layout is off: a dump that is being restored
/// brings them. Errors: 42501 for others than members of the owner's role and where the owner lacks rights; 42P07
/// where names are taken; 55000 where adopted tables lack something.
#[pg_extern(sql = false)]
fn lgtempo_setup() -> Answer<i32> {
    let extension = catalog::extension();
    require_owner(extension.owner)?;
    require_primary();
    lock(extension.id);
    let in_script = guard::in_extension_script(extension.id);
    if in_script {
        connected(home::let_owner_execute)?;
    }
    guard::laying_out(extension.owner, || {
        connected(|db| {
            let tables = !(in_script && (guard::row_security_is_off() || settings::layout_is_off()));
            home::require_means(db, tables)?;
            home::make_roles(db);
            if !tables {
                guard::notice(NO_TABLES);
                return Ok(0);
            }
            // Triggers that are deferrable fire at once here; putting themselves off is refused.
            db.script("set constraints all immediate");
            home::make_auth(db);
            let steps = layout::bring_up(db)?;
            home::follow_accounts(db);
            home::restrain_roles(db);
            if steps > 0 {
                db.script("notify pgrst, 'reload schema'");
            }
            Ok(steps)
        })
    })
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

/// Called by the extension's script before it makes anything: 42P07 names all that is in the way, 0A000 refuses a database
/// whose encoding is not UTF-8.
#[pg_extern(sql = false)]
fn lgtempo_require_free_names() -> Answer<()> {
    connected(|db| {
        names::require_utf8()?;
        let tables_too = !guard::row_security_is_off() && !settings::layout_is_off() && !layout::is_there(db);
        names::require_free(db, &names::of_script(tables_too))
    })
}
