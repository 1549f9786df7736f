//! The neighbourhood of a node: a breadth-first search over the person's edges.

use std::thread::LocalKey;

use bumpalo::Bump;
use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::prelude::*;
use rustc_hash::FxHashMap;

use super::walk::Walk;
use crate::arguments::{not_negative, required};
use crate::caller::person_of_node;
use crate::clock::transaction_start;
use crate::id::{Id, array, id};
use crate::json::Json;
use crate::settings;
use crate::statement::{Database, Statement, reading, statement, values};
use crate::stream::Slot;
use crate::table::{Store, Table};
use crate::value::Value;

/// The columns of an edge, and which edges count: valid at $3, of the types $4. Without words, an index holds them all.
macro_rules! edges {
    ($by_source:literal, $words:literal, $where:literal) => {
        concat!(
            "select ",
            $by_source,
            ", id::uuid, source_node_id::uuid, target_node_id::uuid, edge_type::@extschema@.edge_type",
            $words,
            " from @extschema@.graph_edges
            where user_id = $1
                and ",
            $where,
            "
                and valid_from <= $3
                and (valid_to is null or valid_to > $3)
                and ($4 is null or edge_type = any ($4))"
        )
    };
}

/// The edges at the nodes $2, each once from either end.
macro_rules! edges_at {
    ($words:literal) => {
        concat!(
            edges!("true", $words, "source_node_id = any ($2)"),
            " union all ",
            edges!("false", $words, "target_node_id = any ($2)"),
        )
    };
}

/// The person's edges that have words. An index holds these alone.
macro_rules! words {
    ($columns:literal, $limit:literal) => {
        concat!(
            "select ",
            $columns,
            " from @extschema@.graph_edges
            where user_id = $1 and (label is not null or properties <> '{}')",
            $limit
        )
    };
}

/// The payload of nodes, and whether they live at $3 (NULL: now), by type and label.
macro_rules! nodes {
    ($where:literal) => {
        concat!(
            "select id::uuid, node_type::@extschema@.node_type, label::text, description::text, properties::jsonb,
                status::@extschema@.node_status,
                case
                    when $3 is null then deleted_at is null
                    else created_at <= $3 and (deleted_at is null or deleted_at > $3)
                end
            from @extschema@.graph_nodes
            where user_id = $1",
            $where,
            " order by node_type, label"
        )
    };
}

// What is read as a type is cast to it: an administrator may have changed a column.
statement! {
    EDGES_AT("uuid", "uuid[]", "timestamptz", "@extschema@.edge_type[]") = edges_at!("");
    EDGES_WITH_WORDS_AT("uuid", "uuid[]", "timestamptz", "@extschema@.edge_type[]") =
        edges_at!(", label::text, properties::jsonb");
    /// All edges of the person. $2 is not used.
    ALL_EDGES("uuid", "uuid[]", "timestamptz", "@extschema@.edge_type[]") = edges!("true", "", "true");
    WORDS("uuid") = words!("id::uuid, label::text, properties::jsonb", "");
    /// How many edges of the person have words, counted no further than $2.
    COUNT_WORDS("uuid", "int8") = concat!("select count(*) from (", words!("", " limit $2"), ") counted");
    /// How many edges the person has, counted no further than $2.
    COUNT_EDGES("uuid", "int8") = "
        select count(*) from (select from @extschema@.graph_edges where user_id = $1 limit $2) counted";
    /// How many nodes the person has, counted no further than $2.
    COUNT_NODES("uuid", "int8") = "
        select count(*) from (select from @extschema@.graph_nodes where user_id = $1 limit $2) counted";
    NODES("uuid", "uuid[]", "timestamptz") = nodes!(" and id = any ($2)");
    /// All nodes of the person. $2 is not used.
    ALL_NODES("uuid", "uuid[]", "timestamptz") = nodes!("");
}

/// The live nodes within `p_depth` degrees of a node, by shortest path, and the edges that lead there.
///
/// `p_edge_types` NULL walks all edges; `p_at` NULL asks about now. A node that is unknown, deleted or another
/// person's has no rows. Errors: 22004, 22023, 42501.
#[pg_extern(sql = false)]
fn get_node_neighborhood<'a>(
    p_node_id: Option<Uuid>,
    p_depth: Option<i32>,
    p_user_id: Option<Uuid>,
    p_edge_types: Option<Value>,
    p_at: Option<TimestampWithTimeZone>,
) -> Table<'a> {
    Table::new(move |found| {
        let start = required(p_node_id, "p_node_id")?;
        let depth = not_negative(required(p_depth, "p_depth")?, "p_depth")?;
        reading(|db| {
            let person = person_of_node(db, start, p_user_id)?;
            let arena = Bump::new();
            let search = Search { db, arena: &arena, person, edge_types: p_edge_types, at: p_at };
            search.neighborhood(id(start), depth, found);
            Ok(())
        })
    })
}

/// How many nodes may be read for each that is wanted.
const READ_FOR_EACH_WANTED: i64 = 3;

/// How many of a person's edges have words: a label or properties. Where many do, they are read together with the
/// edges, from the table; else the edges are read from an index, and the words of the few afterwards.
#[derive(PartialEq, Eq)]
enum Words {
    Unknown,
    None,
    Few,
    Many,
}

/// Up to how many nodes of a frontier nothing is counted.
const FEW_NODES: usize = 3;

/// How many words may be read although not all may be wanted.
const FEW_WORDS: i64 = 16;

/// What an edge says; its words are missing where it has none.
struct Edge {
    id: Id,
    edge_type: Option<pg_sys::Datum>,
    label: Option<pg_sys::Datum>,
    properties: Option<pg_sys::Datum>,
}

/// What a live node says, and its place by type and label.
struct Node {
    node_type: Option<pg_sys::Datum>,
    label: Option<pg_sys::Datum>,
    description: Option<pg_sys::Datum>,
    properties: Option<pg_sys::Datum>,
    status: Option<pg_sys::Datum>,
    rank: usize,
}

impl Edge {
    fn wordless(row: &Slot) -> Self {
        Edge { id: row.id(2), edge_type: row.datum(5), label: None, properties: None }
    }
}

/// A search for one neighbourhood.
struct Search<'db> {
    db: &'db Database,
    arena: &'db Bump,
    person: Uuid,
    edge_types: Option<Value>,
    at: Option<TimestampWithTimeZone>,
}

impl Search<'_> {
    fn neighborhood(&self, start: Id, depth: i32, found: &mut Store) {
        let mut walk = Walk::from(start);
        let (edges, are_all) = self.read_edges(&mut walk, depth);
        let nodes = self.read_nodes(&walk, are_all);
        if walk.reached().any(|node| nodes[node as usize].is_none()) {
            // Some of what was reached does not live: what lies behind it may be farther, or out of reach.
            walk.settle(depth, |node| nodes[node as usize].is_some());
        }
        if let Some(node) = &nodes[0] {
            put(found, &walk, (0, node, 0), None);
            put_edges(found, &walk, depth, &edges, &nodes);
        }
    }

    /// Reads the edges up to `depth`: level by level while the frontier is small, then, if the person's graph is small
    /// beside it, all at once. Returns what they say, in the walk's order, and whether they are all of the person's.
    fn read_edges(&self, walk: &mut Walk, depth: i32) -> (Vec<Edge>, bool) {
        let mut edges = Vec::new();
        let mut are_all = false;
        let mut frontier = vec![0];
        let mut words = Words::Unknown;
        let mut more_than = 0;
        for level in 0..depth {
            if frontier.is_empty() {
                break;
            }
            // Reading the edges of a few nodes, words and all, costs less than counting any.
            let is_small = frontier.len() <= FEW_NODES;
            if !is_small && words == Words::Unknown {
                words = self.words();
            }
            let budget = pass_budget(frontier.len(), depth - level);
            if !is_small && budget > more_than {
                if self.count(&COUNT_EDGES, budget) <= budget {
                    *walk = Walk::from(walk.id(0));
                    edges = self.read_all_edges(walk, depth);
                    are_all = true;
                    break;
                }
                // Counting again pays only when the frontier has grown by so much.
                more_than = 4 * budget;
            }
            let with_words = matches!(words, Words::Unknown | Words::Many);
            frontier = self.read_level(walk, &frontier, level, with_words, &mut edges);
        }
        if words == Words::Few || (words == Words::Many && are_all) {
            self.add_words(&mut edges);
        }
        (edges, are_all)
    }

    /// How many of the person's edges have words.
    fn words(&self) -> Words {
        match self.count(&COUNT_WORDS, FEW_WORDS) {
            0 => Words::None,
            ..=FEW_WORDS => Words::Few,
            _ => Words::Many,
        }
    }

    /// Reads the edges at a frontier, with their words or without; returns the next one.
    fn read_level(
        &self,
        walk: &mut Walk,
        frontier: &[u32],
        level: i32,
        with_words: bool,
        edges: &mut Vec<Edge>,
    ) -> Vec<u32> {
        let statement = if with_words { &EDGES_WITH_WORDS_AT } else { &EDGES_AT };
        let mut next = Vec::new();
        let at = array(frontier.iter().map(|node| walk.id(*node)));
        self.db.each(statement, &self.parameters(Some(at)), |row| {
            if walk.step(row.id(3), row.id(4), row.is(1), level, &mut next) {
                let mut edge = Edge::wordless(row);
                if with_words {
                    (edge.label, edge.properties) = (row.copied(6, self.arena), row.copied(7, self.arena));
                }
                edges.push(edge);
            }
        });
        next
    }

    fn read_all_edges(&self, walk: &mut Walk, depth: i32) -> Vec<Edge> {
        let mut edges = Vec::new();
        self.db.each(&ALL_EDGES, &self.parameters(None), |row| {
            walk.add(row.id(3), row.id(4));
            edges.push(Edge::wordless(row));
        });
        walk.settle(depth, |_| true);
        edges
    }

    /// Adds the words to edges that were read without.
    fn add_words(&self, edges: &mut [Edge]) {
        let places: FxHashMap<Id, usize> = edges.iter().enumerate().map(|(place, edge)| (edge.id, place)).collect();
        self.db.each(&WORDS, values![self.person], |row| {
            if let Some(place) = places.get(&row.id(1)) {
                let edge = &mut edges[*place];
                (edge.label, edge.properties) = (row.copied(2, self.arena), row.copied(3, self.arena));
            }
        });
    }

    fn parameters(&self, nodes: Option<Value>) -> [Option<pg_sys::Datum>; 4] {
        *values![self.person, nodes, self.at.unwrap_or_else(transaction_start), self.edge_types]
    }

    /// What a statement counts of the person's rows, up to one more than `most`.
    fn count(&self, statement: &'static LocalKey<Statement>, most: i64) -> i64 {
        self.db.run(statement, values![self.person, most + 1]).value().unwrap_or(0)
    }

    /// What the reached nodes say, by their numbers; None for those that do not live or were not reached.
    ///
    /// Looking up a node costs several times what reading the next one does: where many of a small graph are wanted, all
    /// are read. Of a graph whose edges were too many to read, all nodes are too many as well.
    fn read_nodes(&self, walk: &Walk, is_small: bool) -> Vec<Option<Node>> {
        let mut nodes: Vec<Option<Node>> = (0..walk.nodes()).map(|_| None).collect();
        let reached: Vec<u32> = walk.reached().collect();
        let most = READ_FOR_EACH_WANTED * reached.len() as i64;
        let many = is_small && walk.nodes() as i64 <= most && self.count(&COUNT_NODES, most) <= most;
        let statement = if many { &ALL_NODES } else { &NODES };
        let ids = array(reached.iter().map(|node| walk.id(*node)));
        let mut rank = 0;
        let mut last = (None, Vec::new());
        self.db.each(statement, values![self.person, ids, self.at], |row| {
            let this = (row.datum(2), row.characters(3));
            if (last.0, &last.1[..]) != this {
                rank += 1;
                last.0 = this.0;
                last.1.clear();
                last.1.extend_from_slice(this.1);
            }
            let Some(number) = walk.met(row.id(1)).filter(|node| row.is(7) && walk.depth(*node).is_some()) else {
                return;
            };
            nodes[number as usize] = Some(Node {
                node_type: row.datum(2),
                label: row.copied(3, self.arena),
                description: row.copied(4, self.arena),
                properties: row.copied(5, self.arena),
                status: row.datum(6),
                rank,
            });
        });
        nodes
    }
}

/// Puts a row for each edge with an end nearer than `depth`, by depth, node and edge.
fn put_edges(found: &mut Store, walk: &Walk, depth: i32, edges: &[Edge], nodes: &[Option<Node>]) {
    let mut rows: Vec<_> = walk
        .farther_ends(depth)
        .filter_map(|(place, number, depth)| {
            let node = nodes[number as usize].as_ref()?;
            Some(((depth, node.rank, edges[place].id), number, node, place))
        })
        .collect();
    rows.sort_unstable_by_key(|(order, ..)| *order);
    let nothing = Json::empty().into_datum();
    for ((depth, ..), number, node, place) in rows {
        let edge = &edges[place];
        let properties = edge.properties.or(nothing);
        put(found, walk, (number, node, depth), Some((&Edge { properties, ..*edge }, walk.ends(place))));
    }
}

/// Puts one row: a node with its number and depth, and the edge that leads to it with its ends.
fn put(found: &mut Store, walk: &Walk, (number, node, depth): (u32, &Node, i32), edge: Option<(&Edge, (Id, Id))>) {
    let id = walk.id(number).to_be_bytes();
    let keys = edge.map(|(edge, (source, target))| [edge.id, source, target].map(Id::to_be_bytes));
    let key = |place: usize| keys.as_ref().map(|keys| pg_sys::Datum::from(keys[place].as_ptr()));
    found.put([
        Some(pg_sys::Datum::from(id.as_ptr())),
        node.node_type,
        node.label,
        node.description,
        node.properties,
        node.status,
        Some(pg_sys::Datum::from(depth)),
        key(0),
        edge.and_then(|(edge, _)| edge.edge_type),
        edge.and_then(|(edge, _)| edge.label),
        edge.and_then(|(edge, _)| edge.properties),
        key(1),
        key(2),
    ]);
}

/// How many edges one pass may read rather than another level: what the level would cost, and those behind it.
fn pass_budget(frontier: usize, levels: i32) -> i64 {
    let levels = i64::from(levels.min(4));
    i64::from(settings::pass_budget()) * frontier as i64 * levels
}
