//! Postings: which texts contain which words, kept by the statements that write chunks and entries.

use std::collections::BTreeMap;
use std::thread::LocalKey;

use pgrx::prelude::*;

use crate::catalog;
use crate::error::{Answer, or_raise};
use crate::guard;
use crate::id::{Id, array, uuid};
use crate::statement::{Database, Statement, connected, statement, values};
use crate::stream::Slot;
use crate::trigger::{Fired, after};
use crate::tsvector::Lexemes;

/// The texts of a trigger's transition table. The first columns tell the collection.
macro_rules! chunks {
    ($table:literal) => {
        concat!(
            "select t.knowledge_base_id, null::uuid, null::text, t.id, t.search_vector
            from ",
            $table,
            " t"
        )
    };
}

macro_rules! entries {
    ($table:literal) => {
        concat!(
            "select null::uuid, t.user_id, t.language, t.id, t.search_vector
            from ",
            $table,
            " t"
        )
    };
}

statement! {
    CHUNKS() = chunks!("changed");
    ENTRIES() = entries!("changed");
    /// Of updated texts those whose words or base have changed.
    CHUNKS_REMOVED() = concat!(chunks!("removed"), "
        where not exists (
            select from added a
            where a.id = t.id
                and a.knowledge_base_id = t.knowledge_base_id
                and a.search_vector is not distinct from t.search_vector
        )");
    CHUNKS_ADDED() = concat!(chunks!("added"), "
        where not exists (
            select from removed r
            where r.id = t.id
                and r.knowledge_base_id = t.knowledge_base_id
                and r.search_vector is not distinct from t.search_vector
        )");
    ENTRIES_REMOVED() = concat!(entries!("removed"), "
        where not exists (
            select from added a
            where a.id = t.id
                and a.user_id is not distinct from t.user_id
                and a.language = t.language
                and a.search_vector is not distinct from t.search_vector
        )");
    ENTRIES_ADDED() = concat!(entries!("added"), "
        where not exists (
            select from removed r
            where r.id = t.id
                and r.user_id is not distinct from t.user_id
                and r.language = t.language
                and r.search_vector is not distinct from t.search_vector
        )");
    /// Counts texts in or out, and tells the collection.
    COUNT("uuid", "uuid", "text", "int8", "int8") = "
        insert into @extschema@.knowledge_collections as c
            (knowledge_base_id, user_id, language, texts, positions)
        values ($1, $2, $3, $4, $5)
        on conflict (knowledge_base_id, user_id, language) do update
        set texts = c.texts + excluded.texts, positions = c.positions + excluded.positions
        returning id";
    DROP_EMPTY("int8") = "
        delete from @extschema@.knowledge_collections where id = $1 and texts <= 0";
    ADD("int8[]", "text[]", "uuid[]", "int4[]", "int4[]") = "
        insert into @extschema@.knowledge_postings (collection_id, lexeme, passage_id, frequency, length)
        select * from unnest($1, $2, $3, $4, $5)";
    REMOVE("int8[]", "text[]", "uuid[]") = "
        delete from @extschema@.knowledge_postings p
        using unnest($1, $2, $3) gone (collection_id, lexeme, passage_id)
        where p.collection_id = gone.collection_id and p.lexeme = gone.lexeme and p.passage_id = gone.passage_id";
    /// Of all chunks ($1) or of all entries.
    FORGET("bool") = "
        with gone as (
            delete from @extschema@.knowledge_collections
            where (knowledge_base_id is not null) = $1
            returning id
        )
        delete from @extschema@.knowledge_postings p
        using gone
        where p.collection_id = gone.id";
}

/// The statements that read what a trigger is about.
struct Source {
    changed: &'static LocalKey<Statement>,
    removed: &'static LocalKey<Statement>,
    added: &'static LocalKey<Statement>,
    are_chunks: bool,
}

/// AFTER INSERT, UPDATE, DELETE, TRUNCATE FOR EACH STATEMENT on knowledge_chunks.
#[pg_trigger(sql = false)]
fn lgtempo_chunk_postings<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    let source = Source { changed: &CHUNKS, removed: &CHUNKS_REMOVED, added: &CHUNKS_ADDED, are_chunks: true };
    after(|| keep(trigger, &source))
}

/// AFTER INSERT, UPDATE, DELETE, TRUNCATE FOR EACH STATEMENT on knowledge.
#[pg_trigger(sql = false)]
fn lgtempo_entry_postings<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    let source = Source { changed: &ENTRIES, removed: &ENTRIES_REMOVED, added: &ENTRIES_ADDED, are_chunks: false };
    after(|| keep(trigger, &source))
}

fn keep(trigger: &PgTrigger<'_>, source: &Source) -> Answer<()> {
    let event = trigger.event();
    guard::as_owner(catalog::owner_of("knowledge_postings"), || {
        connected(|db| {
            if event.fired_by_truncate() {
                db.run(&FORGET, values![source.are_chunks]);
                return Ok(());
            }
            db.see_transition_tables(trigger);
            if event.fired_by_insert() {
                write(db, source.changed, Change::Add);
                return Ok(());
            }
            let left = if event.fired_by_delete() {
                write(db, source.changed, Change::Remove)
            } else {
                let left = write(db, source.removed, Change::Remove);
                write(db, source.added, Change::Add);
                left
            };
            for collection in left {
                db.run(&DROP_EMPTY, values![collection]);
            }
            Ok(())
        })
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Add,
    Remove,
}

/// Writes the postings of the texts that a statement tells; returns their collections.
fn write(db: &Database, texts: &'static LocalKey<Statement>, change: Change) -> Vec<i64> {
    let mut batch = Batch::new(change);
    let mut collections = Vec::new();
    db.each(texts, values![], |text| {
        batch.take(text);
        if batch.postings.len() >= BATCH {
            collections.extend(std::mem::replace(&mut batch, Batch::new(change)).write());
        }
    });
    collections.extend(batch.write());
    collections
}

/// How many postings are written at once, or a few more.
const BATCH: usize = 8192;

/// What makes a collection: a base; or whose entries, and their language.
type Key = (Option<Id>, Option<Id>, Option<String>);

/// What is counted of a collection's texts.
struct Count {
    /// The collection's place in the batch.
    place: usize,
    texts: i64,
    positions: i64,
}

struct Posting {
    place: usize,
    lexeme: String,
    passage: Id,
    frequency: i32,
    length: i32,
}

/// Texts whose postings are to be written.
struct Batch {
    change: Change,
    /// By key, the order in which all writers lock collections.
    counts: BTreeMap<Key, Count>,
    postings: Vec<Posting>,
}

impl Batch {
    fn new(change: Change) -> Self {
        Batch { change, counts: BTreeMap::new(), postings: Vec::new() }
    }

    fn take(&mut self, row: &Slot) {
        let key = (row.optional_id(1), row.optional_id(2), row.text(3));
        let next = self.counts.len();
        let count = self.counts.entry(key).or_insert(Count { place: next, texts: 0, positions: 0 });
        let start = self.postings.len();
        // SAFETY: the column is a tsvector, and the row lives until this returns.
        if let Some(lexemes) = row.datum(5).map(|vector| unsafe { Lexemes::new(vector) }) {
            let (place, passage) = (count.place, row.id(4));
            self.postings.extend(lexemes.iter().map(|(lexeme, frequency)| Posting {
                place,
                lexeme: lexeme.to_owned(),
                passage,
                frequency,
                length: 0,
            }));
        }
        let length: i32 = self.postings[start..].iter().map(|posting| posting.frequency).sum();
        self.postings[start..].iter_mut().for_each(|posting| posting.length = length);
        count.texts += 1;
        count.positions += i64::from(length);
    }

    /// Counts the texts and writes their postings; returns their collections.
    fn write(self) -> Vec<i64> {
        pgrx::check_for_interrupts!();
        // A connection of its own: the batch may be full while a statement hands out its texts.
        or_raise(connected(|db| {
            let collections = self.count(db);
            let of = |posting: &Posting| collections[posting.place];
            let of: Vec<i64> = self.postings.iter().map(of).collect();
            let passages = array(self.postings.iter().map(|posting| posting.passage));
            let lexemes: Vec<&str> = self.postings.iter().map(|posting| posting.lexeme.as_str()).collect();
            match self.change {
                Change::Remove => db.run(&REMOVE, values![of, lexemes, passages]),
                Change::Add => {
                    let frequencies: Vec<i32> = self.postings.iter().map(|posting| posting.frequency).collect();
                    let lengths: Vec<i32> = self.postings.iter().map(|posting| posting.length).collect();
                    db.run(&ADD, values![of, lexemes, passages, frequencies, lengths])
                }
            };
            Ok(collections)
        }))
    }

    /// The collections, by place.
    fn count(&self, db: &Database) -> Vec<i64> {
        let sign = if self.change == Change::Add { 1 } else { -1 };
        let mut collections = vec![0; self.counts.len()];
        for ((base, person, language), count) in &self.counts {
            let (base, person) = (base.map(uuid), person.map(uuid));
            let counted = values![base, person, language.as_deref(), sign * count.texts, sign * count.positions];
            collections[count.place] = db.run(&COUNT, counted).value().expect("an upsert returns its row");
        }
        collections
    }
}
