//! A person's graph as it is now, in memory: live nodes in the order of their ids, and the current edges between them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use pgrx::datum::Uuid;
use rustc_hash::FxHashMap;

use crate::id::{Id, id};
use crate::statement::{Database, statement, values};

statement! {
    /// Whatever somebody's rows hold, infinite times too, nothing here raises.
    NODES("uuid") = "
        select id::uuid,
            node_type::text,
            label::text,
            coalesce(to_char(created_at at time zone 'UTC', 'YYYY-MM-DD'), created_at::text),
            (extract(epoch from now()) - extract(epoch from created_at))::float8 / 86400,
            case when node_type = 'emotion' then coalesce(properties ->> 'emotion', label) end,
            case
                when jsonb_typeof(properties -> 'intensity') = 'number'
                then round(least(greatest((properties -> 'intensity')::numeric, 0), 1), 6)::float8
            end,
            case
                when jsonb_typeof(properties -> 'milestones') = 'array'
                then jsonb_array_length(properties -> 'milestones')
                else 0
            end
        from @extschema@.graph_nodes
        where user_id = $1 and deleted_at is null
        order by id";
    EDGES("uuid") = "
        select edge_type::text, source_node_id::uuid, target_node_id::uuid
        from @extschema@.graph_edges
        where user_id = $1 and valid_from <= now() and (valid_to is null or valid_to > now())";
    /// Milestones are an array: the table lets in nothing else.
    GOALS("uuid") = "
        select node_id::uuid,
            max(jsonb_array_length(milestones)),
            bool_or(goal_status in ('completed', 'achieved', 'abandoned', 'cancelled'))
        from @extschema@.user_goals
        where user_id = $1 and node_id is not null
        group by node_id";
}

/// A live node's place in the picture.
pub type Place = usize;

pub struct Node {
    pub id: Id,
    pub kind: String,
    pub label: String,
    /// The UTC day on which it was made, YYYY-MM-DD, and how many days ago that was.
    pub made_on: String,
    pub age: f64,
    /// What an emotion node says is felt, and how much: 0 to 1, a half where it does not say.
    pub emotion: Option<String>,
    pub intensity: f64,
    /// Of a goal: how many milestones it has, and whether the person is done with it.
    pub milestones: i32,
    pub is_done: bool,
}

impl Node {
    /// Whether it was made so many days ago: from the first on, before the second.
    pub fn is_aged(&self, days: Range<f64>) -> bool {
        days.contains(&self.age)
    }
}

pub struct Edge {
    pub kind: String,
    pub source: Place,
    pub target: Place,
}

#[derive(Default)]
pub struct Picture {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
}

impl Picture {
    pub fn read(db: &Database, person: Uuid) -> Self {
        let mut picture = Picture { nodes: nodes(db, person), edges: Vec::new() };
        let places: FxHashMap<Id, Place> =
            picture.nodes.iter().enumerate().map(|(place, node)| (node.id, place)).collect();
        for row in db.run(&EDGES, values![person]).iter() {
            let place = |column| places.get(&id(row.must(column))).copied();
            if let (Some(source), Some(target)) = (place(2), place(3)) {
                picture.edges.push(Edge { kind: row.must(1), source, target });
            }
        }
        for row in db.run(&GOALS, values![person]).iter() {
            if let Some(place) = places.get(&id(row.must(1))) {
                let goal = &mut picture.nodes[*place];
                goal.is_done = row.must(3);
                match row.must(2) {
                    0 => {}
                    milestones => goal.milestones = milestones,
                }
            }
        }
        picture
    }

    /// The nodes of a kind, with their places.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = (Place, &Node)> {
        self.nodes.iter().enumerate().filter(move |(_, node)| node.kind == kind)
    }

    /// The ends of the edges of a kind that lead from nodes of one kind to nodes of another.
    pub fn links(&self, source: &str, kind: &str, target: &str) -> impl Iterator<Item = (Place, Place)> {
        self.edges
            .iter()
            .filter(move |edge| {
                edge.kind == kind && self.nodes[edge.source].kind == source && self.nodes[edge.target].kind == target
            })
            .map(|edge| (edge.source, edge.target))
    }
}

/// Distinct nodes, gathered by the node that they belong to.
pub type Gathered = BTreeMap<Place, BTreeSet<Place>>;

/// Gathers pairs of a node and what belongs to it.
pub fn gathered(pairs: impl Iterator<Item = (Place, Place)>) -> Gathered {
    let mut sets = Gathered::new();
    pairs.for_each(|(key, member)| {
        sets.entry(key).or_default().insert(member);
    });
    sets
}

fn nodes(db: &Database, person: Uuid) -> Vec<Node> {
    db.run(&NODES, values![person])
        .iter()
        .map(|row| Node {
            id: id(row.must(1)),
            kind: row.must(2),
            label: row.must(3),
            made_on: row.must(4),
            age: row.must(5),
            emotion: row.get(6),
            intensity: row.get(7).unwrap_or(0.5),
            milestones: row.must(8),
            is_done: false,
        })
        .collect()
}
