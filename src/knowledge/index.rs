//! What searches read, kept by the statements that write chunks and entries: their words' postings and their
//! embeddings' codes, collection by collection.

use std::collections::BTreeMap;
use std::thread::LocalKey;

use pgrx::prelude::*;

use super::collection::{Collection, Key, drop_if_empty};
use super::packed::stored;
use super::{codes, postings};
use crate::catalog;
use crate::codes::Bits;
use crate::error::{Answer, or_raise};
use crate::guard;
use crate::id::Id;
use crate::statement::{Database, Statement, connected, statement, values};
use crate::stream::Slot;
use crate::trigger::{Fired, after};
use crate::tsvector::Lexemes;

/// Of a transition table: what makes the collection, the id, whether the text is another than before, its words if so,
/// and the embedding's code if that is another.
macro_rules! chunks {
    ($words:literal, $code:literal, $from:literal) => {
        concat!(
            "select t.knowledge_base_id, null::uuid, null::text, t.id, ",
            $words,
            ",
                case when ",
            $words,
            " then t.search_vector end,
                case when ",
            $code,
            " then t.embedding_code::bit(1536) end
            from ",
            $from
        )
    };
}

macro_rules! entries {
    ($words:literal, $code:literal, $from:literal) => {
        concat!(
            "select null::uuid, t.user_id, t.language, t.id, ",
            $words,
            ",
                case when ",
            $words,
            " then t.search_vector end,
                case when ",
            $code,
            " then t.embedding_code::bit(1536) end
            from ",
            $from
        )
    };
}

/// Of an update's two transition tables, the rows of one that differ from the other's.
macro_rules! differing_chunks {
    ($table:literal, $other:literal) => {
        concat!(
            "select * from (",
            chunks!(
                "(o.id is null or o.knowledge_base_id <> t.knowledge_base_id
                    or o.search_vector is distinct from t.search_vector)",
                "(o.id is null or o.knowledge_base_id <> t.knowledge_base_id
                    or o.embedding_code is distinct from t.embedding_code)",
                ""
            ),
            $table,
            " t left join ",
            $other,
            " o on o.id = t.id
            ) d (base, person, language, id, differs, words, code)
            where differs or code is not null"
        )
    };
}

macro_rules! differing_entries {
    ($table:literal, $other:literal) => {
        concat!(
            "select * from (",
            entries!(
                "(o.id is null or o.user_id is distinct from t.user_id or o.language <> t.language
                    or o.search_vector is distinct from t.search_vector)",
                "(o.id is null or o.user_id is distinct from t.user_id or o.language <> t.language
                    or o.embedding_code is distinct from t.embedding_code)",
                ""
            ),
            $table,
            " t left join ",
            $other,
            " o on o.id = t.id
            ) d (base, person, language, id, differs, words, code)
            where differs or code is not null"
        )
    };
}

statement! {
    CHUNKS() = chunks!("true", "true", "changed t");
    CHUNKS_REMOVED() = differing_chunks!("removed", "added");
    CHUNKS_ADDED() = differing_chunks!("added", "removed");
    ENTRIES() = entries!("true", "true", "changed t");
    ENTRIES_REMOVED() = differing_entries!("removed", "added");
    ENTRIES_ADDED() = differing_entries!("added", "removed");
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
    changed: &'static LocalKey<Statement>,
    removed: &'static LocalKey<Statement>,
    added: &'static LocalKey<Statement>,
    are_chunks: bool,
}

/// AFTER INSERT, UPDATE, DELETE, TRUNCATE FOR EACH STATEMENT on knowledge_chunks.
#[pg_trigger(sql = false)]
fn lgtempo_chunk_index<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    let source = Source { changed: &CHUNKS, removed: &CHUNKS_REMOVED, added: &CHUNKS_ADDED, are_chunks: true };
    after(|| keep(trigger, &source))
}

/// AFTER INSERT, UPDATE, DELETE, TRUNCATE FOR EACH STATEMENT on knowledge.
#[pg_trigger(sql = false)]
fn lgtempo_entry_index<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    let source = Source { changed: &ENTRIES, removed: &ENTRIES_REMOVED, added: &ENTRIES_ADDED, are_chunks: false };
    after(|| keep(trigger, &source))
}

fn keep(trigger: &PgTrigger<'_>, source: &Source) -> Answer<()> {
    let event = trigger.event();
    guard::as_owner(catalog::owner_of("knowledge_collections"), || {
        connected(|db| {
            if event.fired_by_truncate() {
                db.run(&FORGET, values![source.are_chunks]);
                return Ok(());
            }
            db.see_transition_tables(trigger);
            if event.fired_by_insert() {
                write(db, source.changed, add, 1);
                return Ok(());
            }
            let left = if event.fired_by_delete() {
                write(db, source.changed, remove, -1)
            } else {
                let left = write(db, source.removed, remove, -1);
                write(db, source.added, add, 1);
                left
            };
            left.into_iter().for_each(|collection| drop_if_empty(db, collection));
            Ok(())
        })
    })
}

/// A text on its way into the index or out of it.
pub struct Text {
    pub id: Id,
    /// Its lexemes and how often it has each; None where only the embedding is another.
    pub words: Option<Vec<(String, u16)>>,
    pub code: Option<Bits>,
}

/// How many lexemes and codes are held in memory, or a few more.
const BATCH: usize = 1 << 18;

/// Writes the texts that a statement tells, with `change`; returns their collections.
fn write(
    db: &Database,
    statement: &'static LocalKey<Statement>,
    change: fn(&Collection<'_>, Vec<Text>),
    sign: i64,
) -> Vec<i64> {
    let mut collections = Vec::new();
    let mut texts: BTreeMap<Key, Vec<Text>> = BTreeMap::new();
    let mut size = 0;
    let mut flush = |texts: BTreeMap<Key, Vec<Text>>| {
        pgrx::check_for_interrupts!();
        // A connection of its own: a statement may be handing out its texts.
        or_raise(connected(|db| {
            for (key, texts) in texts {
                let collection = Collection::count(db, &key, &texts, sign);
                collections.push(collection.id);
                change(&collection, texts);
            }
            Ok(())
        }));
    };
    db.each(statement, values![], |row| {
        let text = read(row);
        size += text.words.as_ref().map_or(0, Vec::len) + 1;
        texts.entry((row.optional_id(1), row.optional_id(2), row.text(3))).or_default().push(text);
        if size >= BATCH {
            size = 0;
            flush(std::mem::take(&mut texts));
        }
    });
    flush(texts);
    collections
}

fn read(row: &Slot) -> Text {
    // SAFETY: the columns are a tsvector and a bit(1536), and the row lives until this returns.
    let lexemes = row.datum(6).map(|vector| unsafe { Lexemes::new(vector) });
    let code = row.datum(7).map(|bits| unsafe { Bits::copy(bits) });
    let words = || lexemes.iter().flat_map(Lexemes::iter).map(|(lexeme, times)| (stored(lexeme), times)).collect();
    Text { id: row.id(4), words: row.is(5).then(words), code }
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
