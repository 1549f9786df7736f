//! BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009).

/// How soon a repeated word stops counting.
const K1: f64 = 1.2;
/// How much a text's length counts against it.
const B: f64 = 0.75;

/// How many texts there are, and how many lexeme positions they have on average.
#[derive(Clone, Copy)]
pub struct Statistics {
    pub texts: f64,
    pub average: f64,
}

impl Statistics {
    /// ln(1 + (N - df + 0.5) / (df + 0.5)), of a term that so many texts contain: rare terms weigh more, none less than
    /// nothing.
    pub fn idf(&self, containing: f64) -> f64 {
        (1.0 + (self.texts - containing + 0.5) / (containing + 0.5)).ln()
    }

    /// tf · (k1 + 1) / (tf + k1 · (1 - b + b · length / average)): what a term's idf is multiplied by for a text.
    pub fn weight(&self, frequency: f64, length: f64) -> f64 {
        frequency * (K1 + 1.0) / (frequency + K1 * (1.0 - B + B * length / self.average))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    /// Three texts of 4, 2 and 6 positions.
    #[test]
    fn it_is_the_formula() {
        let statistics = Statistics { texts: 3.0, average: 4.0 };
        assert!(close(statistics.idf(2.0), (1.0f64 + 1.5 / 2.5).ln()));
        assert!(close(statistics.weight(1.0, 4.0), 2.2 / (1.0 + 1.2)));
        assert!(close(statistics.weight(2.0, 6.0), 4.4 / (2.0 + 1.2 * 1.375)));
    }
}
