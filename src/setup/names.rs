//! The names that the extension needs for itself.

use pgrx::pg_sys;

use super::steps::{STEPS, TYPES, declared};
use crate::catalog::extension;
use crate::error::{Answer, taken, unsupported};
use crate::statement::{Database, statement, values};

statement! {
    /// The relations and types of our schema that have one of these names.
    IN_THE_WAY("text[]") = "
        select distinct what
        from (
            select case c.relkind
                    when 'r' then 'table '
                    when 'p' then 'table '
                    when 'v' then 'view '
                    when 'm' then 'materialized view '
                    when 'i' then 'index '
                    when 'I' then 'index '
                    when 'S' then 'sequence '
                    when 'f' then 'foreign table '
                    else 'type '
                end || c.oid::regclass as what
            from pg_class c
            where c.relnamespace = (select extnamespace from pg_extension where extname = 'lgtempo')
                and c.relname = any ($1)
            union all
            select 'type ' || t.oid::regtype
            from pg_type t
            where t.typnamespace = (select extnamespace from pg_extension where extname = 'lgtempo')
                and t.typname = any ($1)
                and t.typrelid = 0
        ) found
        order by what";
}

/// The names of the tables, their indexes and their keys.
pub fn of_tables() -> Vec<String> {
    let keys = |text: &'static str| {
        text.lines().filter_map(|line| {
            let rest = line.trim_start().strip_prefix("constraint ")?;
            let (name, kind) = rest.split_once(' ')?;
            let makes_index = ["primary key", "unique", "exclude"].iter().any(|key| kind.starts_with(key));
            makes_index.then_some(name)
        })
    };
    STEPS
        .iter()
        .flat_map(|step| {
            declared(step.text, "create table ")
                .chain(declared(step.text, "create index "))
                .chain(declared(step.text, "create unique index "))
                .chain(keys(step.text))
        })
        .map(str::to_owned)
        .collect()
}

/// The names of the record of steps and its key.
pub fn of_record() -> Vec<String> {
    vec!["lgtempo_migrations".to_owned(), "lgtempo_migrations_pkey".to_owned()]
}

/// The names of what the extension's script makes and, if it lays out tables, theirs.
pub fn of_script(tables_too: bool) -> Vec<String> {
    let mut names: Vec<String> = declared(TYPES, "create type ").map(str::to_owned).collect();
    let extension = extension();
    if extension.schema_name != extension.vector_schema_name {
        // The script finds pgvector's type by the search_path, in which our schema comes first.
        names.push("vector".to_owned());
    }
    if tables_too {
        names.extend(of_tables());
        names.extend(of_record());
    }
    names
}

/// 0A000 unless the database is encoded in UTF-8, as embeddings' tokenizers and Rust's strings want it.
pub fn require_utf8() -> Answer<()> {
    // SAFETY: reads the database's encoding.
    if unsafe { pg_sys::GetDatabaseEncoding() } == pg_sys::pg_enc::PG_UTF8 as i32 {
        Ok(())
    } else {
        Err(unsupported("lgtempo needs a database whose encoding is UTF8"))
    }
}

/// 42P07 if anything in our schema has one of these names.
pub fn require_free(db: &Database, names: &[String]) -> Answer<()> {
    let found: Vec<String> = db.run(&IN_THE_WAY, values![names.to_vec()]).iter().map(|row| row.must(1)).collect();
    if found.is_empty() {
        return Ok(());
    }
    Err(taken(format!("lgtempo needs these names, which others have: {}", found.join(", ")))
        .set_hint("Install it into a schema of its own: CREATE EXTENSION lgtempo SCHEMA …"))
}
