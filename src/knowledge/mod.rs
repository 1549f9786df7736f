//! What the coaches know, and finding it.

mod bm25;
mod chunks;
mod derive;
mod documents;
mod fusion;
mod meaning;
mod passage;
mod postings;
mod query;
mod scope;
mod search;
mod split;
mod words;
