//! Working as somebody else for a while: every exit restores who was working before.

use std::ffi::{CStr, c_int};

use pgrx::pg_sys;

/// The user id and security context as they were; restored when dropped, also by an error that unwinds.
struct Identity {
    user: pg_sys::Oid,
    context: c_int,
}

impl Identity {
    fn become_user(user: pg_sys::Oid, flags: u32) -> Self {
        let mut before = Identity { user: pg_sys::InvalidOid, context: 0 };
        // SAFETY: plain assignments to the backend's state; the flags only add restrictions.
        unsafe {
            pg_sys::GetUserIdAndSecContext(&mut before.user, &mut before.context);
            pg_sys::SetUserIdAndSecContext(user, before.context | flags as c_int);
        }
        before
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        // SAFETY: puts back what GetUserIdAndSecContext told.
        unsafe { pg_sys::SetUserIdAndSecContext(self.user, self.context) };
    }
}

const RESTRICTED: u32 = pg_sys::SECURITY_LOCAL_USERID_CHANGE | pg_sys::SECURITY_RESTRICTED_OPERATION;

/// Keeps what belongs to the tables right, as their owner, the way foreign keys do.
///
/// FORCE ROW LEVEL SECURITY does not bind the owner here. SET ROLE is refused inside, and so is whatever would run later,
/// as somebody else: deferred triggers, cursors that are held.
pub fn as_owner<T>(owner: pg_sys::Oid, work: impl FnOnce() -> T) -> T {
    let _identity = Identity::become_user(owner, RESTRICTED | pg_sys::SECURITY_NOFORCE_RLS);
    work()
}

/// Reads as the owner of a table. FORCE ROW LEVEL SECURITY would bind the owner.
pub fn reading_as_owner<T>(owner: pg_sys::Oid, work: impl FnOnce() -> T) -> T {
    let _identity = Identity::become_user(owner, RESTRICTED);
    work()
}

/// Settings that end with this value, also by an error that unwinds.
struct Level(c_int);

impl Level {
    fn begin() -> Self {
        // SAFETY: the level is closed by the drop below.
        Level(unsafe { pg_sys::NewGUCNestLevel() })
    }

    fn set(&self, name: &CStr, value: &CStr) {
        // SAFETY: both are C strings that outlive the call; the setting is saved at our level.
        unsafe {
            pg_sys::set_config_option(
                name.as_ptr(),
                value.as_ptr(),
                pg_sys::GucContext::PGC_USERSET,
                pg_sys::GucSource::PGC_S_SESSION,
                pg_sys::GucAction::GUC_ACTION_SAVE,
                true,
                0,
                false,
            );
        }
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        // SAFETY: puts back the settings made since the level began.
        unsafe { pg_sys::AtEOXact_GUC(false, self.0) };
    }
}

/// Runs `work` under settings that users may change themselves.
pub fn with_settings<T>(settings: &[(&CStr, &CStr)], work: impl FnOnce() -> T) -> T {
    let level = Level::begin();
    settings.iter().for_each(|(name, value)| level.set(name, value));
    work()
}

/// Lays out tables as the extension's owner: what is created is ordinary, not a member of the extension. Nothing of the
/// owner's can put itself off to run later, as somebody greater.
pub fn laying_out<T>(owner: pg_sys::Oid, work: impl FnOnce() -> T) -> T {
    /// Whether a script of CREATE EXTENSION is running; put back when dropped.
    struct Script(bool);
    impl Drop for Script {
        fn drop(&mut self) {
            // SAFETY: puts the flag back.
            unsafe { pg_sys::creating_extension = self.0 };
        }
    }
    let _identity = Identity::become_user(owner, RESTRICTED);
    let _settings = Level::begin();
    // SAFETY: the flag belongs to this backend.
    let _script = unsafe {
        let script = Script(pg_sys::creating_extension);
        pg_sys::creating_extension = false;
        script
    };
    work()
}

/// Sends a notice also from within a script of an extension, where PostgreSQL holds notices back.
pub fn notice(message: &str) {
    with_settings(&[(c"client_min_messages", c"notice")], || pgrx::notice!("{message}"));
}

/// True inside the script of CREATE EXTENSION or ALTER EXTENSION UPDATE of this extension.
pub fn in_extension_script(extension: pg_sys::Oid) -> bool {
    // SAFETY: reads two of the backend's globals.
    unsafe { pg_sys::creating_extension && pg_sys::CurrentExtensionObject == extension }
}

/// Whether who is working is a superuser.
pub fn is_superuser() -> bool {
    // SAFETY: looks up the current user.
    unsafe { pg_sys::superuser() }
}

/// Whether SET row_security is off, as pg_dump's output sets it.
pub fn row_security_is_off() -> bool {
    // SAFETY: reads one of the backend's globals.
    unsafe { !pg_sys::row_security }
}

/// Runs `work` in a subtransaction; an error rolls back what it did and comes back as its message and SQLSTATE.
///
/// Cancel and shutdown roll back too, and go on.
pub fn attempt(work: impl FnOnce()) -> Result<(), String> {
    use pgrx::pg_sys::panic::CaughtError;
    // SAFETY: the subtransaction is released or rolled back on every way out, with the memory context and resource
    // owner of before, as PL/pgSQL does it.
    unsafe {
        let context = pg_sys::CurrentMemoryContext;
        let owner = pg_sys::CurrentResourceOwner;
        pg_sys::BeginInternalSubTransaction(std::ptr::null());
        pg_sys::MemoryContextSwitchTo(context);
        let outcome = pgrx::PgTryBuilder::new(std::panic::AssertUnwindSafe(|| {
            work();
            pg_sys::ReleaseCurrentSubTransaction();
            Ok(())
        }))
        .catch_others(|caught| {
            pg_sys::MemoryContextSwitchTo(context);
            pg_sys::RollbackAndReleaseCurrentSubTransaction();
            match &caught {
                CaughtError::PostgresError(e) | CaughtError::ErrorReport(e) if !is_interruption(e.sql_error_code()) => {
                    Err(format!("{} ({:?})", e.message(), e.sql_error_code()))
                }
                _ => caught.rethrow(),
            }
        })
        .execute();
        pg_sys::MemoryContextSwitchTo(context);
        pg_sys::CurrentResourceOwner = owner;
        outcome
    }
}

fn is_interruption(code: pgrx::PgSqlErrorCode) -> bool {
    use pgrx::PgSqlErrorCode as Code;
    matches!(
        code,
        Code::ERRCODE_QUERY_CANCELED
            | Code::ERRCODE_ADMIN_SHUTDOWN
            | Code::ERRCODE_CRASH_SHUTDOWN
            | Code::ERRCODE_CANNOT_CONNECT_NOW
            | Code::ERRCODE_DATABASE_DROPPED
    )
}

#[cfg(any(test, feature = "pg_test"))]
#[pgrx::pg_schema]
mod tests {
    use super::*;
    use pgrx::prelude::*;

    fn current_user() -> String {
        Spi::get_one("select current_user::text").unwrap().unwrap()
    }

    fn somebody() -> pg_sys::Oid {
        Spi::run("create role somebody").unwrap();
        Spi::get_one("select 'somebody'::regrole::oid").unwrap().unwrap()
    }

    #[pg_test]
    fn work_as_an_owner_ends_with_the_work() {
        let (before, owner) = (current_user(), somebody());
        assert_eq!(as_owner(owner, current_user), "somebody");
        assert_eq!(current_user(), before);
    }

    #[pg_test]
    fn work_as_an_owner_ends_with_an_error_too() {
        let (before, owner) = (current_user(), somebody());
        let told = attempt(|| as_owner(owner, || Spi::run("select 1 / 0").unwrap()));
        assert!(told.unwrap_err().contains("division by zero"));
        assert_eq!(current_user(), before);
    }

    #[pg_test]
    fn a_failed_attempt_leaves_nothing() {
        Spi::run("create table kept (n integer)").unwrap();
        let told = attempt(|| {
            Spi::run("insert into kept values (1)").unwrap();
            Spi::run("insert into kept values (1 / 0)").unwrap();
        });
        assert!(told.is_err());
        assert!(attempt(|| Spi::run("insert into kept values (2)").unwrap()).is_ok());
        assert_eq!(Spi::get_one("select array_agg(n) from kept").unwrap(), Some(vec![2]));
    }

    #[pg_test(error = "canceling statement due to user request")]
    fn a_cancel_is_not_caught() {
        let _ = attempt(|| Spi::run("select pg_cancel_backend(pg_backend_pid()), pg_sleep(60)").unwrap());
    }
}
