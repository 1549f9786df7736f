//! Storing what a worker has made: embeddings, and jobs that are given up.

use std::thread::LocalKey;

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use super::items::{self, Item};
use super::kind::Kind;
use crate::error::Answer;
use crate::json::Json;
use crate::statement::{Database, Statement, connected, statement, values};

/// Locks the rows ($1, of the persons $2) whose job still has the lease ($3) that was shown.
#[rustfmt::skip]
macro_rules! lock {
    ($table:literal, $item_of_job:literal, $row_of_job:literal) => {
        concat!(
            "select
            from unnest($1, $2, $3) i (id, user_id, lease)
            join @extschema@.embedding_jobs j on ", $item_of_job, " and j.lease = i.lease
            join @extschema@.", $table, " t on ", $row_of_job, "
            order by t.id
            for no key update of t"
        )
    };
}

/// Stores embeddings ($4) in rows whose job has this lease; a trigger ends the job. The job's lock has PostgreSQL compare
/// the leases as they are now, whatever the snapshot.
#[rustfmt::skip]
macro_rules! store {
    ($table:literal, $item_of_job:literal, $row_of_job:literal) => {
        concat!(
            "with current as (
                select j.node_id, j.user_id, j.chunk_id, j.entry_id, i.embedding
                from unnest($1, $2, $3, $4) i (id, user_id, lease, embedding)
                join @extschema@.embedding_jobs j on ", $item_of_job, " and j.lease = i.lease
                for update of j
            )
            update @extschema@.", $table, " t
            set embedding = j.embedding::@vector@.vector
            from current j
            where ", $row_of_job, " and t.embedding is null"
        )
    };
}

/// Gives up jobs with this lease; $4 says why.
#[rustfmt::skip]
macro_rules! give_up {
    ($item_of_job:literal) => {
        concat!(
            "update @extschema@.embedding_jobs j
            set lease = null,
                leased_until = null,
                error = i.error,
                failed_at = clock_timestamp()
            from unnest($1, $2, $3, $4) i (id, user_id, lease, error)
            where ", $item_of_job, " and j.lease = i.lease"
        )
    };
}

/// The three statements of a kind.
macro_rules! kinds {
    ($($lock:ident $store:ident $give_up:ident = $table:literal, $item_of_job:literal, $row_of_job:literal;)+) => {
        statement! {
            $(
                $lock("uuid[]", "uuid[]", "uuid[]") = lock!($table, $item_of_job, $row_of_job);
                $store("uuid[]", "uuid[]", "uuid[]", "text[]") = store!($table, $item_of_job, $row_of_job);
                $give_up("uuid[]", "uuid[]", "uuid[]", "text[]") = give_up!($item_of_job);
            )+
        }
    };
}

kinds! {
    LOCK_NODES STORE_NODES GIVE_UP_NODES = "graph_nodes",
        "j.node_id = i.id and j.user_id = i.user_id",
        "t.id = j.node_id and t.user_id = j.user_id";
    LOCK_CHUNKS STORE_CHUNKS GIVE_UP_CHUNKS = "knowledge_chunks", "j.chunk_id = i.id", "t.id = j.chunk_id";
    LOCK_ENTRIES STORE_ENTRIES GIVE_UP_ENTRIES = "knowledge", "j.entry_id = i.id", "t.id = j.entry_id";
}

/// What is done with the items of a kind.
struct Statements {
    lock: &'static LocalKey<Statement>,
    store: &'static LocalKey<Statement>,
    give_up: &'static LocalKey<Statement>,
}

fn statements(kind: Kind) -> Statements {
    match kind {
        Kind::Node => Statements { lock: &LOCK_NODES, store: &STORE_NODES, give_up: &GIVE_UP_NODES },
        Kind::Chunk => Statements { lock: &LOCK_CHUNKS, store: &STORE_CHUNKS, give_up: &GIVE_UP_CHUNKS },
        Kind::Entry => Statements { lock: &LOCK_ENTRIES, store: &STORE_ENTRIES, give_up: &GIVE_UP_ENTRIES },
    }
}

/// Stores the embeddings among the items and returns how many; gives up those with an error.
///
/// An item whose lease is not the current one is skipped. Errors: 22004, 22023; then nothing is stored.
#[pg_extern(sql = false)]
fn store_embeddings(p_items: Option<Json>) -> Answer<i32> {
    connected(|db| {
        let items = items::read(db, p_items)?;
        Kind::ALL.iter().for_each(|kind| lock(db, *kind, &items));
        let stored: u64 = Kind::ALL.iter().map(|kind| settle(db, *kind, &items)).sum();
        Ok(stored as i32)
    })
}

/// The rows of all kinds are locked before any job.
fn lock(db: &Database, kind: Kind, items: &[Item]) {
    let keys: Keys = items.iter().filter(|item| item.kind == kind).collect();
    if !keys.ids.is_empty() {
        db.run(statements(kind).lock, values![keys.ids, keys.user_ids, keys.leases]);
    }
}

/// Stores the embeddings of a kind and returns how many, and gives up its errors.
fn settle(db: &Database, kind: Kind, items: &[Item]) -> u64 {
    let Statements { store, give_up, .. } = statements(kind);
    let of_kind = || items.iter().filter(|item| item.kind == kind);
    let (embedded, embeddings) =
        of_kind().filter_map(|item| Some((item, item.outcome.as_ref().ok()?.as_str()))).unzip();
    let (failed, errors) = of_kind().filter_map(|item| Some((item, item.outcome.as_ref().err()?.as_str()))).unzip();
    let stored = change(db, store, embedded, embeddings);
    change(db, give_up, failed, errors);
    stored
}

/// Runs a statement over keys and a text for each, and returns how many rows it has changed.
fn change(db: &Database, statement: &'static LocalKey<Statement>, keys: Keys, texts: Vec<&str>) -> u64 {
    if keys.ids.is_empty() {
        return 0;
    }
    db.run(statement, values![keys.ids, keys.user_ids, keys.leases, texts]).changed
}

/// What identifies items and proves the claim, as arrays for statements.
#[derive(Default)]
struct Keys {
    ids: Vec<Uuid>,
    user_ids: Vec<Option<Uuid>>,
    leases: Vec<Uuid>,
}

impl<'a> Extend<&'a Item> for Keys {
    fn extend<T: IntoIterator<Item = &'a Item>>(&mut self, items: T) {
        for item in items {
            self.ids.push(item.id);
            self.user_ids.push(item.user_id);
            self.leases.push(item.lease);
        }
    }
}

impl<'a> FromIterator<&'a Item> for Keys {
    fn from_iter<T: IntoIterator<Item = &'a Item>>(items: T) -> Self {
        let mut keys = Keys::default();
        keys.extend(items);
        keys
    }
}
