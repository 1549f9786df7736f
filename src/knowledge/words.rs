//! Retrieval by words: BM25 over the postings, then what the caller may read of the best.

use std::collections::{BTreeMap, BinaryHeap};

use rustc_hash::{FxHashMap, FxHashSet};

use super::bm25::Statistics;
use super::packed::{Posting, postings, stored, words};
use super::passage::{Passage, Ranking, Scored, Source};
use super::query::Query;
use super::scope::{Scope, reading_index};
use crate::id::{Id, array};
use crate::statement::{Database, statement, values};

/// Of texts by id ($1), those that have all phrases ($2) and no exclusion ($3), each in the text's language. Phrases that
/// are stop words alone ask for nothing. Where the language is no (longer a) text search configuration, nothing tells.
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
                    cross join phraseto_tsquery((
                        select case when l.name in (
                            select oid::regconfig::text from pg_ts_config where has_schema_privilege(cfgnamespace, 'usage')
                        ) then l.name::regconfig end
                        from (",
            $language,
            ") l (name)
                    ), x.phrase) q
                    where q is null or numnode(q) > 0 and not t.search_vector @@ q
                )
                and not exists (
                    select from unnest($3) x (phrase)
                    cross join phraseto_tsquery((
                        select case when l.name in (
                            select oid::regconfig::text from pg_ts_config where has_schema_privilege(cfgnamespace, 'usage')
                        ) then l.name::regconfig end
                        from (",
            $language,
            ") l (name)
                    ), x.phrase) q
                    where q is null or numnode(q) > 0 and t.search_vector @@ q
                )"
        )
    };
}

statement! {
    /// The distinct lexemes of a text.
    TERMS("text", "text") = "select tsvector_to_array(to_tsvector($1::regconfig, $2))";
    /// One index-only scan for each collection and term; OFFSET 0 keeps the plan to it.
    POSTINGS("uuid[]", "text[]") = "
        select t.place::int4, p.texts
        from unnest($2) with ordinality t (term, place)
        cross join lateral (
            select p.texts
            from @extschema@.knowledge_postings p
            where p.collection_id = any ($1) and p.lexeme = t.term
            offset 0
        ) p";
    PENDING("uuid[]") = "
        select passage_id, words from @extschema@.knowledge_pending_words where collection_id = any ($1)";
    ACCEPTED_CHUNKS("uuid[]", "text[]", "text[]") = accepted!(
        "knowledge_chunks",
        "select b.language from @extschema@.agent_knowledge_bases b where b.id = t.knowledge_base_id"
    );
    ACCEPTED_ENTRIES("uuid[]", "text[]", "text[]") = accepted!("knowledge", "select t.language");
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
        let scores = scores(db, scope, query);
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

    /// Those of a ranking that have the query's phrases and no exclusion.
    pub fn filter(&self, ranking: Ranking) -> Ranking {
        let all = self.query.phrases.is_empty() && self.query.exclusions.is_empty();
        if all { ranking } else { self.accepted(&ranking) }
    }

    /// The BM25 scores of passages, 0 where no word matches.
    pub fn scores(&self, passages: &Ranking) -> Vec<f64> {
        passages.iter().map(|scored| self.scores.get(&scored.passage).copied().unwrap_or_default()).collect()
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

/// The BM25 score of every text in scope that contains a term.
fn scores(db: &Database, scope: &Scope, query: &Query) -> FxHashMap<Passage, f64> {
    let mut groups: BTreeMap<(Source, &str), Vec<Id>> = BTreeMap::new();
    let (mut texts, mut positions) = (0, 0);
    for searched in &scope.collections {
        if let Some(language) = &searched.language {
            groups.entry((searched.source, language)).or_default().push(searched.collection);
            texts += searched.texts;
            positions += searched.positions;
        }
    }
    let statistics = Statistics { texts: texts as f64, average: positions as f64 / texts as f64 };
    let mut terms = Terms::default();
    for ((source, language), collections) in groups {
        terms.find(db, query, source, language, collections, &statistics);
    }
    terms.scores(&statistics)
}

/// Finds terms, by their places, in a pending text.
fn find(text: &[u8], passage: Id, places: &FxHashMap<&str, usize>, found: &mut impl FnMut(usize, Posting)) {
    let mut matching = Vec::new();
    let mut length = 0;
    for (lexeme, frequency) in words(text) {
        length += u32::from(frequency);
        matching.extend(places.get(lexeme).map(|place| (*place, frequency)));
    }
    for (place, frequency) in matching {
        found(place, Posting { passage, frequency, length });
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

    /// Finds the texts of some collections, in a language, that contain the query's words.
    fn find(
        &mut self,
        db: &Database,
        query: &Query,
        source: Source,
        language: &str,
        collections: Vec<Id>,
        statistics: &Statistics,
    ) {
        let lexemes: Vec<String> = db.run(&TERMS, values![language, query.words.as_str()]).value().unwrap_or_default();
        let lexemes: Vec<String> = lexemes.iter().map(|lexeme| stored(lexeme)).collect();
        let places: Vec<usize> = lexemes.iter().map(|lexeme| self.place(lexeme)).collect();
        let mut found = |place: usize, posting: Posting| {
            let weight = statistics.weight(f64::from(posting.frequency), f64::from(posting.length));
            self.postings[place].push((Passage { id: posting.passage, source }, weight));
        };
        reading_index(&["knowledge_postings", "knowledge_pending_words"], || {
            db.each(&POSTINGS, values![array(collections.iter().copied()), lexemes.clone()], |row| {
                let place = places[row.int(1) as usize - 1];
                row.bytes(2, |texts| postings(texts).for_each(|posting| found(place, posting)));
            });
            let places: FxHashMap<&str, usize> = lexemes.iter().map(String::as_str).zip(places).collect();
            db.each(&PENDING, values![array(collections.into_iter())], |row| {
                row.bytes(2, |text| find(text, row.id(1), &places, &mut found));
            });
        });
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
