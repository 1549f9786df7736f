//! Postings: which texts contain which words, kept by the statements that write chunks and entries.

use std::collections::BTreeMap;
use std::thread::LocalKey;

use pgrx::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::packed::{Posting, pack_word, postings, stored, words};
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
    /// Of updated texts those whose words or collection have changed. By set operations: a kept plan of a join would be one
    /// for as few rows as the first statement changed.
    CHUNKS_REMOVED() = concat!(chunks!("removed"), " except all ", chunks!("added"));
    CHUNKS_ADDED() = concat!(chunks!("added"), " except all ", chunks!("removed"));
    ENTRIES_REMOVED() = concat!(entries!("removed"), " except all ", entries!("added"));
    ENTRIES_ADDED() = concat!(entries!("added"), " except all ", entries!("removed"));
    /// Counts texts in or out. The collection's row is locked from here to the transaction's end: one writer at a time.
    COUNT("uuid", "uuid", "text", "int8", "int8") = "
        insert into @extschema@.knowledge_collections as c
            (knowledge_base_id, user_id, language, texts, positions)
        values ($1, $2, $3, $4, $5)
        on conflict (knowledge_base_id, user_id, language) do update
        set texts = c.texts + excluded.texts, positions = c.positions + excluded.positions
        returning id, pending";
    DROP_EMPTY("int8") = "
        delete from @extschema@.knowledge_collections where id = $1 and texts <= 0";
    PEND("int8", "uuid[]", "bytea[]") = "
        insert into @extschema@.knowledge_pending (collection_id, passage_id, words)
        select $1, passage_id, words
        from unnest($2, $3) text (passage_id, words)";
    TAKE_PENDING("int8") = "
        delete from @extschema@.knowledge_pending
        where collection_id = $1
        returning passage_id, words";
    TAKE_THESE("int8", "uuid[]") = "
        delete from @extschema@.knowledge_pending
        where collection_id = $1 and passage_id = any ($2)
        returning passage_id";
    COUNT_PENDING("int8", "int4") = "
        update @extschema@.knowledge_collections set pending = pending + $2 where id = $1";
    NEXT_SEGMENT("int8") = "
        update @extschema@.knowledge_collections
        set segments = segments + 1
        where id = $1
        returning segments";
    ADD_SEGMENT("int8", "int8", "text[]", "bytea[]") = "
        insert into @extschema@.knowledge_postings (collection_id, lexeme, segment, texts)
        select $1, lexeme, $2, texts
        from unnest($3, $4) posting (lexeme, texts)";
    /// OFFSET 0 keeps these to a look-up for each lexeme: a plan made while the table was small would go on to read all.
    POSTINGS("int8", "text[]") = "
        select l.lexeme, p.segment, p.texts
        from unnest($2) l (lexeme)
        cross join lateral (
            select p.segment, p.texts
            from @extschema@.knowledge_postings p
            where p.collection_id = $1 and p.lexeme = l.lexeme
            offset 0
        ) p";
    POSTINGS_OF("int8", "text[]", "int8[]") = "
        select l.lexeme, p.segment, p.texts
        from unnest($2) l (lexeme)
        cross join lateral (
            select p.segment, p.texts
            from @extschema@.knowledge_postings p
            where p.collection_id = $1 and p.lexeme = l.lexeme and p.segment = any ($3)
            offset 0
        ) p";
    /// Every row is there: this updates them, each found by its key.
    REWRITE("int8", "text[]", "int8[]", "bytea[]") = "
        insert into @extschema@.knowledge_postings (collection_id, lexeme, segment, texts)
        select $1, lexeme, segment, texts
        from unnest($2, $3, $4) new (lexeme, segment, texts)
        on conflict (collection_id, lexeme, segment) do update
        set texts = excluded.texts";
    REMOVE_EMPTY("int8", "text[]", "int8[]") = "
        delete from @extschema@.knowledge_postings
        where ctid = any (array(
            select p.ctid
            from unnest($2, $3) old (lexeme, segment)
            cross join lateral (
                select p.ctid
                from @extschema@.knowledge_postings p
                where p.collection_id = $1 and p.lexeme = old.lexeme and p.segment = old.segment and p.texts = ''
                offset 0
            ) p
        ))";
    /// Of all chunks ($1) or of all entries.
    FORGET("bool") = "
        with gone as (
            delete from @extschema@.knowledge_collections
            where (knowledge_base_id is not null) = $1
            returning id
        ), pending as (
            delete from @extschema@.knowledge_pending p using gone where p.collection_id = gone.id
        )
        delete from @extschema@.knowledge_postings p using gone where p.collection_id = gone.id";
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
                write(db, source.changed, add);
                return Ok(());
            }
            let left = if event.fired_by_delete() {
                write(db, source.changed, remove)
            } else {
                let left = write(db, source.removed, remove);
                write(db, source.added, add);
                left
            };
            for collection in left {
                db.run(&DROP_EMPTY, values![collection]);
            }
            Ok(())
        })
    })
}

/// What makes a collection: a base; or whose entries, and their language. Writers lock collections in this order.
type Key = (Option<Id>, Option<Id>, Option<String>);

/// A text with its lexemes and how often it has each.
struct Text {
    id: Id,
    words: Vec<(String, u16)>,
}

impl Text {
    fn length(&self) -> u32 {
        self.words.iter().map(|(_, frequency)| u32::from(*frequency)).sum()
    }
}

/// How many lexemes are held in memory, or a few more.
const BATCH: usize = 1 << 18;

/// Writes the texts that a statement tells, with `change`; returns their collections.
fn write(
    db: &Database,
    statement: &'static LocalKey<Statement>,
    change: fn(&Database, &Key, Vec<Text>) -> i64,
) -> Vec<i64> {
    let mut collections = Vec::new();
    let mut texts: BTreeMap<Key, Vec<Text>> = BTreeMap::new();
    let mut size = 0;
    let mut flush = |texts: BTreeMap<Key, Vec<Text>>| {
        pgrx::check_for_interrupts!();
        // A connection of its own: a statement may be handing out its texts.
        or_raise(connected(|db| {
            collections.extend(texts.into_iter().map(|(key, texts)| change(db, &key, texts)));
            Ok(())
        }));
    };
    db.each(statement, values![], |row| {
        let text = read(row);
        size += text.words.len() + 1;
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
    // SAFETY: the column is a tsvector, and the row lives until this returns.
    let lexemes = row.datum(5).map(|vector| unsafe { Lexemes::new(vector) });
    let words = lexemes.iter().flat_map(Lexemes::iter).map(|(lexeme, frequency)| (stored(lexeme), frequency)).collect();
    Text { id: row.id(4), words }
}

/// A collection that is locked.
struct Collection<'db> {
    db: &'db Database,
    id: i64,
    pending: usize,
}

impl<'db> Collection<'db> {
    /// Locks a collection and counts texts in (1) or out (-1).
    fn count(db: &'db Database, (base, person, language): &Key, texts: &[Text], sign: i64) -> Self {
        let positions: i64 = texts.iter().map(|text| i64::from(text.length())).sum();
        let (base, person) = (base.map(uuid), person.map(uuid));
        let counts = values![base, person, language.as_deref(), sign * texts.len() as i64, sign * positions];
        let rows = db.run(&COUNT, counts);
        let row = rows.first().expect("an upsert returns its row");
        Collection { db, id: row.must(1), pending: row.must::<i32>(2) as usize }
    }

    fn count_pending(&self, change: i32) {
        if change != 0 {
            self.db.run(&COUNT_PENDING, values![self.id, change]);
        }
    }
}

/// How many texts a segment has: as many as keep a lexeme's row within a page of the index.
const SEGMENT: usize = 64;

/// Adds texts: whole segments to the postings, the rest to those that are pending.
fn add(db: &Database, key: &Key, mut texts: Vec<Text>) -> i64 {
    let collection = Collection::count(db, key, &texts, 1);
    texts.retain(|text| !text.words.is_empty());
    let mut change = 0;
    if texts.len() % SEGMENT + collection.pending >= SEGMENT {
        let before = texts.len();
        db.each(&TAKE_PENDING, values![collection.id], |row| {
            let words = row.bytes(2, |bytes| words(bytes).map(|(lexeme, times)| (lexeme.to_owned(), times)).collect());
            texts.push(Text { id: row.id(1), words });
        });
        change -= (texts.len() - before) as i32;
    }
    let rest = texts.split_off(texts.len() - texts.len() % SEGMENT);
    for segment in texts.chunks(SEGMENT) {
        add_segment(&collection, segment);
    }
    if !rest.is_empty() {
        let ids = array(rest.iter().map(|text| text.id));
        let words: Vec<Vec<u8>> = rest.iter().map(|text| packed(&text.words)).collect();
        db.run(&PEND, values![collection.id, ids, words]);
    }
    collection.count_pending(change + rest.len() as i32);
    collection.id
}

fn packed(words: &[(String, u16)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    words.iter().for_each(|(lexeme, frequency)| pack_word(lexeme, *frequency, &mut bytes));
    bytes
}

/// In the order of the index, neighbours are written together.
fn add_segment(collection: &Collection<'_>, texts: &[Text]) {
    let mut postings: FxHashMap<&str, Vec<u8>> = FxHashMap::default();
    for text in texts {
        let (passage, length) = (text.id, text.length());
        for (lexeme, frequency) in &text.words {
            Posting { passage, frequency: *frequency, length }.pack(postings.entry(lexeme).or_default());
        }
    }
    let mut postings: Vec<(&str, Vec<u8>)> = postings.into_iter().collect();
    postings.sort_unstable_by_key(|(lexeme, _)| *lexeme);
    let (lexemes, texts): (Vec<&str>, Vec<Vec<u8>>) = postings.into_iter().unzip();
    let segment: Option<i64> = collection.db.run(&NEXT_SEGMENT, values![collection.id]).value();
    collection.db.run(&ADD_SEGMENT, values![collection.id, segment, lexemes, texts]);
}

/// Removes texts, pending or not.
fn remove(db: &Database, key: &Key, texts: Vec<Text>) -> i64 {
    let collection = Collection::count(db, key, &texts, -1);
    let mut gone: FxHashMap<Id, Text> = texts.into_iter().map(|text| (text.id, text)).collect();
    let ids = array(gone.keys().copied().collect::<Vec<_>>().into_iter());
    let mut pending = 0;
    db.each(&TAKE_THESE, values![collection.id, ids], |row| {
        gone.remove(&row.id(1));
        pending += 1;
    });
    collection.count_pending(-pending);
    gone.retain(|_, text| !text.words.is_empty());
    if !gone.is_empty() {
        remove_postings(&collection, &gone);
    }
    collection.id
}

fn remove_postings(collection: &Collection<'_>, gone: &FxHashMap<Id, Text>) {
    let db = collection.db;
    let is_gone = |posting: &Posting| gone.contains_key(&posting.passage);
    // The longest lexeme is likely to be in few segments, and tells the text's.
    let longest = |text: &Text| text.words.iter().map(|(lexeme, _)| lexeme).max_by_key(|lexeme| lexeme.len()).cloned();
    let probes: Vec<String> = gone.values().filter_map(longest).collect::<FxHashSet<_>>().into_iter().collect();
    let mut segments: FxHashSet<i64> = FxHashSet::default();
    db.each(&POSTINGS, values![collection.id, probes], |row| {
        if row.bytes(3, |texts| postings(texts).any(|posting| is_gone(&posting))) {
            segments.insert(row.long(2));
        }
    });
    let lexemes: FxHashSet<&String> =
        gone.values().flat_map(|text| text.words.iter().map(|(lexeme, _)| lexeme)).collect();
    let lexemes: Vec<&str> = lexemes.into_iter().map(String::as_str).collect();
    let segments: Vec<i64> = segments.into_iter().collect();
    let mut rewritten: (Vec<String>, Vec<i64>, Vec<Vec<u8>>) = Default::default();
    db.each(&POSTINGS_OF, values![collection.id, lexemes, segments], |row| {
        let (before, left) = row.bytes(3, |texts| {
            let mut left = Vec::new();
            postings(texts).filter(|posting| !is_gone(posting)).for_each(|posting| posting.pack(&mut left));
            (texts.len(), left)
        });
        if left.len() < before {
            rewritten.0.extend(row.text(1));
            rewritten.1.push(row.long(2));
            rewritten.2.push(left);
        }
    });
    let (lexemes, segments, texts) = rewritten;
    db.run(&REWRITE, values![collection.id, lexemes.clone(), segments.clone(), texts]);
    db.run(&REMOVE_EMPTY, values![collection.id, lexemes, segments]);
}
