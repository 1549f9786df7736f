//! SQL statements: parsed once per backend, kept with a generic plan, run through SPI.
//!
//! A kept plan is safe for every caller: PostgreSQL plans it anew when the role, row_security or a table changes.

use std::cell::Cell;
use std::ffi::{CString, c_char, c_int};
use std::thread::LocalKey;

use pgrx::pg_sys;
use pgrx::{FromDatum, PgTrigger};

use crate::catalog;
use crate::error::{Answer, internal};

/// A statement of ours: its text, with @extschema@ and @vector@ for the schemas, and its parameters' types.
pub struct Statement {
    text: &'static str,
    types: &'static [&'static str],
    kept: Cell<Option<(u64, pg_sys::SPIPlanPtr)>>,
}

impl Statement {
    pub const fn new(text: &'static str, types: &'static [&'static str]) -> Self {
        Statement { text, types, kept: Cell::new(None) }
    }

    /// The kept plan, made on first use and after a schema of ours was renamed or the extension was made anew.
    pub(crate) fn plan(&self) -> pg_sys::SPIPlanPtr {
        let generation = catalog::generation();
        match self.kept.get() {
            Some((known, plan)) if known == generation => plan,
            _ => {
                // The stale plan is left: it may be running further up in this very call.
                let plan = self.prepare();
                self.kept.set(Some((generation, plan)));
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
pub struct Database(());

/// Connects to SPI for the time of `work`.
pub fn connected<T>(work: impl FnOnce(&Database) -> Answer<T>) -> Answer<T> {
    // SAFETY: every connect is paired with a finish, except when an error unwinds; then PostgreSQL's own
    // clean-up at the end of the (sub)transaction closes the connection.
    unsafe {
        if pg_sys::SPI_connect() != pg_sys::SPI_OK_CONNECT as c_int {
            return Err(internal("SPI refused to connect"));
        }
    }
    let answer = work(&Database(()));
    // SAFETY: as above.
    unsafe { pg_sys::SPI_finish() };
    answer
}

impl Database {
    /// Runs a statement in the snapshot of the calling query, as a STABLE function must.
    pub fn read(&self, statement: &'static LocalKey<Statement>, values: &[Option<pg_sys::Datum>]) -> Rows<'_> {
        self.run(statement, values, true)
    }

    /// Runs a statement that changes rows, or that must see what this call has changed.
    pub fn write(&self, statement: &'static LocalKey<Statement>, values: &[Option<pg_sys::Datum>]) -> Rows<'_> {
        self.run(statement, values, false)
    }

    fn run(
        &self,
        statement: &'static LocalKey<Statement>,
        values: &[Option<pg_sys::Datum>],
        read_only: bool,
    ) -> Rows<'_> {
        let plan = statement.with(Statement::plan);
        let mut datums: Vec<pg_sys::Datum> = values.iter().map(|v| v.unwrap_or(pg_sys::Datum::null())).collect();
        let nulls: Vec<c_char> = values.iter().map(|v| if v.is_some() { b' ' } else { b'n' } as c_char).collect();
        // SAFETY: the plan is kept and takes as many values as its declared types; every call site passes values
        // of those types; the arrays outlive the call.
        unsafe {
            debug_assert_eq!(pg_sys::SPI_getargcount(plan) as usize, datums.len());
            let code = pg_sys::SPI_execute_plan(plan, datums.as_mut_ptr(), nulls.as_ptr(), read_only, 0);
            Rows::take(code)
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
    pub fn value<T: FromDatum>(&self) -> Option<T> {
        self.first().and_then(|row| row.get(1))
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
    pub fn get<T: FromDatum>(&self, column: usize) -> Option<T> {
        let mut is_null = false;
        // SAFETY: the row is within the table; statements are ours, and each column is read as its type.
        unsafe {
            let datum = pg_sys::SPI_getbinval(self.tuple(), self.rows.columns(), column as c_int, &mut is_null);
            T::from_datum(datum, is_null)
        }
    }

    /// A column that is never NULL.
    pub fn must<T: FromDatum>(&self, column: usize) -> T {
        self.get(column).unwrap_or_else(|| panic!("column {column} is never null"))
    }

    /// The row as PostgreSQL keeps it.
    pub(crate) fn tuple(&self) -> pg_sys::HeapTuple {
        // SAFETY: the index was counted from this table.
        unsafe { *(*self.rows.table).vals.add(self.index) }
    }
}
