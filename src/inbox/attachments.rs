//! What comes with a message: checked one by one, before anything is stored.

use pgrx::datum::Uuid;

use crate::arguments::array;
use crate::error::{Answer, invalid};
use crate::json::Json;
use crate::statement::{Database, Row, statement, values};

statement! {
    /// Of each attachment: whether it is an object, what of it should be a text and is not, and whether its place, size
    /// and metadata are as they must be.
    PARTS("jsonb") = "
        select jsonb_typeof(a) = 'object',
            (
                select min(key)
                from unnest('{type,name,description,storage_path,url,mime_type}'::text[]) key
                where jsonb_typeof(a -> key) not in ('string', 'null')
            ),
            coalesce(nullif(a ->> 'storage_path', ''), nullif(a ->> 'url', '')) is not null,
            case coalesce(jsonb_typeof(a -> 'file_size_bytes'), 'null')
                when 'null' then true
                when 'number' then (a -> 'file_size_bytes')::numeric between 0 and 9223372036854775807
                    and (a -> 'file_size_bytes')::numeric % 1 = 0
                else false
            end,
            coalesce(jsonb_typeof(a -> 'metadata'), 'null') in ('object', 'null')
        from jsonb_array_elements($1) a";
    ADD("uuid", "uuid", "jsonb") = "
        insert into @extschema@.message_attachments (
            message_id, user_id, attachment_type, title, description, storage_path, url, mime_type, file_size_bytes,
            metadata
        )
        select $1,
            $2,
            coalesce(a ->> 'type', 'file'),
            a ->> 'name',
            a ->> 'description',
            nullif(a ->> 'storage_path', ''),
            nullif(a ->> 'url', ''),
            a ->> 'mime_type',
            nullif(a -> 'file_size_bytes', 'null')::bigint,
            coalesce(nullif(a -> 'metadata', 'null'), '{}')
        from jsonb_array_elements($3) a";
}

/// Attachments that are as they must be; None where there are none.
pub struct Attachments(Option<Json>);

impl Attachments {
    /// NULL means none. Errors: 22023, which names the attachment and its part.
    pub fn check(db: &Database, value: Option<Json>, argument: &str) -> Answer<Self> {
        let attachments = array(value, argument)?.filter(|attachments| !attachments.is_empty());
        if let Some(attachments) = attachments {
            for (place, row) in db.run(&PARTS, values![attachments]).iter().enumerate() {
                wrong(&row).map_or(Ok(()), |wrong| Err(invalid(format!("{argument}[{place}]{wrong}"))))?;
            }
        }
        Ok(Attachments(attachments))
    }

    pub fn add(self, db: &Database, person: Uuid, message: Uuid) {
        if let Some(attachments) = self.0 {
            db.run(&ADD, values![message, person, attachments]);
        }
    }
}

/// What is wrong with an attachment, if anything is.
fn wrong(row: &Row<'_>) -> Option<String> {
    if !row.must::<bool>(1) {
        return Some(" must be an object".to_owned());
    }
    if let Some(key) = row.get::<String>(2) {
        return Some(format!(".{key} must be a text"));
    }
    let rules = [
        (3, " must have a storage_path or a url"),
        (4, ".file_size_bytes must be a whole number, not negative"),
        (5, ".metadata must be an object"),
    ];
    rules.iter().find(|(column, _)| !row.must::<bool>(*column)).map(|(_, rule)| (*rule).to_owned())
}
