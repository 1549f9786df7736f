//! lgtempo: the backend of an AI coaching app, in PostgreSQL.
//!
//! The domains are identity, graph, knowledge, embeddings, inbox and voice; the modules before them know no domain.

// An error ends the call it arises in: its size does not matter.
#![allow(clippy::result_large_err)]

use pgrx::prelude::*;

mod arguments;
mod caller;
mod catalog;
mod clock;
mod codes;
mod error;
mod expression;
mod guard;
mod id;
mod json;
mod settings;
mod setup;
mod statement;
mod stream;
mod table;
mod trigger;
mod tsvector;
mod value;
mod vector;

mod embeddings;
#[cfg(any(test, feature = "pg_test"))]
mod fuzz;
mod graph;
mod identity;
mod inbox;
mod knowledge;
mod voice;

pgrx::pg_module_magic!(name, version);

// The extension's script, in order. The SQL of every function is written out there, by domain.
extension_sql_file!("../sql/members/names.sql", name = "names", bootstrap);
extension_sql_file!("../sql/members/types.sql", name = "types", requires = ["names"]);
extension_sql_file!("../sql/members/identity.sql", name = "identity", requires = ["types"]);
extension_sql_file!("../sql/members/graph.sql", name = "graph", requires = ["identity"]);
extension_sql_file!("../sql/members/knowledge.sql", name = "knowledge", requires = ["graph"]);
extension_sql_file!("../sql/members/embeddings.sql", name = "embeddings", requires = ["knowledge"]);
extension_sql_file!("../sql/members/inbox.sql", name = "inbox", requires = ["embeddings"]);
extension_sql_file!("../sql/members/voice.sql", name = "voice", requires = ["inbox"]);
extension_sql_file!("../sql/members/rights.sql", name = "rights", requires = ["voice"], finalize);

/// Runs when a backend loads the library.
#[pg_guard]
extern "C-unwind" fn _PG_init() {
    error::hide_backtraces();
    settings::declare();
    catalog::watch();
}

#[cfg(test)]
pub mod pg_test {
    pub fn setup(_options: Vec<&str>) {}

    #[must_use]
    pub fn postgresql_conf_options() -> Vec<&'static str> {
        vec![]
    }
}
