//! What a search looks at: the bases and the entries that the caller may read.

use std::ffi::CStr;

use pgrx::datum::Uuid;

use crate::caller::{is_bound, may_read, signed_in};
use crate::catalog;
use crate::guard;
use crate::id::{Id, array};
use crate::statement::{Database, statement, values};
use crate::stream::Slot;
use crate::value::Value;

statement! {
    /// RLS decides which bases there are. A language that is no (longer a) text search configuration is NULL.
    BASE("uuid") = "
        select id::uuid,
            case when language in (select oid::regconfig::text from pg_ts_config) then language::text end,
            total_chunks::int4
        from @extschema@.agent_knowledge_bases
        where id = $1";
    BASES() = "
        select id::uuid,
            case when language in (select oid::regconfig::text from pg_ts_config) then language::text end,
            total_chunks::int4
        from @extschema@.agent_knowledge_bases";
}

/// A base, and the language of its words, if there is such a language.
pub struct Base {
    pub id: Id,
    pub language: Option<String>,
}

/// Whose entries.
#[derive(Clone, Copy)]
pub enum Entries {
    Nobodys,
    /// The shared ones and this person's, if there is one.
    SharedAnd(Option<Uuid>),
    Everybodys,
}

pub struct Scope {
    pub bases: Vec<Base>,
    /// How many chunks the bases have, as far as counts tell.
    pub chunks: i64,
    pub entries: Entries,
}

impl Scope {
    /// One base, or all that the caller may read.
    pub fn bases(db: &Database, only: Option<Uuid>) -> Self {
        let mut bases = Vec::new();
        let mut chunks = 0;
        let mut take = |row: &Slot| {
            bases.push(Base { id: row.id(1), language: row.text(2) });
            chunks += i64::from(row.int(3));
        };
        match only {
            Some(base) => db.each(&BASE, values![base], &mut take),
            None => db.each(&BASES, values![], &mut take),
        }
        Scope { bases, chunks, entries: Entries::Nobodys }
    }

    /// With the entries that the caller may read: people read the shared ones and their own.
    pub fn with_entries(self, db: &Database) -> Self {
        let entries = if !may_read("knowledge") {
            Entries::Nobodys
        } else if is_bound("knowledge") {
            Entries::SharedAnd(signed_in(db))
        } else {
            Entries::Everybodys
        };
        Scope { entries, ..self }
    }

    /// The bases' ids for a statement.
    pub fn base_ids(&self) -> Value {
        array(self.bases.iter().map(|base| base.id))
    }
}

/// Looks for candidates in a table with its owner's rights: in what RLS lets the caller read, decided before, the
/// owner's plan is the caller's without the policies. Rows are then fetched with the caller's rights.
///
/// Where RLS binds the owner too, or not the caller, the caller's own rights do. `work` runs kept read-only statements
/// of ours alone.
pub fn candidates<T>(table: &str, work: impl FnOnce() -> T) -> T {
    if is_bound(table) && !catalog::is_forced(table) {
        guard::reading_as_owner(catalog::owner_of(table), work)
    } else {
        work()
    }
}

/// What keeps a plan to the covering index: pages that look unvacuumed make the planner prefer the wide rows.
pub const COVERING_INDEX: [(&CStr, &CStr); 2] = [(c"enable_seqscan", c"off"), (c"enable_bitmapscan", c"off")];
