//! Breadth-first search in memory: nodes are numbers in the order they were met, edges pairs of them.

use rustc_hash::FxHashMap;

use crate::id::Id;

/// The depth of a node that has not been reached.
const UNREACHED: i32 = -1;

/// A graph as far as it has been read, and each node's distance from the start.
pub struct Walk {
    numbers: FxHashMap<Id, u32>,
    ids: Vec<Id>,
    depths: Vec<i32>,
    edges: Vec<(u32, u32)>,
}

impl Walk {
    /// The walk that has reached its start, node 0, and nothing else.
    pub fn from(start: Id) -> Self {
        let mut walk = Walk { numbers: FxHashMap::default(), ids: Vec::new(), depths: Vec::new(), edges: Vec::new() };
        walk.number(start);
        walk.depths[0] = 0;
        walk
    }

    /// A node's number; a node that is new is unreached.
    pub fn number(&mut self, id: Id) -> u32 {
        *self.numbers.entry(id).or_insert_with(|| {
            self.ids.push(id);
            self.depths.push(UNREACHED);
            self.ids.len() as u32 - 1
        })
    }

    /// The number of a node that has been met.
    pub fn met(&self, id: Id) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    pub fn id(&self, node: u32) -> Id {
        self.ids[node as usize]
    }

    /// How many nodes have been met, reached or not.
    pub fn nodes(&self) -> usize {
        self.ids.len()
    }

    /// A node's distance from the start, None while it is unreached.
    pub fn depth(&self, node: u32) -> Option<i32> {
        Some(self.depths[node as usize]).filter(|depth| *depth != UNREACHED)
    }

    pub fn reached(&self) -> impl Iterator<Item = u32> {
        (0..self.ids.len() as u32).filter(|node| self.depths[*node as usize] != UNREACHED)
    }

    /// Adds an edge without walking it.
    pub fn add(&mut self, source: Id, target: Id) {
        let ends = (self.number(source), self.number(target));
        self.edges.push(ends);
    }

    /// Adds an edge that was read at the frontier, at `level`: at its source, or at its target. Returns false if it
    /// was added before; a node met for the first time joins the next frontier.
    pub fn step(&mut self, source: Id, target: Id, at_source: bool, level: i32, next: &mut Vec<u32>) -> bool {
        let ends = (self.number(source), self.number(target));
        let far = if at_source { ends.1 } else { ends.0 };
        match self.depth(far) {
            // The far end was at an earlier frontier, or is at this one, where the edge is read at its source.
            Some(depth) if depth < level || (depth == level && !at_source) => return false,
            Some(_) => {}
            None => {
                self.depths[far as usize] = level + 1;
                next.push(far);
            }
        }
        self.edges.push(ends);
        true
    }

    /// Measures all distances anew, up to `depth`, by the edges that were added, through nodes that are `passable`.
    pub fn settle(&mut self, depth: i32, passable: impl Fn(u32) -> bool) {
        self.depths.fill(UNREACHED);
        if !passable(0) {
            return;
        }
        self.depths[0] = 0;
        let neighbors = Neighbors::of(&self.edges, self.ids.len());
        let mut frontier = vec![0];
        for level in 1..=depth {
            if frontier.is_empty() {
                break;
            }
            let mut next = Vec::new();
            for node in frontier.iter().flat_map(|node| neighbors.at(*node)) {
                if self.depths[*node as usize] == UNREACHED && passable(*node) {
                    self.depths[*node as usize] = level;
                    next.push(*node);
                }
            }
            frontier = next;
        }
    }

    /// Of each edge, in the order of adding, that has an end nearer than `depth`: its place, its farther end (the
    /// target on a tie) and that end's depth.
    pub fn farther_ends(&self, depth: i32) -> impl Iterator<Item = (usize, u32, i32)> {
        self.edges.iter().enumerate().filter_map(move |(place, (source, target))| {
            let (near, far) = (self.depth(*source)?, self.depth(*target)?);
            let (node, farther, nearer) = if near > far { (*source, near, far) } else { (*target, far, near) };
            (nearer < depth).then_some((place, node, farther))
        })
    }

    /// The ends of an edge, source first.
    pub fn ends(&self, place: usize) -> (Id, Id) {
        let (source, target) = self.edges[place];
        (self.id(source), self.id(target))
    }
}

/// Each node's neighbours, side by side.
struct Neighbors {
    starts: Vec<u32>,
    nodes: Vec<u32>,
}

impl Neighbors {
    fn of(edges: &[(u32, u32)], nodes: usize) -> Self {
        let mut starts = vec![0u32; nodes + 1];
        for (source, target) in edges {
            starts[*source as usize + 1] += 1;
            starts[*target as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut free = starts.clone();
        let mut neighbors = vec![0u32; 2 * edges.len()];
        for (source, target) in edges {
            for (node, neighbor) in [(source, target), (target, source)] {
                let place = &mut free[*node as usize];
                neighbors[*place as usize] = *neighbor;
                *place += 1;
            }
        }
        Neighbors { starts, nodes: neighbors }
    }

    fn at(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.nodes[self.starts[node] as usize..self.starts[node + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Distances by relaxing every edge until nothing changes.
    fn naive(edges: &[(Id, Id)], depth: i32, passable: impl Fn(Id) -> bool) -> FxHashMap<Id, i32> {
        let mut depths: FxHashMap<Id, i32> = [(0, 0)].into_iter().filter(|(id, _)| passable(*id)).collect();
        loop {
            let mut changed = false;
            for (source, target) in edges {
                for (near, far) in [(source, target), (target, source)] {
                    let Some(next) = depths.get(near).map(|depth| depth + 1) else { continue };
                    let better = depths.get(far).is_none_or(|known| *known > next);
                    if next <= depth && passable(*far) && better {
                        depths.insert(*far, next);
                        changed = true;
                    }
                }
            }
            if !changed {
                return depths;
            }
        }
    }

    fn distances(walk: &Walk) -> FxHashMap<Id, i32> {
        walk.reached().map(|node| (walk.id(node), walk.depth(node).unwrap())).collect()
    }

    /// Walks level by level, reading at each frontier what the statement for it would return.
    fn level_by_level(edges: &[(Id, Id)], depth: i32) -> (Walk, usize) {
        let mut walk = Walk::from(0);
        let mut frontier = vec![0u32];
        let mut added = 0;
        for level in 0..depth {
            let at: Vec<Id> = frontier.iter().map(|node| walk.id(*node)).collect();
            let mut next = Vec::new();
            for (source, target) in edges.iter().filter(|(source, _)| at.contains(source)) {
                added += usize::from(walk.step(*source, *target, true, level, &mut next));
            }
            for (source, target) in edges.iter().filter(|(_, target)| at.contains(target)) {
                added += usize::from(walk.step(*source, *target, false, level, &mut next));
            }
            frontier = next;
        }
        (walk, added)
    }

    fn graphs() -> impl Strategy<Value = Vec<(Id, Id)>> {
        prop::collection::vec((0..20u128, 0..20u128), 0..60)
            .prop_map(|edges| edges.into_iter().filter(|(source, target)| source != target).collect())
    }

    proptest! {
        #[test]
        fn both_ways_measure_the_naive_distances(edges in graphs(), depth in 0..6i32) {
            let mut whole = Walk::from(0);
            edges.iter().for_each(|(source, target)| whole.add(*source, *target));
            whole.settle(depth, |_| true);
            let expected = naive(&edges, depth, |_| true);
            prop_assert_eq!(&distances(&whole), &expected);

            let (walk, added) = level_by_level(&edges, depth);
            prop_assert_eq!(&distances(&walk), &expected);
            prop_assert_eq!(added, whole.farther_ends(depth).count());
            prop_assert_eq!(walk.farther_ends(depth).count(), added);
        }

        #[test]
        fn what_is_not_passable_is_walked_around(edges in graphs(), depth in 0..6i32, closed in prop::collection::vec(0..20u128, 0..5)) {
            let (mut walk, _) = level_by_level(&edges, depth);
            let ids = walk.ids.clone();
            walk.settle(depth, |node| !closed.contains(&ids[node as usize]));
            prop_assert_eq!(distances(&walk), naive(&edges, depth, |id| !closed.contains(&id)));
        }
    }
}
