//! Retrieval: by words, by meaning, or by both fused.

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use super::fusion::fuse;
use super::meaning::Wanted;
use super::passage::{Passage, Ranking, Scored, Source, best};
use super::query::Query;
use super::scope::Scope;
use super::words::Words;
use crate::arguments::{embedding, limit, required, threshold, within};
use crate::error::missing;
use crate::id::{Id, array};
use crate::statement::{Database, reading, statement, values};
use crate::table::Table;
use crate::value::Value;
use crate::vector::Vector;

/// How much words count in search_knowledge_base, and meaning the rest.
const WORDS_WEIGHT: f64 = 0.7;
/// The fewest candidates that each side brings to the fusion.
const CANDIDATES: i32 = 100;

/// The answer's rows, for the hits' sources ($1), ids ($2), scores ($3) and BM25 scores ($4) and a query ($5), best
/// first: chunks, and what else there is.
macro_rules! found {
    ($more:literal) => {
        concat!(
            "select id, source, document_id, title, content, kb_id, kb_name, metadata, score, similarity, keyword_score
            from (
                select c.id::uuid, hit.source, c.document_id::uuid, d.title::text, c.content::text,
                    c.knowledge_base_id::uuid as kb_id, b.name::text as kb_name, c.metadata::jsonb, hit.score,
                    nullif(1 - (c.embedding operator(@vector@.<=>) $5), 'NaN') as similarity,
                    hit.keyword_score, hit.place
                from unnest($1, $2, $3, $4) with ordinality hit (source, id, score, keyword_score, place)
                join @extschema@.knowledge_chunks c on c.id = hit.id
                left join @extschema@.knowledge_documents d on d.id = c.document_id
                left join @extschema@.agent_knowledge_bases b on b.id = c.knowledge_base_id
                where hit.source = 'chunk'",
            $more,
            ") found
            order by place"
        )
    };
}

statement! {
    FOUND_CHUNKS("text[]", "uuid[]", "float8[]", "float8[]", "@vector@.vector") = found!("");
    FOUND_OF_ALL("text[]", "uuid[]", "float8[]", "float8[]", "@vector@.vector") = found!("
                union all
                select e.id::uuid, hit.source, null, null, e.content::text, null, null, e.metadata::jsonb, hit.score,
                    nullif(1 - (e.embedding operator(@vector@.<=>) $5), 'NaN'), hit.keyword_score, hit.place
                from unnest($1, $2, $3, $4) with ordinality hit (source, id, score, keyword_score, place)
                join @extschema@.knowledge e on e.id = hit.id
                where hit.source = 'entry'");
    FOUND_FUSED("uuid[]", "float8[]", "float8[]", "@vector@.vector") = "
        select c.id::uuid, d.title::text, c.content::text, c.metadata::jsonb,
            nullif(1 - (c.embedding operator(@vector@.<=>) $4), 'NaN'), hit.keyword_score, hit.score
        from unnest($1, $2, $3) with ordinality hit (id, score, keyword_score, place)
        join @extschema@.knowledge_chunks c on c.id = hit.id
        left join @extschema@.knowledge_documents d on d.id = c.document_id
        order by hit.place";
}

/// Finds passages by words (`search_query`, websearch syntax), by meaning (`query_embedding`) or by both.
///
/// `kb_id_filter` NULL searches every base and entry that the caller may read. `similarity_threshold` (-1 to 1) binds
/// what is found by meaning. Errors: 22004 with neither words nor embedding, 22023.
#[pg_extern(sql = false)]
fn search_knowledge_base<'a>(
    search_query: Option<&'a str>,
    kb_id_filter: Option<Uuid>,
    limit_results: Option<i32>,
    query_embedding: Option<Vector>,
    similarity_threshold: Option<f64>,
) -> Table<'a> {
    Table::new(move |found| {
        let limit = limit(limit_results, "limit_results")?;
        let threshold = threshold(similarity_threshold, "similarity_threshold")?;
        let meaning = query_embedding.map(|vector| embedding(Some(vector), "query_embedding")).transpose()?;
        if search_query.is_none() && meaning.is_none() {
            return Err(missing("search_query and query_embedding together"));
        }
        reading(|db| {
            let scope = Scope::bases(db, kb_id_filter);
            let scope = if kb_id_filter.is_none() { scope.with_entries(db) } else { scope };
            let search = Search { db, scope: &scope, limit, words: search_query.map(Query::parse), meaning, threshold };
            let hits = search.hits(WORDS_WEIGHT);
            let sources: Vec<&str> = hits.passages().map(|passage| passage.source.name()).collect();
            let statement = if scope.has_entries { &FOUND_OF_ALL } else { &FOUND_CHUNKS };
            let arguments = values![sources, hits.ids(), hits.scores(), hits.keyword_scores, meaning];
            found.append(&db.run(statement, arguments));
            Ok(())
        })
    })
}

/// Finds chunks by words and meaning, whose reciprocal ranks count 1 - `semantic_weight` and `semantic_weight` (0 to 1).
///
/// `kb_id_filter` NULL searches every base that the caller may read. Errors: 22004, 22023.
#[pg_extern(sql = false)]
fn hybrid_search<'a>(
    query_embedding: Option<Vector>,
    query_text: Option<&'a str>,
    kb_id_filter: Option<Uuid>,
    match_count: Option<i32>,
    semantic_weight: Option<f64>,
) -> Table<'a> {
    Table::new(move |found| {
        let meaning = embedding(query_embedding, "query_embedding")?;
        let text = required(query_text, "query_text")?;
        let limit = limit(match_count, "match_count")?;
        let weight = within(semantic_weight, 0.0, 1.0, "semantic_weight")?;
        reading(|db| {
            let scope = Scope::bases(db, kb_id_filter);
            let (words, meaning) = (Some(Query::parse(text)), Some(meaning));
            let hits = Search { db, scope: &scope, limit, words, meaning, threshold: -1.0 }.hits(1.0 - weight);
            let arguments = values![hits.ids(), hits.scores(), hits.keyword_scores, meaning];
            found.append(&db.run(&FOUND_FUSED, arguments));
            Ok(())
        })
    })
}

/// What is found, best first.
struct Hits {
    ranking: Ranking,
    /// The BM25 scores, 0 where no word matched; None where no words were asked.
    keyword_scores: Option<Vec<f64>>,
}

impl Hits {
    fn passages(&self) -> impl ExactSizeIterator<Item = Passage> {
        self.ranking.iter().map(|scored| scored.passage)
    }

    fn ids(&self) -> Value {
        array(self.passages().map(|passage| passage.id))
    }

    fn scores(&self) -> Vec<f64> {
        self.ranking.iter().map(|scored| scored.score).collect()
    }
}

/// What is asked, of what.
struct Search<'a> {
    db: &'a Database,
    scope: &'a Scope,
    limit: i32,
    words: Option<Query>,
    meaning: Option<Vector>,
    threshold: f64,
}

impl Search<'_> {
    /// The best by what was asked; by both, words' reciprocal ranks count `words_weight` and meaning's the rest.
    fn hits(&self, words_weight: f64) -> Hits {
        let limit = self.limit as usize;
        let Some(query) = &self.words else {
            return Hits { ranking: self.by_meaning(self.limit), keyword_scores: None };
        };
        let mut words = Words::search(self.db, self.scope, query);
        let ranking = if self.meaning.is_none() {
            words.best(limit)
        } else {
            let candidates = CANDIDATES.max(4 * self.limit);
            let near = words.filter(self.by_meaning(candidates));
            fuse([(&words.best(candidates as usize), words_weight), (&near, 1.0 - words_weight)], limit)
        };
        Hits { keyword_scores: Some(words.scores(&ranking)), ranking }
    }

    fn by_meaning(&self, limit: i32) -> Ranking {
        let Some(query) = self.meaning else { return Vec::new() };
        let wanted = Wanted { query, limit, threshold: self.threshold, roughly: self.words.is_some() };
        let scored = |source| move |(id, score): (Id, f64)| Scored { score, passage: Passage { id, source } };
        let near = |source| wanted.nearest(self.db, self.scope, source).into_iter().map(scored(source));
        best(near(Source::Chunk).chain(near(Source::Entry)).collect(), limit as usize)
    }
}
