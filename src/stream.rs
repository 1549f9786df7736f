//! The rows of a statement one by one, as the executor makes them: nothing is copied that is not asked for.

use std::ffi::c_int;
use std::thread::LocalKey;

use bumpalo::Bump;
use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::id::Id;
use crate::statement::{Database, Statement};

/// What is read as characters.
const TEXTS: [pg_sys::Oid; 3] = [pg_sys::TEXTOID, pg_sys::VARCHAROID, pg_sys::BPCHAROID];

/// A row in the executor's hands, valid until the next one; its columns count from 1.
pub struct Slot(*mut pg_sys::TupleTableSlot);

impl Slot {
    /// A column's datum, None where it is NULL. Raises where it is of none of these types: an administrator may have altered
    /// a table.
    pub fn typed(&self, column: usize, types: &[pg_sys::Oid]) -> Option<pg_sys::Datum> {
        let found = self.attribute(column).atttypid;
        if !types.contains(&found) {
            pgrx::error!("column {column} of a statement is of type {found}");
        }
        self.datum(column)
    }

    fn attribute(&self, column: usize) -> &pg_sys::FormData_pg_attribute {
        // SAFETY: the slot's descriptor lives as long as the slot and describes so many columns.
        unsafe {
            let descriptor = (*self.0).tts_tupleDescriptor;
            &(*descriptor).attrs.as_slice((*descriptor).natts as usize)[column - 1]
        }
    }

    /// The datum of a column whose type the statement gives it, None where it is NULL.
    pub fn datum(&self, column: usize) -> Option<pg_sys::Datum> {
        // SAFETY: the receiver has deformed the slot; statements are ours and have the columns that are asked for.
        unsafe {
            debug_assert!(column <= (*self.0).tts_nvalid as usize);
            (!*(*self.0).tts_isnull.add(column - 1)).then(|| *(*self.0).tts_values.add(column - 1))
        }
    }

    /// A uuid column that is never NULL.
    pub fn id(&self, column: usize) -> Id {
        self.optional_id(column).expect("a key is not null")
    }

    /// A uuid column, None where it is NULL.
    pub fn optional_id(&self, column: usize) -> Option<Id> {
        let datum = self.typed(column, &[pg_sys::UUIDOID]);
        // SAFETY: a uuid datum points at 16 bytes.
        datum.map(|datum| unsafe { Id::from_be_bytes(datum.cast_mut_ptr::<[u8; 16]>().read()) })
    }

    /// A text column, None where it is NULL.
    pub fn text(&self, column: usize) -> Option<String> {
        let datum = self.typed(column, &TEXTS);
        // SAFETY: it is a text or, which looks the same, a varchar.
        datum.and_then(|datum| unsafe { String::from_datum(datum, false) })
    }

    /// What `read` makes of a bytea column that is never NULL.
    pub fn bytes<T>(&self, column: usize, read: impl FnOnce(&[u8]) -> T) -> T {
        let datum = self.typed(column, &[pg_sys::BYTEAOID]).expect("the column is not null");
        // SAFETY: it is a bytea, whose detoasted copy, if one is made, is freed after its last use.
        unsafe {
            let plain = pg_sys::pg_detoast_datum_packed(datum.cast_mut_ptr());
            let answer = read(pgrx::varlena::varlena_to_byte_slice(plain));
            if plain != datum.cast_mut_ptr() {
                pg_sys::pfree(plain.cast());
            }
            answer
        }
    }

    /// An integer column that is never NULL.
    pub fn int(&self, column: usize) -> i32 {
        self.typed(column, &[pg_sys::INT4OID]).expect("the column is not null").value() as i32
    }

    /// A bigint column that is never NULL.
    pub fn long(&self, column: usize) -> i64 {
        self.typed(column, &[pg_sys::INT8OID]).expect("the column is not null").value() as i64
    }

    /// A double precision column, None where it is NULL.
    pub fn float(&self, column: usize) -> Option<f64> {
        self.typed(column, &[pg_sys::FLOAT8OID]).map(|datum| f64::from_bits(datum.value() as u64))
    }

    /// A boolean column that is never NULL.
    pub fn is(&self, column: usize) -> bool {
        self.typed(column, &[pg_sys::BOOLOID]).is_some_and(|datum| datum.value() & 1 == 1)
    }

    /// The characters of a text column, none where it is NULL; valid until the next row.
    pub fn characters(&self, column: usize) -> &[u8] {
        let Some(datum) = self.typed(column, &TEXTS) else { return &[] };
        // SAFETY: a text is a varlena, which is detoasted into the current memory context if need be.
        unsafe {
            let plain = pg_sys::pg_detoast_datum_packed(datum.cast_mut_ptr());
            let start = pgrx::varlena::vardata_any(plain).cast();
            std::slice::from_raw_parts(start, pgrx::varlena::varsize_any_exhdr(plain))
        }
    }

    /// A copy of a variable-length column, which lives as long as the arena.
    pub fn copied(&self, column: usize, arena: &Bump) -> Option<pg_sys::Datum> {
        assert!(self.attribute(column).attlen == -1, "column {column} is of fixed length");
        let datum = self.datum(column)?;
        // SAFETY: a varlena is as long as its header says, also one that points at a toast table; the arena gives at
        // least as many bytes, aligned as a varlena wants it.
        unsafe {
            let start = datum.cast_mut_ptr::<u8>();
            let length = pgrx::varlena::varsize_any(start.cast());
            let copy: *mut u8 = arena.alloc_slice_fill_default::<u64>(length.div_ceil(8)).as_mut_ptr().cast();
            copy.copy_from_nonoverlapping(start, length);
            Some(pg_sys::Datum::from(copy))
        }
    }
}

/// A destination for rows that hands them to a closure. The executor sees its first field only.
#[repr(C)]
struct Receiver<'a> {
    head: pg_sys::DestReceiver,
    take: &'a mut dyn FnMut(&Slot),
}

#[pg_guard]
unsafe extern "C-unwind" fn receive(slot: *mut pg_sys::TupleTableSlot, receiver: *mut pg_sys::DestReceiver) -> bool {
    // SAFETY: the executor passes the receiver it was given, whose first field is this one, and a slot with a row.
    unsafe {
        let descriptor = (*slot).tts_tupleDescriptor;
        if i32::from((*slot).tts_nvalid) < (*descriptor).natts {
            pg_sys::slot_getallattrs(slot);
        }
        ((*receiver.cast::<Receiver>()).take)(&Slot(slot));
    }
    true
}

unsafe extern "C-unwind" fn start(_: *mut pg_sys::DestReceiver, _: c_int, _: pg_sys::TupleDesc) {}
unsafe extern "C-unwind" fn finish(_: *mut pg_sys::DestReceiver) {}

impl Database {
    /// Runs a statement and hands each row to `take`.
    pub fn each(
        &self,
        statement: &'static LocalKey<Statement>,
        values: &[Option<pg_sys::Datum>],
        mut take: impl FnMut(&Slot),
    ) {
        let plan = statement.with(Statement::plan);
        let mut receiver = Receiver {
            head: pg_sys::DestReceiver {
                receiveSlot: Some(receive),
                rStartup: Some(start),
                rShutdown: Some(finish),
                rDestroy: Some(finish),
                mydest: pg_sys::CommandDest::DestTuplestore,
            },
            take: &mut take,
        };
        // SAFETY: connected; the plan is kept and takes values of its declared types; the receiver and the parameters
        // outlive the call, which is done with them when it returns.
        unsafe {
            let options = pg_sys::SPIExecuteOptions {
                params: parameters(plan, values),
                read_only: self.is_read_only(),
                dest: (&raw mut receiver).cast(),
                ..Default::default()
            };
            let code = pg_sys::SPI_execute_plan_extended(plan, &options);
            if code < 0 {
                pgrx::error!("SPI failed with code {code}");
            }
        }
    }
}

/// # Safety
/// `values` are of the types that the plan declares.
unsafe fn parameters(plan: pg_sys::SPIPlanPtr, values: &[Option<pg_sys::Datum>]) -> pg_sys::ParamListInfo {
    unsafe {
        let list = pg_sys::makeParamList(values.len() as c_int);
        let places = (*list).params.as_mut_slice(values.len());
        for (index, (place, value)) in places.iter_mut().zip(values).enumerate() {
            *place = pg_sys::ParamExternData {
                value: value.unwrap_or(pg_sys::Datum::null()),
                isnull: value.is_none(),
                pflags: pg_sys::PARAM_FLAG_CONST as u16,
                ptype: pg_sys::SPI_getargtypeid(plan, index as c_int),
            };
        }
        list
    }
}
