//! What a plain insert of messages, attachments and receipts may leave out.

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use crate::json::Json;
use crate::statement::{connected, statement, values};
use crate::trigger::{Fired, column, rewrite, set};

statement! {
    PREVIEW("jsonb") = "select left($1 ->> 'text', 200)";
    OWNER("uuid") = "select user_id from @extschema@.inbox_messages where id = $1";
}

/// BEFORE INSERT on inbox_messages: the preview is the text's beginning.
#[pg_trigger(sql = false)]
fn lgtempo_message_preview<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    rewrite(trigger, |row| {
        let content: Option<Json> = column(row, "content");
        if column::<String, _>(row, "preview").is_some() || content.is_none_or(|content| !content.is_object()) {
            return Ok(());
        }
        let preview: Option<String> = connected(|db| Ok(db.run(&PREVIEW, values![content]).value()))?;
        set(row, "preview", preview)
    })
}

/// BEFORE INSERT on message_attachments and message_read_receipts: they are the message's owner's.
///
/// It asks as the caller, who sees only the messages that RLS shows.
#[pg_trigger(sql = false)]
fn lgtempo_message_owner<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    rewrite(trigger, |row| {
        if column::<Uuid, _>(row, "user_id").is_some() {
            return Ok(());
        }
        let message: Option<Uuid> = column(row, "message_id");
        let owner: Option<Uuid> = connected(|db| Ok(db.run(&OWNER, values![message]).value()))?;
        set(row, "user_id", owner)
    })
}
