//! Postings: which texts of a collection contain which words, in segments of texts.

use rustc_hash::{FxHashMap, FxHashSet};

use super::collection::{Collection, next_segment};
use super::packed::{Posting, pack_word, postings, words};
use crate::id::{Id, array, uuid};
use crate::statement::{statement, values};

statement! {
    PEND("uuid", "uuid[]", "bytea[]") = "
        insert into @extschema@.knowledge_pending_words (collection_id, passage_id, words)
        select $1, passage_id, words
        from unnest($2, $3) text (passage_id, words)";
    TAKE_PENDING("uuid") = "
        delete from @extschema@.knowledge_pending_words
        where collection_id = $1
        returning passage_id, words";
    TAKE_THESE("uuid", "uuid[]") = "
        delete from @extschema@.knowledge_pending_words
        where collection_id = $1 and passage_id = any ($2)
        returning passage_id";
    COUNT_PENDING("uuid", "int4") = "
        update @extschema@.knowledge_collections set pending_words = pending_words + $2 where id = $1";
    ADD_SEGMENT("uuid", "int8", "text[]", "bytea[]") = "
        insert into @extschema@.knowledge_postings (collection_id, lexeme, segment, texts)
        select $1, lexeme, $2, texts
        from unnest($3, $4) posting (lexeme, texts)";
    /// OFFSET 0 keeps these to a look-up for each lexeme: a plan made while the table was small would go on to read all.
    POSTINGS("uuid", "text[]") = "
        select l.lexeme, p.segment, p.texts
        from unnest($2) l (lexeme)
        cross join lateral (
            select p.segment, p.texts
            from @extschema@.knowledge_postings p
            where p.collection_id = $1 and p.lexeme = l.lexeme
            offset 0
        ) p";
    POSTINGS_OF("uuid", "text[]", "int8[]") = "
        select l.lexeme, p.segment, p.texts
        from unnest($2) l (lexeme)
        cross join lateral (
            select p.segment, p.texts
            from @extschema@.knowledge_postings p
            where p.collection_id = $1 and p.lexeme = l.lexeme and p.segment = any ($3)
            offset 0
        ) p";
    /// Every row is there: this updates them, each found by its key.
    REWRITE("uuid", "text[]", "int8[]", "bytea[]") = "
        insert into @extschema@.knowledge_postings (collection_id, lexeme, segment, texts)
        select $1, lexeme, segment, texts
        from unnest($2, $3, $4) new (lexeme, segment, texts)
        on conflict (collection_id, lexeme, segment) do update
        set texts = excluded.texts";
    REMOVE_EMPTY("uuid", "text[]", "int8[]") = "
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
}

/// A text that has words.
pub struct Text {
    pub id: Id,
    pub words: Vec<(String, u16)>,
}

impl Text {
    fn length(&self) -> u32 {
        self.words.iter().map(|(_, frequency)| u32::from(*frequency)).sum()
    }
}

/// How many texts a segment has: as many as keep a lexeme's row within a page of the index.
const SEGMENT: usize = 64;

/// Adds texts: whole segments to the postings, the rest to those that are pending.
pub fn add(collection: &Collection<'_>, mut texts: Vec<Text>) {
    let db = collection.db;
    let mut change = 0;
    if texts.len() % SEGMENT + collection.pending_words >= SEGMENT {
        let before = texts.len();
        db.each(&TAKE_PENDING, values![uuid(collection.id)], |row| {
            let words = row.bytes(2, |bytes| words(bytes).map(|(lexeme, times)| (lexeme.to_owned(), times)).collect());
            texts.push(Text { id: row.id(1), words });
        });
        change -= (texts.len() - before) as i32;
    }
    let rest = texts.split_off(texts.len() - texts.len() % SEGMENT);
    for segment in texts.chunks(SEGMENT) {
        add_segment(collection, segment);
    }
    if !rest.is_empty() {
        let ids = array(rest.iter().map(|text| text.id));
        let words: Vec<Vec<u8>> = rest.iter().map(|text| packed(&text.words)).collect();
        db.run(&PEND, values![uuid(collection.id), ids, words]);
    }
    count_pending(collection, change + rest.len() as i32);
}

fn count_pending(collection: &Collection<'_>, change: i32) {
    if change != 0 {
        collection.db.run(&COUNT_PENDING, values![uuid(collection.id), change]);
    }
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
    collection
        .db
        .run(&ADD_SEGMENT, values![uuid(collection.id), next_segment(collection.db, collection.id), lexemes, texts]);
}

/// Removes texts, pending or not.
pub fn remove(collection: &Collection<'_>, texts: Vec<Text>) {
    if texts.is_empty() {
        return;
    }
    let mut gone: FxHashMap<Id, Text> = texts.into_iter().map(|text| (text.id, text)).collect();
    let ids = array(gone.keys().copied().collect::<Vec<_>>().into_iter());
    let mut pending = 0;
    collection.db.each(&TAKE_THESE, values![uuid(collection.id), ids], |row| {
        gone.remove(&row.id(1));
        pending += 1;
    });
    count_pending(collection, -pending);
    if !gone.is_empty() {
        remove_postings(collection, &gone);
    }
}

fn remove_postings(collection: &Collection<'_>, gone: &FxHashMap<Id, Text>) {
    let db = collection.db;
    let is_gone = |posting: &Posting| gone.contains_key(&posting.passage);
    // The longest lexeme is likely to be in few segments, and tells the text's.
    let longest = |text: &Text| text.words.iter().map(|(lexeme, _)| lexeme).max_by_key(|lexeme| lexeme.len()).cloned();
    let probes: Vec<String> = gone.values().filter_map(longest).collect::<FxHashSet<_>>().into_iter().collect();
    let mut segments: FxHashSet<i64> = FxHashSet::default();
    db.each(&POSTINGS, values![uuid(collection.id), probes], |row| {
        if row.bytes(3, |texts| postings(texts).any(|posting| is_gone(&posting))) {
            segments.insert(row.long(2));
        }
    });
    let lexemes: FxHashSet<&String> =
        gone.values().flat_map(|text| text.words.iter().map(|(lexeme, _)| lexeme)).collect();
    let lexemes: Vec<&str> = lexemes.into_iter().map(String::as_str).collect();
    let segments: Vec<i64> = segments.into_iter().collect();
    let mut rewritten: (Vec<String>, Vec<i64>, Vec<Vec<u8>>) = Default::default();
    db.each(&POSTINGS_OF, values![uuid(collection.id), lexemes, segments], |row| {
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
    db.run(&REWRITE, values![uuid(collection.id), lexemes.clone(), segments.clone(), texts]);
    db.run(&REMOVE_EMPTY, values![uuid(collection.id), lexemes, segments]);
}
