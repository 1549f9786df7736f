//! What a person types into a search box, in the websearch syntax: words, "phrases" and -exclusions.
//!
//! Nothing that can be typed is an error.

/// A query's parts. Any word may match, every phrase must, no exclusion may.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub words: String,
    pub phrases: Vec<String>,
    pub exclusions: Vec<String>,
}

impl Query {
    pub fn parse(text: &str) -> Self {
        let mut query = Query::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (excluded, unsigned) = match rest.strip_prefix('-') {
                Some(unsigned) => (true, unsigned),
                None => (false, rest),
            };
            let (part, quoted, after) = next_part(unsigned);
            query.add(part, quoted, excluded);
            rest = after.trim_start();
        }
        query
    }

    fn add(&mut self, part: &str, quoted: bool, excluded: bool) {
        let or = !quoted && !excluded && part.eq_ignore_ascii_case("or");
        if part.is_empty() || or {
            return;
        }
        if excluded {
            self.exclusions.push(part.to_owned());
            return;
        }
        if quoted {
            self.phrases.push(part.to_owned());
        }
        if !self.words.is_empty() {
            self.words.push(' ');
        }
        self.words.push_str(part);
    }
}

/// A quoted phrase or a word, and what follows it. A quote that is never closed is a blank.
fn next_part(text: &str) -> (&str, bool, &str) {
    if let Some(inside) = text.strip_prefix('"') {
        return match inside.split_once('"') {
            Some((phrase, after)) => (phrase, true, after),
            None => ("", false, inside),
        };
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(text.len());
    (&text[..end], false, &text[end..])
}

#[cfg(test)]
mod tests {
    use super::Query;

    fn parts(text: &str) -> (String, Vec<String>, Vec<String>) {
        let Query { words, phrases, exclusions } = Query::parse(text);
        (words, phrases, exclusions)
    }

    fn owned(list: &[&str]) -> Vec<String> {
        list.iter().map(|part| (*part).to_owned()).collect()
    }

    #[test]
    fn words_phrases_and_exclusions_are_told_apart() {
        assert_eq!(
            parts("calm \"before a talk\" -script -\"by heart\""),
            ("calm before a talk".to_owned(), owned(&["before a talk"]), owned(&["script", "by heart"]))
        );
    }

    #[test]
    fn or_is_a_connective_unless_quoted() {
        assert_eq!(parts("run OR swim"), ("run swim".to_owned(), vec![], vec![]));
        assert_eq!(parts("\"or\""), ("or".to_owned(), owned(&["or"]), vec![]));
    }

    #[test]
    fn a_dash_within_a_word_belongs_to_it() {
        assert_eq!(parts("well-known"), ("well-known".to_owned(), vec![], vec![]));
    }

    #[test]
    fn whatever_is_typed_has_an_answer() {
        assert_eq!(parts(""), (String::new(), vec![], vec![]));
        assert_eq!(parts("- -- \"\""), (String::new(), vec![], owned(&["-"])));
        assert_eq!(parts("\"never closed"), ("never closed".to_owned(), vec![], vec![]));
    }
}
