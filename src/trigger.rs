//! The two shapes of our row triggers: those that rewrite the new row, and those that act on other rows after it.

use std::convert::Infallible;

use pgrx::AllocatedByRust;
use pgrx::datum::UnboxDatum;
use pgrx::heap_tuple::PgHeapTuple;
use pgrx::prelude::*;

use crate::catalog;
use crate::error::{Answer, forbidden, internal, or_raise};
use crate::guard;
use crate::statement::{Database, connected};

/// What a trigger function hands back; errors are raised before.
pub type Fired<'a> = Result<Option<PgHeapTuple<'a, AllocatedByRust>>, Infallible>;

/// A row on its way into a table.
pub type NewRow<'a> = PgHeapTuple<'a, AllocatedByRust>;

/// BEFORE … FOR EACH ROW: the row as `work` leaves it.
pub fn rewrite<'a>(trigger: &'a PgTrigger<'a>, work: impl FnOnce(&mut NewRow<'a>) -> Answer<()>) -> Fired<'a> {
    let mut row = or_raise(trigger.new().ok_or_else(|| internal("fired without a new row"))).into_owned();
    or_raise(work(&mut row));
    Ok(Some(row))
}

/// AFTER: does `work` and leaves the row alone.
pub fn after<'a>(work: impl FnOnce() -> Answer<()>) -> Fired<'a> {
    or_raise(work());
    Ok(None)
}

/// Works as the owner of `tables`, to whom the trigger's own table must belong too (42501): with one of somebody else's, that
/// somebody would say what the owner does.
pub fn as_owner<T>(trigger: &PgTrigger<'_>, tables: &[&str], work: impl FnOnce(&Database) -> Answer<T>) -> Answer<T> {
    let owner = catalog::owner_of(tables);
    let relation = trigger.relid().map_err(|error| internal(error.to_string()))?;
    if catalog::owner_of_relation(relation) != owner {
        return Err(forbidden("this trigger works on tables of another owner's"));
    }
    guard::as_owner(owner, || connected(work))
}

/// A column of a row, None where it is NULL.
pub fn column<T, W>(row: &PgHeapTuple<'_, W>, name: &str) -> Option<T>
where
    T: FromDatum + IntoDatum,
    for<'row> T: UnboxDatum<As<'row> = T> + 'row,
    W: pgrx::WhoAllocated,
{
    match row.get_by_name(name) {
        Ok(value) => value,
        Err(error) => or_raise(Err(internal(format!("column {name}: {error}")))),
    }
}

/// Sets a column of a row.
pub fn set<T: IntoDatum>(row: &mut NewRow<'_>, name: &str, value: T) -> Answer<()> {
    row.set_by_name(name, value).map_err(|error| internal(format!("column {name}: {error}")))
}
