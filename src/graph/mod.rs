//! A person's temporal knowledge graph.

mod lifecycle;
mod neighborhood;
mod nodes;
mod progress;
mod similar;
mod walk;
