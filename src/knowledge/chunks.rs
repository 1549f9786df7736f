//! The chunks whose meaning is nearest to an embedding.

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use crate::arguments::{embedding, limit, threshold};
use crate::statement::{reading, statement, values};
use crate::table::Table;
use crate::vector::Vector;

statement! {
    /// RLS decides which chunks there are. NaN, which vectors of extreme length yield, is similar to nothing.
    NEAREST("@vector@.vector", "uuid", "float8", "int4") = "
        select near.id::uuid, near.document_id::uuid, d.title::text, near.content::text, near.similarity,
            near.chunk_index::integer, near.metadata::jsonb
        from (
            select c.*, 1 - (c.embedding operator(@vector@.<=>) $1) as similarity
            from @extschema@.knowledge_chunks c
            where c.embedding is not null and ($2 is null or c.knowledge_base_id = $2)
        ) near
        join @extschema@.knowledge_documents d on d.id = near.document_id
        where near.similarity >= $3 and near.similarity < 'NaN'
        order by near.similarity desc, near.id
        limit $4";
}

/// The chunks that the caller may read with a similarity of at least `match_threshold` (-1 to 1), best first.
///
/// `knowledge_base_id_param` NULL searches every base that the caller may read. Errors: 22004, 22023.
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
            found.append(&db.run(&NEAREST, values![query, knowledge_base_id_param, threshold, limit]));
            Ok(())
        })
    })
}
