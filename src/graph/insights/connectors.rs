//! Nodes that hold the graph together: without one, parts of it would no longer be connected.

use std::cmp::Reverse;

use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::unionfind::UnionFind;
use serde_json::json;

use super::picture::{Picture, Place};
use super::{Insight, Kind, rounded};

/// How many connectors are named, and how many nodes each must cut off at least.
const MOST: usize = 5;
const FEWEST_CUT_OFF: usize = 2;

/// The up to five nodes that cut off most others from the largest part of what they connect.
pub fn connectors(picture: &Picture) -> Vec<Insight> {
    let mut cuts = cuts(picture.nodes.len(), picture.edges.iter().map(|edge| (edge.source, edge.target)));
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

/// The articulation points of a graph and what they cut apart, by dominators: what a node dominates, seen from anywhere
/// in its component, is what its removal cuts off from there.
fn cuts(nodes: usize, edges: impl Iterator<Item = (Place, Place)> + Clone) -> Vec<Cut> {
    let component = labels(nodes, edges.clone());
    let dominator = dominators(nodes, edges.clone(), &component);
    let sizes = sizes(nodes, &dominator);
    // In an undirected graph an edge joins a node and its dominator, or two nodes of the same dominator: those stay
    // together without it.
    let together = labels(nodes, edges.filter(|(one, other)| dominator[*one] == dominator[*other]));
    let mut joint = vec![0; nodes];
    (0..nodes).for_each(|node| joint[together[node]] += sizes[node]);
    let mut parts: Vec<Vec<usize>> = vec![Vec::new(); nodes + 1];
    (0..nodes).filter(|group| joint[*group] > 0).for_each(|group| parts[dominator[group]].push(joint[group]));
    let mut whole = vec![0; nodes];
    (0..nodes).filter(|node| dominator[*node] == nodes).for_each(|node| whole[component[node]] = sizes[node]);
    (0..nodes).filter_map(|node| cut(node, &parts[node], whole[component[node]] - 1)).collect()
}

/// What a node cuts apart, if anything: parts of its component, whose rest is one more.
fn cut(place: Place, parts: &[usize], others: usize) -> Option<Cut> {
    let rest = others - parts.iter().sum::<usize>();
    let largest = parts.iter().copied().chain([rest]).max()?;
    let parts = parts.len() + usize::from(rest > 0);
    (parts > 1).then_some(Cut { place, parts, cut_off: others - largest, others })
}

/// A label for each node, one of a node among them, the same for those that edges join.
fn labels(nodes: usize, edges: impl Iterator<Item = (Place, Place)>) -> Vec<Place> {
    let mut sets = UnionFind::new(nodes);
    edges.for_each(|(one, other)| {
        sets.union(one, other);
    });
    sets.into_labeling()
}

/// Each node's dominator, seen from a root that is joined to one node of each component; the root's number is the
/// number of nodes.
fn dominators(nodes: usize, edges: impl Iterator<Item = (Place, Place)>, component: &[Place]) -> Vec<Place> {
    let mut graph: UnGraph<(), ()> = UnGraph::with_capacity(nodes + 1, nodes);
    (0..=nodes).for_each(|_| {
        graph.add_node(());
    });
    let root = NodeIndex::new(nodes);
    let entries = component.iter().enumerate().filter(|(node, label)| node == *label).map(|(node, _)| (nodes, node));
    edges.chain(entries).for_each(|(one, other)| {
        graph.add_edge(NodeIndex::new(one), NodeIndex::new(other), ());
    });
    let tree = simple_fast(&graph, root);
    let dominator = |node| tree.immediate_dominator(NodeIndex::new(node)).unwrap_or(root).index();
    (0..nodes).map(dominator).collect()
}

/// How many nodes each dominates, itself included: leaves first, every node after all that it dominates.
fn sizes(nodes: usize, dominator: &[Place]) -> Vec<usize> {
    let mut open = vec![0; nodes + 1];
    dominator.iter().for_each(|node| open[*node] += 1);
    let mut sizes = vec![1; nodes + 1];
    let mut ready: Vec<Place> = (0..nodes).filter(|node| open[*node] == 0).collect();
    while let Some(node) = ready.pop() {
        let above = dominator[node];
        sizes[above] += sizes[node];
        open[above] -= 1;
        if open[above] == 0 && above < nodes {
            ready.push(above);
        }
    }
    sizes
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
    use proptest::prelude::*;

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
            prop_assert_eq!(cuts(nodes, edges.iter().copied()), naive(nodes, &edges));
        }
    }

    #[test]
    fn a_long_chain_is_cut_in_its_middle() {
        let chain = (0..100_000).map(|node| (node, node + 1));
        let middle = cuts(100_001, chain).into_iter().max_by_key(|cut| cut.cut_off).unwrap();
        assert_eq!((middle.place, middle.parts, middle.cut_off), (50_000, 2, 50_000));
    }

    #[test]
    fn nothing_holds_an_empty_graph_together() {
        assert_eq!(cuts(0, std::iter::empty()), []);
    }
}
