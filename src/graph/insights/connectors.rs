//! Nodes that hold the graph together: without one, parts of it would no longer be connected.

use std::cmp::Reverse;

use petgraph::algo::articulation_points::articulation_points;
use petgraph::graph::{NodeIndex, UnGraph};
use serde_json::json;

use super::picture::{Picture, Place};
use super::{Insight, Kind, rounded};

/// How many connectors are named, and how many nodes each must cut off at least.
const MOST: usize = 5;
const FEWEST_CUT_OFF: usize = 2;
/// How many nodes and edges may be looked at to weigh the connectors. Only graphs of thousands of nodes with as many
/// connectors come near it; those with most edges are weighed first.
const BUDGET: usize = 20_000_000;

/// The up to five nodes that cut off most others from the largest part of what they connect.
pub fn connectors(picture: &Picture) -> Vec<Insight> {
    let graph = graph(picture);
    let mut cuts: Vec<Cut> = candidates(&graph).into_iter().map(|node| cut(&graph, node)).collect();
    cuts.retain(|cut| cut.cut_off >= FEWEST_CUT_OFF);
    cuts.sort_by_key(|cut| (Reverse(cut.cut_off), cut.place));
    cuts.truncate(MOST);
    cuts.iter().map(|cut| insight(picture, cut)).collect()
}

fn graph(picture: &Picture) -> UnGraph<(), ()> {
    let mut graph = UnGraph::with_capacity(picture.nodes.len(), picture.edges.len());
    picture.nodes.iter().for_each(|_| {
        graph.add_node(());
    });
    for edge in &picture.edges {
        graph.add_edge(NodeIndex::new(edge.source), NodeIndex::new(edge.target), ());
    }
    graph
}

/// The articulation points, as many as the budget has room for.
fn candidates(graph: &UnGraph<(), ()>) -> Vec<NodeIndex> {
    let mut points: Vec<NodeIndex> = articulation_points(graph).into_iter().collect();
    points.sort_by_cached_key(|point| (Reverse(graph.edges(*point).count()), *point));
    points.truncate(BUDGET / (graph.node_count() + graph.edge_count()).max(1));
    points
}

/// What is left of a node's surroundings without it.
struct Cut {
    place: Place,
    parts: usize,
    /// Nodes outside of the largest part.
    cut_off: usize,
    /// Nodes in all parts.
    others: usize,
}

fn cut(graph: &UnGraph<(), ()>, node: NodeIndex) -> Cut {
    pgrx::check_for_interrupts!();
    let mut seen = vec![false; graph.node_count()];
    seen[node.index()] = true;
    let sizes: Vec<usize> = graph.neighbors(node).filter_map(|neighbor| part(graph, neighbor, &mut seen)).collect();
    let (others, largest) = (sizes.iter().sum(), sizes.iter().copied().max().unwrap_or(0));
    Cut { place: node.index(), parts: sizes.len(), cut_off: others - largest, others }
}

/// How many unseen nodes hang together with this one; None where it was seen before.
fn part(graph: &UnGraph<(), ()>, start: NodeIndex, seen: &mut [bool]) -> Option<usize> {
    let mut size = 0;
    let mut waiting = vec![start];
    while let Some(node) = waiting.pop() {
        if !std::mem::replace(&mut seen[node.index()], true) {
            size += 1;
            waiting.extend(graph.neighbors(node).filter(|neighbor| !seen[neighbor.index()]));
        }
    }
    (size > 0).then_some(size)
}

fn insight(picture: &Picture, cut: &Cut) -> Insight {
    let node = &picture.nodes[cut.place];
    Insight {
        kind: Kind::Connector,
        about: Some(node.id),
        title: format!("{} holds your graph together", node.label),
        content: format!(
            "Without the {} \"{}\", {} parts of your graph would not be connected, and {} nodes be cut off.",
            node.kind, node.label, cut.parts, cut.cut_off
        ),
        confidence: rounded((2.0 * cut.cut_off as f64 / cut.others as f64).min(1.0)),
        nodes: vec![node.id],
        evidence: json!({ "parts": cut.parts, "cut_off": cut.cut_off }),
    }
}
