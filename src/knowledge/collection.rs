//! A collection: what is searched together, and what one writer at a time keeps of it.

use super::index::Text;
use crate::id::{Id, id, uuid};
use crate::statement::{Database, statement, values};

statement! {
    /// Counts texts in or out. The row is locked from here to the transaction's end: one writer at a time.
    COUNT("uuid", "uuid", "text", "int8", "int8") = "
        insert into @extschema@.knowledge_collections as c
            (knowledge_base_id, user_id, language, texts, positions)
        values ($1, $2, $3, $4, $5)
        on conflict (knowledge_base_id, user_id, language) do update
        set texts = c.texts + excluded.texts, positions = c.positions + excluded.positions
        returning id, pending_words, pending_codes";
    NEXT_SEGMENT("uuid") = "
        update @extschema@.knowledge_collections
        set segments = segments + 1
        where id = $1
        returning segments";
    DROP_EMPTY("uuid") = "
        with gone as (
            delete from @extschema@.knowledge_collections where id = $1 and texts <= 0 returning id
        ), words as (
            delete from @extschema@.knowledge_pending_words w using gone where w.collection_id = gone.id
        ), codes as (
            delete from @extschema@.knowledge_codes c using gone where c.collection_id = gone.id
        )
        delete from @extschema@.knowledge_pending_codes c using gone where c.collection_id = gone.id";
}

/// What makes a collection: a base; or whose entries, and their language.
pub type Key = (Option<Id>, Option<Id>, Option<String>);

/// A collection that is locked, as it was then.
pub struct Collection<'db> {
    pub db: &'db Database,
    pub id: Id,
    pub pending_words: usize,
    pub pending_codes: usize,
}

impl<'db> Collection<'db> {
    /// Locks a collection and counts texts in (1) or out (-1).
    pub fn count(db: &'db Database, (base, person, language): &Key, texts: &[Text], sign: i64) -> Self {
        let words = || texts.iter().filter_map(|text| text.words.as_ref());
        let positions: i64 = words().flatten().map(|(_, frequency)| i64::from(*frequency)).sum();
        let (base, person) = (base.map(uuid), person.map(uuid));
        let counts = values![base, person, language.as_deref(), sign * words().count() as i64, sign * positions];
        let rows = db.run(&COUNT, counts);
        let row = rows.first().expect("an upsert returns its row");
        Collection {
            db,
            id: id(row.must(1)),
            pending_words: row.must::<i32>(2) as usize,
            pending_codes: row.must::<i32>(3) as usize,
        }
    }
}

/// The number of a new segment.
pub fn next_segment(db: &Database, collection: Id) -> Option<i64> {
    db.run(&NEXT_SEGMENT, values![uuid(collection)]).value()
}

/// A collection goes with its last text.
pub fn drop_if_empty(db: &Database, collection: Id) {
    db.run(&DROP_EMPTY, values![uuid(collection)]);
}
