//! Claiming: what is pending, leased to one worker.

use std::thread::LocalKey;

use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::prelude::*;

use super::kind::Kind;
use crate::arguments::{limit, required};
use crate::clock::wall_clock;
use crate::error::{Answer, invalid};
use crate::identity::new_key;
use crate::statement::{Database, Rows, Statement, connected, statement, values};
use crate::table::Table;
use crate::value::Value;

/// The oldest $1 rows that lack an embedding, without what is leased after $2 or given up; locked, and what others hold
/// passed by: workers don't wait for each other.
#[rustfmt::skip]
macro_rules! pick {
    ($table:literal, $user_id:literal, $live:literal, $job:literal) => {
        concat!(
            "select t.id::uuid, ", $user_id, "
            from @extschema@.", $table, " t
            where t.embedding is null
                ", $live, "
                and not exists (
                    select from @extschema@.embedding_jobs j
                    where ", $job, " and (j.failed_at is not null or j.leased_until > $2)
                )
            order by t.id
            limit $1
            for no key update of t skip locked"
        )
    };
}

/// Leases rows ($1, of the persons $2) as $3 until $5, and answers as claim_embedding_jobs() does. What another worker
/// has leased since the rows were picked stays with it: $4 is now.
#[rustfmt::skip]
macro_rules! lease {
    ($table:literal, $key:literal, $picked:literal, $of_job:literal, $answer:literal) => {
        concat!(
            "with leased as (
                insert into @extschema@.embedding_jobs as j (", $key, ", lease, leased_until)
                select ", $picked, ", $3, $5
                from unnest($1, $2) p (id, user_id)
                on conflict (", $key, ") do update
                set attempts = j.attempts + 1,
                    lease = excluded.lease,
                    leased_until = excluded.leased_until
                where j.failed_at is null and j.leased_until <= $4
                returning ", $key, ", attempts
            )
            select ", $answer, ", leased.attempts, $3
            from leased
            join @extschema@.", $table, " t on ", $of_job, "
            order by t.id"
        )
    };
}

statement! {
    /// When a lease of length $2 that begins at $1 ends; NULL where that is not later, or too late.
    END_OF_LEASE("timestamptz", "interval") = "
        select case when $2 > interval '0' and $2 <= interval '1 year' and $1 + $2 > $1 then $1 + $2 end";
    PICK_NODES("int4", "timestamptz") = pick!(
        "graph_nodes", "t.user_id::uuid", "and t.deleted_at is null", "j.node_id = t.id and j.user_id = t.user_id"
    );
    PICK_CHUNKS("int4", "timestamptz") = pick!("knowledge_chunks", "null::uuid", "", "j.chunk_id = t.id");
    PICK_ENTRIES("int4", "timestamptz") = pick!("knowledge", "null::uuid", "", "j.entry_id = t.id");
    LEASE_NODES("uuid[]", "uuid[]", "uuid", "timestamptz", "timestamptz") = lease!(
        "graph_nodes", "node_id, user_id", "p.id, p.user_id", "t.id = leased.node_id and t.user_id = leased.user_id",
        r"'node', t.id::uuid, t.user_id::uuid, concat_ws(E'\n', t.label, nullif(t.description, ''))"
    );
    LEASE_CHUNKS("uuid[]", "uuid[]", "uuid", "timestamptz", "timestamptz") = lease!(
        "knowledge_chunks", "chunk_id", "p.id", "t.id = leased.chunk_id",
        "'chunk', t.id::uuid,
            (select b.owner_id::uuid from @extschema@.agent_knowledge_bases b where b.id = t.knowledge_base_id),
            t.content::text"
    );
    LEASE_ENTRIES("uuid[]", "uuid[]", "uuid", "timestamptz", "timestamptz") = lease!(
        "knowledge", "entry_id", "p.id", "t.id = leased.entry_id", "'entry', t.id::uuid, t.user_id::uuid, t.content::text"
    );
}

type Statements = (&'static LocalKey<Statement>, &'static LocalKey<Statement>);

fn statements(kind: Kind) -> Statements {
    match kind {
        Kind::Node => (&PICK_NODES, &LEASE_NODES),
        Kind::Chunk => (&PICK_CHUNKS, &LEASE_CHUNKS),
        Kind::Entry => (&PICK_ENTRIES, &LEASE_ENTRIES),
    }
}

/// Texts to embed, at most `p_limit`, leased to the caller for `p_lease`; the oldest of each kind first.
///
/// Each kind gets an equal share, so that a large import of one does not hold up the others; what one does not need goes
/// to the rest. Errors: 22004, 22023.
#[pg_extern(sql = false)]
fn claim_embedding_jobs<'a>(p_limit: Option<i32>, p_lease: Option<Value>) -> Table<'a> {
    Table::new(move |claimed| {
        let limit = limit(p_limit, "p_limit")? as usize;
        let length = required(p_lease, "p_lease")?;
        connected(|db| {
            let claim = Claim::begin(db, length)?;
            let mut rest = limit;
            let mut open = Kind::ALL.to_vec();
            while rest > 0 && !open.is_empty() {
                let share = rest.div_ceil(open.len());
                open.retain(|kind| {
                    let Some(rows) = claim.more(*kind, share.min(rest)) else { return false };
                    claimed.append(&rows);
                    rest -= rows.len();
                    true
                });
            }
            Ok(())
        })
    })
}

/// A claim under way. Its clock stands still, so that it never takes what it has just leased.
struct Claim<'db> {
    db: &'db Database,
    lease: Uuid,
    now: TimestampWithTimeZone,
    until: TimestampWithTimeZone,
}

impl<'db> Claim<'db> {
    fn begin(db: &'db Database, length: Value) -> Answer<Self> {
        let now = wall_clock();
        let until = db.run(&END_OF_LEASE, values![now, length]).value();
        let until = until.ok_or_else(|| invalid("p_lease must be longer than 0 and at most 1 year"))?;
        Ok(Claim { db, lease: new_key(), now, until })
    }

    /// Leases up to `most` of a kind; None where nothing of it is free.
    fn more(&self, kind: Kind, most: usize) -> Option<Rows<'_>> {
        let (pick, lease) = statements(kind);
        let picked = self.db.run(pick, values![most as i32, self.now]);
        let ids: Vec<Uuid> = picked.column();
        let user_ids: Vec<Option<Uuid>> = picked.iter().map(|row| row.get(2)).collect();
        (!ids.is_empty()).then(|| self.db.run(lease, values![ids, user_ids, self.lease, self.now, self.until]))
    }
}
