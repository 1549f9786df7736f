//! pgvector's type `vector`, read as it lies in memory.

use pgrx::callconv::{Arg, ArgAbi};
use pgrx::nullable::Nullable;
use pgrx::pg_sys;
use pgrx::{FromDatum, IntoDatum};

/// The dimensions of every embedding.
pub const DIMENSIONS: usize = 1536;

/// A vector of the running call.
#[derive(Clone, Copy)]
pub struct Vector(*mut Header);

/// The struct Vector of pgvector's vector.h, up to its components.
#[repr(C)]
struct Header {
    length: i32,
    dimensions: i16,
    unused: i16,
}

impl Vector {
    pub fn components(&self) -> &[f32] {
        // SAFETY: a detoasted vector holds as many floats behind its header as the header says.
        unsafe {
            let count = (*self.0).dimensions as usize;
            std::slice::from_raw_parts(self.0.add(1).cast::<f32>(), count)
        }
    }
}

impl FromDatum for Vector {
    unsafe fn from_polymorphic_datum(datum: pg_sys::Datum, is_null: bool, _: pg_sys::Oid) -> Option<Self> {
        (!is_null).then(|| Vector(unsafe { pg_sys::pg_detoast_datum(datum.cast_mut_ptr()) }.cast()))
    }
}

impl IntoDatum for Vector {
    fn into_datum(self) -> Option<pg_sys::Datum> {
        Some(self.0.into())
    }

    fn type_oid() -> pg_sys::Oid {
        crate::catalog::type_of("@vector@.vector")
    }
}

// SAFETY: the SQL declarations give such arguments the type vector.
unsafe impl<'fcx> ArgAbi<'fcx> for Vector {
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Self {
        unsafe { arg.unbox_arg_using_from_datum() }.expect("an argument that is not null")
    }

    unsafe fn unbox_nullable_arg(arg: Arg<'_, 'fcx>) -> Nullable<Self> {
        unsafe { arg.unbox_arg_using_from_datum() }.into()
    }
}

pgrx::impl_sql_translatable!(Vector, "vector");

#[cfg(any(test, feature = "pg_test"))]
#[pgrx::pg_schema]
mod tests {
    use super::Vector;
    use pgrx::prelude::*;

    #[pg_test]
    fn a_vector_is_read_as_pgvector_wrote_it() {
        // What a statement returns lives as long as its connection.
        Spi::connect(|spi| {
            let row = spi.select("select '[1.5, -2, 0]'::vector", None, &[]).unwrap().first();
            let read: Vector = row.get_one().unwrap().unwrap();
            assert_eq!(read.components(), [1.5, -2.0, 0.0]);
        });
    }
}
