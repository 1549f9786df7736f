//! What a search looks at: the bases and the entries that the caller may read.

use std::ffi::CStr;

use pgrx::datum::Uuid;
use rustc_hash::FxHashMap;

use super::passage::Source;
use crate::caller::{is_bound, may_read, signed_in};
use crate::catalog;
use crate::guard::{as_owner, with_settings};
use crate::id::{Id, array};
use crate::statement::{Database, statement, values};
use crate::stream::Slot;
use crate::value::Value;

statement! {
    /// RLS decides which bases there are. A language that is no (longer a) text search configuration, or not for the
    /// caller, is NULL.
    BASE("uuid") = "
        select id::uuid,
            case when language in (
                select oid::regconfig::text from pg_ts_config where has_schema_privilege(cfgnamespace, 'usage')
            ) then language::text end,
            total_chunks::int4
        from @extschema@.agent_knowledge_bases
        where id = $1";
    BASES() = "
        select id::uuid,
            case when language in (
                select oid::regconfig::text from pg_ts_config where has_schema_privilege(cfgnamespace, 'usage')
            ) then language::text end,
            total_chunks::int4
        from @extschema@.agent_knowledge_bases";
    COLLECTIONS_OF_BASES("uuid[]") = "
        select id, texts, positions, knowledge_base_id
        from @extschema@.knowledge_collections
        where knowledge_base_id = any ($1)";
    COLLECTIONS_OF_SHARED_AND("uuid") = "
        select id, texts, positions, language
        from @extschema@.knowledge_collections
        where knowledge_base_id is null and user_id = $1
        union all
        select id, texts, positions, language
        from @extschema@.knowledge_collections
        where knowledge_base_id is null and user_id is null";
    COLLECTIONS_OF_ENTRIES() = "
        select id, texts, positions, language
        from @extschema@.knowledge_collections
        where knowledge_base_id is null";
    /// Whether a language is (still) a text search configuration.
    LANGUAGE_EXISTS("text") = "
        select true from pg_ts_config where oid::regconfig::text = $1 and has_schema_privilege(cfgnamespace, 'usage')";
}

/// Texts that are searched together.
pub struct Searched {
    pub collection: Id,
    pub source: Source,
    /// Whose words they have; None if it is no (longer a) text search configuration.
    pub language: Option<String>,
    pub texts: i64,
    pub positions: i64,
}

pub struct Scope {
    bases: Vec<Id>,
    /// How many chunks the bases have, as far as counts tell.
    pub chunks: i64,
    /// Whether there may be entries in it.
    pub has_entries: bool,
    pub collections: Vec<Searched>,
}

impl Scope {
    /// One base, or all that the caller may read.
    pub fn bases(db: &Database, only: Option<Uuid>) -> Self {
        let mut languages: FxHashMap<Id, Option<String>> = FxHashMap::default();
        let mut chunks = 0;
        let mut take = |row: &Slot| {
            languages.insert(row.id(1), row.text(2));
            chunks += i64::from(row.int(3));
        };
        match only {
            Some(base) => db.each(&BASE, values![base], &mut take),
            None => db.each(&BASES, values![], &mut take),
        }
        let bases: Vec<Id> = languages.keys().copied().collect();
        let mut scope = Scope { bases, chunks, has_entries: false, collections: Vec::new() };
        let ids = scope.base_ids();
        reading_index(&["knowledge_collections"], || {
            db.each(&COLLECTIONS_OF_BASES, values![ids], |row| {
                scope.add(row, Source::Chunk, languages.get(&row.id(4)).cloned().flatten());
            });
        });
        scope
    }

    /// With the entries that the caller may read: people read the shared ones and their own.
    pub fn with_entries(mut self, db: &Database) -> Self {
        if !may_read("knowledge") {
            return self;
        }
        self.has_entries = true;
        let person = is_bound("knowledge").then(|| signed_in(db));
        let from = self.collections.len();
        let mut take = |row: &Slot| self.add(row, Source::Entry, row.text(4));
        reading_index(&["knowledge_collections"], || match person {
            Some(person) => db.each(&COLLECTIONS_OF_SHARED_AND, values![person], &mut take),
            None => db.each(&COLLECTIONS_OF_ENTRIES, values![], &mut take),
        });
        for entries in &mut self.collections[from..] {
            entries.language = entries.language.take().filter(|language| exists(db, language));
        }
        self
    }

    fn add(&mut self, row: &Slot, source: Source, language: Option<String>) {
        let (collection, texts, positions) = (row.id(1), row.long(2), row.long(3));
        self.collections.push(Searched { collection, source, language, texts, positions });
    }

    /// The bases' ids for a statement.
    pub fn base_ids(&self) -> Value {
        array(self.bases.iter().copied())
    }
}

fn exists(db: &Database, language: &str) -> bool {
    db.run(&LANGUAGE_EXISTS, values![language]).first().is_some()
}

/// Reads internal tables, of collections that the caller may read: as their owner, whom FORCE ROW LEVEL SECURITY would
/// leave nothing of them. `work` runs kept read-only statements of ours alone, on these tables; rows are then fetched with
/// the caller's rights.
pub fn reading_index<T>(tables: &[&str], work: impl FnOnce() -> T) -> T {
    as_owner(catalog::owner_of(tables), || with_settings(&BY_INDEX, work))
}

/// What keeps plans to indexes: pages that look unvacuumed, or a table that has grown since, make the planner prefer
/// others. Compiling a plan takes longer than any of these runs.
const BY_INDEX: [(&CStr, &CStr); 3] = [(c"enable_seqscan", c"off"), (c"enable_bitmapscan", c"off"), (c"jit", c"off")];
