//! Retrieval: by words, by meaning, or by both fused.

use std::collections::HashMap;
use std::rc::Rc;

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use super::bm25::{Statistics, Text};
use super::query::Query;
use crate::arguments::{embedding, limit, threshold};
use crate::caller::may_read;
use crate::error::{Answer, missing};
use crate::statement::{Database, Rows, reading, statement, values};
use crate::table::Table;
use crate::vector::Vector;

/// The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009).
const RANK_CONSTANT: f64 = 60.0;
/// How much words and meaning count when both are asked.
const WORDS_WEIGHT: f64 = 0.5;
const MEANING_WEIGHT: f64 = 0.5;
/// The fewest candidates that each side brings to the fusion.
const CANDIDATES: i32 = 100;

/// The chunks that the caller may read, of one base ($1) or of all.
macro_rules! chunks {
    () => {
        "select 'chunk'::text as source, c.id, c.document_id, d.title, c.content, b.id as kb_id, b.name as kb_name,
            c.metadata, c.embedding, c.search_vector, b.language
        from @extschema@.knowledge_chunks c
        join @extschema@.knowledge_documents d on d.id = c.document_id
        join @extschema@.agent_knowledge_bases b on b.id = c.knowledge_base_id
        where $1 is null or b.id = $1"
    };
}

/// The chunks and the entries that the caller may read.
macro_rules! chunks_and_entries {
    () => {
        concat!(
            chunks!(),
            " union all
        select 'entry', e.id, null, null, e.content, null, null, e.metadata, e.embedding, e.search_vector, e.language
        from @extschema@.knowledge e"
        )
    };
}

/// Every text of a language ($2) in scope: its length, the places of the terms ($3) it contains and how often, and
/// whether it has all phrases ($4) and no exclusion ($5). Phrases that are stop words alone ask for nothing.
macro_rules! words {
    ($($scope:tt)*) => {
        concat!(
            "select p.source, p.id::uuid, w.length, w.places, w.frequencies, w.accepted
            from (", $($scope)*, ") p
            cross join lateral (
                select
                    coalesce(sum(coalesce(cardinality(u.positions), 1)), 0)::float8 as length,
                    coalesce(array_agg(t.place::integer) filter (where t.place is not null), '{}') as places,
                    coalesce(
                        array_agg(coalesce(cardinality(u.positions), 1)) filter (where t.place is not null),
                        '{}'
                    ) as frequencies,
                    not exists (
                        select from unnest($4) x (phrase)
                        cross join phraseto_tsquery($2::regconfig, x.phrase) q
                        where numnode(q) > 0 and not p.search_vector @@ q
                    )
                    and not exists (
                        select from unnest($5) x (phrase)
                        cross join phraseto_tsquery($2::regconfig, x.phrase) q
                        where numnode(q) > 0 and p.search_vector @@ q
                    ) as accepted
                from unnest(p.search_vector) u
                left join unnest($3) with ordinality t (term, place) on t.term = u.lexeme
            ) w
            where p.language = $2"
        )
    };
}

/// The texts in scope nearest to an embedding ($2), with a similarity of at least $3. NaN is similar to nothing.
macro_rules! nearest {
    ($($scope:tt)*) => {
        concat!(
            "select source, id::uuid, similarity
            from (
                select source, id, 1 - (embedding operator(@vector@.<=>) $2) as similarity
                from (", $($scope)*, ") p
                where embedding is not null
            ) near
            where similarity >= $3 and similarity < 'NaN'
            order by similarity desc, id
            limit $4"
        )
    };
}

/// The answer's rows, for the hits' sources ($2), ids ($3), scores ($4) and BM25 scores ($5), best first.
macro_rules! found {
    ($($scope:tt)*) => {
        concat!(
            "select p.id::uuid, p.source, p.document_id::uuid, p.title::text, p.content::text, p.kb_id::uuid,
                p.kb_name::text, p.metadata::jsonb,
                hit.score, nullif(1 - (p.embedding operator(@vector@.<=>) $6), 'NaN'), hit.keyword_score
            from unnest($2, $3, $4, $5) with ordinality hit (source, id, score, keyword_score, place)
            join (", $($scope)*, ") p on p.source = hit.source and p.id = hit.id
            order by hit.place"
        )
    };
}

statement! {
    /// The languages in scope that are (still) text search configurations.
    LANGUAGES("uuid") = "
        select distinct language::text
        from @extschema@.agent_knowledge_bases
        where ($1 is null or id = $1) and language in (select oid::regconfig::text from pg_ts_config)";
    LANGUAGES_OF_ENTRIES() = "
        select distinct language::text
        from @extschema@.knowledge
        where language in (select oid::regconfig::text from pg_ts_config)";
    /// The distinct lexemes of a text.
    TERMS("text", "text") = "select tsvector_to_array(to_tsvector($1::regconfig, $2))";
    WORDS_OF_CHUNKS("uuid", "text", "text[]", "text[]", "text[]") = words!(chunks!());
    WORDS_OF_ALL("uuid", "text", "text[]", "text[]", "text[]") = words!(chunks_and_entries!());
    NEAREST_CHUNKS("uuid", "@vector@.vector", "float8", "int4") = nearest!(chunks!());
    NEAREST_OF_ALL("uuid", "@vector@.vector", "float8", "int4") = nearest!(chunks_and_entries!());
    FOUND_CHUNKS("uuid", "text[]", "uuid[]", "float8[]", "float8[]", "@vector@.vector") = found!(chunks!());
    FOUND_OF_ALL("uuid", "text[]", "uuid[]", "float8[]", "float8[]", "@vector@.vector") =
        found!(chunks_and_entries!());
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
            let search = Search { db, base: kb_id_filter, entries: kb_id_filter.is_none() && may_read("knowledge") };
            let words = search_query.map(|text| search.by_words(&Query::parse(text))).transpose()?;
            let candidates = if words.is_some() { CANDIDATES.max(4 * limit) } else { limit };
            let meaning_ranks = meaning.map(|vector| search.by_meaning(vector, threshold, candidates));
            let hits = match (&words, meaning_ranks) {
                (Some(words), Some(near)) => fuse(&best(words, candidates), &near),
                (Some(words), None) => best(words, limit),
                (None, near) => near.unwrap_or_default(),
            };
            let hits = &hits[..hits.len().min(limit as usize)];
            found.append(&search.rows(hits, words.as_ref(), meaning));
            Ok(())
        })
    })
}

/// A text that can be found: its source, chunk or entry, and id.
type Passage = (String, Uuid);
/// Passages with their scores, best first.
type Ranking = Vec<(Passage, f64)>;

/// What a search looks at.
struct Search<'db> {
    db: &'db Database,
    base: Option<Uuid>,
    entries: bool,
}

impl Search<'_> {
    /// The BM25 score of every text that contains a word of the query, all phrases and no exclusion.
    fn by_words(&self, query: &Query) -> Answer<HashMap<Passage, f64>> {
        let mut statistics = Statistics::default();
        let mut matches = Vec::new();
        for language in self.languages() {
            let terms: Vec<String> =
                self.db.run(&TERMS, values![language.as_str(), query.words.as_str()]).value().unwrap_or_default();
            let terms: Rc<[String]> = terms.into();
            let arguments =
                values![self.base, language.as_str(), terms.to_vec(), query.phrases.clone(), query.exclusions.clone()];
            let texts = self.db.run(if self.entries { &WORDS_OF_ALL } else { &WORDS_OF_CHUNKS }, arguments);
            for row in texts.iter() {
                pgrx::check_for_interrupts!();
                let text = Text { length: row.must(3), frequencies: frequencies(row.must(4), row.must(5)) };
                statistics.count(&terms, &text);
                if row.must(6) && !text.frequencies.is_empty() {
                    matches.push(((row.must(1), row.must(2)), terms.clone(), text));
                }
            }
        }
        Ok(matches.into_iter().map(|(passage, terms, text)| (passage, statistics.score(&terms, &text))).collect())
    }

    fn languages(&self) -> Vec<String> {
        let mut languages: Vec<String> =
            self.db.run(&LANGUAGES, values![self.base]).iter().map(|row| row.must(1)).collect();
        if self.entries {
            languages.extend(self.db.run(&LANGUAGES_OF_ENTRIES, values![]).iter().map(|row| row.must::<String>(1)));
        }
        languages.sort_unstable();
        languages.dedup();
        languages
    }

    fn by_meaning(&self, vector: Vector, threshold: f64, most: i32) -> Ranking {
        let statement = if self.entries { &NEAREST_OF_ALL } else { &NEAREST_CHUNKS };
        let near = self.db.run(statement, values![self.base, vector, threshold, most]);
        near.iter().map(|row| ((row.must(1), row.must(2)), row.must(3))).collect()
    }

    /// The answer's rows. A text that no word matched has the BM25 score 0, NULL where no words were asked.
    fn rows(
        &self,
        hits: &[(Passage, f64)],
        words: Option<&HashMap<Passage, f64>>,
        meaning: Option<Vector>,
    ) -> Rows<'_> {
        let sources: Vec<String> = hits.iter().map(|((source, _), _)| source.clone()).collect();
        let ids: Vec<Uuid> = hits.iter().map(|((_, id), _)| *id).collect();
        let scores: Vec<f64> = hits.iter().map(|(_, score)| *score).collect();
        let keyword_scores: Vec<Option<f64>> = hits
            .iter()
            .map(|(passage, _)| words.map(|words| words.get(passage).copied().unwrap_or_default()))
            .collect();
        let statement = if self.entries { &FOUND_OF_ALL } else { &FOUND_CHUNKS };
        self.db.run(statement, values![self.base, sources, ids, scores, keyword_scores, meaning])
    }
}

/// Places of terms, which SQL counts from 1, with how often each stands there.
fn frequencies(places: Vec<i32>, times: Vec<i32>) -> Vec<(usize, i32)> {
    places.into_iter().map(|place| place as usize - 1).zip(times).collect()
}

/// The best of scored passages; ties by id.
fn best(scores: &HashMap<Passage, f64>, most: i32) -> Ranking {
    let mut ranking: Ranking = scores.iter().map(|(passage, score)| (passage.clone(), *score)).collect();
    sort(&mut ranking);
    ranking.truncate(most as usize);
    ranking
}

/// Weighted reciprocal rank fusion: each passage gets the sum of weight / (60 + rank) over the rankings that have it.
fn fuse(words: &Ranking, meaning: &Ranking) -> Ranking {
    let mut scores: HashMap<Passage, f64> = HashMap::new();
    for (ranking, weight) in [(words, WORDS_WEIGHT), (meaning, MEANING_WEIGHT)] {
        for (rank, (passage, _)) in (1u32..).zip(ranking) {
            *scores.entry(passage.clone()).or_default() += weight / (RANK_CONSTANT + f64::from(rank));
        }
    }
    let mut fused: Ranking = scores.into_iter().collect();
    sort(&mut fused);
    fused
}

fn sort(ranking: &mut Ranking) {
    ranking.sort_unstable_by(|((_, id), score), ((_, other_id), other)| other.total_cmp(score).then(id.cmp(other_id)));
}
