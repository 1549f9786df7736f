//! The three kinds of what is embedded.

/// A node of the graph, a chunk of a document, a stand-alone entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Node,
    Chunk,
    Entry,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Node, Kind::Chunk, Kind::Entry];

    /// The name that callers know it by.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Node => "node",
            Kind::Chunk => "chunk",
            Kind::Entry => "entry",
        }
    }

    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
