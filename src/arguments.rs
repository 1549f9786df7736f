//! Arguments are checked at the door; each error names the argument and what is allowed.

use crate::error::{Answer, invalid, missing};
use crate::json::Json;
use crate::vector::{DIMENSIONS, Vector};

/// The most rows that a call may ask for.
const MOST_ROWS: i32 = 1000;
/// The longest label, in characters.
const LONGEST_LABEL: usize = 255;
/// What is trimmed around labels, here as in the tables' constraints.
const BLANKS: [char; 6] = [' ', '\t', '\n', '\r', '\u{c}', '\u{b}'];

/// The value of an argument that must not be NULL (22004).
pub fn required<T>(value: Option<T>, argument: &str) -> Answer<T> {
    value.ok_or_else(|| missing(argument))
}

/// A number of rows, 0 to 1000 (22023).
pub fn limit(value: Option<i32>, argument: &str) -> Answer<i32> {
    let value = required(value, argument)?;
    if (0..=MOST_ROWS).contains(&value) {
        Ok(value)
    } else {
        Err(invalid(format!("{argument} must be between 0 and {MOST_ROWS}, not {value}")))
    }
}

/// A number that is not negative (22023).
pub fn not_negative(value: i32, argument: &str) -> Answer<i32> {
    if value >= 0 { Ok(value) } else { Err(invalid(format!("{argument} must not be negative, not {value}"))) }
}

/// A number within bounds (22023); NaN is outside of all.
pub fn within(value: Option<f64>, low: f64, high: f64, argument: &str) -> Answer<f64> {
    let value = required(value, argument)?;
    if value >= low && value <= high {
        Ok(value)
    } else {
        Err(invalid(format!("{argument} must be between {low} and {high}, not {value}")))
    }
}

/// A similarity, -1 to 1 (22023).
pub fn threshold(value: Option<f64>, argument: &str) -> Answer<f64> {
    within(value, -1.0, 1.0, argument)
}

/// A label without the blanks around it, 1 to 255 characters (22023).
pub fn label<'a>(value: Option<&'a str>, argument: &str) -> Answer<&'a str> {
    let trimmed = required(value, argument)?.trim_matches(BLANKS);
    match trimmed.chars().count() {
        1..=LONGEST_LABEL => Ok(trimmed),
        0 => Err(invalid(format!("{argument} must not be empty"))),
        length => Err(invalid(format!("{argument} must have at most {LONGEST_LABEL} characters, not {length}"))),
    }
}

/// A JSON object (22023); NULL stays None.
pub fn object(value: Option<Json>, argument: &str) -> Answer<Option<Json>> {
    match value {
        Some(json) if !json.is_object() => Err(invalid(format!("{argument} must be a JSON object"))),
        value => Ok(value),
    }
}

/// An embedding: 1536 dimensions, not all zero (22023).
pub fn embedding(value: Option<Vector>, argument: &str) -> Answer<Vector> {
    let vector = required(value, argument)?;
    match vector.components() {
        components if components.len() != DIMENSIONS => {
            Err(invalid(format!("{argument} must have {DIMENSIONS} dimensions, not {}", components.len())))
        }
        components if components.iter().all(|component| *component == 0.0) => {
            Err(invalid(format!("{argument} must not be the zero vector: it has no direction")))
        }
        _ => Ok(vector),
    }
}
