//! Events of voice chats: whose they become, and what they say of the person's engagement.

use pgrx::AnyNumeric;
use pgrx::prelude::*;

use crate::arguments::{not_negative, required};
use crate::caller::signed_in;
use crate::error::{Answer, forbidden, internal, invalid};
use crate::statement::{connected, statement, values};

statement! {
    HEADER() = "select nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-anonymous-id'";
    CLAIM("uuid", "text") = "
        update @extschema@.voice_chat_events
        set user_id = $1,
            anonymous_id = null
        where anonymous_id = $2 and user_id is null";
}

/// Makes the unclaimed events of an anonymous_id the caller's, and returns how many.
///
/// Errors: 22004, 22023; 42501 where nobody is signed in, or the request's header x-anonymous-id is not the same.
#[pg_extern(sql = false)]
fn claim_anonymous_events(p_anonymous_id: Option<&str>) -> Answer<i64> {
    let anonymous_id = required(p_anonymous_id, "p_anonymous_id")?;
    if !is_anonymous_id(anonymous_id) {
        return Err(invalid("p_anonymous_id must be 32 to 128 characters of A-Z, a-z, 0-9, _ and -"));
    }
    connected(|db| {
        let Some(person) = signed_in(db) else {
            return Err(forbidden("nobody is signed in: auth.uid() is null"));
        };
        if db.run(&HEADER, values![]).value::<String>().as_deref() != Some(anonymous_id) {
            return Err(forbidden("p_anonymous_id must also be sent as the request header x-anonymous-id"));
        }
        Ok(db.run(&CLAIM, values![person, anonymous_id]).changed as i64)
    })
}

/// As the check of voice_chat_events has it.
fn is_anonymous_id(text: &str) -> bool {
    (32..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// 0.4 · min(messages / 20, 1) + 0.4 · min(seconds / 600, 1) + 0.2 · min(calls / 5, 1), to two decimals, halves up.
///
/// Errors: 22004, 22023 for a negative number.
#[pg_extern(sql = false, immutable, parallel_safe)]
fn calculate_engagement_score(
    message_count: Option<i32>,
    duration_seconds: Option<i32>,
    tool_calls_count: Option<i32>,
) -> Answer<AnyNumeric> {
    let count = |value, argument| not_negative(required(value, argument)?, argument);
    let messages = count(message_count, "message_count")?.min(20);
    let seconds = count(duration_seconds, "duration_seconds")?.min(600);
    let calls = count(tool_calls_count, "tool_calls_count")?.min(5);
    let hundredths = hundredths(messages, seconds, calls);
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.parse().map_err(|_| internal("a decimal number is not a numeric"))
}

/// The score, counted in 1500ths to be exact: a message is 30 of them, a second 1, a call 60.
fn hundredths(messages: i32, seconds: i32, calls: i32) -> i32 {
    let parts = 30 * messages + seconds + 60 * calls;
    (2 * parts + 15) / 30
}
