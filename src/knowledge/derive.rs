//! What the database keeps of documents, chunks and entries itself: words, hashes and counts.

use std::ffi::CString;

use pgrx::datum::Uuid;
use pgrx::direct_function_call;
use pgrx::prelude::*;

use crate::error::{Answer, violates};
use crate::statement::{connected, statement, values};
use crate::trigger::{Fired, NewRow, after, as_owner, column, rewrite, set};

statement! {
    LANGUAGE_EXISTS("text") = "
        select from pg_ts_config where oid::regconfig::text = $1";
    BASE_OF_DOCUMENT("uuid") = "select knowledge_base_id from @extschema@.knowledge_documents where id = $1";
    LANGUAGE_OF_BASE("uuid") = "select language from @extschema@.agent_knowledge_bases where id = $1";
    HASH("text") = "select encode(sha256(convert_to($1, 'UTF8')), 'hex')";
    /// Setting content has the chunks' own trigger split their words anew.
    SPLIT_ANEW("uuid") = "
        update @extschema@.knowledge_chunks set content = content where knowledge_base_id = $1";
    COUNT_DOCUMENT("uuid", "int4") = "
        update @extschema@.agent_knowledge_bases
        set document_count = document_count + $2
        where id = $1";
    /// Counts the rows of the trigger's transition table in ($1 = 1) or out ($1 = -1). Bases are locked first and in order:
    /// writers of the same bases wait for each other.
    COUNT_CHUNKS("int4") = "
        with chunks as (
            select document_id, knowledge_base_id, $1 * count(*)::int4 as change
            from changed
            group by document_id, knowledge_base_id
        ), bases as (
            select id
            from @extschema@.agent_knowledge_bases
            where id in (select knowledge_base_id from chunks)
            order by id
            for no key update
        ), documents as (
            update @extschema@.knowledge_documents d
            set chunk_count = d.chunk_count + c.change
            from chunks c
            where d.id = c.document_id
        )
        update @extschema@.agent_knowledge_bases b
        set total_chunks = b.total_chunks + c.change
        from (select knowledge_base_id, sum(change)::int4 as change from chunks group by knowledge_base_id) c
        where b.id = c.knowledge_base_id and b.id in (select id from bases)";
    NO_CHUNKS() = "
        with documents as (
            update @extschema@.knowledge_documents set chunk_count = 0 where chunk_count <> 0
        )
        update @extschema@.agent_knowledge_bases set total_chunks = 0 where total_chunks <> 0";
    NO_DOCUMENTS() = "
        update @extschema@.agent_knowledge_bases set document_count = 0 where document_count <> 0";
    MOVE_CHUNK_OF_DOCUMENT("uuid", "int4") = "
        update @extschema@.knowledge_documents set chunk_count = chunk_count + $2 where id = $1";
    MOVE_CHUNK_OF_BASE("uuid", "int4") = "
        update @extschema@.agent_knowledge_bases set total_chunks = total_chunks + $2 where id = $1";
}

/// What counts are kept in, as its owner.
const COUNTED: [&str; 2] = ["agent_knowledge_bases", "knowledge_documents"];

/// BEFORE INSERT OR UPDATE OF language on agent_knowledge_bases: it names a text search configuration (23514).
#[pg_trigger(sql = false)]
fn lgtempo_language<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    rewrite(trigger, |row| require_language(row))
}

fn require_language(row: &NewRow<'_>) -> Answer<()> {
    let Some(language) = column::<String, _>(row, "language") else { return Ok(()) };
    connected(|db| match db.run(&LANGUAGE_EXISTS, values![language.as_str()]).first() {
        Some(_) => Ok(()),
        None => Err(violates(format!("language must name a text search configuration, not {language:?}"))),
    })
}

/// AFTER UPDATE OF language on agent_knowledge_bases: its chunks are split into words anew.
#[pg_trigger(sql = false)]
fn lgtempo_base_words<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    after(|| {
        let base: Option<Uuid> = trigger.new().and_then(|row| column(&row, "id"));
        as_owner(trigger, &["knowledge_chunks"], |db| {
            db.run(&SPLIT_ANEW, values![base]);
            Ok(())
        })
    })
}

/// BEFORE INSERT OR UPDATE on knowledge_documents: the content's hash.
#[pg_trigger(sql = false)]
fn lgtempo_document_hash<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    rewrite(trigger, |row| {
        let content: Option<String> = column(row, "content");
        let hash: Option<String> = connected(|db| Ok(db.run(&HASH, values![content]).value()))?;
        set(row, "content_hash", hash)
    })
}

/// BEFORE INSERT OR UPDATE on knowledge_chunks: the document's base where it is left out, and the words.
///
/// It asks as the caller: a document that RLS hides gives no base, and the insert is refused.
#[pg_trigger(sql = false)]
fn lgtempo_chunk_words<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    rewrite(trigger, |row| {
        let document: Option<Uuid> = column(row, "document_id");
        let given: Option<Uuid> = column(row, "knowledge_base_id");
        let (base, language) = connected(|db| {
            let base = given.or_else(|| db.run(&BASE_OF_DOCUMENT, values![document]).value());
            let language: Option<String> = db.run(&LANGUAGE_OF_BASE, values![base]).value();
            Ok((base, language))
        })?;
        set(row, "knowledge_base_id", base)?;
        split_words(row, language.as_deref().unwrap_or("simple"))
    })
}

/// BEFORE INSERT OR UPDATE on knowledge: the words of an entry, in its own language (23514).
#[pg_trigger(sql = false)]
fn lgtempo_entry_words<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    rewrite(trigger, |row| {
        require_language(row)?;
        let language: Option<String> = column(row, "language");
        split_words(row, language.as_deref().unwrap_or("simple"))
    })
}

fn split_words(row: &mut NewRow<'_>, language: &str) -> Answer<()> {
    let Some(content) = column::<String, _>(row, "content") else { return Ok(()) };
    let language = CString::new(language).expect("text contains no NUL");
    // SAFETY: both functions take what they declare, a C string and (regconfig, text), and raise on what they refuse.
    let words: Option<Words> = unsafe {
        let language: Option<pg_sys::Oid> =
            direct_function_call(pg_sys::regconfigin, &[Some(pg_sys::Datum::from(language.as_ptr()))]);
        direct_function_call(pg_sys::to_tsvector_byid, &[language.into_datum(), content.into_datum()])
    };
    match words {
        Some(words) => set(row, "search_vector", words),
        None => Ok(()),
    }
}

/// A tsvector, passed on unread.
struct Words(pg_sys::Datum);

impl FromDatum for Words {
    unsafe fn from_polymorphic_datum(datum: pg_sys::Datum, is_null: bool, _: pg_sys::Oid) -> Option<Self> {
        (!is_null).then_some(Words(datum))
    }
}

impl IntoDatum for Words {
    fn into_datum(self) -> Option<pg_sys::Datum> {
        Some(self.0)
    }

    fn type_oid() -> pg_sys::Oid {
        pg_sys::TSVECTOROID
    }
}

/// AFTER INSERT OR DELETE OR UPDATE OF knowledge_base_id, AFTER TRUNCATE on knowledge_documents: the bases' counts.
#[pg_trigger(sql = false)]
fn lgtempo_document_counts<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    after(|| {
        let base = |row: Option<_>| row.and_then(|row| column::<Uuid, _>(&row, "knowledge_base_id"));
        let (left, joined) = (base(trigger.old()), base(trigger.new()));
        as_owner(trigger, &COUNTED, |db| {
            if trigger.event().fired_by_truncate() {
                db.run(&NO_DOCUMENTS, values![]);
            } else if left != joined {
                for (base, change) in [(left, -1), (joined, 1)] {
                    if base.is_some() {
                        db.run(&COUNT_DOCUMENT, values![base, change]);
                    }
                }
            }
            Ok(())
        })
    })
}

/// AFTER INSERT, DELETE, TRUNCATE FOR EACH STATEMENT on knowledge_chunks: the counts of documents and bases.
#[pg_trigger(sql = false)]
fn lgtempo_chunk_counts<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    after(|| {
        let change = if trigger.event().fired_by_insert() { 1 } else { -1 };
        as_owner(trigger, &COUNTED, |db| {
            if trigger.event().fired_by_truncate() {
                db.run(&NO_CHUNKS, values![]);
            } else {
                db.see_transition_tables(trigger);
                db.run(&COUNT_CHUNKS, values![change]);
            }
            Ok(())
        })
    })
}

/// AFTER UPDATE on knowledge_chunks, when a chunk has moved to another document or base.
#[pg_trigger(sql = false)]
fn lgtempo_chunk_moved<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    after(|| {
        let (Some(old), Some(new)) = (trigger.old(), trigger.new()) else { return Ok(()) };
        as_owner(trigger, &COUNTED, |db| {
            for (row, change) in [(&old, -1), (&new, 1)] {
                db.run(&MOVE_CHUNK_OF_DOCUMENT, values![column::<Uuid, _>(row, "document_id"), change]);
                db.run(&MOVE_CHUNK_OF_BASE, values![column::<Uuid, _>(row, "knowledge_base_id"), change]);
            }
            Ok(())
        })
    })
}
