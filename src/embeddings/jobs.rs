//! What ends a job besides its worker: the text it was for, and whoever retries.

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use super::kind::Kind;
use crate::caller::person_if_any;
use crate::error::{Answer, internal};
use crate::statement::{connected, statement, values};
use crate::trigger::{Fired, after, as_owner, column, rewrite, set};
use crate::vector::Vector;

statement! {
    END_OF_NODE("uuid", "uuid") = "delete from @extschema@.embedding_jobs where node_id = $1 and user_id = $2";
    END_OF_CHUNK("uuid", "uuid") = "delete from @extschema@.embedding_jobs where chunk_id = $1";
    END_OF_ENTRY("uuid", "uuid") = "delete from @extschema@.embedding_jobs where entry_id = $1";
    /// Locks in one order, so that two retries don't wait for each other.
    RETRY("uuid") = "
        with given_up as (
            select j.id
            from @extschema@.embedding_jobs j
            where j.failed_at is not null
                and (
                    $1 is null
                    or j.user_id = $1
                    or exists (select from @extschema@.knowledge e where e.id = j.entry_id and e.user_id = $1)
                    or exists (
                        select from @extschema@.knowledge_chunks c
                        join @extschema@.agent_knowledge_bases b on b.id = c.knowledge_base_id
                        where c.id = j.chunk_id and b.owner_id = $1
                    )
                )
            order by j.id
            for update of j
        )
        delete from @extschema@.embedding_jobs j using given_up where j.id = given_up.id";
}

/// Frees what was given up, of one person or of everybody, and returns how many.
#[pg_extern(sql = false)]
fn retry_embedding_jobs(p_user_id: Option<Uuid>) -> Answer<i64> {
    connected(|db| {
        let person = person_if_any(db, "embedding_jobs", p_user_id)?;
        Ok(db.run(&RETRY, values![person]).changed as i64)
    })
}

/// BEFORE UPDATE, when the text has changed and the embedding has not: it is no longer the text's.
#[pg_trigger(sql = false)]
fn lgtempo_stale_embedding<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    rewrite(trigger, |row| set(row, "embedding", None::<Vector>))
}

/// AFTER UPDATE of what lacked an embedding, when it has one now, or another text, or was deleted: its job ends.
///
/// The argument is the kind. Works as the owner of the jobs.
#[pg_trigger(sql = false)]
fn lgtempo_embedding_job<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    after(|| {
        let Some(row) = trigger.new() else { return Ok(()) };
        let id: Option<Uuid> = column(&row, "id");
        let kind = trigger.extra_args().ok().and_then(|arguments| Kind::named(arguments.first()?));
        let (end, user_id) = match kind.ok_or_else(|| internal("fired without a kind"))? {
            Kind::Node => (&END_OF_NODE, column::<Uuid, _>(&row, "user_id")),
            Kind::Chunk => (&END_OF_CHUNK, None),
            Kind::Entry => (&END_OF_ENTRY, None),
        };
        as_owner(trigger, &["embedding_jobs"], |db| {
            db.run(end, values![id, user_id]);
            Ok(())
        })
    })
}
