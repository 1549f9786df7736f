//! Where our objects are: the extension's schema and pgvector's, which an administrator chooses and may rename.

use std::cell::RefCell;
use std::ffi::CString;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use pgrx::direct_function_call;
use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::error::{Answer, forbidden, not_ready, or_raise};

/// The extension as the catalogue has it.
#[derive(PartialEq, Eq)]
pub struct Extension {
    pub id: pg_sys::Oid,
    pub owner: pg_sys::Oid,
    pub schema: pg_sys::Oid,
    /// The schemas' names, quoted where they need it.
    pub schema_name: String,
    pub vector_schema_name: String,
}

/// Counts the events after which a name may mean something else.
static EVENTS: AtomicU64 = AtomicU64::new(0);

/// The extension as it was last looked up: after how many events, and how often it had changed by then.
struct Known {
    events: u64,
    version: u64,
    extension: Rc<Extension>,
}

thread_local! {
    static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
}

/// Has PostgreSQL tell us when schemas or functions change: one was renamed, or the extension made anew elsewhere.
pub fn watch() {
    unsafe extern "C-unwind" fn changed(_: pg_sys::Datum, _cache: i32, _hash: u32) {
        EVENTS.fetch_add(1, Ordering::Relaxed);
    }
    for cache in [pg_sys::SysCacheIdentifier::NAMESPACEOID, pg_sys::SysCacheIdentifier::PROCOID] {
        // SAFETY: the callback touches an atomic only, and the library stays loaded as long as the backend runs.
        unsafe { pg_sys::CacheRegisterSyscacheCallback(cache as i32, Some(changed), pg_sys::Datum::null()) };
    }
}

/// The extension, looked up again only after an event.
pub fn extension() -> Rc<Extension> {
    known(|known| known.extension.clone())
}

/// A number that changes when the extension has been made anew or has moved: names in statements are then stale.
pub fn version() -> u64 {
    known(|known| known.version)
}

fn known<T>(read: impl FnOnce(&Known) -> T) -> T {
    let events = EVENTS.load(Ordering::Relaxed);
    if KNOWN.with_borrow(|known| known.as_ref().is_none_or(|known| known.events != events)) {
        let extension = Rc::new(or_raise(look_up()));
        KNOWN.with_borrow_mut(|known| {
            let version = known.as_ref().map_or(0, |known| known.version + u64::from(known.extension != extension));
            *known = Some(Known { events, version, extension });
        });
    }
    KNOWN.with_borrow(|known| read(known.as_ref().expect("it was just looked up")))
}

fn look_up() -> Answer<Extension> {
    let found: Result<_, pgrx::spi::Error> = Spi::connect(|spi| {
        let rows = spi.select(
            "select e.oid, e.extowner, e.extnamespace, quote_ident(n.nspname), quote_ident(v.nspname)
             from pg_catalog.pg_extension e
             join pg_catalog.pg_namespace n on n.oid = e.extnamespace
             join pg_catalog.pg_extension x on x.extname = 'vector'
             join pg_catalog.pg_namespace v on v.oid = x.extnamespace
             where e.extname = 'lgtempo'",
            Some(1),
            &[],
        )?;
        rows.into_iter()
            .next()
            .map(|row| -> Result<Option<Extension>, pgrx::spi::Error> {
                Ok(match (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?) {
                    (Some(id), Some(owner), Some(schema), Some(schema_name), Some(vector_schema_name)) => {
                        Some(Extension { id, owner, schema, schema_name, vector_schema_name })
                    }
                    _ => None,
                })
            })
            .transpose()
            .map(Option::flatten)
    });
    found.ok().flatten().ok_or_else(|| not_ready("extensions lgtempo and vector are not installed in this database"))
}

/// A statement's text with the names of the schemas in place of @extschema@ and @vector@.
pub fn expand(text: &str) -> String {
    let extension = extension();
    text.replace("@extschema@", &extension.schema_name).replace("@vector@", &extension.vector_schema_name)
}

/// The id of a type by its SQL name, which may begin with @extschema@ or @vector@.
pub fn type_of(name: &str) -> pg_sys::Oid {
    let name = CString::new(expand(name)).expect("type names contain no NUL");
    // SAFETY: regtypein takes a C string, which outlives the call, and answers with an oid or raises.
    unsafe { direct_function_call(pg_sys::regtypein, &[Some(pg_sys::Datum::from(name.as_ptr()))]) }
        .expect("regtypein answers with an oid")
}

/// The id of one of our tables.
pub fn table(name: &str) -> pg_sys::Oid {
    let c_name = CString::new(name).expect("table names contain no NUL");
    // SAFETY: a look-up in the system cache by a C string that outlives it.
    let id = unsafe { pg_sys::get_relname_relid(c_name.as_ptr(), extension().schema) };
    if id == pg_sys::InvalidOid {
        or_raise::<()>(Err(not_ready(format!(
            "table {name} is missing: select lgtempo_setup() as the owner of the extension"
        ))));
    }
    id
}

/// Who owns tables of ours, all of them, which stay in their places until the transaction ends. 42501 where they are several
/// people's: who owns the schema may have put one in the place of another's, and would have it worked on as that other.
pub fn owner_of(tables: &[&str]) -> pg_sys::Oid {
    let owners: Vec<pg_sys::Oid> = tables.iter().map(|name| owner_of_relation(locked_table(name))).collect();
    if let Some(other) = owners.iter().position(|owner| *owner != owners[0]) {
        or_raise::<()>(Err(forbidden(format!("tables {} and {} have different owners", tables[0], tables[other]))));
    }
    owners[0]
}

/// Keeps those of our tables that are there in their places until the transaction ends.
pub fn hold(names: &[String]) {
    let schema = extension().schema;
    for name in names {
        let c_name = CString::new(name.as_str()).expect("table names contain no NUL");
        // SAFETY: a look-up in the system cache by a C string that outlives it.
        if unsafe { pg_sys::get_relname_relid(c_name.as_ptr(), schema) } != pg_sys::InvalidOid {
            locked_table(name);
        }
    }
}

/// The id of one of our tables, which nobody drops or renames before the transaction ends.
fn locked_table(name: &str) -> pg_sys::Oid {
    const MODE: pg_sys::LOCKMODE = pg_sys::AccessShareLock as pg_sys::LOCKMODE;
    loop {
        let id = table(name);
        // SAFETY: locks what has this id, be it dropped meanwhile; waiting for the lock hears of what has changed.
        unsafe {
            pg_sys::LockRelationOid(id, MODE);
            if table(name) == id {
                return id;
            }
            pg_sys::UnlockRelationOid(id, MODE);
        }
    }
}

/// Who owns a relation.
pub fn owner_of_relation(id: pg_sys::Oid) -> pg_sys::Oid {
    entry(id, |class| class.relowner)
}

/// Whether FORCE ROW LEVEL SECURITY binds a table's owner too.
pub fn is_forced(name: &str) -> bool {
    entry(table(name), |class| class.relforcerowsecurity)
}

/// Whether a relation is auth.users.
pub fn is_accounts(id: pg_sys::Oid) -> bool {
    // SAFETY: look-ups in the system caches by C strings; with missing_ok they answer instead of raising.
    unsafe {
        let schema = pg_sys::get_namespace_oid(c"auth".as_ptr(), true);
        schema != pg_sys::InvalidOid && pg_sys::get_relname_relid(c"users".as_ptr(), schema) == id
    }
}

fn entry<T>(id: pg_sys::Oid, read: impl FnOnce(&pg_sys::FormData_pg_class) -> T) -> T {
    // SAFETY: a row of pg_class begins with its fixed part, and stays in the cache until it is released.
    unsafe {
        let row = pg_sys::SearchSysCache1(pg_sys::SysCacheIdentifier::RELOID as i32, pg_sys::Datum::from(id));
        if row.is_null() {
            or_raise::<()>(Err(not_ready("a table was dropped meanwhile")));
        }
        let answer = read(&*pg_sys::GETSTRUCT(row).cast());
        pg_sys::ReleaseSysCache(row);
        answer
    }
}

#[cfg(any(test, feature = "pg_test"))]
#[pgrx::pg_schema]
mod tests {
    use pgrx::prelude::*;

    #[pg_test]
    fn kept_statements_follow_a_schema_that_is_renamed() {
        let goal = "select create_goal_node('00000000-0000-7000-8000-00000000000a', 'Sing')";
        Spi::run("insert into auth.users (id) values ('00000000-0000-7000-8000-00000000000a')").unwrap();
        let before: Option<pgrx::Uuid> = Spi::get_one(goal).unwrap();
        Spi::run("alter schema public rename to elsewhere; set local search_path = elsewhere").unwrap();
        assert_eq!(Spi::get_one(goal).unwrap(), before);
    }
}
