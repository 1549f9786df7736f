//! PostgreSQL's type `tsvector`, read as it lies in memory.

use pgrx::pg_sys;

/// A text's lexemes, sorted, each with how often the text has it.
pub struct Lexemes {
    vector: *mut pg_sys::TSVectorData,
    /// Whether the vector is our own copy.
    copied: bool,
}

impl Lexemes {
    /// # Safety
    /// `datum` is a tsvector that is not NULL and lives as long as what is returned.
    pub unsafe fn new(datum: pg_sys::Datum) -> Self {
        let vector = unsafe { pg_sys::pg_detoast_datum(datum.cast_mut_ptr()) };
        Lexemes { vector: vector.cast(), copied: vector != datum.cast_mut_ptr() }
    }

    /// Each lexeme and the number of its positions; a stripped one counts once.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u16)> {
        // SAFETY: a detoasted tsvector holds as many entries as it says and behind them their texts, each where its
        // entry says, with the number of positions behind it at the next even place if the entry has any.
        unsafe {
            let entries = (*self.vector).entries.as_slice((*self.vector).size as usize);
            let texts = entries.as_ptr_range().end.cast::<u8>();
            entries.iter().map(move |entry| {
                let (start, length) = (entry.pos() as usize, entry.len() as usize);
                let text = std::slice::from_raw_parts(texts.add(start), length);
                let positions = texts.add((start + length).next_multiple_of(2)).cast::<u16>();
                let frequency = if entry.haspos() == 0 { 1 } else { positions.read() };
                (str::from_utf8(text).expect("the database is UTF8"), frequency)
            })
        }
    }
}

impl Drop for Lexemes {
    fn drop(&mut self) {
        if self.copied {
            // SAFETY: detoasting has allocated the copy for us, and nothing borrows from it any more.
            unsafe { pg_sys::pfree(self.vector.cast()) };
        }
    }
}

#[cfg(any(test, feature = "pg_test"))]
#[pgrx::pg_schema]
mod tests {
    use super::Lexemes;
    use crate::value::Value;
    use pgrx::prelude::*;

    /// PostgreSQL's own unnest is the oracle.
    #[pg_test]
    fn lexemes_are_those_of_unnest() {
        let texts = ["", "a:1", "a b c", "calm:1,7,9A über:3 日本:2 x:4,5", "odd:1 even12:2,3 q"];
        for text in texts {
            // What a statement returns lives as long as its connection.
            Spi::connect(|spi| {
                let row = spi.select("select $1::tsvector", None, &[text.into()]).unwrap().first();
                let vector: Value = row.get_one().unwrap().unwrap();
                // SAFETY: the column is a tsvector.
                let read = unsafe { Lexemes::new(vector.into_datum().unwrap()) };
                let expected: Option<String> = Spi::get_one_with_args(
                    "select string_agg(lexeme || coalesce(cardinality(positions), 1), ' ') from unnest($1::tsvector)",
                    &[text.into()],
                )
                .unwrap();
                let found: Vec<String> = read.iter().map(|(lexeme, times)| format!("{lexeme}{times}")).collect();
                assert_eq!(found.join(" "), expected.unwrap_or_default());
            });
        }
    }
}
