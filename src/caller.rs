//! Who is calling, and whose data they ask for.

use pgrx::datum::Uuid;
use pgrx::pg_sys;

use crate::catalog;
use crate::error::{Answer, forbidden, missing};
use crate::statement::{Database, statement, values};

statement! {
    /// The signed-in person, by the JWT's claims.
    SIGNED_IN() = "select auth.uid()::uuid";
    /// Whose node this is, if exactly one person has one of this id.
    HOLDER_OF_NODE("uuid") = "select min(user_id::text)::uuid from @extschema@.graph_nodes where id = $1 having count(*) = 1";
}

/// Whether row-level security binds the caller on a table of ours. PostgreSQL decides, not the claims.
pub fn is_bound(table: &str) -> bool {
    // SAFETY: a look-up by the id of a relation; with no_error it answers instead of raising.
    let answer = unsafe { pg_sys::check_enable_rls(catalog::table(table), pg_sys::InvalidOid, true) };
    answer == pg_sys::CheckEnableRlsResult::RLS_ENABLED as i32
}

/// Whether the caller may select from a table of ours at all.
pub fn may_read(table: &str) -> bool {
    // SAFETY: a look-up by the id of a relation and the current user.
    unsafe {
        let mode = pg_sys::ACL_SELECT as pg_sys::AclMode;
        pg_sys::pg_class_aclcheck(catalog::table(table), pg_sys::GetUserId(), mode) == pg_sys::AclResult::ACLCHECK_OK
    }
}

/// The signed-in person, None where nobody is.
pub fn signed_in(db: &Database) -> Option<Uuid> {
    db.compute(&SIGNED_IN)
}

/// The person whose rows of `table` a call is about. `p_user_id` NULL means the caller.
///
/// Errors: 42501 when RLS binds the caller and somebody else is named or nobody is signed in; 22004 when it does not
/// and nobody is named or signed in.
pub fn person(db: &Database, table: &str, p_user_id: Option<Uuid>) -> Answer<Uuid> {
    person_if_any(db, table, p_user_id)?.ok_or_else(|| missing("p_user_id"))
}

/// Like [`person`]; for callers that RLS does not bind, naming nobody means the one person who has this node.
pub fn person_of_node(db: &Database, p_node_id: Uuid, p_user_id: Option<Uuid>) -> Answer<Uuid> {
    person_if_any(db, "graph_nodes", p_user_id)?
        .or_else(|| db.run(&HOLDER_OF_NODE, values![p_node_id]).value())
        .ok_or_else(|| missing("p_user_id"))
}

/// Like [`person`]; None where a caller that RLS does not bind names nobody, and nobody is signed in.
pub fn person_if_any(db: &Database, table: &str, p_user_id: Option<Uuid>) -> Answer<Option<Uuid>> {
    let caller = signed_in(db);
    if let Some(caller) = caller.filter(|caller| p_user_id.is_none_or(|named| named == *caller)) {
        return Ok(Some(caller));
    }
    if is_bound(table) {
        return Err(forbidden(match caller {
            Some(_) => "p_user_id names somebody else: you may name only yourself",
            None => "nobody is signed in: auth.uid() is null",
        }));
    }
    Ok(p_user_id)
}
