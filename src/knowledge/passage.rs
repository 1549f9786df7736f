//! What a search finds: chunks and entries, ranked.

use crate::id::Id;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    Chunk,
    Entry,
}

impl Source {
    /// What the contract calls it.
    pub fn name(self) -> &'static str {
        match self {
            Source::Chunk => "chunk",
            Source::Entry => "entry",
        }
    }
}

/// A text that can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Passage {
    pub id: Id,
    pub source: Source,
}

/// A passage with its score. The greater has the higher score; of the same score, the lower id.
#[derive(Clone, Copy, Debug)]
pub struct Scored {
    pub score: f64,
    pub passage: Passage,
}

impl Ord for Scored {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.score.total_cmp(&other.score).then(other.passage.cmp(&self.passage))
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scored {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Scored {}

/// Scored passages, best first.
pub type Ranking = Vec<Scored>;

/// The best so many, best first.
pub fn best(mut scored: Ranking, most: usize) -> Ranking {
    scored.sort_unstable_by(|one, other| other.cmp(one));
    scored.truncate(most);
    scored
}
