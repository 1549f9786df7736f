//! Retrieval by meaning: the chunks and entries whose embeddings are nearest to a query's.

use pgrx::pg_sys;

use std::ffi::CStr;

use super::codes;
use super::passage::Source;
use super::scope::{Scope, reading_index};
use crate::caller::is_bound;
use crate::catalog;
use crate::codes::{Bits, Code, Shortlist};
use crate::guard::{reading_as_owner, with_settings};
use crate::id::{Id, array};
use crate::settings;
use crate::statement::{Database, statement, values};
use crate::stream::Slot;
use crate::vector::Vector;

statement! {
    /// A chunk may have moved to another base since its code was written.
    SIMILARITIES_OF_CHUNKS("@vector@.vector", "uuid[]", "uuid[]") = "
        select id::uuid, 1 - (embedding operator(@vector@.<=>) $1)
        from @extschema@.knowledge_chunks
        where id = any ($2) and knowledge_base_id = any ($3) and embedding is not null";
    SIMILARITIES_OF_ENTRIES("@vector@.vector", "uuid[]") = "
        select id::uuid, 1 - (embedding operator(@vector@.<=>) $1)
        from @extschema@.knowledge
        where id = any ($2) and embedding is not null";
    /// Whether an administrator has made an index that ranks chunks by code.
    CODES_ARE_RANKED("oid") = "
        select true
        from pg_index i
        join pg_opclass c on c.oid = i.indclass[0]
        join pg_am m on m.oid = c.opcmethod and m.amname = 'hnsw'
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
/// What keeps a plan to such an index, and has it yield as many codes in scope as are asked for. What can't be avoided costs
/// so much then, on paper, that the plan would be compiled.
const RANKING_INDEX: [(&CStr, &CStr); 6] = [
    (c"enable_seqscan", c"off"),
    (c"enable_bitmapscan", c"off"),
    (c"enable_sort", c"off"),
    (c"jit", c"off"),
    (c"hnsw.ef_search", c"200"),
    (c"hnsw.iterative_scan", c"relaxed_order"),
];

/// How many times as many chunks or entries are compared as candidates are wanted.
const ROUGHLY: usize = 3;

/// What is looked for: the best `limit` of at least `threshold`.
#[derive(Clone, Copy)]
pub struct Wanted {
    pub query: Vector,
    pub limit: i32,
    pub threshold: f64,
    /// Whether these are candidates, of whom the last hardly count.
    pub roughly: bool,
}

impl Wanted {
    /// The chunks or entries in scope that the caller may read, best first, with their similarities.
    pub fn nearest(&self, db: &Database, scope: &Scope, source: Source) -> Vec<(Id, f64)> {
        if source == Source::Chunk
            && scope.chunks >= RANKED_FROM
            && let Some(best) = self.by_ranking_index(db, scope)
        {
            return best;
        }
        let of_source = scope.collections.iter().filter(|searched| searched.source == source);
        let collections: Vec<Id> = of_source.map(|searched| searched.collection).collect();
        if collections.is_empty() { Vec::new() } else { self.by_codes(db, scope, source, &collections) }
    }

    /// By ever longer shortlists, until one is long enough to tell: where the codes say little, or policies hide many.
    fn by_codes(&self, db: &Database, scope: &Scope, source: Source, collections: &[Id]) -> Vec<(Id, f64)> {
        let code = Code::of(&self.query);
        let mut factor = 1;
        loop {
            let mut shortlist = self.shortlist().times(factor);
            reading_index(&codes::TABLES, || {
                codes::each(db, collections, |id, bits| shortlist.offer(code.distance(bits), id));
            });
            if let Some(best) = self.rank(db, scope, source, shortlist) {
                return best;
            }
            factor *= 4;
        }
    }

    /// By an administrator's index; None if there is none, or what it yields is too little to tell.
    ///
    /// Where RLS binds the table's owner too, or not the caller, the caller's own rights do.
    fn by_ranking_index(&self, db: &Database, scope: &Scope) -> Option<Vec<(Id, f64)>> {
        const TABLE: &str = "knowledge_chunks";
        db.run(&CODES_ARE_RANKED, values![catalog::table(TABLE)]).first()?;
        let code = Code::of(&self.query);
        let mut shortlist = self.shortlist();
        let arguments = values![scope.base_ids(), self.query, RANKED_CODES.max(4 * self.limit)];
        let offer = || {
            db.each(&NEAREST_CODES, arguments, |row| {
                if let Some(bits) = row.typed(2, &[pg_sys::BITOID]) {
                    // SAFETY: it is a bit string.
                    shortlist.offer(code.distance(&unsafe { Bits::copy(bits) }), row.id(1));
                }
            });
        };
        if is_bound(TABLE) && !catalog::is_forced(TABLE) {
            reading_as_owner(catalog::owner_of(&[TABLE]), || with_settings(&RANKING_INDEX, offer));
        } else {
            with_settings(&RANKING_INDEX, offer);
        }
        self.rank(db, scope, Source::Chunk, shortlist.of_more())
    }

    fn shortlist(&self) -> Shortlist {
        let shortlist = Shortlist::new(self.limit, self.threshold).exact_up_to(settings::exact_search_limit() as usize);
        if self.roughly { shortlist.roughly(ROUGHLY) } else { shortlist }
    }

    /// With the caller's rights: what policies hide has no similarity.
    fn rank(&self, db: &Database, scope: &Scope, source: Source, shortlist: Shortlist) -> Option<Vec<(Id, f64)>> {
        shortlist.rank(|ids, take| {
            let ids = array(ids.iter().copied());
            let take = |row: &Slot| take(row.id(1), row.float(2).unwrap_or(f64::NAN));
            match source {
                Source::Chunk => {
                    db.each(&SIMILARITIES_OF_CHUNKS, values![self.query, ids, scope.base_ids()], take);
                }
                Source::Entry => db.each(&SIMILARITIES_OF_ENTRIES, values![self.query, ids], take),
            }
        })
    }
}
