//! How postings lie in their tables: numbers are little-endian, lexemes in UTF-8.

use crate::id::Id;

/// A text that contains a lexeme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    pub passage: Id,
    /// How often the text contains the lexeme.
    pub frequency: u16,
    /// How many lexeme positions the text has.
    pub length: u32,
}

/// The bytes of a posting: id, frequency, length.
pub const POSTING: usize = 16 + 2 + 4;

impl Posting {
    pub fn pack(self, into: &mut Vec<u8>) {
        into.extend(self.passage.to_be_bytes());
        into.extend(self.frequency.to_le_bytes());
        into.extend(self.length.to_le_bytes());
    }
}

/// The postings that were packed into `bytes`.
pub fn postings(bytes: &[u8]) -> impl Iterator<Item = Posting> {
    bytes.as_chunks::<POSTING>().0.iter().map(|posting| {
        let (passage, rest) = posting.split_first_chunk::<16>().expect("a posting is as long as that");
        let (frequency, rest) = rest.split_first_chunk::<2>().expect("a posting is as long as that");
        let length = rest.first_chunk::<4>().expect("a posting is as long as that");
        Posting {
            passage: Id::from_be_bytes(*passage),
            frequency: u16::from_le_bytes(*frequency),
            length: u32::from_le_bytes(*length),
        }
    })
}

/// The longest lexeme that is stored as it is, in bytes.
const LONGEST: usize = 128;

/// A lexeme as it is stored: of a long one its beginning and a digest, so that its row fits a page of the index.
pub fn stored(lexeme: &str) -> String {
    if lexeme.len() <= LONGEST {
        return lexeme.to_owned();
    }
    let beginning = &lexeme[..lexeme.floor_char_boundary(LONGEST - 40)];
    format!("{beginning} {:032x}", digest(lexeme.as_bytes()))
}

/// FNV-1a, 128 bits (Fowler, Noll and Vo).
fn digest(bytes: &[u8]) -> u128 {
    const PRIME: u128 = 0x0000000001000000000000000000013B;
    bytes.iter().fold(0x6c62272e07bb014262b821756295c58d, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

/// Packs a lexeme of at most 65,535 bytes and its frequency.
pub fn pack_word(lexeme: &str, frequency: u16, into: &mut Vec<u8>) {
    into.extend((lexeme.len() as u16).to_le_bytes());
    into.extend(frequency.to_le_bytes());
    into.extend(lexeme.as_bytes());
}

/// The lexemes and frequencies that were packed into `bytes`.
pub fn words(mut bytes: &[u8]) -> impl Iterator<Item = (&str, u16)> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (frequency, rest) = rest.split_first_chunk::<2>()?;
        let (lexeme, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        bytes = rest;
        Some((str::from_utf8(lexeme).ok()?, u16::from_le_bytes(*frequency)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn postings_come_back(all in prop::collection::vec((any::<u128>(), any::<u16>(), any::<u32>()), 0..70)) {
            let all: Vec<Posting> =
                all.into_iter().map(|(passage, frequency, length)| Posting { passage, frequency, length }).collect();
            let mut bytes = Vec::new();
            all.iter().for_each(|posting| posting.pack(&mut bytes));
            prop_assert_eq!(bytes.len(), all.len() * POSTING);
            prop_assert_eq!(postings(&bytes).collect::<Vec<_>>(), all);
        }

        #[test]
        fn words_come_back(all in prop::collection::vec((".{0,40}", any::<u16>()), 0..70)) {
            let mut bytes = Vec::new();
            all.iter().for_each(|(lexeme, frequency)| pack_word(lexeme, *frequency, &mut bytes));
            let found: Vec<(String, u16)> = words(&bytes).map(|(lexeme, times)| (lexeme.to_owned(), times)).collect();
            prop_assert_eq!(found, all);
        }

        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (postings(&bytes).count(), words(&bytes).count());
        }
    }
}
