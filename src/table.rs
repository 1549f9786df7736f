//! The rows of a set-returning function, written straight into PostgreSQL's tuplestore.

use pgrx::callconv::{BoxRet, FcInfo};
use pgrx::datum::Datum;
use pgrx::pg_sys;

use crate::error::{Answer, or_raise};
use crate::statement::Rows;

/// What a set-returning function returns: the work that fills its table, done when PostgreSQL asks for it.
pub struct Table<'call>(Box<Work<'call>>);

type Work<'call> = dyn FnOnce(&mut Store) -> Answer<()> + 'call;

impl<'call> Table<'call> {
    pub fn new(work: impl FnOnce(&mut Store) -> Answer<()> + 'call) -> Self {
        Table(Box::new(work))
    }
}

/// The tuplestore of one call, and the columns that the function declares.
pub struct Store {
    tuples: *mut pg_sys::Tuplestorestate,
    columns: pg_sys::TupleDesc,
}

impl Store {
    /// Appends one row; its values are of the types that the function declares.
    pub fn put<const COLUMNS: usize>(&mut self, row: [Option<pg_sys::Datum>; COLUMNS]) {
        pgrx::check_for_interrupts!();
        let mut nulls = row.map(|value| value.is_none());
        let mut values = row.map(|value| value.unwrap_or(pg_sys::Datum::null()));
        // SAFETY: there are as many values as columns; the store copies them.
        unsafe {
            if COLUMNS != (*self.columns).natts as usize {
                pgrx::error!("a row of {COLUMNS} columns is not what its function declares");
            }
            pg_sys::tuplestore_putvalues(self.tuples, self.columns, values.as_mut_ptr(), nulls.as_mut_ptr());
        }
    }

    /// Appends rows whose columns are, in order and type, those that the function declares.
    pub fn append(&mut self, rows: &Rows<'_>) {
        for (place, row) in rows.iter().enumerate() {
            // SAFETY: the store is the running call's; it copies the row, whose columns are those declared.
            unsafe {
                if place == 0 && types(rows.columns()) != types(self.columns) {
                    pgrx::error!("a statement's columns differ from those that its function declares");
                }
                pg_sys::tuplestore_puttuple(self.tuples, row.tuple());
            }
        }
    }
}

/// The types of a row's columns.
///
/// # Safety
/// `columns` is a valid descriptor.
unsafe fn types(columns: pg_sys::TupleDesc) -> Vec<pg_sys::Oid> {
    unsafe { (*columns).attrs.as_slice((*columns).natts as usize) }.iter().map(|column| column.atttypid).collect()
}

// SAFETY: the call runs in materialize mode, in which PostgreSQL reads the tuplestore and not the datum.
unsafe impl BoxRet for Table<'_> {
    unsafe fn box_into<'fcx>(self, fcinfo: &mut FcInfo<'fcx>) -> Datum<'fcx> {
        unsafe {
            let call = fcinfo.as_mut_ptr();
            pg_sys::InitMaterializedSRF(call, 0);
            let result = (*call).resultinfo.cast::<pg_sys::ReturnSetInfo>();
            let mut store = Store { tuples: (*result).setResult, columns: (*result).setDesc };
            or_raise((self.0)(&mut store));
        }
        fcinfo.return_null()
    }
}

pgrx::impl_sql_translatable!(Table<'_>, "record");
