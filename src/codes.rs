//! One-bit codes of embeddings: the signs of their components, compared by Hamming distance.
//!
//! The angle between two embeddings and the share of signs in which they differ go together, so the nearest by code
//! hold the nearest by cosine: a shortlist that the embeddings themselves then rank.

use std::collections::BinaryHeap;

use pgrx::pg_sys;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::id::Id;
use crate::vector::{DIMENSIONS, Vector};

/// The code of an embedding, as pgvector's binary_quantize makes it: a bit for each component, 1 if it is positive.
pub struct Code(Bits);

impl Code {
    pub fn of(vector: &Vector) -> Self {
        let mut bytes = [0; DIMENSIONS / 8];
        for (place, component) in vector.components().iter().enumerate() {
            bytes[place / 8] |= u8::from(*component > 0.0) << (7 - place % 8);
        }
        Code(Bits(bytes))
    }

    /// In how many bits it differs from another.
    pub fn distance(&self, bits: &Bits) -> u32 {
        differing(&self.0.0, &bits.0)
    }
}

/// A code as bytes, the first component's bit the highest of the first.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Bits([u8; DIMENSIONS / 8]);

impl Bits {
    /// The bits of a bit(1536); raises where a bit string is of another length.
    ///
    /// # Safety
    /// `datum` is a bit string that is not NULL.
    pub unsafe fn copy(datum: pg_sys::Datum) -> Self {
        unsafe {
            let plain = pg_sys::pg_detoast_datum_packed(datum.cast_mut_ptr());
            if pgrx::varlena::varsize_any_exhdr(plain) != size_of::<i32>() + DIMENSIONS / 8 {
                pgrx::error!("an embedding code has not {DIMENSIONS} bits");
            }
            // Behind the header of a varbit stand its length in bits and then the bits.
            let start = pgrx::varlena::vardata_any(plain).cast::<u8>().add(size_of::<i32>());
            Bits(start.cast::<[u8; DIMENSIONS / 8]>().read())
        }
    }

    pub fn of(bytes: &[u8; DIMENSIONS / 8]) -> &Self {
        // SAFETY: the type is these bytes and nothing else.
        unsafe { &*std::ptr::from_ref(bytes).cast() }
    }

    pub fn bytes(&self) -> &[u8; DIMENSIONS / 8] {
        &self.0
    }
}

#[cfg(target_arch = "x86_64")]
fn differing(one: &[u8; DIMENSIONS / 8], other: &[u8; DIMENSIONS / 8]) -> u32 {
    #[target_feature(enable = "avx512f,avx512vl,avx512vpopcntdq")]
    fn with_vectors(one: &[u8; DIMENSIONS / 8], other: &[u8; DIMENSIONS / 8]) -> u32 {
        count(one, other)
    }
    #[target_feature(enable = "popcnt")]
    fn with_popcnt(one: &[u8; DIMENSIONS / 8], other: &[u8; DIMENSIONS / 8]) -> u32 {
        count(one, other)
    }
    use std::arch::is_x86_feature_detected as has;
    // SAFETY: the processor has what the functions use.
    unsafe {
        if has!("avx512f") && has!("avx512vl") && has!("avx512vpopcntdq") {
            with_vectors(one, other)
        } else if has!("popcnt") {
            with_popcnt(one, other)
        } else {
            count(one, other)
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn differing(one: &[u8; DIMENSIONS / 8], other: &[u8; DIMENSIONS / 8]) -> u32 {
    count(one, other)
}

#[inline(always)]
fn count(one: &[u8; DIMENSIONS / 8], other: &[u8; DIMENSIONS / 8]) -> u32 {
    let words = |bytes: &'_ [u8; DIMENSIONS / 8]| -> [u64; DIMENSIONS / 64] {
        std::array::from_fn(|word| u64::from_ne_bytes(std::array::from_fn(|byte| bytes[word * 8 + byte])))
    };
    std::iter::zip(words(one), words(other)).map(|(one, other)| u64::from((one ^ other).count_ones())).sum::<u64>()
        as u32
}

/// The fewest of a shortlist whose embeddings are compared.
const FEWEST: usize = 64;
/// How many times as many a shortlist holds, for embeddings whose codes say little.
const RESERVE: usize = 4;
/// How many standard deviations of the estimate's error count as possible: for one of many to be among the best, and
/// for any at all to be above a threshold that few are, because the number of those is promised.
const CONFIDENCE: f64 = 3.0;
const CONFIDENCE_IN_COUNT: f64 = 6.0;
/// How many errors must be known to tell what others are like: where policies hide many rows, few are.
const TELLING: f64 = 30.0;

/// The nearest of many by code, to be ranked by embedding.
pub struct Shortlist {
    limit: usize,
    threshold: f64,
    size: usize,
    /// Of so many, all are compared.
    exact: usize,
    /// Of more than so many, the rest is not compared, whatever it might be.
    enough: usize,
    offered: usize,
    /// How far one may be to be among the nearest.
    farthest: u32,
    nearest: BinaryHeap<(u32, Id)>,
}

impl Shortlist {
    /// A shortlist for the best `limit` of at least `threshold`.
    pub fn new(limit: i32, threshold: f64) -> Self {
        let limit = limit as usize;
        let size = RESERVE * FEWEST.max(2 * limit);
        Shortlist {
            limit,
            threshold,
            size,
            exact: 0,
            enough: usize::MAX,
            offered: 0,
            farthest: u32::MAX,
            nearest: BinaryHeap::new(),
        }
    }

    /// One that holds up to `exact` whole, to compare them all.
    pub fn exact_up_to(self, exact: usize) -> Self {
        Shortlist { exact, size: self.size.max(exact), ..self }
    }

    /// One that takes the best of the nearest by code, so many times as many, for the best: good enough for candidates.
    pub fn roughly(self, factor: usize) -> Self {
        Shortlist { enough: factor * self.limit, ..self }
    }

    /// One so many times as long.
    pub fn times(self, factor: usize) -> Self {
        Shortlist { size: self.size.saturating_mul(factor), ..self }
    }

    /// One that is known to lack some: it tells only if what it lacks can't matter.
    pub fn of_more(self) -> Self {
        Shortlist { offered: usize::MAX, ..self }
    }

    pub fn offer(&mut self, distance: u32, id: Id) {
        self.offered += 1;
        if distance > self.farthest {
            return;
        }
        self.nearest.push((distance, id));
        if self.nearest.len() > self.size {
            self.nearest.pop();
            self.farthest = self.nearest.peek().map_or(0, |(distance, _)| *distance);
        }
    }

    /// The best by embedding, best first, with their similarities. `measure` is given ids, in their order, and hands
    /// back each with its similarity. None if the shortlist is too short to tell.
    ///
    /// It is read from the front, in batches that double, until what is left can't be among the best.
    pub fn rank(self, mut measure: impl FnMut(&[Id], &mut dyn FnMut(Id, f64))) -> Option<Vec<(Id, f64)>> {
        let (limit, threshold, offered) = (self.limit, self.threshold, self.offered);
        let (all, enough) = (offered <= self.exact, self.enough);
        let list = self.nearest.into_sorted_vec();
        let mut best = Best {
            limit,
            threshold,
            compared: FxHashSet::default(),
            similarities: Vec::new(),
            errors: Errors::default(),
        };
        let mut read = 0;
        while read < list.len() {
            let batch = &list[read..list.len().min(2 * read.max(FEWEST.max(2 * limit) / 2))];
            best.compare(batch, &mut measure);
            read += batch.len();
            let is_settled = |(distance, _): &(u32, Id)| best.is_settled(*distance) || best.is_full() && read >= enough;
            if !all && list.get(read).is_some_and(is_settled) {
                return Some(best.take());
            }
        }
        (read == offered).then(|| best.take())
    }
}

/// The similarity that a Hamming distance suggests: the angle is the share of differing signs times pi (Charikar, 2002).
fn estimate(distance: u32) -> f64 {
    (std::f64::consts::PI * f64::from(distance) / DIMENSIONS as f64).cos()
}

/// What has been compared so far.
struct Best {
    limit: usize,
    threshold: f64,
    compared: FxHashSet<Id>,
    similarities: Vec<(Id, f64)>,
    errors: Errors,
}

impl Best {
    fn compare(&mut self, batch: &[(u32, Id)], measure: &mut impl FnMut(&[Id], &mut dyn FnMut(Id, f64))) {
        // An id that was offered twice is compared once.
        let fresh = batch.iter().filter(|(_, id)| self.compared.insert(*id));
        let estimates: FxHashMap<Id, f64> = fresh.map(|(distance, id)| (*id, estimate(*distance))).collect();
        // In the order of the index, neighbours are fetched together.
        let mut ids: Vec<Id> = estimates.keys().copied().collect();
        ids.sort_unstable();
        measure(&ids, &mut |id, similarity| {
            self.errors.add(similarity - estimates[&id]);
            if similarity >= self.threshold {
                self.similarities.push((id, similarity));
            }
        });
        self.similarities.sort_unstable_by(|(id, one), (other_id, other)| other.total_cmp(one).then(id.cmp(other_id)));
        self.similarities.truncate(self.limit);
    }

    /// Whether nothing at this distance or beyond can be among the best, as far as the errors seen tell.
    fn is_settled(&self, distance: u32) -> bool {
        if self.errors.count < TELLING {
            return false;
        }
        let possible = |deviations| estimate(distance) + self.errors.upper(deviations);
        match self.similarities.last() {
            Some((_, last)) if self.is_full() => possible(CONFIDENCE) < *last,
            // Nothing is below a threshold of -1, whatever the estimate says.
            _ => self.threshold > -1.0 && possible(CONFIDENCE_IN_COUNT) < self.threshold,
        }
    }

    fn is_full(&self) -> bool {
        self.similarities.len() == self.limit
    }

    fn take(self) -> Vec<(Id, f64)> {
        self.similarities
    }
}

/// By how much the estimates were off.
#[derive(Default)]
struct Errors {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Errors {
    fn add(&mut self, error: f64) {
        self.count += 1.0;
        self.sum += error;
        self.squares += error * error;
    }

    /// How much more similar than estimated something may well be.
    fn upper(&self, deviations: f64) -> f64 {
        let mean = self.sum / self.count;
        let variance = (self.squares / self.count - mean * mean).max(0.0);
        mean + deviations * variance.sqrt()
    }
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    /// Ranks 10 of 5,000, whose similarities are `similarity` of their distances.
    fn rank(similarity: impl Fn(u32, Id) -> f64) -> (Option<Vec<Id>>, usize) {
        let distance = |id: u32| 400 + (id * 7919) % 5000 / 13;
        let mut shortlist = Shortlist::new(10, -1.0);
        (0..5000).for_each(|id| shortlist.offer(distance(id), Id::from(id)));
        let mut compared = 0;
        let ranked = shortlist.rank(|ids, take| {
            compared += ids.len();
            ids.iter().for_each(|id| take(*id, similarity(distance(*id as u32), *id)));
        });
        (ranked.map(|best| best.into_iter().map(|(id, _)| id).collect()), compared)
    }

    #[test]
    fn where_codes_tell_the_similarity_the_front_is_enough() {
        let (best, compared) = rank(|distance, _| estimate(distance));
        let mut expected: Vec<Id> = (0..5000u128).filter(|id| (id * 7919) % 5000 / 13 == 0).collect();
        expected.sort_unstable();
        assert_eq!(best.unwrap(), expected[..10]);
        assert_eq!(compared, FEWEST);
    }

    #[test]
    fn where_codes_tell_nothing_it_says_so() {
        let (best, compared) = rank(|_, id| ((id * 104_729) % 1000) as f64 / 1000.0);
        assert!(best.is_none());
        assert_eq!(compared, RESERVE * FEWEST);
    }

    #[test]
    fn distance_counts_the_bits_that_differ() {
        let mut one = [0; DIMENSIONS / 8];
        let mut other = one;
        assert_eq!(differing(&one, &other), 0);
        one[0] = 0b1000_0001;
        one[191] = 1;
        other[0] = 0b1000_0000;
        assert_eq!(differing(&one, &other), 2);
    }
}

#[cfg(any(test, feature = "pg_test"))]
#[pgrx::pg_schema]
mod tests {
    use super::*;
    use crate::value::Value;
    use pgrx::prelude::*;

    /// pgvector's own code and distance are the oracle.
    #[pg_test]
    fn codes_are_those_of_pgvector() {
        Spi::run(
            "create table sample as
             select n, (select array_agg(random() - 0.5) from generate_series(1, 1536 + 0 * n))::vector(1536) as v
             from generate_series(1, 20) n",
        )
        .unwrap();
        // What a statement returns lives as long as its connection.
        Spi::connect(|spi| {
            let pairs = "select a.v, binary_quantize(b.v)::bit(1536), binary_quantize(a.v) <~> binary_quantize(b.v)
                         from sample a cross join sample b";
            for row in spi.select(pairs, None, &[]).unwrap() {
                let one: Vector = row.get(1).unwrap().unwrap();
                let other: Value = row.get(2).unwrap().unwrap();
                // SAFETY: the column is a bit(1536).
                let distance = Code::of(&one).distance(&unsafe { Bits::copy(other.into_datum().unwrap()) });
                assert_eq!(Some(f64::from(distance)), row.get(3).unwrap());
            }
        });
    }
}
