//! BM25 over the words of chunks and entries (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009).

use std::collections::HashMap;

/// How soon a repeated word stops counting.
const K1: f64 = 1.2;
/// How much a text's length counts against it.
const B: f64 = 0.75;

/// A text's words as far as a query asks for them.
pub struct Text {
    /// How many lexeme positions it has.
    pub length: f64,
    /// The query's terms that it contains, by their places in the query, and how often.
    pub frequencies: Vec<(usize, i32)>,
}

/// How many texts there are, how long together, and how many contain each term.
#[derive(Default)]
pub struct Statistics {
    texts: f64,
    positions: f64,
    containing: HashMap<String, f64>,
}

impl Statistics {
    pub fn count(&mut self, terms: &[String], text: &Text) {
        self.texts += 1.0;
        self.positions += text.length;
        for (place, _) in &text.frequencies {
            *self.containing.entry(terms[*place].clone()).or_default() += 1.0;
        }
    }

    /// Sum over the terms of idf · tf · (k1 + 1) / (tf + k1 · (1 - b + b · length / average)).
    pub fn score(&self, terms: &[String], text: &Text) -> f64 {
        let average = self.positions / self.texts;
        let norm = K1 * (1.0 - B + B * text.length / average);
        let score_of = |(place, frequency): &(usize, i32)| {
            let frequency = f64::from(*frequency);
            self.idf(&terms[*place]) * frequency * (K1 + 1.0) / (frequency + norm)
        };
        text.frequencies.iter().map(score_of).sum()
    }

    /// ln(1 + (N - df + 0.5) / (df + 0.5)): rare terms weigh more, none less than nothing.
    fn idf(&self, term: &str) -> f64 {
        let containing = self.containing.get(term).copied().unwrap_or_default();
        (1.0 + (self.texts - containing + 0.5) / (containing + 0.5)).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    /// Three texts of 4, 2 and 6 positions; "calm" stands once in the first and twice in the third.
    #[test]
    fn the_score_is_the_formula() {
        let terms = vec!["calm".to_owned()];
        let texts = [
            Text { length: 4.0, frequencies: vec![(0, 1)] },
            Text { length: 2.0, frequencies: vec![] },
            Text { length: 6.0, frequencies: vec![(0, 2)] },
        ];
        let mut statistics = Statistics::default();
        texts.iter().for_each(|text| statistics.count(&terms, text));

        let idf = (1.0f64 + 1.5 / 2.5).ln();
        assert!(close(statistics.score(&terms, &texts[0]), idf * 2.2 / (1.0 + 1.2)));
        assert!(close(statistics.score(&terms, &texts[1]), 0.0));
        assert!(close(statistics.score(&terms, &texts[2]), idf * 4.4 / (2.0 + 1.2 * 1.375)));
    }
}
