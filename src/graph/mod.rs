//! A person's temporal knowledge graph.

mod insights;
mod lifecycle;
mod neighborhood;
mod nodes;
mod progress;
mod similar;
mod walk;

pub use lifecycle::{Live, require_live};
pub use nodes::merge_goal;
