//! The chunks whose meaning is nearest to an embedding.

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use super::meaning::Wanted;
use super::passage::Source;
use super::scope::Scope;
use crate::arguments::{embedding, limit, threshold};
use crate::id::array;
use crate::statement::{reading, statement, values};
use crate::table::Table;
use crate::vector::Vector;

statement! {
    /// The answer's rows, for the hits' ids ($1) and similarities ($2), best first.
    FOUND("uuid[]", "float8[]") = "
        select c.id::uuid, c.document_id::uuid, d.title::text, c.content::text, hit.similarity,
            c.chunk_index::integer, c.metadata::jsonb
        from unnest($1, $2) with ordinality hit (id, similarity, place)
        join @extschema@.knowledge_chunks c on c.id = hit.id
        left join @extschema@.knowledge_documents d on d.id = c.document_id
        order by hit.place";
}

/// The chunks that the caller may read with a similarity of at least `match_threshold` (-1 to 1), best first.
///
/// `knowledge_base_id_param` NULL searches every base that the caller may read. As many chunks as there are, at most
/// `match_count` (0 to 1000). Up to lgtempo.exact_search_limit chunks in scope it compares every embedding, above it
/// those of a shortlist by code. Errors: 22004, 22023.
#[pg_extern(sql = false)]
fn search_knowledge_chunks<'a>(
    query_embedding: Option<Vector>,
    knowledge_base_id_param: Option<Uuid>,
    match_threshold: Option<f64>,
    match_count: Option<i32>,
) -> Table<'a> {
    Table::new(move |found| {
        let query = embedding(query_embedding, "query_embedding")?;
        let threshold = threshold(match_threshold, "match_threshold")?;
        let limit = limit(match_count, "match_count")?;
        reading(|db| {
            let scope = Scope::bases(db, knowledge_base_id_param);
            let near = Wanted { query, limit, threshold, roughly: false }.nearest(db, &scope, Source::Chunk);
            let ids = array(near.iter().map(|(id, _)| *id));
            let similarities: Vec<f64> = near.iter().map(|(_, similarity)| *similarity).collect();
            found.append(&db.run(&FOUND, values![ids, similarities]));
            Ok(())
        })
    })
}
