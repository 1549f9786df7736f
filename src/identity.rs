//! Accounts: rows of users and profiles that follow auth.users, and what every row gets: a key and a time of change.

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use crate::catalog;
use crate::clock::transaction_start;
use crate::error::{Answer, forbidden, or_raise};
use crate::guard;
use crate::json::Json;
use crate::statement::{connected, statement, values};
use crate::trigger::{Fired, after, column, rewrite, set};

/// A new key: a version 7 UUID, whose order is the order of making within a backend.
#[pg_extern(sql = false)]
fn lgtempo_uuid_v7() -> Uuid {
    new_key()
}

/// A new key for a row.
pub fn new_key() -> Uuid {
    Uuid::from_bytes(uuid::Uuid::now_v7().into_bytes())
}

/// The version of the installed library.
#[pg_extern(sql = false)]
fn lgtempo_version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// BEFORE UPDATE on every table: notes when.
#[pg_trigger(sql = false)]
fn lgtempo_touch<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    rewrite(trigger, |row| set(row, "updated_at", transaction_start()))
}

statement! {
    /// Makes the rows of an account, or brings them in step with it.
    FOLLOW_ACCOUNT("uuid", "text", "jsonb") = "
        insert into @extschema@.users as u (id, email, name, full_name, avatar_url)
        values ($1, $2, $3 ->> 'name', $3 ->> 'full_name', $3 ->> 'avatar_url')
        on conflict (id) do update
        set email = excluded.email,
            name = excluded.name,
            full_name = excluded.full_name,
            avatar_url = excluded.avatar_url
        where (u.email, u.name, u.full_name, u.avatar_url)
            is distinct from (excluded.email, excluded.name, excluded.full_name, excluded.avatar_url)";
    /// A profile follows the metadata only where it still says what the metadata said before ($3).
    FOLLOW_PROFILE("uuid", "jsonb", "jsonb") = "
        insert into @extschema@.profiles as p (id, full_name, avatar_url)
        values ($1, $2 ->> 'full_name', $2 ->> 'avatar_url')
        on conflict (id) do update
        set full_name = case
                when p.full_name is not distinct from ($3 ->> 'full_name') then excluded.full_name
                else p.full_name
            end,
            avatar_url = case
                when p.avatar_url is not distinct from ($3 ->> 'avatar_url') then excluded.avatar_url
                else p.avatar_url
            end
        where ($2 -> 'full_name', $2 -> 'avatar_url') is distinct from ($3 -> 'full_name', $3 -> 'avatar_url')";
}

/// AFTER INSERT OR UPDATE on auth.users: users and profiles follow.
///
/// It works as the owner of those tables, because the role that signs people up has no rights on them, and its
/// errors become warnings: an account without a profile can be mended, a refused sign-up is a person lost.
#[pg_trigger(sql = false)]
fn lgtempo_sync_user<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    after(|| {
        if let Err(told) = guard::attempt(|| or_raise(follow(trigger))) {
            pgrx::warning!("lgtempo could not keep users and profiles in step with auth.users: {told}");
        }
        Ok(())
    })
}

fn follow(trigger: &PgTrigger<'_>) -> Answer<()> {
    if !trigger.relid().is_ok_and(catalog::is_accounts) {
        return Err(forbidden("accounts are the rows of auth.users alone"));
    }
    let Some(account) = trigger.new() else { return Ok(()) };
    let id = column::<Uuid, _>(&account, "id");
    let email = column::<String, _>(&account, "email");
    let metadata = column::<Json, _>(&account, "raw_user_meta_data");
    let before = trigger.old().and_then(|old| column::<Json, _>(&old, "raw_user_meta_data"));
    guard::as_owner(catalog::owner_of(&["users", "profiles"]), || {
        connected(|db| {
            db.run(&FOLLOW_ACCOUNT, values![id, email, metadata]);
            db.run(&FOLLOW_PROFILE, values![id, metadata, before]);
            Ok(())
        })
    })
}
