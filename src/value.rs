//! A value that passes through unread, from an argument to a statement.

use pgrx::callconv::{Arg, ArgAbi};
use pgrx::nullable::Nullable;
use pgrx::pg_sys;
use pgrx::{FromDatum, IntoDatum};

/// A datum of the type that the SQL declaration gives it: an enum, an array, JSON that is only stored.
///
/// It borrows from the call's arguments and must not outlive the call.
#[derive(Clone, Copy)]
pub struct Value(pg_sys::Datum);

impl Value {
    /// A datum that lives as long as the call.
    pub fn new(datum: pg_sys::Datum) -> Self {
        Value(datum)
    }
}

impl FromDatum for Value {
    unsafe fn from_polymorphic_datum(datum: pg_sys::Datum, is_null: bool, _: pg_sys::Oid) -> Option<Self> {
        (!is_null).then_some(Value(datum))
    }
}

impl IntoDatum for Value {
    fn into_datum(self) -> Option<pg_sys::Datum> {
        Some(self.0)
    }

    fn type_oid() -> pg_sys::Oid {
        pg_sys::ANYOID
    }
}

// SAFETY: the datum is kept as it is, which is right for every type, by value or by reference.
unsafe impl<'fcx> ArgAbi<'fcx> for Value {
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Self {
        unsafe { arg.unbox_arg_using_from_datum() }.expect("an argument that is not null")
    }

    unsafe fn unbox_nullable_arg(arg: Arg<'_, 'fcx>) -> Nullable<Self> {
        unsafe { arg.unbox_arg_using_from_datum() }.into()
    }
}

pgrx::impl_sql_translatable!(Value, "any");
