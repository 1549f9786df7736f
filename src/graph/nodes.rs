//! What a conversation leaves in the graph: emotions, sessions, goals and skills.

use pgrx::datum::Uuid;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;

use super::lifecycle::{Live, require_live};
use crate::arguments::{embedding, label, not_negative, object, required, within};
use crate::caller::{person, person_of_node};
use crate::error::{Answer, not_ready};
use crate::identity::new_key;
use crate::json::Json;
use crate::statement::{Database, Rows, connected, statement, values};
use crate::value::Value;
use crate::vector::Vector;

statement! {
    ADD_EMOTION("uuid", "uuid", "@extschema@.emotion_type", "text", "float8") = r#"
        insert into @extschema@.graph_nodes (id, user_id, node_type, label, description, properties)
        values ($1, $2, 'emotion', $3::text, $4, jsonb_build_object(
            'emotion', $3,
            'intensity', $5,
            'context', $4,
            'timestamp', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        ))"#;
    FEELS("uuid", "uuid", "uuid") = "
        insert into @extschema@.graph_edges (user_id, edge_type, source_node_id, target_node_id)
        values ($1, 'feels', $2, $3)";
    WORKS_ON("uuid", "uuid", "uuid") = "
        insert into @extschema@.graph_edges (user_id, edge_type, source_node_id, target_node_id)
        values ($1, 'works_on', $2, $3)";
    /// Links a session to a goal unless it is linked now; a link that is to begin later ends this one. A transaction that
    /// began after this one and has ended before may have linked or unlinked them: its now() is later than ours.
    WORKS_ON_TOO("uuid", "uuid", "uuid") = "
        insert into @extschema@.graph_edges (user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to)
        select $1, 'works_on', $2, $3, greatest(now(), known.earlier), known.later
        from (
            select max(e.valid_to) filter (where e.valid_to <= clock.time) as earlier,
                min(e.valid_from) filter (where e.valid_from > clock.time) as later,
                bool_or(e.valid_from <= clock.time and (e.valid_to is null or e.valid_to > clock.time)) as holds
            from (select clock_timestamp() as time offset 0) clock
            left join @extschema@.graph_edges e
                on e.user_id = $1 and e.source_node_id = $2 and e.target_node_id = $3 and e.edge_type = 'works_on'
        ) known
        where known.holds is not true
        on conflict do nothing";
    ADD_SESSION("uuid", "uuid", "uuid", "int4", "text", "jsonb") = r#"
        insert into @extschema@.graph_nodes (id, user_id, node_type, label, description, properties)
        values (
            $1,
            $2,
            'session',
            coalesce(
                'Session: ' || nullif(left(btrim($5, E' \t\n\r\f\x0b'), 50), ''),
                'Coaching session ' || to_char(now() at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
            ),
            $5,
            '{"duration_minutes": null, "goal_id": null}'
                || coalesce($6, '{}')
                || jsonb_strip_nulls(jsonb_build_object(
                    'duration_minutes', $4,
                    'goal_id', $3,
                    'timestamp', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                ))
        )"#;
    /// A label is a derived one if it is what ADD_SESSION makes of the description, or of none.
    CHANGE_SESSION("uuid", "uuid", "text", "int4", "jsonb", "uuid") = r"
        update @extschema@.graph_nodes
        set description = coalesce($3, description),
            label = case
                when label = 'Session: ' || left(btrim(description, E' \t\n\r\f\x0b'), 50)
                    or label ~ '^Coaching session [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}$'
                then coalesce('Session: ' || nullif(left(btrim($3, E' \t\n\r\f\x0b'), 50), ''), label)
                else label
            end,
            properties = properties
                || coalesce($5, '{}')
                || jsonb_strip_nulls(jsonb_build_object('duration_minutes', $4, 'goal_id', $6))
        where user_id = $1 and id = $2 and node_type = 'session' and deleted_at is null";
    /// Adds a goal or, where the person has a live one of this label, merges what is given into it.
    MERGE_GOAL("uuid", "text", "text", "jsonb") = r#"
        insert into @extschema@.graph_nodes as n (user_id, node_type, label, description, properties)
        values (
            $1,
            'goal',
            $2,
            $4 ->> 'description',
            '{"category": null, "target_date": null, "priority": "medium"}'
                || coalesce($4, '{}') - 'description'
                || jsonb_strip_nulls(jsonb_build_object('category', $3))
        )
        on conflict (user_id, node_type, btrim(label, E' \t\n\r\f\x0b'))
            where deleted_at is null and node_type in ('goal', 'skill')
        do update
        set description = coalesce(excluded.description, n.description),
            properties = n.properties
                || coalesce($4, '{}') - 'description'
                || jsonb_strip_nulls(jsonb_build_object('category', $3))
        returning id"#;
    /// Adds a skill or, where the person has a live one of this label, gives it the new level.
    MERGE_SKILL("uuid", "text", "@extschema@.skill_level", "text[]") = r"
        insert into @extschema@.graph_nodes as n (user_id, node_type, label, properties)
        values (
            $1,
            'skill',
            $2,
            jsonb_build_object('level', $3, 'transferable_from', coalesce($4, '{}'))
        )
        on conflict (user_id, node_type, btrim(label, E' \t\n\r\f\x0b'))
            where deleted_at is null and node_type in ('goal', 'skill')
        do update
        set properties = n.properties
            || case when cardinality($4) > 0 then excluded.properties else excluded.properties - 'transferable_from' end
        returning id";
    SET_STATUS("uuid", "uuid", "@extschema@.node_status") = "
        update @extschema@.graph_nodes
        set status = $3
        where user_id = $1 and id = $2 and deleted_at is null";
    SET_EMBEDDING("uuid", "uuid", "@vector@.vector") = "
        update @extschema@.graph_nodes
        set embedding = $3
        where user_id = $1 and id = $2 and deleted_at is null";
}

/// Records how the person feels, as a node of its own, and what made them feel so (`p_related_node_id`).
///
/// `p_intensity` is 0 to 1. Errors: 22004, 22023, 23503, 42501.
#[pg_extern(sql = false)]
fn track_emotion(
    p_user_id: Option<Uuid>,
    p_emotion: Option<Value>,
    p_context: Option<&str>,
    p_intensity: Option<f64>,
    p_related_node_id: Option<Uuid>,
) -> Answer<Uuid> {
    let emotion = required(p_emotion, "p_emotion")?;
    let intensity = within(p_intensity, 0.0, 1.0, "p_intensity")?;
    connected(|db| {
        let person = person(db, "graph_nodes", p_user_id)?;
        let id = new_key();
        if let Some(cause) = p_related_node_id {
            require_live(db, person, cause, Live::Node, "p_related_node_id")?;
        }
        let added = db.run(&ADD_EMOTION, values![id, person, emotion, p_context, intensity]).changed;
        if added == 0 {
            return Err(kept_out());
        }
        if let Some(cause) = p_related_node_id {
            db.run(&FEELS, values![person, cause, id]);
        }
        Ok(id)
    })
}

/// Records a coaching session and, with `p_goal_id`, that it worked on that goal. `p_duration` is in minutes.
///
/// Errors: 22004, 22023, 23503, 42501.
#[pg_extern(sql = false)]
fn create_session_node(
    p_user_id: Option<Uuid>,
    p_goal_id: Option<Uuid>,
    p_duration: Option<i32>,
    p_summary: Option<&str>,
    p_properties: Option<Json>,
) -> Answer<Uuid> {
    p_duration.map(|minutes| not_negative(minutes, "p_duration")).transpose()?;
    let properties = object(p_properties, "p_properties")?;
    connected(|db| {
        let person = person(db, "graph_nodes", p_user_id)?;
        if let Some(goal) = p_goal_id {
            require_live(db, person, goal, Live::Goal, "p_goal_id")?;
        }
        let id = new_key();
        let added = db.run(&ADD_SESSION, values![id, person, p_goal_id, p_duration, p_summary, properties]).changed;
        if added == 0 {
            return Err(kept_out());
        }
        if let Some(goal) = p_goal_id {
            db.run(&WORKS_ON, values![person, id, goal]);
        }
        Ok(id)
    })
}

/// Changes what is given of a live session; false if there is none. NULL leaves as it is.
///
/// Errors: 22004, 22023, 23503, 42501.
#[pg_extern(sql = false)]
fn update_session_node(
    p_session_id: Option<Uuid>,
    p_summary: Option<&str>,
    p_duration: Option<i32>,
    p_properties: Option<Json>,
    p_goal_id: Option<Uuid>,
    p_user_id: Option<Uuid>,
) -> Answer<bool> {
    let id = required(p_session_id, "p_session_id")?;
    p_duration.map(|minutes| not_negative(minutes, "p_duration")).transpose()?;
    let properties = object(p_properties, "p_properties")?;
    connected(|db| {
        let person = person_of_node(db, id, p_user_id)?;
        let changed =
            db.run(&CHANGE_SESSION, values![person, id, p_summary, p_duration, properties, p_goal_id]).changed;
        if changed == 0 {
            return Ok(false);
        }
        if let Some(goal) = p_goal_id {
            require_live(db, person, goal, Live::Goal, "p_goal_id")?;
            db.run(&WORKS_ON_TOO, values![person, id, goal]);
        }
        Ok(true)
    })
}

/// Records a goal; the same title again returns the same node, what is given merged into it.
///
/// Errors: 22004, 22023, 42501.
#[pg_extern(sql = false)]
fn create_goal_node(
    p_user_id: Option<Uuid>,
    p_title: Option<&str>,
    p_category: Option<&str>,
    p_properties: Option<Json>,
) -> Answer<Uuid> {
    let title = label(p_title, "p_title")?;
    let properties = object(p_properties, "p_properties")?;
    connected(|db| {
        let person = person(db, "graph_nodes", p_user_id)?;
        merge_goal(db, person, title, p_category, properties)
    })
}

/// Adds a goal or merges what is given into the person's live one of this title. Properties are an object.
pub fn merge_goal(
    db: &Database,
    person: Uuid,
    title: &str,
    category: Option<&str>,
    properties: Option<Json>,
) -> Answer<Uuid> {
    added(db.run(&MERGE_GOAL, values![person, title, category, properties]))
}

/// Records a skill; the same name again returns the same node with the new level.
///
/// `p_transferable_from` empty or NULL leaves a known skill's list as it is. Errors: 22004, 22023, 42501.
#[pg_extern(sql = false)]
fn create_skill_node(
    p_user_id: Option<Uuid>,
    p_skill_name: Option<&str>,
    p_level: Option<Value>,
    p_transferable_from: Option<Value>,
) -> Answer<Uuid> {
    let name = label(p_skill_name, "p_skill_name")?;
    let level = required(p_level, "p_level")?;
    connected(|db| {
        let person = person(db, "graph_nodes", p_user_id)?;
        added(db.run(&MERGE_SKILL, values![person, name, level, p_transferable_from]))
    })
}

/// Says whether the person has confirmed a live node; false if there is none. Errors: 22004, 42501.
#[pg_extern(sql = false)]
fn update_node_status(p_node_id: Option<Uuid>, p_new_status: Option<Value>, p_user_id: Option<Uuid>) -> Answer<bool> {
    let id = required(p_node_id, "p_node_id")?;
    let status = required(p_new_status, "p_new_status")?;
    connected(|db| {
        let person = person_of_node(db, id, p_user_id)?;
        Ok(db.run(&SET_STATUS, values![person, id, status]).changed > 0)
    })
}

/// Stores a live node's embedding, 1536 dimensions; false if there is none. Errors: 22004, 22023, 42501.
#[pg_extern(sql = false)]
fn upsert_node_embedding(
    p_node_id: Option<Uuid>,
    p_embedding: Option<Vector>,
    p_user_id: Option<Uuid>,
) -> Answer<bool> {
    let id = required(p_node_id, "p_node_id")?;
    let vector = embedding(p_embedding, "p_embedding")?;
    connected(|db| {
        let person = person_of_node(db, id, p_user_id)?;
        Ok(db.run(&SET_EMBEDDING, values![person, id, vector]).changed > 0)
    })
}

/// The id of the node that a statement has added or changed.
fn added(rows: Rows<'_>) -> Answer<Uuid> {
    rows.value().ok_or_else(kept_out)
}

/// 55000: a trigger of the administrator's kept a node out.
fn kept_out() -> ErrorReport {
    not_ready("a trigger on graph_nodes kept the node out")
}
