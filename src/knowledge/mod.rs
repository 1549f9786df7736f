//! What the coaches know, and finding it.

mod bm25;
mod chunks;
mod derive;
mod query;
mod search;
