//! Documents: storing one in chunks.

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use super::split::{Chunk, split};
use crate::arguments::{object, required};
use crate::error::{Answer, invalid, unknown};
use crate::json::Json;
use crate::statement::{Database, connected, statement, values};

const DOCUMENT_TYPES: [&str; 4] = ["text", "markdown", "pdf", "html"];
/// The embedding models' longest input, in tokens.
const MOST_TOKENS: i32 = 8191;

statement! {
    /// A row lock asks for the right to update: the base is one that the caller may write, and stays while we do.
    WRITABLE_BASE("uuid") = "
        select id::uuid from @extschema@.agent_knowledge_bases where id = $1 for key share";
    SAME_CONTENT("uuid", "text") = "
        select id::uuid
        from @extschema@.knowledge_documents
        where knowledge_base_id = $1 and content_hash = encode(sha256(convert_to($2, 'UTF8')), 'hex')";
    ADD_DOCUMENT("uuid", "text", "text", "text", "text", "jsonb") = "
        insert into @extschema@.knowledge_documents
            (knowledge_base_id, title, content, source_url, document_type, metadata)
        values ($1, $2, $3, $4, $5, coalesce($6, '{}'))
        on conflict (knowledge_base_id, content_hash) do nothing
        returning id::uuid";
    ADD_CHUNKS("uuid", "uuid", "text[]", "int4[]") = "
        insert into @extschema@.knowledge_chunks
            (document_id, knowledge_base_id, chunk_index, content, token_count)
        select $1, $2, place - 1, content, tokens
        from unnest($3, $4) with ordinality chunk (content, tokens, place)";
}

/// Stores a document and its chunks; returns its id, or that of the document with the same content in the base.
///
/// `p_max_tokens` (1 to 8191) and `p_overlap_tokens` (0 to below `p_max_tokens`) are tokens of cl100k_base. With
/// `p_document_type` markdown, chunks follow headings and blocks. `p_metadata` NULL means an empty object.
/// Errors: 22004, 22023; 23503 when the base does not exist or the caller may not write it.
#[pg_extern(sql = false)]
#[allow(clippy::too_many_arguments)]
fn add_knowledge_document(
    p_knowledge_base_id: Option<Uuid>,
    p_title: Option<&str>,
    p_content: Option<&str>,
    p_source_url: Option<&str>,
    p_document_type: Option<&str>,
    p_metadata: Option<Json>,
    p_max_tokens: Option<i32>,
    p_overlap_tokens: Option<i32>,
) -> Answer<Uuid> {
    let base = required(p_knowledge_base_id, "p_knowledge_base_id")?;
    let title = text(p_title, "p_title")?;
    let content = text(p_content, "p_content")?;
    let document_type = document_type(p_document_type)?;
    let metadata = object(p_metadata, "p_metadata")?;
    let (max, overlap) = sizes(p_max_tokens, p_overlap_tokens)?;
    connected(|db| {
        let Some(base) = db.run(&WRITABLE_BASE, values![base]).value::<Uuid>() else {
            return Err(unknown("p_knowledge_base_id names no knowledge base that you may write"));
        };
        if let Some(known) = same_content(db, base, content) {
            return Ok(known);
        }
        let mut interrupt = || {
            pgrx::check_for_interrupts!();
        };
        let chunks = split(content, document_type == "markdown", max, overlap, &mut interrupt);
        let document = values![base, title, content, p_source_url, document_type, metadata];
        match db.run(&ADD_DOCUMENT, document).value() {
            Some(document) => {
                add_chunks(db, document, base, &chunks);
                Ok(document)
            }
            // Somebody else was faster.
            None => same_content(db, base, content)
                .ok_or_else(|| unknown("a document of the same content is in the base, but you may not read it")),
        }
    })
}

fn same_content(db: &Database, base: Uuid, content: &str) -> Option<Uuid> {
    db.run(&SAME_CONTENT, values![base, content]).value()
}

fn add_chunks(db: &Database, document: Uuid, base: Uuid, chunks: &[Chunk<'_>]) {
    let contents: Vec<&str> = chunks.iter().map(|chunk| chunk.content).collect();
    let tokens: Vec<i32> = chunks.iter().map(|chunk| chunk.tokens as i32).collect();
    db.run(&ADD_CHUNKS, values![document, base, contents, tokens]);
}

/// A text that says something (22023).
fn text<'a>(value: Option<&'a str>, argument: &str) -> Answer<&'a str> {
    let value = required(value, argument)?;
    if value.trim().is_empty() { Err(invalid(format!("{argument} must not be empty"))) } else { Ok(value) }
}

fn document_type(value: Option<&str>) -> Answer<&str> {
    let value = required(value, "p_document_type")?;
    if DOCUMENT_TYPES.contains(&value) {
        Ok(value)
    } else {
        Err(invalid(format!("p_document_type must be one of {}, not {value:?}", DOCUMENT_TYPES.join(", "))))
    }
}

/// The most tokens of a chunk, and how many of them it repeats of the one before.
fn sizes(max: Option<i32>, overlap: Option<i32>) -> Answer<(usize, usize)> {
    let max = required(max, "p_max_tokens")?;
    let overlap = required(overlap, "p_overlap_tokens")?;
    if !(1..=MOST_TOKENS).contains(&max) {
        return Err(invalid(format!("p_max_tokens must be between 1 and {MOST_TOKENS}, not {max}")));
    }
    if !(0..max).contains(&overlap) {
        return Err(invalid(format!("p_overlap_tokens must be between 0 and p_max_tokens - 1, not {overlap}")));
    }
    Ok((max as usize, overlap as usize))
}
