//! Splits a document into chunks of at most so many tokens of the embedding model's tokenizer.
//!
//! text-splitter decides where chunks end: behind the largest units of structure that fit. By itself it would tokenise
//! every candidate and look through the whole rest of the document for every chunk. So it gets a stretch of the
//! document at a time, and the sizes that it asks for come from a table of the stretch's tokens. Where that is wrong,
//! because a chunk begins or ends inside of a token, shows when the chunk itself is counted.

mod fence;
mod overlap;
#[cfg(test)]
mod tests;
mod tokens;

use std::ops::Range;

use text_splitter::{Characters, ChunkConfig, ChunkSizer, MarkdownSplitter, TextSplitter};

use fence::Fences;
use tokens::{Estimate, Exact, Interrupt, Table, count};

/// How many chunks a stretch is long. In a longer one there is more to look through for each chunk; of a shorter one
/// more is split twice, because its last chunk may go on in the next.
const STRETCH: usize = 12;

/// The shortest stretch, in tokens: for tiny chunks too there should be words and sentences to see.
const SHORTEST_STRETCH: usize = 128;

/// Bytes to look at for each token of a stretch: more than they have but in runs of white space or of one sign.
const REACH: usize = 16;

/// A part of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk<'t> {
    /// A slice of the document without white space around it; in Markdown its first line may be indented.
    pub content: &'t str,
    /// How much of `content` is in the chunk in front too, in bytes, white space behind it included.
    pub overlap: usize,
    /// The size of `content` in tokens of cl100k_base.
    pub tokens: usize,
}

/// Splits `text` into chunks of at most `max_tokens` tokens of cl100k_base, in order.
///
/// - `markdown`: chunks follow Markdown's headings and blocks; else line breaks, sentences and words.
/// - `max_tokens`: from 1; 0 counts as 1. No character is divided: one of more tokens than `max_tokens` (at most four,
///   an emoji's) is a chunk of its own.
/// - `overlap_tokens`: how many tokens of the chunk in front to repeat: about so many, so that the overlap begins with
///   a sentence or a word, and never more. Below `max_tokens`; more counts as `max_tokens` - 1.
/// - `interrupt`: called every few milliseconds, in long runs of one sign every 20 at 512 tokens and 300 at 8,192. It
///   may panic: nothing outlives the call but the vocabulary.
///
/// Without their overlaps the chunks contain everything that is not white space, once. Blank text has no chunks. A
/// process's first call unpacks the vocabulary: 20 ms and 17 MB.
pub fn split<'t>(
    text: &'t str,
    markdown: bool,
    max_tokens: usize,
    overlap_tokens: usize,
    interrupt: &mut dyn FnMut(),
) -> Vec<Chunk<'t>> {
    let max = max_tokens.max(1);
    let overlap = overlap_tokens.min(max - 1);
    let interrupt = Interrupt::new(interrupt);
    let mut chunks = Chunks { text, markdown, max, overlap, interrupt: &interrupt, own: 0..0, made: vec![] };
    let mut fences = Fences::default();
    let mut cursor = 0;
    while cursor < text.len() {
        cursor = chunks.stretch(cursor, &mut fences);
    }
    chunks.made
}

/// The chunks of a document, as far as they are made.
struct Chunks<'t, 'i> {
    text: &'t str,
    markdown: bool,
    max: usize,
    overlap: usize,
    interrupt: &'i Interrupt<'i>,
    /// Where in the text the last chunk is, without its overlap.
    own: Range<usize>,
    made: Vec<Chunk<'t>>,
}

impl Chunks<'_, '_> {
    /// Splits a stretch that begins at byte `start`; returns where the next one begins.
    fn stretch(&mut self, start: usize, fences: &mut Fences) -> usize {
        let tokens = self.capacity().saturating_mul(STRETCH).max(SHORTEST_STRETCH);
        let reach = self.text.floor_char_boundary(start.saturating_add(tokens.saturating_mul(REACH)));
        let table = Table::new(&self.text[start..reach], tokens, self.interrupt);
        let end = line_end(self.text, start..start + table.len());
        let fenced = self.markdown && fences.hold(self.text, start);
        let sizer = Estimate { table: &table, interrupt: self.interrupt };
        let parts = parts(self.text, start..end, self.markdown && !fenced, self.capacity(), sizer);
        let tokens = |part: Range<usize>| table.tokens(part.start - start..part.end - start);
        let parts = self.join(parts, tokens);
        let mut keep = parts.len();
        // What the next stretch may have more of is left to it.
        if end < self.text.len() && parts.last().is_some_and(|last| tokens(last.start..end) <= self.largest()) {
            keep -= 1;
        }
        if self.markdown {
            keep = seam(self.text, &parts, keep, fenced, fences.clone());
        }
        let keep = keep.max(1).min(parts.len());
        for part in &parts[..keep] {
            self.push(part.clone());
        }
        if keep < parts.len() { parts[keep - 1].end } else { end }
    }

    /// The tokens of a chunk without its overlap.
    fn capacity(&self) -> usize {
        self.max - self.overlap
    }

    /// The tokens of a chunk without its overlap, if it was joined.
    fn largest(&self) -> usize {
        self.capacity() + self.overlap / 2
    }

    /// Joins parts of a few tokens, which mostly are headings, with what they are in front of. Half of the room for the
    /// overlap is theirs.
    fn join(&self, parts: Vec<Range<usize>>, tokens: impl Fn(Range<usize>) -> usize) -> Vec<Range<usize>> {
        let mut joined: Vec<Range<usize>> = Vec::with_capacity(parts.len());
        for part in parts {
            match joined.last_mut() {
                Some(front)
                    if tokens(front.clone()) <= self.overlap / 2 && tokens(front.start..part.end) <= self.largest() =>
                {
                    front.end = part.end;
                }
                _ => joined.push(part),
            }
        }
        joined
    }

    /// Makes a chunk of a part and as much overlap as there is room for, or several if the part is too large.
    fn push(&mut self, own: Range<usize>) {
        let mut budget = self.overlap;
        loop {
            let start = self.overlap_start(&own, budget);
            let content = &self.text[start..own.end];
            let tokens = count(content, self.interrupt);
            let single = own.start == start && content.chars().nth(1).is_none();
            if tokens <= self.max || single {
                self.made.push(Chunk { content, overlap: own.start - start, tokens });
                self.own = own;
                return;
            }
            if start == own.start {
                break;
            }
            budget = budget.saturating_sub(tokens - self.max);
        }
        self.mend(own);
    }

    /// Where a chunk begins that is to have at most `budget` tokens of the last one's own part in front.
    fn overlap_start(&self, own: &Range<usize>, budget: usize) -> usize {
        if budget == 0 || self.own.is_empty() {
            return own.start;
        }
        let start = self.own.start + overlap::start(&self.text[self.own.clone()], budget, self.interrupt);
        if start < self.own.end { start } else { own.start }
    }

    /// Makes chunks of a part that is larger than the table said.
    fn mend(&mut self, part: Range<usize>) {
        let mut pieces = parts(self.text, part.clone(), self.markdown, self.capacity(), Exact(self.interrupt));
        if pieces == [part.clone()] {
            // Never seen, but the promise stands: halves end in single characters.
            let half = self.text[part.clone()].chars().count().div_ceil(2);
            pieces = parts(self.text, part, false, half, Characters);
        }
        for piece in pieces {
            self.push(piece);
        }
    }
}

/// The parts of a stretch of `text` that are to be chunks, each of at most `capacity`, without white space around them.
fn parts(
    text: &str,
    stretch: Range<usize>,
    markdown: bool,
    capacity: usize,
    sizer: impl ChunkSizer,
) -> Vec<Range<usize>> {
    let config = ChunkConfig::new(capacity).with_sizer(sizer);
    let place = |(at, part): (usize, &str)| stretch.start + at + blank_lines(part)..stretch.start + at + part.len();
    let text = &text[stretch.clone()];
    if markdown {
        MarkdownSplitter::new(config).chunk_indices(text).map(place).collect()
    } else {
        TextSplitter::new(config).chunk_indices(text).map(place).collect()
    }
}

/// The length of the blank lines at the beginning of `text`, in bytes. Behind them it may be indented.
fn blank_lines(text: &str) -> usize {
    let blank = &text[..text.len() - text.trim_start().len()];
    blank.rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

/// The end of a stretch of `text` that ends with a line if there is one to end in its second half.
fn line_end(text: &str, stretch: Range<usize>) -> usize {
    if stretch.end == text.len() {
        return stretch.end;
    }
    let half = text.ceil_char_boundary(stretch.start.midpoint(stretch.end));
    text[half..stretch.end].rfind('\n').map_or(stretch.end, |line| half + line + 1)
}

/// How many of the first `keep` parts to keep, so that what Markdown means in the next stretch is to be seen there: it
/// begins with a line that is neither code nor indented. In code, what comes behind it is left to the next stretch.
fn seam(text: &str, parts: &[Range<usize>], keep: usize, fenced: bool, mut fences: Fences) -> usize {
    let mut best = keep;
    for (index, part) in parts.iter().enumerate().take(keep + 1).skip(1) {
        let good = !fences.hold(text, part.start) && begins_block(text, part.start);
        if good && fenced {
            return index;
        }
        if good && index > keep / 2 {
            best = index;
        }
    }
    best
}

/// Whether byte `at` begins a line that is not indented, as code or a list's inner lines would be.
fn begins_block(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    bytes[at - 1] == b'\n' && !matches!(bytes[at], b' ' | b'\t')
}
