//! Arguments are checked at the door; each error names the argument and what is allowed.

use pgrx::datum::Date;

use crate::error::{Answer, invalid, missing, not_a_date};
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

/// A JSON array (22023); NULL stays None.
pub fn array(value: Option<Json>, argument: &str) -> Answer<Option<Json>> {
    match value {
        Some(json) if !json.is_array() => Err(invalid(format!("{argument} must be a JSON array"))),
        value => Ok(value),
    }
}

/// A day, YYYY-MM-DD, which a time of it may follow (22007).
pub fn date(text: &str, argument: &str) -> Answer<Date> {
    day(text).ok_or_else(|| not_a_date(format!("{argument} must be a date, YYYY-MM-DD, not \"{}\"", excerpt(text))))
}

fn day(text: &str) -> Option<Date> {
    let (day, time) = text.split_at_checked("YYYY-MM-DD".len())?;
    let mut parts = day.split('-').map(|part| part.bytes().all(|byte| byte.is_ascii_digit()).then_some(part));
    let [year, month, day] = [parts.next()??, parts.next()??, parts.next()??];
    let is_day = (year.len(), month.len(), day.len()) == (4, 2, 2) && year != "0000";
    if !is_day || !(time.is_empty() || is_time(time)) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Whether this is what may follow a day: T or a blank, HH:MM, seconds and a zone.
fn is_time(text: &str) -> bool {
    let Some(time) = text.strip_prefix(['T', ' ']) else { return false };
    let (clock, zone) = time.split_at(time.find(['Z', '+', '-']).unwrap_or(time.len()));
    let mut parts = clock.split(':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(hour), Some(minute), second, None) => {
            is_two_digits(hour, 23) && is_two_digits(minute, 59) && second.is_none_or(is_second) && is_zone(zone)
        }
        _ => false,
    }
}

fn is_second(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    is_two_digits(whole, 60) && !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

/// None, Z, or an offset: ±HH, ±HHMM or ±HH:MM.
fn is_zone(text: &str) -> bool {
    let Some(offset) = text.strip_prefix(['+', '-']) else { return text.is_empty() || text == "Z" };
    let Some((hours, minutes)) = offset.split_at_checked(2) else { return false };
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    is_two_digits(hours, 15) && (offset.len() == 2 || is_two_digits(minutes, 59))
}

fn is_two_digits(text: &str, most: u8) -> bool {
    text.len() == 2
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse().is_ok_and(|number: u8| number <= most)
}

/// The beginning of a text, for a message.
fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
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

#[cfg(any(test, feature = "pg_test"))]
#[pgrx::pg_schema]
mod tests {
    use super::*;
    use pgrx::prelude::*;

    #[pg_test]
    fn a_day_is_a_date_and_a_time_may_follow() {
        for text in [
            "2027-01-31",
            "2027-01-31T08:00:00Z",
            "2027-01-31 08:00",
            "2027-01-31T08:00+02:00",
            "2027-01-31T23:59:60.25-0330",
            "2027-01-31T08:00+14",
            "2028-02-29",
            "9999-12-31",
        ] {
            let day = day(text).map(|day| (day.year(), i32::from(day.month()), i32::from(day.day())));
            let number = |range: std::ops::Range<usize>| text[range].parse::<i32>().unwrap();
            assert_eq!(day, Some((number(0..4), number(5..7), number(8..10))), "{text}");
        }
    }

    #[pg_test]
    fn what_is_no_day_is_refused() {
        let long = "é".repeat(500);
        for text in [
            "",
            "next year",
            "tomorrow",
            "infinity",
            "2027-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-01-00",
            "0000-01-01",
            "27-01-31",
            "2027-1-31",
            "31.01.2027",
            "2027-01-31x",
            "2027-01-31T08:00+99:00",
            "2027-01-31T08:00Z-15:59",
            "2027-01-31T08:00:00.",
            "2027-01-31T08:00+2:00",
            "2027-01-31T08:00+02:",
            "2027-01-31T8:00",
            "+027-01-31",
            "2027-01-3",
            "2027--1-31",
            "２０２７-01-31",
            &long,
        ] {
            assert!(day(text).is_none(), "{text}");
        }
    }
}
