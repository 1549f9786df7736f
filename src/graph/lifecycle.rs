//! Soft deletion: a node that is deleted closes its edges, one that is restored opens them again.

use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::prelude::*;

use crate::caller::{is_bound, signed_in};
use crate::clock::wall_clock;
use crate::error::{Answer, unknown};
use crate::statement::{Database, connected, statement, values};
use crate::trigger::{Fired, NewRow, after, as_owner, column, rewrite, set};

/// What is worked on as their owner.
const TABLES: [&str; 2] = ["graph_nodes", "graph_edges"];

statement! {
    /// The live ones of two nodes, locked so that neither can be deleted before this transaction ends.
    LOCK_LIVE_ENDS("uuid", "uuid", "uuid") = "
        select id
        from @extschema@.graph_nodes
        where user_id = $1 and id in ($2, $3) and deleted_at is null
        order by id
        for share";
    CLOSE_EDGES("uuid", "uuid", "timestamptz") = "
        update @extschema@.graph_edges
        set valid_to = greatest($3, valid_from + interval '1 microsecond'),
            closed_by_delete = true
        where user_id = $1
            and (source_node_id = $2 or target_node_id = $2)
            and (valid_to is null or valid_to > $3)
            and not closed_by_delete";
    /// Locks the edges that a deletion has closed: whoever restores their other end meanwhile waits.
    LOCK_CLOSED_EDGES("uuid", "uuid") = "
        select from @extschema@.graph_edges
        where user_id = $1 and (source_node_id = $2 or target_node_id = $2) and closed_by_delete
        order by id
        for update";
    /// Locks the other ends of the edges that a deletion has closed: they must not be deleted meanwhile.
    LOCK_NEIGHBORS("uuid", "uuid") = "
        select n.id
        from @extschema@.graph_nodes n
        where n.user_id = $1
            and n.deleted_at is null
            and n.id in (
                select case when e.source_node_id = $2 then e.target_node_id else e.source_node_id end
                from @extschema@.graph_edges e
                where e.user_id = $1
                    and (e.source_node_id = $2 or e.target_node_id = $2)
                    and e.closed_by_delete
            )
        order by n.id
        for share";
    /// Opens what a deletion closed, unless the other end is deleted or the same fact was recorded later.
    REOPEN_EDGES("uuid", "uuid") = "
        update @extschema@.graph_edges e
        set valid_to = null,
            closed_by_delete = false
        where e.user_id = $1
            and (e.source_node_id = $2 or e.target_node_id = $2)
            and e.closed_by_delete
            and not exists (
                select from @extschema@.graph_nodes n
                where n.user_id = $1
                    and n.id in (e.source_node_id, e.target_node_id)
                    and n.deleted_at is not null
            )
            and not exists (
                select from @extschema@.graph_edges later
                where later.user_id = $1
                    and later.source_node_id = e.source_node_id
                    and later.target_node_id = e.target_node_id
                    and later.edge_type = e.edge_type
                    and later.id <> e.id
                    and (later.valid_to is null or later.valid_to > e.valid_from)
            )";
}

/// BEFORE INSERT OR UPDATE OF deleted_at on graph_nodes: the instant of a deletion is the database's own.
#[pg_trigger(sql = false)]
fn lgtempo_node_deletion<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    let before: Option<TimestampWithTimeZone> = trigger.old().and_then(|old| column(&old, "deleted_at"));
    rewrite(trigger, |row| {
        let deleted_at: Option<TimestampWithTimeZone> = column(row, "deleted_at");
        if deleted_at.is_some() && deleted_at != before {
            set(row, "deleted_at", wall_clock())?;
        }
        Ok(())
    })
}

/// AFTER UPDATE OF deleted_at on graph_nodes, when it was deleted or restored. Works as the owner of the edges.
#[pg_trigger(sql = false)]
fn lgtempo_node_edges<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    after(|| {
        let Some(node) = trigger.new() else { return Ok(()) };
        let user_id: Option<Uuid> = column(&node, "user_id");
        let id: Option<Uuid> = column(&node, "id");
        let deleted_at: Option<TimestampWithTimeZone> = column(&node, "deleted_at");
        as_owner(trigger, &TABLES, |db| {
            if deleted_at.is_some() {
                db.run_on_latest(&CLOSE_EDGES, values![user_id, id, deleted_at]);
            } else {
                db.run(&LOCK_CLOSED_EDGES, values![user_id, id]);
                db.run(&LOCK_NEIGHBORS, values![user_id, id]);
                db.run_on_latest(&REOPEN_EDGES, values![user_id, id]);
            }
            Ok(())
        })
    })
}

/// BEFORE INSERT OR UPDATE on graph_edges: an edge that begins or opens again has two live ends (23503).
///
/// The ends stay locked to the end of the transaction: a deletion that runs beside it waits, and then closes the edge.
#[pg_trigger(sql = false)]
fn lgtempo_edge_ends<'a>(trigger: &'a PgTrigger<'a>) -> Fired<'a> {
    let change = trigger.old().map(|old| Before {
        user_id: column(&old, "user_id"),
        source: column(&old, "source_node_id"),
        target: column(&old, "target_node_id"),
        valid_to: column(&old, "valid_to"),
        closed_by_delete: column(&old, "closed_by_delete").unwrap_or(false),
    });
    rewrite(trigger, |row| {
        let user_id: Option<Uuid> = column(row, "user_id");
        let source: Option<Uuid> = column(row, "source_node_id");
        let target: Option<Uuid> = column(row, "target_node_id");
        let valid_to: Option<TimestampWithTimeZone> = column(row, "valid_to");
        let begins = match &change {
            None => true,
            Some(before) => {
                forget_deletion(row, before, valid_to)?;
                (before.user_id, before.source, before.target) != (user_id, source, target)
                    || (before.valid_to.is_some() && (valid_to.is_none() || valid_to > before.valid_to))
            }
        };
        match (user_id, source, target) {
            (Some(user_id), Some(source), Some(target)) if begins && may_write_for(user_id)? => {
                as_owner(trigger, &TABLES, |db| lock_live_ends(db, user_id, source, target))
            }
            _ => Ok(()),
        }
    })
}

/// An edge as it was before an update.
struct Before {
    user_id: Option<Uuid>,
    source: Option<Uuid>,
    target: Option<Uuid>,
    valid_to: Option<TimestampWithTimeZone>,
    closed_by_delete: bool,
}

/// An edge whose end somebody moves is no longer one that a deletion closed.
fn forget_deletion(row: &mut NewRow<'_>, before: &Before, valid_to: Option<TimestampWithTimeZone>) -> Answer<()> {
    if valid_to.is_none() || (before.closed_by_delete && valid_to != before.valid_to) {
        set(row, "closed_by_delete", false)?;
    }
    Ok(())
}

/// Whether row-level security will let the caller write this person's edges. Where it will not, nothing is looked up:
/// its refusal must not tell what lives.
fn may_write_for(user_id: Uuid) -> Answer<bool> {
    Ok(!is_bound("graph_edges") || connected(|db| Ok(signed_in(db)))? == Some(user_id))
}

fn lock_live_ends(db: &Database, user_id: Uuid, source: Uuid, target: Uuid) -> Answer<()> {
    let live = db.run(&LOCK_LIVE_ENDS, values![user_id, source, target]);
    let live: Vec<Uuid> = live.iter().map(|row| row.must(1)).collect();
    for (end, name) in [(source, "source_node_id"), (target, "target_node_id")] {
        if !live.contains(&end) {
            return Err(unknown(format!("{name} is not a live node of this person")));
        }
    }
    Ok(())
}

statement! {
    LIVE_NODE("uuid", "uuid") = "
        select from @extschema@.graph_nodes where user_id = $1 and id = $2 and deleted_at is null";
    LIVE_GOAL("uuid", "uuid") = "
        select from @extschema@.graph_nodes
        where user_id = $1 and id = $2 and deleted_at is null and node_type = 'goal'";
    LIVE_SESSION("uuid", "uuid") = "
        select from @extschema@.graph_nodes
        where user_id = $1 and id = $2 and deleted_at is null and node_type = 'session'";
}

/// What a node that an argument names must be.
#[derive(Clone, Copy)]
pub enum Live {
    Node,
    Goal,
    Session,
}

/// 23503 unless an argument names such a node of this person, not deleted.
pub fn require_live(db: &Database, user_id: Uuid, id: Uuid, what: Live, argument: &str) -> Answer<()> {
    let (statement, name) = match what {
        Live::Node => (&LIVE_NODE, "node"),
        Live::Goal => (&LIVE_GOAL, "goal"),
        Live::Session => (&LIVE_SESSION, "session"),
    };
    match db.run(statement, values![user_id, id]).first() {
        Some(_) => Ok(()),
        None => Err(unknown(format!("{argument} is not a live {name} of this person"))),
    }
}
