//! The codes of a collection's embeddings, packed into segments that are read as a whole.
//!
//! An index would hold a code in each entry: reading a hundred thousand of them costs five times as much.

use pgrx::pg_sys;

use super::collection::{Collection, next_segment};
use crate::codes::Bits;
use crate::id::{Id, array, uuid};
use crate::statement::{Database, statement, values};

statement! {
    PEND("uuid", "uuid[]", "bytea[]") = "
        insert into @extschema@.knowledge_pending_codes (collection_id, passage_id, code)
        select $1, passage_id, code
        from unnest($2, $3) pending (passage_id, code)";
    TAKE_PENDING("uuid") = "
        delete from @extschema@.knowledge_pending_codes
        where collection_id = $1
        returning code";
    TAKE_THESE("uuid", "uuid[]") = "
        delete from @extschema@.knowledge_pending_codes
        where collection_id = $1 and passage_id = any ($2)
        returning passage_id";
    ADD_SEGMENT("uuid", "int8", "bytea") = "
        insert into @extschema@.knowledge_codes (collection_id, segment, codes) values ($1, $2, $3)";
    COUNT("uuid", "int4", "int8", "int8") = "
        update @extschema@.knowledge_collections
        set pending_codes = pending_codes + $2, codes = codes + $3, stale_codes = stale_codes + $4
        where id = $1";
    /// All segments of a collection, before they are written anew.
    TAKE_SEGMENTS("uuid") = "
        delete from @extschema@.knowledge_codes where collection_id = $1 returning codes";
    STALE_CODES("uuid") = "
        select codes, stale_codes from @extschema@.knowledge_collections where id = $1";
    /// Of these chunks or entries, those that belong to the collection and have an embedding whose code is not pending.
    LIVE("uuid", "uuid[]") = "
        select t.id, t.code
        from (
            select c.id, c.embedding_code::bit(1536) as code
            from @extschema@.knowledge_collections k
            join @extschema@.knowledge_chunks c on c.knowledge_base_id = k.knowledge_base_id
            where k.id = $1 and c.id = any ($2) and c.embedding is not null
            union all
            select e.id, e.embedding_code::bit(1536)
            from @extschema@.knowledge_collections k
            join @extschema@.knowledge e on e.user_id is not distinct from k.user_id and e.language = k.language
            where k.id = $1 and k.knowledge_base_id is null and e.id = any ($2) and e.embedding is not null
        ) t
        where not exists (
            select from @extschema@.knowledge_pending_codes p where p.collection_id = $1 and p.passage_id = t.id
        )";
    CODES("uuid[]") = "
        select codes from @extschema@.knowledge_codes where collection_id = any ($1)
        union all
        select code from @extschema@.knowledge_pending_codes where collection_id = any ($1)";
}

/// The bytes of a code and its chunk's or entry's id.
const CODE: usize = size_of::<Id>() + size_of::<Bits>();
/// How many codes a segment has: as many as fit a page.
const SEGMENT: usize = 38;
// A tuple has a header, a uuid, a bigint and a varlena's header too; the largest of a page of 8 kB has 8,160 bytes.
const _: () = assert!(24 + 16 + 8 + 4 + SEGMENT * CODE <= 8160);
/// From which share of a collection's codes on they are written anew without the stale ones: one in so many.
const STALE: i64 = 4;

fn pack((id, code): (Id, Bits)) -> [u8; CODE] {
    let mut bytes = [0; CODE];
    bytes[..size_of::<Id>()].copy_from_slice(&id.to_be_bytes());
    bytes[size_of::<Id>()..].copy_from_slice(code.bytes());
    bytes
}

/// Where codes are.
pub const TABLES: [&str; 2] = ["knowledge_codes", "knowledge_pending_codes"];

/// Hands every code of some collections to `take`, also stale ones.
pub fn each(db: &Database, collections: &[Id], mut take: impl FnMut(Id, &Bits)) {
    db.each(&CODES, values![array(collections.iter().copied())], |row| {
        row.bytes(1, |codes| unpack(codes, &mut take));
    });
}

fn unpack(codes: &[u8], take: &mut impl FnMut(Id, &Bits)) {
    for code in codes.as_chunks::<CODE>().0 {
        let (id, bits) = code.split_first_chunk().expect("a code begins with an id");
        take(Id::from_be_bytes(*id), Bits::of(bits.first_chunk().expect("a code is as long as that")));
    }
}

/// Adds codes: whole segments, the rest to those that are pending.
pub fn add(collection: &Collection<'_>, codes: Vec<(Id, Bits)>) {
    if codes.is_empty() {
        return;
    }
    let mut pending = 0;
    let mut codes: Vec<[u8; CODE]> = codes.into_iter().map(pack).collect();
    if codes.len() % SEGMENT + collection.pending_codes >= SEGMENT {
        collection.db.each(&TAKE_PENDING, values![uuid(collection.id)], |row| {
            pending -= 1;
            row.bytes(1, |code| codes.extend(code.as_chunks::<CODE>().0));
        });
    }
    let (segments, rest) = codes.as_chunks::<SEGMENT>();
    segments.iter().for_each(|segment| add_segment(collection.db, collection.id, segment.as_flattened()));
    if !rest.is_empty() {
        let id = |code: &[u8; CODE]| Id::from_be_bytes(*code.first_chunk().expect("a code begins with an id"));
        let codes: Vec<&[u8]> = rest.iter().map(<[u8; CODE]>::as_slice).collect();
        collection.db.run(&PEND, values![uuid(collection.id), array(rest.iter().map(id)), codes]);
        pending += rest.len() as i32;
    }
    collection.db.run(&COUNT, values![uuid(collection.id), pending, segments.as_flattened().len() as i64, 0i64]);
}

fn add_segment(db: &Database, collection: Id, codes: &[u8]) {
    db.run(&ADD_SEGMENT, values![uuid(collection), next_segment(db, collection), codes]);
}

/// Removes the codes that are pending and counts the others as stale.
pub fn remove(collection: &Collection<'_>, ids: Vec<Id>) {
    if ids.is_empty() {
        return;
    }
    let pending = collection.db.run(&TAKE_THESE, values![uuid(collection.id), array(ids.iter().copied())]).len();
    let stale = (ids.len() - pending) as i64;
    collection.db.run(&COUNT, values![uuid(collection.id), -(pending as i32), 0i64, stale]);
}

/// Removes the stale codes of a collection that is locked if there are many. Not before all that a statement has changed is
/// written: what is live is asked of the tables, which have it already.
pub fn tidy(db: &Database, collection: Id) {
    let rows = db.run(&STALE_CODES, values![uuid(collection)]);
    let Some(row) = rows.first() else { return };
    let (codes, stale) = (row.must::<i64>(1), row.must::<i64>(2));
    if stale > SEGMENT as i64 && stale * STALE > codes {
        write_anew(db, collection, codes, stale);
    }
}

/// Writes a collection's segments anew, without the stale codes.
fn write_anew(db: &Database, collection: Id, codes: i64, stale: i64) {
    let mut ids = Vec::new();
    db.each(&TAKE_SEGMENTS, values![uuid(collection)], |row| {
        row.bytes(1, |codes| unpack(codes, &mut |id, _: &Bits| ids.push(id)));
    });
    ids.sort_unstable();
    ids.dedup();
    let mut live = Vec::new();
    db.each(&LIVE, values![uuid(collection), array(ids.into_iter())], |row| {
        // SAFETY: it is a bit string.
        live.extend(row.typed(2, &[pg_sys::BITOID]).map(|bits| pack((row.id(1), unsafe { Bits::copy(bits) }))));
    });
    live.chunks(SEGMENT).for_each(|segment| add_segment(db, collection, segment.as_flattened()));
    db.run(&COUNT, values![uuid(collection), 0i32, live.len() as i64 - codes, -stale]);
}
