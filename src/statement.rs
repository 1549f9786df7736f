//! SQL statements: parsed once per backend, kept with a generic plan, run through SPI.
//!
//! PostgreSQL plans a kept plan anew when the role, row_security or a table changes. Whether FORCE ROW LEVEL SECURITY
//! binds the owner it does not compare, so there is a plan for either.

use std::cell::Cell;
use std::ffi::{CString, c_char, c_int};
use std::thread::LocalKey;

use pgrx::pg_sys;
use pgrx::{FromDatum, IntoDatum, PgTrigger};

use crate::catalog;
use crate::error::{Answer, internal};

/// A statement of ours: its text, with @extschema@ and @vector@ for the schemas, and its parameters' types.
pub struct Statement {
    text: &'static str,
    types: &'static [&'static str],
    kept: [Cell<Option<(u64, pg_sys::SPIPlanPtr)>>; 2],
}

impl Statement {
    pub const fn new(text: &'static str, types: &'static [&'static str]) -> Self {
        Statement { text, types, kept: [const { Cell::new(None) }; 2] }
    }

    /// The kept plan, made on first use and when the extension has been made anew or has moved.
    pub(crate) fn plan(&self) -> pg_sys::SPIPlanPtr {
        // SAFETY: reads the backend's security context.
        let kept = &self.kept[usize::from(unsafe { pg_sys::InNoForceRLSOperation() })];
        let version = catalog::version();
        match kept.get() {
            Some((known, plan)) if known == version => plan,
            _ => {
                // The stale plan is left: it may be running further up in this very call.
                let plan = self.prepare();
                kept.set(Some((version, plan)));
                plan
            }
        }
    }

    fn prepare(&self) -> pg_sys::SPIPlanPtr {
        let text = CString::new(catalog::expand(self.text)).expect("statements contain no NUL");
        let mut types: Vec<pg_sys::Oid> = self.types.iter().map(|name| catalog::type_of(name)).collect();
        // SAFETY: the caller is connected to SPI; text and types outlive the calls, and SPI copies both.
        unsafe {
            let plan = pg_sys::SPI_prepare_cursor(
                text.as_ptr(),
                types.len() as c_int,
                types.as_mut_ptr(),
                pg_sys::CURSOR_OPT_GENERIC_PLAN as c_int,
            );
            if plan.is_null() || pg_sys::SPI_keepplan(plan) != 0 {
                pgrx::error!("lgtempo could not prepare a statement: {}", self.text);
            }
            plan
        }
    }
}

/// Declares kept statements: `statement! { NAME(types) = "text"; }`.
macro_rules! statement {
    ($($(#[$doc:meta])* $name:ident($($parameter:literal),* $(,)?) = $text:expr;)+) => {
        ::std::thread_local! {
            $($(#[$doc])* static $name: $crate::statement::Statement =
                const { $crate::statement::Statement::new($text, &[$($parameter),*]) };)+
        }
    };
}
pub(crate) use statement;

/// A list of parameters for a statement, each an IntoDatum value or an Option of one.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$(::pgrx::IntoDatum::into_datum($value)),*] };
}
pub(crate) use values;

/// A connection to SPI. What statements return lives until it ends.
pub struct Database {
    read_only: bool,
}

/// Connects to SPI for the time of `work`, whose statements may change rows and see what was changed before them.
pub fn connected<T>(work: impl FnOnce(&Database) -> Answer<T>) -> Answer<T> {
    connect(false, work)
}

/// Connects to SPI for a STABLE function: its statements see the snapshot of the calling query.
pub fn reading<T>(work: impl FnOnce(&Database) -> Answer<T>) -> Answer<T> {
    connect(true, work)
}

fn connect<T>(read_only: bool, work: impl FnOnce(&Database) -> Answer<T>) -> Answer<T> {
    // SAFETY: every connect is paired with a finish, except when an error unwinds; then PostgreSQL's own
    // clean-up at the end of the (sub)transaction closes the connection.
    unsafe {
        if pg_sys::SPI_connect() != pg_sys::SPI_OK_CONNECT as c_int {
            return Err(internal("SPI refused to connect"));
        }
    }
    let answer = work(&Database { read_only });
    // SAFETY: as above.
    unsafe { pg_sys::SPI_finish() };
    answer
}

impl Database {
    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Runs a statement.
    pub fn run(&self, statement: &'static LocalKey<Statement>, values: &[Option<pg_sys::Datum>]) -> Rows<'_> {
        let plan = statement.with(Statement::plan);
        let (mut datums, nulls) = parts(values);
        // SAFETY: the plan is kept and takes as many values as its declared types; every call site passes values
        // of those types; the arrays outlive the call.
        unsafe { Rows::take(pg_sys::SPI_execute_plan(plan, datums.as_mut_ptr(), nulls.as_ptr(), self.read_only, 0)) }
    }

    /// Runs a statement that must find what others have committed, whatever snapshot the transaction keeps, as
    /// foreign keys do: a row that the transaction can't see is then a serialization failure (40001).
    pub fn run_on_latest(&self, statement: &'static LocalKey<Statement>, values: &[Option<pg_sys::Datum>]) -> Rows<'_> {
        let plan = statement.with(Statement::plan);
        let (mut datums, nulls) = parts(values);
        // SAFETY: as in run(); the snapshots live through the call, the latest one registered by SPI.
        unsafe {
            let keeps_snapshot = pg_sys::XactIsoLevel >= pg_sys::XACT_REPEATABLE_READ as c_int;
            let (latest, crosscheck) = if keeps_snapshot {
                pg_sys::CommandCounterIncrement();
                (pg_sys::GetLatestSnapshot(), pg_sys::GetTransactionSnapshot())
            } else {
                (std::ptr::null_mut(), std::ptr::null_mut())
            };
            Rows::take(pg_sys::SPI_execute_snapshot(
                plan,
                datums.as_mut_ptr(),
                nulls.as_ptr(),
                latest,
                crosscheck,
                false,
                true,
                0,
            ))
        }
    }

    /// Lets statements read the transition tables of a trigger by their names.
    pub fn see_transition_tables(&self, trigger: &PgTrigger<'_>) {
        let data = std::ptr::from_ref(trigger.trigger_data()).cast_mut();
        // SAFETY: the trigger is the one that is running, and SPI forgets the tables when the connection ends.
        unsafe { pg_sys::SPI_register_trigger_data(data) };
    }

    /// Runs text of several statements, once. For the layout alone; values never become part of it.
    pub fn script(&self, text: &str) {
        let text = CString::new(text).expect("scripts contain no NUL");
        // SAFETY: connected; the text outlives the call.
        unsafe { Rows::take(pg_sys::SPI_execute(text.as_ptr(), false, 0)) };
    }
}

/// Values as SPI takes them: datums, and a mark for each NULL.
fn parts(values: &[Option<pg_sys::Datum>]) -> (Vec<pg_sys::Datum>, Vec<c_char>) {
    let datums = values.iter().map(|value| value.unwrap_or(pg_sys::Datum::null())).collect();
    let nulls = values.iter().map(|value| if value.is_some() { b' ' } else { b'n' } as c_char).collect();
    (datums, nulls)
}

/// The rows that a statement returned.
pub struct Rows<'db> {
    table: *mut pg_sys::SPITupleTable,
    pub changed: u64,
    database: std::marker::PhantomData<&'db Database>,
}

impl Rows<'_> {
    /// # Safety
    /// `code` is what SPI just returned.
    unsafe fn take(code: c_int) -> Self {
        unsafe {
            if code < 0 {
                pgrx::error!("SPI failed with code {code}");
            }
            Rows { table: pg_sys::SPI_tuptable, changed: pg_sys::SPI_processed, database: std::marker::PhantomData }
        }
    }

    pub fn len(&self) -> usize {
        // SAFETY: the table is null or lives as long as the connection does.
        if self.table.is_null() { 0 } else { unsafe { (*self.table).numvals as usize } }
    }

    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|index| Row { rows: self, index })
    }

    /// The columns' descriptor; for rows that are there.
    pub(crate) fn columns(&self) -> pg_sys::TupleDesc {
        // SAFETY: the table lives as long as the connection does.
        unsafe { (*self.table).tupdesc }
    }

    /// The first column of the first row, None where there is no row or it is NULL.
    pub fn value<T: FromDatum + IntoDatum>(&self) -> Option<T> {
        self.first().and_then(|row| row.get(1))
    }

    /// The first column of every row, without NULLs.
    pub fn column<T: FromDatum + IntoDatum>(&self) -> Vec<T> {
        self.iter().filter_map(|row| row.get(1)).collect()
    }

    /// The first row, if there is one.
    pub fn first(&self) -> Option<Row<'_>> {
        self.iter().next()
    }
}

/// One row; its columns count from 1.
pub struct Row<'rows> {
    rows: &'rows Rows<'rows>,
    index: usize,
}

impl Row<'_> {
    /// A column's value as a T, None where it is NULL. T must be the column's type.
    pub fn get<T: FromDatum + IntoDatum>(&self, column: usize) -> Option<T> {
        let mut is_null = false;
        // SAFETY: the row is within the table, and its column is of the type that is read.
        unsafe {
            let found = pg_sys::SPI_gettypeid(self.rows.columns(), column as c_int);
            if !T::is_compatible_with(found) {
                pgrx::error!("column {column} of a statement is of type {found}");
            }
            let datum = pg_sys::SPI_getbinval(self.tuple(), self.rows.columns(), column as c_int, &mut is_null);
            T::from_datum(datum, is_null)
        }
    }

    /// A column that is never NULL.
    pub fn must<T: FromDatum + IntoDatum>(&self, column: usize) -> T {
        self.get(column).unwrap_or_else(|| panic!("column {column} is never null"))
    }

    /// The row as PostgreSQL keeps it.
    pub(crate) fn tuple(&self) -> pg_sys::HeapTuple {
        // SAFETY: the index was counted from this table.
        unsafe { *(*self.rows.table).vals.add(self.index) }
    }
}
