//! Retrieval by words: BM25 over the postings, then what the caller may read of the best.

use std::collections::{BTreeMap, BinaryHeap};

use rustc_hash::{FxHashMap, FxHashSet};

use super::bm25::Statistics;
use super::passage::{Passage, Ranking, Scored, Source};
use super::query::Query;
use super::scope::{COVERING_INDEX, Entries, Scope};
use crate::catalog;
use crate::guard::{as_owner, with_settings};
use crate::id::{Id, array};
use crate::statement::{Database, statement, values};
use crate::stream::Slot;

/// Of texts by id ($1), those that have all phrases ($2) and no exclusion ($3), each in the text's language. Phrases that
/// are stop words alone ask for nothing.
macro_rules! accepted {
    ($table:literal, $language:literal) => {
        concat!(
            "select t.id::uuid
            from @extschema@.",
            $table,
            " t
            where t.id = any ($1)
                and not exists (
                    select from unnest($2) x (phrase)
                    cross join phraseto_tsquery((",
            $language,
            ")::regconfig, x.phrase) q
                    where numnode(q) > 0 and not t.search_vector @@ q
                )
                and not exists (
                    select from unnest($3) x (phrase)
                    cross join phraseto_tsquery((",
            $language,
            ")::regconfig, x.phrase) q
                    where numnode(q) > 0 and t.search_vector @@ q
                )"
        )
    };
}

statement! {
    COLLECTIONS_OF_BASES("uuid[]") = "
        select id, texts, positions, knowledge_base_id
        from @extschema@.knowledge_collections
        where knowledge_base_id = any ($1)";
    COLLECTIONS_OF_SHARED_AND("uuid") = "
        select id, texts, positions, language
        from @extschema@.knowledge_collections
        where knowledge_base_id is null and user_id = $1
        union all
        select id, texts, positions, language
        from @extschema@.knowledge_collections
        where knowledge_base_id is null and user_id is null";
    COLLECTIONS_OF_ENTRIES() = "
        select id, texts, positions, language
        from @extschema@.knowledge_collections
        where knowledge_base_id is null";
    /// Whether a language is (still) a text search configuration.
    LANGUAGE_EXISTS("text") = "
        select true from pg_ts_config where oid::regconfig::text = $1";
    /// The distinct lexemes of a text.
    TERMS("text", "text") = "select tsvector_to_array(to_tsvector($1::regconfig, $2))";
    /// One index-only scan for each collection and term.
    POSTINGS("int8[]", "text[]") = "
        select t.place::int4, p.passage_id, p.frequency::int4, p.length
        from unnest($2) with ordinality t (term, place)
        join @extschema@.knowledge_postings p on p.collection_id = any ($1) and p.lexeme = t.term";
    ACCEPTED_CHUNKS("uuid[]", "text[]", "text[]") = accepted!(
        "knowledge_chunks",
        "select b.language from @extschema@.agent_knowledge_bases b where b.id = t.knowledge_base_id"
    );
    ACCEPTED_ENTRIES("uuid[]", "text[]", "text[]") = accepted!("knowledge", "t.language");
}

/// Texts that contain words of a query.
pub struct Words<'a> {
    db: &'a Database,
    query: &'a Query,
    scores: FxHashMap<Passage, f64>,
    /// What has not been looked at yet.
    left: BinaryHeap<Scored>,
}

impl<'a> Words<'a> {
    /// Scores every text in scope that contains a word of the query.
    pub fn search(db: &'a Database, scope: &Scope, query: &'a Query) -> Self {
        let scores = Collections::of(db, scope).scores(db, query);
        let left = scores.iter().map(|(passage, score)| Scored { score: *score, passage: *passage }).collect();
        Words { db, query, scores, left }
    }

    /// The best `most` that the caller may read and that have the query's phrases and no exclusion.
    pub fn best(&mut self, most: usize) -> Ranking {
        let mut best = Vec::new();
        let mut batch = most;
        while best.len() < most && !self.left.is_empty() {
            let next: Ranking = std::iter::from_fn(|| self.left.pop()).take(batch).collect();
            best.extend(self.accepted(&next));
            batch *= 2;
        }
        best.truncate(most);
        best
    }

    /// The BM25 scores of passages, 0 where no word matches, a phrase is missing or an exclusion there.
    pub fn scores(&self, passages: &Ranking) -> Vec<f64> {
        let score = |scored: &Scored| self.scores.get(&scored.passage).copied().unwrap_or_default();
        let matching: Ranking = passages
            .iter()
            .map(|scored| Scored { score: score(scored), ..*scored })
            .filter(|s| s.score > 0.0)
            .collect();
        let accepted: FxHashMap<Passage, f64> =
            self.accepted(&matching).into_iter().map(|scored| (scored.passage, scored.score)).collect();
        passages.iter().map(|scored| accepted.get(&scored.passage).copied().unwrap_or_default()).collect()
    }

    fn accepted(&self, scored: &Ranking) -> Ranking {
        let mut accepted = FxHashSet::default();
        for (source, statement) in [(Source::Chunk, &ACCEPTED_CHUNKS), (Source::Entry, &ACCEPTED_ENTRIES)] {
            let ids: Vec<Id> = scored.iter().map(|s| s.passage).filter(|p| p.source == source).map(|p| p.id).collect();
            if !ids.is_empty() {
                let (phrases, exclusions) = (self.query.phrases.clone(), self.query.exclusions.clone());
                let arguments = values![array(ids.into_iter()), phrases, exclusions];
                self.db.each(statement, arguments, |row| {
                    accepted.insert(Passage { id: row.id(1), source });
                });
            }
        }
        scored.iter().filter(|scored| accepted.contains(&scored.passage)).copied().collect()
    }
}

/// The collections in scope, by kind and language of their texts, and what they count.
struct Collections {
    ids: BTreeMap<(Source, String), Vec<i64>>,
    texts: i64,
    positions: i64,
}

impl Collections {
    fn of(db: &Database, scope: &Scope) -> Self {
        let mut found = Collections { ids: BTreeMap::new(), texts: 0, positions: 0 };
        let languages: FxHashMap<Id, &String> =
            scope.bases.iter().filter_map(|base| Some((base.id, base.language.as_ref()?))).collect();
        let bases = scope.base_ids();
        let mut entries = Vec::new();
        reading_postings(|| {
            db.each(&COLLECTIONS_OF_BASES, values![bases], |row| {
                if let Some(language) = languages.get(&row.id(4)) {
                    found.add(Source::Chunk, language, [row.long(1), row.long(2), row.long(3)]);
                }
            });
            let mut take = |row: &Slot| {
                entries.extend(row.text(4).map(|language| (language, [row.long(1), row.long(2), row.long(3)])));
            };
            match scope.entries {
                Entries::Nobodys => {}
                Entries::SharedAnd(person) => db.each(&COLLECTIONS_OF_SHARED_AND, values![person], &mut take),
                Entries::Everybodys => db.each(&COLLECTIONS_OF_ENTRIES, values![], &mut take),
            }
        });
        for (language, counts) in entries {
            if db.run(&LANGUAGE_EXISTS, values![language.as_str()]).first().is_some() {
                found.add(Source::Entry, &language, counts);
            }
        }
        found
    }

    fn add(&mut self, source: Source, language: &str, [id, texts, positions]: [i64; 3]) {
        self.ids.entry((source, language.to_owned())).or_default().push(id);
        self.texts += texts;
        self.positions += positions;
    }

    /// The BM25 score of every text that contains a term.
    fn scores(&self, db: &Database, query: &Query) -> FxHashMap<Passage, f64> {
        let texts = self.texts as f64;
        let statistics = Statistics { texts, average: self.positions as f64 / texts };
        let mut terms = Terms::default();
        for ((source, language), collections) in &self.ids {
            let lexemes: Vec<String> =
                db.run(&TERMS, values![language.as_str(), query.words.as_str()]).value().unwrap_or_default();
            let places: Vec<usize> = lexemes.iter().map(|lexeme| terms.place(lexeme)).collect();
            let arguments = values![collections.clone(), lexemes];
            reading_postings(|| {
                db.each(&POSTINGS, arguments, |row| {
                    let weight = statistics.weight(f64::from(row.int(3)), f64::from(row.int(4)));
                    let passage = Passage { id: row.id(2), source: *source };
                    terms.postings[places[row.int(1) as usize - 1]].push((passage, weight));
                });
            });
        }
        terms.scores(&statistics)
    }
}

/// A query's terms and the texts that contain them, with their weights.
#[derive(Default)]
struct Terms {
    places: FxHashMap<String, usize>,
    postings: Vec<Vec<(Passage, f64)>>,
}

impl Terms {
    fn place(&mut self, lexeme: &str) -> usize {
        *self.places.entry(lexeme.to_owned()).or_insert_with(|| {
            self.postings.push(Vec::new());
            self.postings.len() - 1
        })
    }

    fn scores(self, statistics: &Statistics) -> FxHashMap<Passage, f64> {
        let mut scores = FxHashMap::default();
        for postings in self.postings {
            pgrx::check_for_interrupts!();
            let idf = statistics.idf(postings.len() as f64);
            for (passage, weight) in postings {
                *scores.entry(passage).or_default() += idf * weight;
            }
        }
        scores
    }
}

/// Reads what is internal, in collections that the caller may read: as its owner, whom FORCE ROW LEVEL SECURITY would
/// leave nothing of it.
fn reading_postings<T>(work: impl FnOnce() -> T) -> T {
    as_owner(catalog::owner_of("knowledge_postings"), || with_settings(&COVERING_INDEX, work))
}
