//! How far embedding is.

use std::thread::LocalKey;

use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::prelude::*;

use super::kind::Kind;
use crate::caller::{is_bound, person_if_any};
use crate::catalog;
use crate::guard;
use crate::statement::{Database, Row, Statement, reading, statement, values};
use crate::table::Table;

/// What lacks an embedding (w) by the state of its job: all of it, leased, given up; when the oldest that is free was made.
#[rustfmt::skip]
macro_rules! waiting {
    ($lacking:expr, $job:literal) => {
        concat!(
            "select count(*), count(j.leased_until), count(j.failed_at), min(w.created_at) filter (where j.id is null)
            from ", $lacking, "
            left join @extschema@.embedding_jobs j
                on ", $job, " and (j.failed_at is not null or j.leased_until > clock_timestamp())"
        )
    };
}

/// Everybody's figures of a kind: how many there are, then what waits.
#[rustfmt::skip]
macro_rules! everybody {
    ($table:literal, $live:literal, $job:literal) => {
        concat!(
            "select (select count(*) from @extschema@.", $table, " t where ", $live, "), waiting.*
            from (",
            waiting!(
                concat!("(select * from @extschema@.", $table, " t where t.embedding is null and ", $live, ") w"),
                $job
            ),
            ") waiting"
        )
    };
}

/// A person's ($1) rows of a kind: how many, and those that lack an embedding.
#[rustfmt::skip]
macro_rules! own {
    ($rows:literal) => {
        concat!(
            "select count(*), coalesce(array_agg(t.id::uuid) filter (where t.embedding is null), '{}'),
                coalesce(array_agg(t.created_at::timestamptz) filter (where t.embedding is null), '{}')
            from @extschema@.", $rows
        )
    };
}

/// What waits of a person ($1): rows ($2) that lack an embedding, made then ($3).
macro_rules! own_waiting {
    ($job:literal) => {
        waiting!("unnest($2, $3) w (id, created_at)", $job)
    };
}

statement! {
    ALL_NODES() = everybody!("graph_nodes", "t.deleted_at is null", "j.node_id = w.id and j.user_id = w.user_id");
    ALL_CHUNKS() = everybody!("knowledge_chunks", "true", "j.chunk_id = w.id");
    ALL_ENTRIES() = everybody!("knowledge", "true", "j.entry_id = w.id");
    OWN_NODES("uuid") = own!("graph_nodes t where t.user_id = $1 and t.deleted_at is null");
    OWN_CHUNKS("uuid") = own!(
        "knowledge_chunks t
            where t.knowledge_base_id in (select b.id from @extschema@.agent_knowledge_bases b where b.owner_id = $1)"
    );
    OWN_ENTRIES("uuid") = own!("knowledge t where t.user_id = $1");
    WAITING_NODES("uuid", "uuid[]", "timestamptz[]") = own_waiting!("j.node_id = w.id and j.user_id = $1");
    WAITING_CHUNKS("uuid", "uuid[]", "timestamptz[]") = own_waiting!("j.chunk_id = w.id");
    WAITING_ENTRIES("uuid", "uuid[]", "timestamptz[]") = own_waiting!("j.entry_id = w.id");
    /// The answer's row, from each kind's ($1) figures.
    SUM("text[]", "int8[]", "int8[]", "int8[]", "int8[]", "timestamptz[]") = "
        select sum(total)::bigint,
            sum(total - lacking)::bigint,
            sum(lacking - leased - failed)::bigint,
            sum(leased)::bigint,
            sum(failed)::bigint,
            min(oldest),
            jsonb_object_agg(kind, jsonb_build_object(
                'total', total,
                'with_embedding', total - lacking,
                'pending', lacking - leased - failed,
                'leased', leased,
                'failed', failed,
                'oldest_pending', oldest
            ))
        from unnest($1, $2, $3, $4, $5, $6) f (kind, total, lacking, leased, failed, oldest)";
}

/// The statements of a kind: everybody's figures; a person's rows, and what waits of them.
struct Statements {
    all: &'static LocalKey<Statement>,
    own: &'static LocalKey<Statement>,
    waiting: &'static LocalKey<Statement>,
}

fn statements(kind: Kind) -> Statements {
    match kind {
        Kind::Node => Statements { all: &ALL_NODES, own: &OWN_NODES, waiting: &WAITING_NODES },
        Kind::Chunk => Statements { all: &ALL_CHUNKS, own: &OWN_CHUNKS, waiting: &WAITING_CHUNKS },
        Kind::Entry => Statements { all: &ALL_ENTRIES, own: &OWN_ENTRIES, waiting: &WAITING_ENTRIES },
    }
}

/// How far embedding is: of a person's own nodes, entries and bases, or of everybody's.
///
/// Errors: 42501.
#[pg_extern(sql = false)]
fn get_embedding_queue_stats<'a>(p_user_id: Option<Uuid>) -> Table<'a> {
    Table::new(move |found| {
        reading(|db| {
            let figures = match person_if_any(db, "graph_nodes", p_user_id)? {
                Some(person) => Kind::ALL.map(|kind| of_person(db, kind, person)),
                None => Kind::ALL.map(|kind| of_all(db, kind)),
            };
            let counts = |part: fn(&Figures) -> i64| figures.iter().map(part).collect::<Vec<i64>>();
            let oldest: Vec<_> = figures.iter().map(|figures| figures.oldest).collect();
            found.append(&db.run(
                &SUM,
                values![
                    Kind::ALL.map(Kind::name).to_vec(),
                    counts(|figures| figures.total),
                    counts(|figures| figures.lacking),
                    counts(|figures| figures.leased),
                    counts(|figures| figures.failed),
                    oldest
                ],
            ));
            Ok(())
        })
    })
}

/// The figures of a kind.
struct Figures {
    total: i64,
    lacking: i64,
    leased: i64,
    failed: i64,
    oldest: Option<TimestampWithTimeZone>,
}

impl Figures {
    /// From a total, and the columns of what waits, which begin here.
    fn read(total: i64, row: &Row<'_>, begin: usize) -> Self {
        Figures {
            total,
            lacking: row.must(begin),
            leased: row.must(begin + 1),
            failed: row.must(begin + 2),
            oldest: row.get(begin + 3),
        }
    }
}

fn of_all(db: &Database, kind: Kind) -> Figures {
    let rows = db.run(statements(kind).all, values![]);
    let row = rows.first().expect("an aggregate has a row");
    Figures::read(row.must(1), &row, 2)
}

/// Which rows there are, RLS decides; the states of their jobs, which people may not read, are looked up by the owner.
fn of_person(db: &Database, kind: Kind, person: Uuid) -> Figures {
    let Statements { own, waiting, .. } = statements(kind);
    let rows = db.run(own, values![person]);
    let row = rows.first().expect("an aggregate has a row");
    let (ids, made): (Vec<Uuid>, Vec<TimestampWithTimeZone>) = (row.must(2), row.must(3));
    let look = || db.run(waiting, values![person, ids, made]);
    let states =
        if is_bound("embedding_jobs") { guard::as_owner(catalog::owner_of(&["embedding_jobs"]), look) } else { look() };
    Figures::read(row.must(1), &states.first().expect("an aggregate has a row"), 1)
}
