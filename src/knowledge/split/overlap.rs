//! Where the overlap of a chunk with the one in front begins.

use std::sync::LazyLock;

use icu_segmenter::options::{SentenceBreakInvariantOptions, WordBreakInvariantOptions};
use icu_segmenter::{GraphemeClusterSegmenter, SentenceSegmenter, WordSegmenter};
use icu_segmenter::{SentenceSegmenterBorrowed, WordSegmenterBorrowed};

use super::tokens::{Interrupt, Table, count};

static SENTENCES: LazyLock<SentenceSegmenterBorrowed<'static>> =
    LazyLock::new(|| SentenceSegmenter::new(SentenceBreakInvariantOptions::default()));
static WORDS: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));

/// Bytes to look at for each token: most tokens are shorter.
const REACH: usize = 8;

/// Where in `text`, the own part of a chunk, the next chunk's overlap begins: behind the first character, at most
/// `tokens` tokens from the end; the length of `text` if there is no such place.
pub fn start(text: &str, tokens: usize, interrupt: &Interrupt) -> usize {
    let reach = text.len().saturating_sub(tokens.saturating_mul(REACH));
    let tail = text.ceil_char_boundary(reach.max(1));
    let table = Table::new(&text[tail..], usize::MAX, interrupt);
    let mut budget = tokens;
    while budget > 0 {
        let start = tail + tidy(&text[tail..], table.last(budget));
        let overlap = count(&text[start..], interrupt);
        if overlap <= tokens {
            return start;
        }
        budget = budget.saturating_sub(overlap - tokens);
    }
    text.len()
}

/// A good place to begin reading `text`, at byte `from` or behind it: a sentence if one begins soon, else a word, else
/// a character.
fn tidy(text: &str, from: usize) -> usize {
    let soon = from + (text.len() - from) / 2;
    let begins_word = |&at: &usize| text[at..].starts_with(char::is_alphanumeric);
    // The text does not begin with a sentence: it was cut out of a longer one.
    let mut sentences = SENTENCES.segment_str(text).skip_while(|&at| at < from.max(1));
    let sentence = sentences.next().filter(|&at| at <= soon);
    let word = || WORDS.segment_str(text).skip_while(|&at| at < from).find(begins_word);
    let character = || GraphemeClusterSegmenter::new().segment_str(text).find(|&at| at >= from);
    let at = sentence.or_else(word).or_else(character).unwrap_or(text.len());
    text.len() - text[at..].trim_start().len()
}
