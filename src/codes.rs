//! One-bit codes of embeddings: the signs of their components, compared by Hamming distance.
//!
//! The angle between two embeddings and the share of signs in which they differ go together, so the nearest by code
//! hold the nearest by cosine: a shortlist that the embeddings themselves then rank.

use std::collections::BinaryHeap;

use pgrx::pg_sys;

use crate::id::Id;
use crate::vector::{DIMENSIONS, Vector};

const WORDS: usize = DIMENSIONS / 64;

/// The code of an embedding, as pgvector's binary_quantize makes it: a bit for each component, 1 if it is positive.
pub struct Code([u64; WORDS]);

impl Code {
    pub fn of(vector: &Vector) -> Self {
        let mut words = [0; WORDS];
        for (place, component) in vector.components().iter().enumerate() {
            words[place / 64] |= u64::from(*component > 0.0) << (63 - place % 64);
        }
        Code(words)
    }

    /// In how many bits a bit(1536) differs.
    ///
    /// # Safety
    /// `datum` is a bit(1536) that is not NULL.
    pub unsafe fn distance(&self, datum: pg_sys::Datum) -> u32 {
        let bits = unsafe {
            let plain = pg_sys::pg_detoast_datum_packed(datum.cast_mut_ptr());
            let start = pgrx::varlena::vardata_any(plain).cast::<u8>();
            // Behind the header of a varbit stand its length in bits and then the bits, the first the highest.
            std::slice::from_raw_parts(start.add(size_of::<i32>()), DIMENSIONS / 8)
        };
        differing(&self.0, bits)
    }
}

#[cfg(target_arch = "x86_64")]
fn differing(code: &[u64; WORDS], bits: &[u8]) -> u32 {
    #[target_feature(enable = "popcnt")]
    fn with_popcnt(code: &[u64; WORDS], bits: &[u8]) -> u32 {
        count(code, bits)
    }
    if std::arch::is_x86_feature_detected!("popcnt") {
        // SAFETY: the processor has the instruction.
        unsafe { with_popcnt(code, bits) }
    } else {
        count(code, bits)
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn differing(code: &[u64; WORDS], bits: &[u8]) -> u32 {
    count(code, bits)
}

#[inline(always)]
fn count(code: &[u64; WORDS], bits: &[u8]) -> u32 {
    let words = bits.as_chunks::<8>().0.iter().map(|word| u64::from_be_bytes(*word));
    code.iter().zip(words).map(|(one, other)| (one ^ other).count_ones()).sum()
}

/// The nearest of many by code.
pub struct Shortlist {
    size: usize,
    nearest: BinaryHeap<(u32, Id)>,
}

impl Shortlist {
    /// A shortlist from which the best `limit` by embedding are to be taken.
    ///
    /// 100 held the best 10 in every case measured; for longer answers four times their number.
    pub fn for_limit(limit: i32) -> Self {
        let size = (4 * limit as usize).max(100);
        Shortlist { size, nearest: BinaryHeap::with_capacity(size + 1) }
    }

    pub fn offer(&mut self, distance: u32, id: Id) {
        if self.nearest.len() < self.size {
            self.nearest.push((distance, id));
        } else if let Some(mut farthest) = self.nearest.peek_mut()
            && (distance, id) < *farthest
        {
            *farthest = (distance, id);
        }
    }

    /// The ids, in their order: neighbours in an index are then fetched together.
    pub fn ids(self) -> Vec<Id> {
        let mut ids: Vec<Id> = self.nearest.into_iter().map(|(_, id)| id).collect();
        ids.sort_unstable();
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortlist_keeps_the_nearest() {
        let mut shortlist = Shortlist::for_limit(10);
        for id in 0..1000u32 {
            shortlist.offer((id * 7919) % 1000, Id::from(id));
        }
        let mut expected: Vec<Id> = (0..1000u32).filter(|id| (id * 7919) % 1000 < 100).map(Id::from).collect();
        expected.sort_unstable();
        assert_eq!(shortlist.ids(), expected);
    }

    #[test]
    fn distance_counts_the_bits_that_differ() {
        let mut bits = [0u8; DIMENSIONS / 8];
        let mut code = [0; WORDS];
        assert_eq!(differing(&code, &bits), 0);
        bits[0] = 0b1000_0001;
        bits[191] = 1;
        code[0] = 1 << 63;
        assert_eq!(differing(&code, &bits), 2);
    }
}

#[cfg(any(test, feature = "pg_test"))]
#[pgrx::pg_schema]
mod backend_tests {
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
        for n in 2..=20 {
            let of = |what: &str| format!("select {what} from sample a, sample b where a.n = 1 and b.n = {n}");
            let one: Vector = Spi::get_one(&of("a.v")).unwrap().unwrap();
            let other: Value = Spi::get_one(&of("binary_quantize(b.v)::bit(1536)")).unwrap().unwrap();
            let expected: f64 = Spi::get_one(&of("binary_quantize(a.v) <~> binary_quantize(b.v)")).unwrap().unwrap();
            // SAFETY: the statement yields a bit(1536).
            let distance = unsafe { Code::of(&one).distance(other.into_datum().unwrap()) };
            assert_eq!(f64::from(distance), expected);
        }
    }
}
