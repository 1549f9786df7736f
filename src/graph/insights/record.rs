//! Keeping insights: one row for each key, changed only where it says something else.

use pgrx::datum::Uuid;

use super::{Insight, Kind};
use crate::catalog;
use crate::guard;
use crate::id::uuid;
use crate::statement::{Database, statement, values};

statement! {
    /// One refresh of a person at a time: one with an older picture must not come later.
    LOCK("uuid") = "select pg_advisory_xact_lock(hashtextextended('refresh_graph_insights ' || $1::text, 0))::text";
    /// Adds what is new and changes what is different. An insight that had ended is new again.
    KEEP("uuid", "text[]", "text[]", "text[]", "text[]", "float8[]", "text[]", "text[]") = "
        insert into @extschema@.graph_insights as i
            (user_id, insight_type, insight_key, title, content, confidence, node_ids, evidence)
        select $1, f.type, f.key, f.title, f.content, f.confidence, f.node_ids::uuid[], f.evidence::jsonb
        from unnest($2, $3, $4, $5, $6, $7, $8) f (type, key, title, content, confidence, node_ids, evidence)
        order by f.key
        on conflict (user_id, insight_key) where model is null do update
        set insight_type = excluded.insight_type,
            title = excluded.title,
            content = excluded.content,
            confidence = excluded.confidence,
            node_ids = excluded.node_ids,
            evidence = excluded.evidence,
            status = case when i.valid_until <= now() then 'new' else i.status end,
            valid_until = null
        where i.valid_until is not null
            or (i.insight_type, i.title, i.content, i.confidence, i.node_ids, i.evidence) is distinct from (
                excluded.insight_type, excluded.title, excluded.content, excluded.confidence, excluded.node_ids,
                excluded.evidence
            )";
    /// Ends what is no longer true.
    END("uuid", "text[]", "text[]") = "
        update @extschema@.graph_insights
        set valid_until = now()
        where user_id = $1
            and model is null
            and insight_type = any ($2)
            and insight_key <> all ($3)
            and (valid_until is null or valid_until > now())";
}

/// Has refreshes of a person wait for each other; to be called before the graph is read.
pub fn lock(db: &Database, person: Uuid) {
    db.run(&LOCK, values![person]);
}

/// Keeps these insights of a person and ends those that are not among them; how many rows that changed.
pub fn record(db: &Database, person: Uuid, insights: &[Insight]) -> i32 {
    let column = |part: fn(&Insight) -> String| insights.iter().map(part).collect::<Vec<String>>();
    let confidences: Vec<f64> = insights.iter().map(|insight| insight.confidence).collect();
    let kinds = Kind::ALL.map(Kind::name).to_vec();
    guard::as_owner(catalog::owner_of(&["graph_insights"]), || {
        let keeping = values![
            person,
            column(|insight| insight.kind.name().to_owned()),
            column(key),
            column(|insight| insight.title.clone()),
            column(|insight| insight.content.clone()),
            confidences,
            column(node_ids),
            column(|insight| insight.evidence.to_string())
        ];
        let kept = db.run(&KEEP, keeping).changed;
        let ended = db.run(&END, values![person, kinds, column(key)]).changed;
        (kept + ended) as i32
    })
}

fn key(insight: &Insight) -> String {
    match insight.about {
        Some(node) => format!("{}:{}", insight.kind.name(), uuid(node)),
        None => insight.kind.name().to_owned(),
    }
}

/// As an array of uuid is written.
fn node_ids(insight: &Insight) -> String {
    let ids: Vec<String> = insight.nodes.iter().map(|node| uuid(*node).to_string()).collect();
    format!("{{{}}}", ids.join(","))
}
