//! The embedding queue. What lacks an embedding is pending by itself; a row is kept only of what is leased or given up.
//!
//! Whoever needs both locks the text's row first and the job's row second, so that no two wait for each other.

mod claim;
mod items;
mod jobs;
mod kind;
mod stats;
mod store;
