//! Retrieval by meaning: the chunks and entries whose embeddings are nearest to a query's.

use std::ffi::CStr;
use std::thread::LocalKey;

use pgrx::pg_sys;

use super::scope::{COVERING_INDEX, Entries, Scope, candidates};
use crate::catalog;
use crate::codes::{Code, Shortlist};
use crate::guard::with_settings;
use crate::id::{Id, array};
use crate::settings;
use crate::statement::{Database, Statement, statement, values};
use crate::vector::Vector;

statement! {
    CODES_OF_CHUNKS("uuid[]") = "
        select id::uuid, embedding_code::bit(1536)
        from @extschema@.knowledge_chunks
        where knowledge_base_id = any ($1) and embedding is not null";
    CODES_OF_SHARED_AND("uuid") = "
        select id::uuid, embedding_code::bit(1536)
        from @extschema@.knowledge
        where user_id = $1 and embedding is not null
        union all
        select id::uuid, embedding_code::bit(1536)
        from @extschema@.knowledge
        where user_id is null and embedding is not null";
    CODES_OF_ENTRIES() = "
        select id::uuid, embedding_code::bit(1536) from @extschema@.knowledge where embedding is not null";
    SIMILARITIES_OF_CHUNKS("@vector@.vector", "uuid[]") = "
        select id::uuid, 1 - (embedding operator(@vector@.<=>) $1)
        from @extschema@.knowledge_chunks
        where id = any ($2)";
    SIMILARITIES_OF_ENTRIES("@vector@.vector", "uuid[]") = "
        select id::uuid, 1 - (embedding operator(@vector@.<=>) $1) from @extschema@.knowledge where id = any ($2)";
    /// Whether an administrator has made an index that ranks chunks by code.
    CODES_ARE_RANKED("oid") = "
        select true
        from pg_index i
        join pg_opclass c on c.oid = i.indclass[0]
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indrelid = $1
            and i.indisvalid
            and c.opcname = 'bit_hamming_ops'
            and a.attname = 'embedding_code'
        limit 1";
    /// The order is that of such an index.
    NEAREST_CODES("uuid[]", "@vector@.vector", "int4") = "
        select id::uuid, embedding_code::bit(1536)
        from @extschema@.knowledge_chunks
        where knowledge_base_id = any ($1) and embedding is not null
        order by embedding_code operator(@vector@.<~>) (select @vector@.binary_quantize($2)::bit(1536))
        limit $3";
}

/// From how many chunks in scope an administrator's index is quicker than reading all codes.
const RANKED_FROM: i64 = 100_000;
/// The fewest codes that are taken from such an index.
const RANKED_CODES: i32 = 200;
/// What keeps a plan to such an index, and has it yield as many codes in scope as are asked for.
const RANKING_INDEX: [(&CStr, &CStr); 5] = [
    (c"enable_seqscan", c"off"),
    (c"enable_bitmapscan", c"off"),
    (c"enable_sort", c"off"),
    (c"hnsw.ef_search", c"200"),
    (c"hnsw.iterative_scan", c"relaxed_order"),
];

/// What is looked for: the best `limit` of at least `threshold`.
#[derive(Clone, Copy)]
pub struct Wanted {
    pub query: Vector,
    pub limit: i32,
    pub threshold: f64,
}

impl Wanted {
    /// The chunks in scope that the caller may read, best first, with their similarities.
    pub fn chunks(&self, db: &Database, scope: &Scope) -> Vec<(Id, f64)> {
        if scope.chunks >= RANKED_FROM
            && let Some(best) = self.ranked_chunks(db, scope)
        {
            return best;
        }
        let codes = Codes { table: "knowledge_chunks", statement: &CODES_OF_CHUNKS, of: values![scope.base_ids()] };
        self.nearest(db, &codes, &SIMILARITIES_OF_CHUNKS)
    }

    /// The entries in scope that the caller may read, best first, with their similarities.
    pub fn entries(&self, db: &Database, scope: &Scope) -> Vec<(Id, f64)> {
        let codes = |statement, of| Codes { table: "knowledge", statement, of };
        match scope.entries {
            Entries::Nobodys => Vec::new(),
            Entries::SharedAnd(person) => {
                self.nearest(db, &codes(&CODES_OF_SHARED_AND, values![person]), &SIMILARITIES_OF_ENTRIES)
            }
            Entries::Everybodys => self.nearest(db, &codes(&CODES_OF_ENTRIES, values![]), &SIMILARITIES_OF_ENTRIES),
        }
    }

    /// By ever longer shortlists, until one is long enough to tell: where the codes say little, or policies hide many.
    fn nearest(&self, db: &Database, codes: &Codes<'_>, similarities: &'static LocalKey<Statement>) -> Vec<(Id, f64)> {
        let mut factor = 1;
        loop {
            let mut shortlist = self.shortlist().times(factor);
            candidates(codes.table, || with_settings(&COVERING_INDEX, || self.offer(db, codes, &mut shortlist)));
            if let Some(best) = self.rank(db, shortlist, similarities) {
                return best;
            }
            factor *= 4;
        }
    }

    /// By an administrator's index; None if there is none, or what it yields is too little to tell.
    fn ranked_chunks(&self, db: &Database, scope: &Scope) -> Option<Vec<(Id, f64)>> {
        db.run(&CODES_ARE_RANKED, values![catalog::table("knowledge_chunks")]).first()?;
        let mut shortlist = self.shortlist();
        let of = values![scope.base_ids(), self.query, RANKED_CODES.max(4 * self.limit)];
        let codes = Codes { table: "knowledge_chunks", statement: &NEAREST_CODES, of };
        candidates(codes.table, || with_settings(&RANKING_INDEX, || self.offer(db, &codes, &mut shortlist)));
        self.rank(db, shortlist.of_more(), &SIMILARITIES_OF_CHUNKS)
    }

    fn shortlist(&self) -> Shortlist {
        Shortlist::new(self.limit, self.threshold).exact_up_to(settings::exact_search_limit() as usize)
    }

    fn offer(&self, db: &Database, codes: &Codes<'_>, shortlist: &mut Shortlist) {
        let code = Code::of(&self.query);
        db.each(codes.statement, codes.of, |row| {
            if let Some(bits) = row.datum(2) {
                // SAFETY: the column is a bit(1536).
                shortlist.offer(unsafe { code.distance(bits) }, row.id(1));
            }
        });
    }

    /// With the caller's rights: what policies hide has no similarity.
    fn rank(
        &self,
        db: &Database,
        shortlist: Shortlist,
        similarities: &'static LocalKey<Statement>,
    ) -> Option<Vec<(Id, f64)>> {
        shortlist.rank(|ids, take| {
            db.each(similarities, values![self.query, array(ids.iter().copied())], |row| {
                take(row.id(1), row.float(2).unwrap_or(f64::NAN));
            });
        })
    }
}

/// A statement that tells ids and codes, and what of.
struct Codes<'a> {
    table: &'static str,
    statement: &'static LocalKey<Statement>,
    of: &'a [Option<pg_sys::Datum>],
}
