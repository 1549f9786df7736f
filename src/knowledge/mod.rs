//! What the coaches know, and finding it.

mod bm25;
mod chunks;
mod codes;
mod collection;
mod derive;
mod documents;
mod fusion;
mod index;
mod meaning;
mod packed;
mod passage;
mod postings;
mod query;
mod scope;
mod search;
mod split;
mod words;
