//! What people do with their messages, and how the service writes them.

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use super::attachments::Attachments;
use crate::arguments::required;
use crate::caller::{person, person_if_any};
use crate::error::{Answer, not_ready};
use crate::graph::{Live, require_live};
use crate::identity::new_key;
use crate::json::Json;
use crate::statement::{Database, connected, reading, statement, values};
use crate::value::Value;

statement! {
    /// Read from inbox_messages_user_unread_idx alone.
    UNREAD("uuid") = "
        select count(*)
        from @extschema@.inbox_messages
        where user_id = $1
            and not is_read
            and not is_archived
            and (expires_at is null or expires_at > now())";
    OWNER("uuid") = "select user_id::uuid from @extschema@.inbox_messages where id = $1";
    READ("uuid", "uuid") = "
        update @extschema@.inbox_messages
        set is_read = true,
            read_at = now()
        where user_id = $1 and id = $2 and not is_read";
    RECEIPT("uuid", "uuid") = "
        insert into @extschema@.message_read_receipts (user_id, message_id)
        values ($1, $2)
        on conflict (message_id, user_id) do update
        set read_at = excluded.read_at";
    TOGGLE_PIN("uuid", "uuid") = "
        update @extschema@.inbox_messages
        set is_pinned = not is_pinned
        where user_id = $1 and id = $2";
    ARCHIVE("uuid", "uuid") = "
        update @extschema@.inbox_messages
        set archived_at = case when is_archived then coalesce(archived_at, now()) else now() end,
            is_archived = true
        where user_id = $1 and id = $2";
    /// A row that somebody is changing is skipped: waiting for it could end in a deadlock.
    ARCHIVE_EXPIRED() = "
        update @extschema@.inbox_messages m
        set is_archived = true,
            archived_at = now()
        from (
            select id
            from @extschema@.inbox_messages
            where expires_at <= now() and not is_archived
            for no key update skip locked
        ) expired
        where m.id = expired.id";
    ADD_MESSAGE(
        "uuid", "uuid", "text", "text", "text", "text", "text", "@extschema@.message_priority", "uuid", "uuid",
        "@extschema@.message_type",
    ) = "
        insert into @extschema@.inbox_messages (
            id, user_id, subject, content, preview, sender_id, sender_name, category, priority, session_node_id,
            goal_node_id, message_type
        )
        values ($1, $2, $3, jsonb_build_object('text', $4), left($4, 200), $5, $6, $7, $8, $9, $10, $11)";
}

/// How many messages a person has not read, archived ones and expired ones aside. Errors: 22004, 42501.
#[pg_extern(sql = false)]
fn get_unread_message_count(p_user_id: Option<Uuid>) -> Answer<i64> {
    reading(|db| {
        let person = person(db, "inbox_messages", p_user_id)?;
        Ok(db.run(&UNREAD, values![person]).value().unwrap_or(0))
    })
}

/// Marks a message as read and writes the receipt; true if it was unread.
///
/// False where it was read before, or there is no such message. Errors: 22004, 42501.
#[pg_extern(sql = false)]
fn mark_message_as_read(p_message_id: Option<Uuid>, p_user_id: Option<Uuid>) -> Answer<bool> {
    with_message(p_message_id, p_user_id, |db, person, message| {
        let was_unread = db.run(&READ, values![person, message]).changed > 0;
        if was_unread {
            db.run(&RECEIPT, values![person, message]);
        }
        was_unread
    })
}

/// Pins a message or lets go of it; false if there is no such message. Errors: 22004, 42501.
#[pg_extern(sql = false)]
fn toggle_message_pin(p_message_id: Option<Uuid>, p_user_id: Option<Uuid>) -> Answer<bool> {
    with_message(p_message_id, p_user_id, |db, person, message| {
        db.run(&TOGGLE_PIN, values![person, message]).changed > 0
    })
}

/// Puts a message away; false if there is no such message. Errors: 22004, 42501.
#[pg_extern(sql = false)]
fn archive_message(p_message_id: Option<Uuid>, p_user_id: Option<Uuid>) -> Answer<bool> {
    with_message(p_message_id, p_user_id, |db, person, message| db.run(&ARCHIVE, values![person, message]).changed > 0)
}

/// Does `work` with a person's message. Whom RLS does not bind and who names nobody means the message's owner; a message
/// that nobody has is nobody's, and the answer false.
fn with_message(
    p_message_id: Option<Uuid>,
    p_user_id: Option<Uuid>,
    work: impl FnOnce(&Database, Uuid, Uuid) -> bool,
) -> Answer<bool> {
    let message = required(p_message_id, "p_message_id")?;
    connected(|db| {
        let person = person_if_any(db, "inbox_messages", p_user_id)?;
        let person = person.or_else(|| db.run(&OWNER, values![message]).value());
        Ok(person.is_some_and(|person| work(db, person, message)))
    })
}

/// Puts a message and its attachments into a person's inbox.
///
/// The sender's id and name, category and nodes may be NULL; `p_attachments` NULL is none. A session or goal must be a
/// live one of this person. Errors: 22004, 22023, 23503, 42501.
#[pg_extern(sql = false)]
#[allow(clippy::too_many_arguments)]
fn create_message_with_attachments(
    p_user_id: Option<Uuid>,
    p_subject: Option<&str>,
    p_content: Option<&str>,
    p_sender_agent_id: Option<&str>,
    p_sender_name: Option<&str>,
    p_category: Option<&str>,
    p_priority: Option<Value>,
    p_session_node_id: Option<Uuid>,
    p_goal_node_id: Option<Uuid>,
    p_attachments: Option<Json>,
    p_message_type: Option<Value>,
) -> Answer<Uuid> {
    let subject = required(p_subject, "p_subject")?;
    let content = required(p_content, "p_content")?;
    let priority = required(p_priority, "p_priority")?;
    let message_type = required(p_message_type, "p_message_type")?;
    connected(|db| {
        let attachments = Attachments::check(db, p_attachments, "p_attachments")?;
        let person = person(db, "inbox_messages", p_user_id)?;
        if let Some(session) = p_session_node_id {
            require_live(db, person, session, Live::Session, "p_session_node_id")?;
        }
        if let Some(goal) = p_goal_node_id {
            require_live(db, person, goal, Live::Goal, "p_goal_node_id")?;
        }
        let id = new_key();
        let message = values![
            id,
            person,
            subject,
            content,
            p_sender_agent_id,
            p_sender_name,
            p_category,
            priority,
            p_session_node_id,
            p_goal_node_id,
            message_type
        ];
        if db.run(&ADD_MESSAGE, message).changed == 0 {
            return Err(not_ready("a trigger on inbox_messages kept the message out"));
        }
        attachments.add(db, person, id);
        Ok(id)
    })
}

/// Archives the messages that have expired, and returns how many.
#[pg_extern(sql = false)]
fn cleanup_expired_messages() -> Answer<i64> {
    connected(|db| Ok(db.run(&ARCHIVE_EXPIRED, values![]).changed as i64))
}
