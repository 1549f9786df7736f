//! What a worker hands in: checked item by item, before anything is stored.

use pgrx::datum::Uuid;

use super::kind::Kind;
use crate::arguments::required;
use crate::error::{Answer, invalid};
use crate::json::Json;
use crate::statement::{Database, Row, statement, values};
use crate::vector::DIMENSIONS;

statement! {
    /// The items' parts as text, NULL where they are null or of another type than they must be.
    ITEMS("jsonb") = "
        select jsonb_typeof(item) = 'object',
            item ->> 'kind',
            item ->> 'id',
            item ->> 'user_id',
            item ->> 'lease',
            nullif(item -> 'embedding', 'null')::text,
            nullif(item -> 'error', 'null') is not null,
            case when jsonb_typeof(item -> 'error') = 'string' then left(item ->> 'error', 1000) end
        from jsonb_array_elements($1) item";
}

/// An item that is as it must be.
pub struct Item {
    pub kind: Kind,
    pub id: Uuid,
    /// Whose node it is; None for the other kinds.
    pub user_id: Option<Uuid>,
    pub lease: Uuid,
    /// The embedding, as text that pgvector reads; or the worker's words for why there is none.
    pub outcome: Result<String, String>,
}

/// The items of a call. Errors: 22004, and 22023 that names the item and its part.
pub fn read(db: &Database, items: Option<Json>) -> Answer<Vec<Item>> {
    let items = required(items, "p_items")?;
    if !items.is_array() {
        return Err(invalid("p_items must be a JSON array of objects"));
    }
    let rows = db.run(&ITEMS, values![items]);
    rows.iter()
        .enumerate()
        .map(|(place, row)| item(&row).map_err(|wrong| invalid(format!("p_items[{place}]{wrong}"))))
        .collect()
}

/// One item, or what is wrong with it.
fn item(row: &Row<'_>) -> Result<Item, String> {
    if !row.must::<bool>(1) {
        return Err(" must be an object".to_owned());
    }
    let kind = row.get::<String>(2).and_then(|name| Kind::named(&name)).ok_or(".kind must be node, chunk or entry")?;
    Ok(Item {
        kind,
        id: uuid(row, 3).ok_or(".id must be a uuid")?,
        user_id: match kind {
            Kind::Node => Some(uuid(row, 4).ok_or(".user_id must be a uuid: the person whose node it is")?),
            _ => None,
        },
        lease: uuid(row, 5).ok_or(".lease must be a uuid, as claim_embedding_jobs gave it")?,
        outcome: outcome(row)?,
    })
}

fn uuid(row: &Row<'_>, column: usize) -> Option<Uuid> {
    let text: String = row.get(column)?;
    uuid::Uuid::parse_str(&text).ok().map(|uuid| Uuid::from_bytes(uuid.into_bytes()))
}

fn outcome(row: &Row<'_>) -> Result<Result<String, String>, String> {
    match (row.get::<String>(6), row.must(7)) {
        (Some(embedding), false) if is_embedding(&embedding) => Ok(Ok(embedding)),
        (Some(_), false) => Err(format!(
            ".embedding must be an array of {DIMENSIONS} numbers that single precision holds, not all zero"
        )),
        (None, true) => row.get(8).map(Err).ok_or_else(|| ".error must be a text".to_owned()),
        _ => Err(" must have either an embedding or an error".to_owned()),
    }
}

/// Whether pgvector will read this as an embedding, and the tables will take it.
fn is_embedding(text: &str) -> bool {
    serde_json::from_str::<Vec<f32>>(text).is_ok_and(|numbers| {
        numbers.len() == DIMENSIONS
            && numbers.iter().all(|number| number.is_finite())
            && numbers.iter().any(|number| *number != 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(first: &str) -> String {
        format!("[{first}{}]", ", 0.0".repeat(DIMENSIONS - 1))
    }

    #[test]
    fn an_embedding_is_1536_finite_numbers_with_a_direction() {
        for first in ["1", "-0.5", "1e-40", "3.4e38"] {
            assert!(is_embedding(&numbers(first)), "{first}");
        }
        for first in ["0", "1e-60", "1e39", "-1e400", "null", "\"1\"", "[1]", "1, 0", "NaN"] {
            assert!(!is_embedding(&numbers(first)), "{first}");
        }
        for text in ["[]", "{}", "\"[1]\"", "1"] {
            assert!(!is_embedding(text), "{text}");
        }
    }
}
