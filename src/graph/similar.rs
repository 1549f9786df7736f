//! The nodes whose meaning is nearest to an embedding.

use pgrx::datum::Uuid;
use pgrx::prelude::*;
use rustc_hash::FxHashSet;

use crate::arguments::{embedding, limit, threshold};
use crate::caller::person;
use crate::codes::{Bits, Code, Shortlist};
use crate::id::{Id, array, id};
use crate::settings;
use crate::statement::{Database, Rows, reading, statement, values};
use crate::table::Table;
use crate::value::Value;
use crate::vector::Vector;

// What is read as a type is cast to it: an administrator may have changed a column.
statement! {
    /// How many nodes a person could be searched for, counted no further than $2.
    COUNT("uuid", "int8") = "
        select count(*)
        from (
            select from @extschema@.graph_nodes
            where user_id = $1 and deleted_at is null and embedding is not null
            limit $2
        ) counted";
    /// The best of them and what they say: types $5, none of $6. NaN, which vectors of extreme length yield, is similar
    /// to nothing. The offset keeps the distance from being computed for each place that names it.
    NEAREST("uuid", "@vector@.vector", "int4", "float8", "@extschema@.node_type[]", "uuid[]") = "
        select id, node_type, label, description, properties, status, similarity
        from (
            select id::uuid, node_type::@extschema@.node_type, label::text, description::text, properties::jsonb,
                status::@extschema@.node_status, 1 - (embedding operator(@vector@.<=>) $2) as similarity
            from @extschema@.graph_nodes
            where user_id = $1
                and deleted_at is null
                and embedding is not null
                and ($5 is null or node_type = any ($5))
                and (id = any ($6)) is not true
            offset 0
        ) near
        where similarity >= $4 and similarity < 'NaN'
        order by similarity desc, id
        limit $3";
    CODES("uuid", "@extschema@.node_type[]") = "
        select id::uuid, embedding_code::bit(1536)
        from @extschema@.graph_nodes
        where user_id = $1
            and deleted_at is null
            and embedding is not null
            and ($2 is null or node_type = any ($2))";
    SIMILARITIES("uuid", "@vector@.vector", "uuid[]") = "
        select id::uuid, 1 - (embedding operator(@vector@.<=>) $2)
        from @extschema@.graph_nodes
        where user_id = $1 and id = any ($3)";
    /// What the best nodes say.
    FOUND("uuid", "uuid[]", "float8[]") = "
        select n.id::uuid, n.node_type::@extschema@.node_type, n.label::text, n.description::text,
            n.properties::jsonb, n.status::@extschema@.node_status, best.similarity
        from unnest($2, $3) with ordinality best (id, similarity, place)
        join @extschema@.graph_nodes n on n.user_id = $1 and n.id = best.id
        order by best.place";
}

/// A person's live nodes with a similarity of at least `p_threshold` (-1 to 1), best first, at most `p_limit`.
///
/// Up to lgtempo.exact_search_limit nodes it compares every embedding, above it those of a shortlist by code.
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
        reading(|db| {
            let person = person(db, "graph_nodes", p_user_id)?;
            let search = Search { db, person, query, limit, threshold, types: p_node_types, excluded };
            found.append(&match search.by_code() {
                Some(best) => search.say(&best),
                None => search.by_embedding(),
            });
            Ok(())
        })
    })
}

/// What a search looks for.
struct Search<'db> {
    db: &'db Database,
    person: Uuid,
    query: Vector,
    limit: i32,
    threshold: f64,
    types: Option<Value>,
    excluded: FxHashSet<Id>,
}

impl Search<'_> {
    /// The best by a shortlist of codes; None if there are few nodes, or the codes say too little.
    fn by_code(&self) -> Option<Vec<(Id, f64)>> {
        let few = i64::from(settings::exact_search_limit());
        let count: i64 = self.db.run(&COUNT, values![self.person, few + 1]).value()?;
        if count <= few {
            return None;
        }
        let code = Code::of(&self.query);
        let mut shortlist = Shortlist::new(self.limit, self.threshold);
        self.db.each(&CODES, values![self.person, self.types], |row| {
            if let Some(bits) = row.typed(2, &[pg_sys::BITOID])
                && !self.excluded.contains(&row.id(1))
            {
                // SAFETY: it is a bit string.
                shortlist.offer(code.distance(&unsafe { Bits::copy(bits) }), row.id(1));
            }
        });
        shortlist.rank(|ids, take| {
            let ids = array(ids.iter().copied());
            self.db.each(&SIMILARITIES, values![self.person, self.query, ids], |row| {
                take(row.id(1), row.float(2).unwrap_or(f64::NAN));
            });
        })
    }

    /// The best by comparing every embedding, with what they say.
    fn by_embedding(&self) -> Rows<'_> {
        let excluded = array(self.excluded.iter().copied());
        self.db.run(&NEAREST, values![self.person, self.query, self.limit, self.threshold, self.types, excluded])
    }

    /// What these nodes say, in their order.
    fn say(&self, best: &[(Id, f64)]) -> Rows<'_> {
        let similarities: Vec<f64> = best.iter().map(|(_, similarity)| *similarity).collect();
        let ids = array(best.iter().map(|(id, _)| *id));
        self.db.run(&FOUND, values![self.person, ids, similarities])
    }
}
