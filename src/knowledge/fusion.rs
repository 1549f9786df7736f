//! Weighted reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009).

use rustc_hash::FxHashMap;

use super::passage::{Passage, Ranking, Scored, best};

/// How slowly ranks lose weight.
const RANK_CONSTANT: f64 = 60.0;

/// The best `most` of several rankings: each passage's score is the sum of weight / (60 + rank) over those that have it,
/// ranks counted from 1.
pub fn fuse(rankings: [(&Ranking, f64); 2], most: usize) -> Ranking {
    let mut scores: FxHashMap<Passage, f64> = FxHashMap::default();
    for (ranking, weight) in rankings {
        for (rank, scored) in (1u32..).zip(ranking) {
            *scores.entry(scored.passage).or_default() += weight / (RANK_CONSTANT + f64::from(rank));
        }
    }
    best(scores.into_iter().map(|(passage, score)| Scored { score, passage }).collect(), most)
}

#[cfg(test)]
mod tests {
    use super::super::passage::Source;
    use super::*;

    fn ranking(ids: &[u128]) -> Ranking {
        ids.iter().map(|id| Scored { score: 0.0, passage: Passage { id: *id, source: Source::Chunk } }).collect()
    }

    #[test]
    fn ranks_count_from_one_and_weights_count() {
        let fused = fuse([(&ranking(&[1, 2]), 0.75), (&ranking(&[2, 3]), 0.25)], 10);
        let expected = [(2, 0.75 / 62.0 + 0.25 / 61.0), (1, 0.75 / 61.0), (3, 0.25 / 62.0)];
        for (scored, (id, score)) in fused.iter().zip(expected) {
            assert_eq!(scored.passage.id, id);
            assert!((scored.score - score).abs() < 1e-12);
        }
        assert_eq!(fused.len(), 3);
    }

    #[test]
    fn ties_are_told_apart_by_id() {
        let fused = fuse([(&ranking(&[7]), 0.5), (&ranking(&[5]), 0.5)], 10);
        assert_eq!(fused.iter().map(|scored| scored.passage.id).collect::<Vec<_>>(), [5, 7]);
    }
}
