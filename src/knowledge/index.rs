//! What searches read, kept by the statements that write chunks and entries: their words' postings and their
//! embeddings' codes, collection by collection.

use std::collections::BTreeMap;
use std::thread::LocalKey;

use pgrx::prelude::*;

use super::collection::{Collection, Key, drop_if_empty};
use super::packed::stored;
use super::{codes, postings};
use crate::codes::Bits;
use crate::error::{Answer, or_raise};
use crate::id::Id;
use crate::statement::{Database, Statement, connected, statement, values};
use crate::stream::Slot;
use crate::trigger::{Fired, after, as_owner};
use crate::tsvector::Lexemes;

/// What makes the collection of a chunk, of an entry.
macro_rules! chunk {
    ($of:literal) => {
        concat!($of, ".knowledge_base_id, null::uuid, null::text")
    };
}
macro_rules! entry {
    ($of:literal) => {
        concat!("null::uuid, ", $of, ".user_id, ", $of, ".language")
    };
}

/// The columns of what is read: 1 for a text that comes in and -1 for one that goes, what makes its collection, its id,
/// whether its words are another's than before, its words if so, and its embedding's code if that is another.
macro_rules! text {
    ($collection:ident, $sign:literal, $of:literal, $words:literal, $code:literal) => {
        concat!(
            $sign,
            ", ",
            $collection!($of),
            ", ",
            $of,
            ".id, ",
            $words,
            ",
                case when ",
            $words,
            " then ",
            $of,
            ".search_vector end,
                case when ",
            $code,
            " then ",
            $of,
            ".embedding_code::bit(1536) end"
        )
    };
}

/// What an update has changed. A full join is never a nested loop: a plan made for one row serves thousands.
macro_rules! updated {
    ($collection:ident, $moved:literal) => {
        concat!(
            "select t.*
            from removed r
            full join added a on a.id = r.id
            cross join lateral (select r.id is null or a.id is null or ",
            $moved,
            ") m (moved)
            cross join lateral (
                select m.moved or a.search_vector is distinct from r.search_vector,
                    m.moved or a.embedding_code is distinct from r.embedding_code
            ) d (words, code)
            cross join lateral (values
                (",
            text!($collection, "-1", "r", "d.words", "d.code"),
            "),
                (",
            text!($collection, "1", "a", "d.words", "d.code"),
            ")
            ) t (sign, base, person, language, id, differs, words, code)
            where t.id is not null and (t.differs or t.code is not null)"
        )
    };
}

statement! {
    CHUNKS_INSERTED() = concat!("select ", text!(chunk, "1", "t", "true", "true"), " from changed t");
    CHUNKS_DELETED() = concat!("select ", text!(chunk, "-1", "t", "true", "true"), " from changed t");
    CHUNKS_UPDATED() = updated!(chunk, "a.knowledge_base_id <> r.knowledge_base_id");
    ENTRIES_INSERTED() = concat!("select ", text!(entry, "1", "t", "true", "true"), " from changed t");
    ENTRIES_DELETED() = concat!("select ", text!(entry, "-1", "t", "true", "true"), " from changed t");
    ENTRIES_UPDATED() = updated!(entry, "a.user_id is distinct from r.user_id or a.language <> r.language");
    /// Of all chunks ($1) or of all entries.
    FORGET("bool") = "
        with gone as (
            delete from @extschema@.knowledge_collections
            where (knowledge_base_id is not null) = $1
            returning id
        ), postings as (
            delete from @extschema@.knowledge_postings p using gone where p.collection_id = gone.id
        ), words as (
            delete from @extschema@.knowledge_pending_words p using gone where p.collection_id = gone.id
        ), codes as (
            delete from @extschema@.knowledge_codes p using gone where p.collection_id = gone.id
        )
        delete from @extschema@.knowledge_pending_codes p using gone where p.collection_id = gone.id";
}

/// The statements that read what a trigger is about.
struct Source {
    inserted: &'static LocalKey<Statement>,
    updated: &'static LocalKey<Statement>,
    deleted: &'static LocalKey<Statement>,
    are_chunks: bool,
}

/// AFTER INSERT, UPDATE, DELETE, TRUNCATE FOR EACH STATEMENT on knowledge_chunks.
#[pg_trigger(sql = false)]
fn lgtempo_chunk_index<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    let (inserted, updated, deleted) = (&CHUNKS_INSERTED, &CHUNKS_UPDATED, &CHUNKS_DELETED);
    after(|| keep(trigger, &Source { inserted, updated, deleted, are_chunks: true }))
}

/// AFTER INSERT, UPDATE, DELETE, TRUNCATE FOR EACH STATEMENT on knowledge.
#[pg_trigger(sql = false)]
fn lgtempo_entry_index<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    let (inserted, updated, deleted) = (&ENTRIES_INSERTED, &ENTRIES_UPDATED, &ENTRIES_DELETED);
    after(|| keep(trigger, &Source { inserted, updated, deleted, are_chunks: false }))
}

fn keep(trigger: &PgTrigger<'_>, source: &Source) -> Answer<()> {
    let event = trigger.event();
    as_owner(trigger, &TABLES, |db| {
        if event.fired_by_truncate() {
            db.run(&FORGET, values![source.are_chunks]);
            return Ok(());
        }
        db.see_transition_tables(trigger);
        if event.fired_by_insert() {
            write(db, source.inserted);
        } else if event.fired_by_delete() {
            write(db, source.deleted);
        } else {
            write(db, source.updated);
        }
        Ok(())
    })
}

/// A text on its way into the index or out of it.
pub struct Text {
    pub id: Id,
    /// Its lexemes and how often it has each; None where only the embedding is another.
    pub words: Option<Vec<(String, u16)>>,
    pub code: Option<Bits>,
}

/// What is worked on as their owner.
const TABLES: [&str; 7] = [
    "knowledge_collections",
    "knowledge_postings",
    "knowledge_pending_words",
    "knowledge_codes",
    "knowledge_pending_codes",
    "knowledge_chunks",
    "knowledge",
];

/// How many lexemes and codes are held in memory, or a few more.
const BATCH: usize = 1 << 18;

/// What happens to a collection.
#[derive(Default)]
struct Changes {
    going: Vec<Text>,
    coming: Vec<Text>,
}

/// Changes by collection, in the order in which all writers lock them, and how many lexemes and codes they have.
#[derive(Default)]
struct Batch {
    changes: BTreeMap<Key, Changes>,
    size: usize,
}

/// Writes what a statement tells.
fn write(db: &Database, statement: &'static LocalKey<Statement>) {
    let mut left = Vec::new();
    let mut batch = Batch::default();
    db.each(statement, values![], |row| {
        batch.take(row);
        if batch.size >= BATCH {
            left.extend(std::mem::take(&mut batch).write());
        }
    });
    left.extend(batch.write());
    left.sort_unstable();
    left.dedup();
    for collection in left {
        drop_if_empty(db, collection);
        codes::tidy(db, collection);
    }
}

impl Batch {
    fn take(&mut self, row: &Slot) {
        // SAFETY: they are a tsvector and a bit string, and the row lives until this returns.
        let lexemes = row.typed(7, &[pg_sys::TSVECTOROID]).map(|vector| unsafe { Lexemes::new(vector) });
        let code = row.typed(8, &[pg_sys::BITOID]).map(|bits| unsafe { Bits::copy(bits) });
        let words = || lexemes.iter().flat_map(Lexemes::iter).map(|(lexeme, times)| (stored(lexeme), times)).collect();
        let text = Text { id: row.id(5), words: row.is(6).then(words), code };
        self.size += text.words.as_ref().map_or(0, Vec::len) + 1;
        let changes = self.changes.entry((row.optional_id(2), row.optional_id(3), row.text(4))).or_default();
        if row.int(1) > 0 { changes.coming.push(text) } else { changes.going.push(text) }
    }

    /// Returns the collections that texts have left.
    fn write(self) -> Vec<Id> {
        pgrx::check_for_interrupts!();
        // A connection of its own: a statement may be handing out its texts.
        or_raise(connected(|db| {
            let mut left = Vec::new();
            for (key, Changes { going, coming }) in self.changes {
                if !going.is_empty() {
                    let collection = Collection::count(db, &key, &going, -1);
                    remove(&collection, going);
                    left.push(collection.id);
                }
                if !coming.is_empty() {
                    add(&Collection::count(db, &key, &coming, 1), coming);
                }
            }
            Ok(left)
        }))
    }
}

fn add(collection: &Collection<'_>, texts: Vec<Text>) {
    codes::add(collection, texts.iter().filter_map(|text| Some((text.id, text.code?))).collect());
    postings::add(collection, words(texts));
}

fn remove(collection: &Collection<'_>, texts: Vec<Text>) {
    codes::remove(collection, texts.iter().filter(|text| text.code.is_some()).map(|text| text.id).collect());
    postings::remove(collection, words(texts));
}

/// The texts that have words.
fn words(texts: Vec<Text>) -> Vec<postings::Text> {
    let words = |text: Text| Some(postings::Text { id: text.id, words: text.words.filter(|words| !words.is_empty())? });
    texts.into_iter().filter_map(words).collect()
}
