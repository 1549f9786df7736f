//! Tokens of cl100k_base: counting them, and knowing them for every part of a stretch of text.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use bpe_openai::cl100k_base;
use text_splitter::ChunkSizer;

/// Bytes to tokenise between two interrupts: less than 1 ms of most texts.
const PAUSE: usize = 8 << 10;

/// The longest piece of text that a table encodes as one, in bytes. Only runs of letters, signs or white space without
/// end are longer.
const PIECE: usize = 4 << 10;

/// The caller's wish to be asked, regularly, whether to go on.
pub struct Interrupt<'a> {
    call: RefCell<&'a mut dyn FnMut()>,
    bytes: Cell<usize>,
}

impl<'a> Interrupt<'a> {
    pub fn new(call: &'a mut dyn FnMut()) -> Self {
        Interrupt { call: RefCell::new(call), bytes: Cell::new(0) }
    }

    pub fn check(&self) {
        self.bytes.set(0);
        (self.call.borrow_mut())();
    }

    /// Notes that so many bytes are about to be tokenised.
    fn tokenising(&self, bytes: usize) {
        self.bytes.set(self.bytes.get() + bytes);
        if self.bytes.get() > PAUSE {
            self.check();
        }
    }
}

/// The number of tokens of `text` by itself.
pub fn count(text: &str, interrupt: &Interrupt) -> usize {
    let tokenizer = cl100k_base();
    let pieces = tokenizer.split(text).inspect(|piece| interrupt.tokenising(piece.len()));
    pieces.map(|piece| tokenizer.bpe.count(piece.as_bytes())).sum()
}

/// `piece` in slices of at most [`PIECE`] bytes.
fn slices(mut piece: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (slice, rest) = piece.split_at(piece.floor_char_boundary(PIECE));
        piece = rest;
        (!slice.is_empty()).then_some(slice)
    })
}

/// The tokens of a text, so that those of any part of it are known by two look-ups.
pub struct Table<'t> {
    text: &'t str,
    /// How many tokens begin in front of each byte, and of the end.
    before: Vec<u32>,
}

impl<'t> Table<'t> {
    /// Tokenises the beginning of `text`: `most` tokens or a few more.
    pub fn new(text: &'t str, most: usize, interrupt: &Interrupt) -> Self {
        let bpe = &cl100k_base().bpe;
        let mut before = Vec::new();
        let mut tokens = 0;
        for piece in cl100k_base().split(text).flat_map(slices) {
            if tokens as usize >= most {
                break;
            }
            interrupt.tokenising(piece.len());
            for token in bpe.encode_via_backtracking(piece.as_bytes()) {
                before.push(tokens);
                tokens += 1;
                before.resize(before.len() + bpe.token_len(token) - 1, tokens);
            }
        }
        let text = &text[..before.len()];
        before.push(tokens);
        Table { text, before }
    }

    /// The length in bytes of the text that was tokenised.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// How many tokens have a byte in a part of the text: about as many as the part has by itself.
    pub fn tokens(&self, part: Range<usize>) -> usize {
        if part.is_empty() { 0 } else { (self.before[part.end] - self.before[part.start + 1] + 1) as usize }
    }

    /// The first byte that has at most so many tokens behind it.
    pub fn last(&self, tokens: usize) -> usize {
        let all = self.before.last().map_or(0, |&all| all as usize);
        self.before.partition_point(|&before| before as usize + tokens < all)
    }

    /// Where in the text `part` is, if it is a slice of it.
    fn find(&self, part: &str) -> Option<Range<usize>> {
        let start = part.as_ptr().addr().checked_sub(self.text.as_ptr().addr())?;
        let end = start.checked_add(part.len())?;
        (end <= self.text.len()).then_some(start..end)
    }
}

/// Sizes by a table.
pub struct Estimate<'a, 'i> {
    pub table: &'a Table<'a>,
    pub interrupt: &'a Interrupt<'i>,
}

impl ChunkSizer for Estimate<'_, '_> {
    fn size(&self, chunk: &str) -> usize {
        self.interrupt.check();
        match self.table.find(chunk) {
            Some(part) => self.table.tokens(part),
            None => count(chunk, self.interrupt),
        }
    }
}

/// Sizes as they are.
pub struct Exact<'a, 'i>(pub &'a Interrupt<'i>);

impl ChunkSizer for Exact<'_, '_> {
    fn size(&self, chunk: &str) -> usize {
        self.0.check();
        count(chunk, self.0)
    }
}
