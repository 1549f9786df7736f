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

/// All tables of this domain. What is worked on as their owner must be one role's.
const TABLES: [&str; 9] = [
    "agent_knowledge_bases",
    "knowledge_documents",
    "knowledge_chunks",
    "knowledge",
    "knowledge_collections",
    "knowledge_postings",
    "knowledge_pending_words",
    "knowledge_codes",
    "knowledge_pending_codes",
];
