//! PostgreSQL's jsonb, read no further than its outermost kind.
//!
//! Parsing is left to SQL: its parser knows the backend's stack limit and answers with errors.

use pgrx::callconv::{Arg, ArgAbi};
use pgrx::datum::{Datum, UnboxDatum};
use pgrx::nullable::Nullable;
use pgrx::pg_sys;
use pgrx::{FromDatum, IntoDatum};

/// A jsonb value of the running call.
#[derive(Clone, Copy)]
pub struct Json(*mut pg_sys::varlena);

/// What a jsonb container's header says (JB_CMASK, JB_FSCALAR, JB_FOBJECT and JB_FARRAY of jsonb.h). A scalar is kept as
/// an array of one.
const COUNT: u32 = 0x0fff_ffff;
const IS_SCALAR: u32 = 0x1000_0000;
const IS_OBJECT: u32 = 0x2000_0000;
const IS_ARRAY: u32 = 0x4000_0000;

impl Json {
    /// The object without keys, in the current memory context.
    pub fn empty() -> Self {
        // SAFETY: a varlena of its length word and an empty container's header, four bytes each, is what is allocated.
        unsafe {
            let object: *mut u32 = pg_sys::palloc(size_of::<[u32; 2]>()).cast();
            pgrx::varlena::set_varsize_4b(object.cast(), size_of::<[u32; 2]>() as i32);
            object.add(1).write(IS_OBJECT);
            Json(object.cast())
        }
    }

    pub fn is_object(&self) -> bool {
        self.header() & IS_OBJECT != 0
    }

    pub fn is_array(&self) -> bool {
        self.header() & (IS_ARRAY | IS_SCALAR) == IS_ARRAY
    }

    /// Whether an object has no keys, an array no elements.
    pub fn is_empty(&self) -> bool {
        self.header() & COUNT == 0
    }

    fn header(&self) -> u32 {
        // SAFETY: a detoasted jsonb holds its container's header right behind the length word, aligned.
        unsafe { self.0.cast::<u8>().add(pg_sys::VARHDRSZ).cast::<u32>().read_unaligned() }
    }
}

impl FromDatum for Json {
    unsafe fn from_polymorphic_datum(datum: pg_sys::Datum, is_null: bool, _: pg_sys::Oid) -> Option<Self> {
        (!is_null).then(|| Json(unsafe { pg_sys::pg_detoast_datum(datum.cast_mut_ptr()) }))
    }
}

impl IntoDatum for Json {
    fn into_datum(self) -> Option<pg_sys::Datum> {
        Some(self.0.into())
    }

    fn type_oid() -> pg_sys::Oid {
        pg_sys::JSONBOID
    }
}

// SAFETY: as FromDatum does it; the value stays within the call.
unsafe impl UnboxDatum for Json {
    type As<'src> = Json;

    unsafe fn unbox<'src>(datum: Datum<'src>) -> Self::As<'src>
    where
        Self: 'src,
    {
        Json(unsafe { pg_sys::pg_detoast_datum(datum.sans_lifetime().cast_mut_ptr()) })
    }
}

// SAFETY: the SQL declarations give such arguments the type jsonb.
unsafe impl<'fcx> ArgAbi<'fcx> for Json {
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Self {
        unsafe { arg.unbox_arg_using_from_datum() }.expect("an argument that is not null")
    }

    unsafe fn unbox_nullable_arg(arg: Arg<'_, 'fcx>) -> Nullable<Self> {
        unsafe { arg.unbox_arg_using_from_datum() }.into()
    }
}

pgrx::impl_sql_translatable!(Json, "jsonb");

#[cfg(any(test, feature = "pg_test"))]
#[pgrx::pg_schema]
mod tests {
    use super::Json;
    use pgrx::prelude::*;

    #[pg_test]
    fn kinds_are_told_apart() {
        for (text, is_object, is_array) in [
            ("{}", true, false),
            (r#"{"a": [1]}"#, true, false),
            ("[]", false, true),
            ("[{}]", false, true),
            ("\"{}\"", false, false),
            ("1", false, false),
            ("null", false, false),
        ] {
            // What a statement returns lives as long as its connection.
            Spi::connect(|spi| {
                let row = spi.select("select $1::jsonb", None, &[text.into()]).unwrap().first();
                let json: Json = row.get_one().unwrap().unwrap();
                assert_eq!((json.is_object(), json.is_array()), (is_object, is_array), "{text}");
                assert_eq!(json.is_empty(), ["{}", "[]"].contains(&text), "{text}");
            });
        }
    }
}
