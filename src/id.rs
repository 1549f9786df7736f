//! Keys as numbers, whose order is the order of uuid, and arrays of them for statements.

use pgrx::datum::Uuid;
use pgrx::pg_sys;

use crate::value::Value;

/// A uuid, its first byte the most significant.
pub type Id = u128;

pub fn id(uuid: Uuid) -> Id {
    Id::from_be_bytes(*uuid.as_bytes())
}

pub fn uuid(id: Id) -> Uuid {
    Uuid::from_bytes(id.to_be_bytes())
}

/// A uuid[] for a statement, in the current memory context.
pub fn array(ids: impl ExactSizeIterator<Item = Id>) -> Value {
    let mut bytes: Vec<[u8; 16]> = ids.map(Id::to_be_bytes).collect();
    let mut datums: Vec<pg_sys::Datum> = bytes.iter_mut().map(|uuid| pg_sys::Datum::from(uuid.as_mut_ptr())).collect();
    // SAFETY: the elements are uuids, 16 bytes each aligned to one, passed by reference; the array is a copy of them.
    let array = unsafe {
        pg_sys::construct_array(
            datums.as_mut_ptr(),
            datums.len() as i32,
            pg_sys::UUIDOID,
            16,
            false,
            pg_sys::TYPALIGN_CHAR as std::ffi::c_char,
        )
    };
    Value::new(pg_sys::Datum::from(array))
}
