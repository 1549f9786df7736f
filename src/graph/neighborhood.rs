//! The neighbourhood of a node: a breadth-first search by levels over the person's edges.

use std::collections::{HashMap, HashSet};

use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::prelude::*;

use crate::arguments::{not_negative, required};
use crate::caller::person_of_node;
use crate::clock::transaction_start;
use crate::error::Answer;
use crate::statement::{Database, connected, statement, values};
use crate::table::Table;
use crate::value::Value;

statement! {
    /// Which of these nodes live at $3; NULL means now.
    LIVE("uuid", "uuid[]", "timestamptz") = "
        select id
        from @extschema@.graph_nodes
        where user_id = $1
            and id = any ($2)
            and case
                when $3 is null then deleted_at is null
                else created_at <= $3 and (deleted_at is null or deleted_at > $3)
            end";
    /// The edges valid at $3 with an end among these nodes.
    EDGES("uuid", "uuid[]", "timestamptz", "@extschema@.edge_type[]") = "
        select id, source_node_id, target_node_id
        from @extschema@.graph_edges
        where user_id = $1
            and source_node_id = any ($2)
            and valid_from <= $3
            and (valid_to is null or valid_to > $3)
            and ($4 is null or edge_type = any ($4))
        union all
        select id, source_node_id, target_node_id
        from @extschema@.graph_edges
        where user_id = $1
            and target_node_id = any ($2)
            and valid_from <= $3
            and (valid_to is null or valid_to > $3)
            and ($4 is null or edge_type = any ($4))";
    /// The answer's rows: the start ($2), then the walked edges ($3) with their farther ends ($4) and depths ($5).
    PAYLOAD("uuid", "uuid", "uuid[]", "uuid[]", "int4[]") = "
        select n.id, n.node_type, n.label, n.description, n.properties, n.status, walked.depth,
            e.id, e.edge_type, e.label, e.properties, e.source_node_id, e.target_node_id
        from (
            select $2 as node_id, 0 as depth, null::uuid as edge_id
            union all
            select node_id, depth, edge_id
            from unnest($3, $4, $5) as w (edge_id, node_id, depth)
        ) walked
        join @extschema@.graph_nodes n on n.user_id = $1 and n.id = walked.node_id
        left join @extschema@.graph_edges e on e.user_id = $1 and e.id = walked.edge_id
        order by walked.depth, n.node_type, n.label, e.id";
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
        connected(|db| {
            let person = person_of_node(db, start, p_user_id)?;
            let search = Search { db, person, edge_types: p_edge_types, at: p_at };
            let Some(walk) = search.from(start, depth)? else { return Ok(()) };
            let (edges, (nodes, depths)): (Vec<Uuid>, (Vec<Uuid>, Vec<i32>)) =
                walk.farther_ends(depth).map(|(edge, node, depth)| (edge, (node, depth))).unzip();
            found.append(&db.read(&PAYLOAD, values![person, start, edges, nodes, depths]));
            Ok(())
        })
    })
}

/// What a search looks at.
struct Search<'db> {
    db: &'db Database,
    person: Uuid,
    edge_types: Option<Value>,
    at: Option<TimestampWithTimeZone>,
}

/// What a search has found: each node's depth, each edge's ends.
#[derive(Default)]
struct Walk {
    depths: HashMap<Uuid, i32>,
    edges: HashMap<Uuid, (Uuid, Uuid)>,
}

impl Search<'_> {
    /// Searches level by level; None if the start does not live.
    fn from(&self, start: Uuid, depth: i32) -> Answer<Option<Walk>> {
        let mut walk = Walk::default();
        let mut frontier = self.live(vec![start]);
        if frontier.is_empty() {
            return Ok(None);
        }
        walk.depths.insert(start, 0);
        for level in 1..=depth {
            if frontier.is_empty() {
                break;
            }
            pgrx::check_for_interrupts!();
            let met = self.expand(frontier, &mut walk);
            frontier = self.live(met);
            walk.depths.extend(frontier.iter().map(|node| (*node, level)));
        }
        Ok(Some(walk))
    }

    /// The nodes that the frontier's edges lead to and that were not reached before.
    fn expand(&self, frontier: Vec<Uuid>, walk: &mut Walk) -> Vec<Uuid> {
        let at = self.at.unwrap_or_else(transaction_start);
        let edges = self.db.read(&EDGES, values![self.person, frontier, at, self.edge_types]);
        let mut met = HashSet::new();
        for edge in edges.iter() {
            let (source, target): (Uuid, Uuid) = (edge.must(2), edge.must(3));
            walk.edges.insert(edge.must(1), (source, target));
            met.extend([source, target].into_iter().filter(|end| !walk.depths.contains_key(end)));
        }
        met.into_iter().collect()
    }

    fn live(&self, nodes: Vec<Uuid>) -> Vec<Uuid> {
        if nodes.is_empty() {
            return nodes;
        }
        self.db.read(&LIVE, values![self.person, nodes, self.at]).iter().map(|row| row.must(1)).collect()
    }
}

impl Walk {
    /// Each edge that has an end nearer than `depth` and two live ones, its farther end and that end's depth.
    fn farther_ends(&self, depth: i32) -> impl Iterator<Item = (Uuid, Uuid, i32)> {
        self.edges.iter().filter_map(move |(edge, (source, target))| {
            let (near, far) = (self.depths.get(source)?, self.depths.get(target)?);
            let (node, farther, nearer) = if near > far { (source, near, far) } else { (target, far, near) };
            (*nearer < depth).then_some((*edge, *node, *farther))
        })
    }
}
