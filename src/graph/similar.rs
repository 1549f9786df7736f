//! The nodes whose meaning is nearest to an embedding.

use pgrx::datum::Uuid;
use pgrx::prelude::*;
use rustc_hash::FxHashSet;

use crate::arguments::{embedding, limit, threshold};
use crate::caller::person;
use crate::codes::{Code, Shortlist};
use crate::id::{Id, array, id};
use crate::settings;
use crate::statement::{connected, statement, values};
use crate::table::Table;
use crate::value::Value;
use crate::vector::Vector;

/// The best nodes by embedding among those that a condition selects. NaN, which vectors of extreme length yield, is
/// similar to nothing. What nodes say is fetched for the best alone.
macro_rules! nearest {
    ($where:literal) => {
        concat!(
            "select n.id, n.node_type, n.label, n.description, n.properties, n.status, best.similarity
            from (
                select id, similarity
                from (
                    select id, 1 - (embedding operator(@vector@.<=>) $2) as similarity
                    from @extschema@.graph_nodes
                    where user_id = $1 and deleted_at is null and embedding is not null and ",
            $where,
            "
                ) near
                where similarity >= $4 and similarity < 'NaN'
                order by similarity desc, id
                limit $3
            ) best
            join @extschema@.graph_nodes n on n.user_id = $1 and n.id = best.id
            order by best.similarity desc, n.id"
        )
    };
}

statement! {
    /// How many nodes a person could be searched for, counted no further than $2.
    COUNT("uuid", "int8") = "
        select count(*)
        from (
            select from @extschema@.graph_nodes
            where user_id = $1 and deleted_at is null and embedding is not null
            limit $2
        ) counted";
    /// Every one of them: types $5, none of $6.
    NEAREST("uuid", "@vector@.vector", "int4", "float8", "@extschema@.node_type[]", "uuid[]") =
        nearest!("($5 is null or node_type = any ($5)) and (id = any ($6)) is not true");
    /// Of a shortlist, $5.
    NEAREST_OF("uuid", "@vector@.vector", "int4", "float8", "uuid[]") = nearest!("id = any ($5)");
    CODES("uuid", "@extschema@.node_type[]") = "
        select id, embedding_code
        from @extschema@.graph_nodes
        where user_id = $1
            and deleted_at is null
            and embedding is not null
            and ($2 is null or node_type = any ($2))";
}

/// A person's live nodes with a similarity of at least `p_threshold` (-1 to 1), best first, at most `p_limit`.
///
/// Up to lgtempo.exact_search_limit nodes it compares every embedding, above it the embeddings of a shortlist by code.
/// `p_node_types` NULL means all types, `p_exclude_node_ids` NULL excludes none. Errors: 22004, 22023, 42501.
#[pg_extern(sql = false)]
fn find_similar_nodes<'a>(
    p_user_id: Option<Uuid>,
    p_query_embedding: Option<Vector>,
    p_limit: Option<i32>,
    p_threshold: Option<f64>,
    p_node_types: Option<Value>,
    p_exclude_node_ids: Option<pgrx::Array<'a, Uuid>>,
) -> Table<'a> {
    Table::new(move |found| {
        let query = embedding(p_query_embedding, "p_query_embedding")?;
        let limit = limit(p_limit, "p_limit")?;
        let threshold = threshold(p_threshold, "p_threshold")?;
        let excluded: FxHashSet<Id> = p_exclude_node_ids.iter().flat_map(pgrx::Array::iter).flatten().map(id).collect();
        connected(|db| {
            let person = person(db, "graph_nodes", p_user_id)?;
            let exact = i64::from(settings::exact_search_limit());
            let count: i64 = db.read(&COUNT, values![person, exact + 1]).value().unwrap_or_default();
            let near = if count <= exact {
                let excluded = array(excluded.iter().copied());
                db.read(&NEAREST, values![person, query, limit, threshold, p_node_types, excluded])
            } else {
                let code = Code::of(&query);
                let mut shortlist = Shortlist::for_limit(limit);
                db.each(&CODES, values![person, p_node_types], |row| {
                    if let Some(bits) = row.datum(2)
                        && !excluded.contains(&row.id(1))
                    {
                        // SAFETY: the column is a bit(1536).
                        shortlist.offer(unsafe { code.distance(bits) }, row.id(1));
                    }
                });
                let shortlist = array(shortlist.ids().into_iter());
                db.read(&NEAREST_OF, values![person, query, limit, threshold, shortlist])
            };
            found.append(&near);
            Ok(())
        })
    })
}
