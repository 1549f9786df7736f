//! The nodes whose meaning is nearest to an embedding.

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use crate::arguments::{embedding, limit, threshold};
use crate::caller::person;
use crate::statement::{connected, statement, values};
use crate::table::Table;
use crate::value::Value;
use crate::vector::Vector;

statement! {
    /// NaN, which vectors of extreme length yield, is similar to nothing.
    NEAREST(
        "uuid", "@vector@.vector", "int4", "float8", "@extschema@.node_type[]", "uuid[]",
    ) = "
        select id, node_type, label, description, properties, status, similarity
        from (
            select n.*, 1 - (n.embedding operator(@vector@.<=>) $2) as similarity
            from @extschema@.graph_nodes n
            where n.user_id = $1
                and n.deleted_at is null
                and n.embedding is not null
                and ($5 is null or n.node_type = any ($5))
                and (n.id = any ($6)) is not true
        ) near
        where similarity >= $4 and similarity < 'NaN'
        order by similarity desc, id
        limit $3";
}

/// A person's live nodes with a similarity of at least `p_threshold` (-1 to 1), best first, at most `p_limit`.
///
/// `p_node_types` NULL means all types, `p_exclude_node_ids` NULL excludes none. Errors: 22004, 22023, 42501.
#[pg_extern(sql = false)]
fn find_similar_nodes<'a>(
    p_user_id: Option<Uuid>,
    p_query_embedding: Option<Vector>,
    p_limit: Option<i32>,
    p_threshold: Option<f64>,
    p_node_types: Option<Value>,
    p_exclude_node_ids: Option<Value>,
) -> Table<'a> {
    Table::new(move |found| {
        let query = embedding(p_query_embedding, "p_query_embedding")?;
        let limit = limit(p_limit, "p_limit")?;
        let threshold = threshold(p_threshold, "p_threshold")?;
        connected(|db| {
            let person = person(db, "graph_nodes", p_user_id)?;
            let near = db.read(&NEAREST, values![person, query, limit, threshold, p_node_types, p_exclude_node_ids]);
            found.append(&near);
            Ok(())
        })
    })
}
