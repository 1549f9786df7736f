//! Nodes that hold the graph together: without one, parts of it would no longer be connected.

use std::cmp::Reverse;

use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::Dfs;
use serde_json::json;

use super::picture::{Picture, Place};
use super::{Insight, Kind, rounded};

/// How many connectors are named, and how many nodes each must cut off at least.
const MOST: usize = 5;
const FEWEST_CUT_OFF: usize = 2;

/// The up to five nodes that cut off most others from the largest part of what they connect.
pub fn connectors(picture: &Picture) -> Vec<Insight> {
    let edges = picture.edges.iter().map(|edge| (edge.source, edge.target));
    let mut cuts = cuts(picture.nodes.len(), edges, || {
        pgrx::check_for_interrupts!();
    });
    cuts.retain(|cut| cut.cut_off >= FEWEST_CUT_OFF);
    cuts.sort_by_key(|cut| (Reverse(cut.cut_off), cut.place));
    cuts.truncate(MOST);
    cuts.iter().map(|cut| insight(picture, cut)).collect()
}

/// What is left of a node's surroundings without it.
#[derive(Debug, PartialEq)]
struct Cut {
    place: Place,
    parts: usize,
    /// Nodes outside of the largest part.
    cut_off: usize,
    /// Nodes in all parts.
    others: usize,
}

/// The articulation points of a graph and what they cut apart, in time that grows with nodes and edges: Tarjan's low-links
/// over a depth-first order, with the sizes of what hangs below (Hopcroft and Tarjan 1973, Algorithm 447).
fn cuts(nodes: usize, edges: impl Iterator<Item = (Place, Place)>, mut interrupt: impl FnMut()) -> Vec<Cut> {
    let graph = graph(nodes, edges);
    let order = depth_first(&graph);
    let mut number = vec![0; nodes];
    (0..nodes).for_each(|place| number[order[place]] = place);
    // The earlier neighbours of a node are above it, the latest of them right above.
    let above = |node: Place| {
        let numbers = graph.neighbors(NodeIndex::new(node)).map(|neighbor| number[neighbor.index()]);
        numbers.filter(|other| *other < number[node]).max()
    };
    let mut low = number.clone();
    let mut sizes = vec![1; nodes];
    let mut parts: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for node in order.iter().rev().copied() {
        interrupt();
        let highest = graph.neighbors(NodeIndex::new(node)).map(|neighbor| number[neighbor.index()]).min();
        low[node] = low[node].min(highest.unwrap_or(low[node]));
        if let Some(parent_number) = above(node) {
            let parent = order[parent_number];
            low[parent] = low[parent].min(low[node]);
            sizes[parent] += sizes[node];
            if low[node] >= parent_number {
                parts[parent].push(sizes[node]);
            }
        }
    }
    let mut whole = vec![0; nodes];
    order.iter().for_each(|node| whole[*node] = above(*node).map_or(sizes[*node], |parent| whole[order[parent]]));
    (0..nodes).filter_map(|node| cut(node, &parts[node], whole[node] - 1)).collect()
}

/// What a node cuts apart, if anything: parts of its component, whose rest is one more.
fn cut(place: Place, parts: &[usize], others: usize) -> Option<Cut> {
    let rest = others - parts.iter().sum::<usize>();
    let largest = parts.iter().copied().chain([rest]).max()?;
    let parts = parts.len() + usize::from(rest > 0);
    (parts > 1).then_some(Cut { place, parts, cut_off: others - largest, others })
}

fn graph(nodes: usize, edges: impl Iterator<Item = (Place, Place)>) -> UnGraph<(), ()> {
    let mut graph = UnGraph::with_capacity(nodes, nodes);
    (0..nodes).for_each(|_| {
        graph.add_node(());
    });
    edges.for_each(|(one, other)| {
        graph.add_edge(NodeIndex::new(one), NodeIndex::new(other), ());
    });
    graph
}

/// All nodes, depth first, a component after the other.
fn depth_first(graph: &UnGraph<(), ()>) -> Vec<Place> {
    let mut walk = Dfs::empty(graph);
    let mut order = Vec::with_capacity(graph.node_count());
    for start in graph.node_indices() {
        walk.move_to(start);
        while let Some(node) = walk.next(graph) {
            order.push(node.index());
        }
    }
    order
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

#[cfg(test)]
mod tests {
    use super::*;
    use petgraph::unionfind::UnionFind;
    use proptest::prelude::*;

    /// A label for each node, the same for those that edges join.
    fn labels(nodes: usize, edges: impl Iterator<Item = (Place, Place)>) -> Vec<Place> {
        let mut sets = UnionFind::new(nodes);
        edges.for_each(|(one, other)| {
            sets.union(one, other);
        });
        sets.into_labeling()
    }

    /// Removes each node in turn and looks at what is still connected.
    fn naive(nodes: usize, edges: &[(Place, Place)]) -> Vec<Cut> {
        let size_of = |label: Place, labels: &[Place]| labels.iter().filter(|other| **other == label).count();
        let whole = labels(nodes, edges.iter().copied());
        let cut = |place: Place| {
            let left = labels(nodes, edges.iter().copied().filter(|(one, other)| *one != place && *other != place));
            let mates = (0..nodes).filter(|node| *node != place && whole[*node] == whole[place]);
            let mut parts: Vec<Place> = mates.map(|node| left[node]).collect();
            let others = parts.len();
            parts.sort_unstable();
            parts.dedup();
            let largest = parts.iter().map(|label| size_of(*label, &left)).max()?;
            (parts.len() > 1).then_some(Cut { place, parts: parts.len(), cut_off: others - largest, others })
        };
        (0..nodes).filter_map(cut).collect()
    }

    proptest! {
        #[test]
        fn cuts_are_what_removing_each_node_leaves(
            (nodes, edges) in (1usize..14).prop_flat_map(|nodes| {
                (Just(nodes), prop::collection::vec((0..nodes, 0..nodes), 0..20))
            })
        ) {
            let edges: Vec<_> = edges.into_iter().filter(|(one, other)| one != other).collect();
            prop_assert_eq!(cuts(nodes, edges.iter().copied(), || {}), naive(nodes, &edges));
        }
    }

    #[test]
    fn a_long_chain_is_cut_in_its_middle() {
        let chain = (0..100_000).map(|node| (node, node + 1));
        let middle = cuts(100_001, chain, || {}).into_iter().max_by_key(|cut| cut.cut_off).unwrap();
        assert_eq!((middle.place, middle.parts, middle.cut_off), (50_000, 2, 50_000));
    }

    #[test]
    fn nothing_holds_a_large_ring_together() {
        assert_eq!(cuts(200_000, (0..200_000).map(|node| (node, (node + 1) % 200_000)), || {}), []);
    }

    #[test]
    fn nothing_holds_an_empty_graph_together() {
        assert_eq!(cuts(0, std::iter::empty(), || {}), []);
    }
}
