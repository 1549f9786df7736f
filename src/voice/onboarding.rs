//! Onboarding in a voice conversation: what was extracted from it becomes a profile and a first goal.

use pgrx::datum::{Date, JsonB, Uuid};
use pgrx::prelude::*;
use serde_json::json;

use crate::arguments::{array, date, label, object, required};
use crate::caller::person;
use crate::error::{Answer, invalid, not_ready, unknown};
use crate::graph::merge_goal;
use crate::identity::new_key;
use crate::json::Json;
use crate::statement::{Database, Row, connected, statement, values};

statement! {
    /// The goal's parts, its node's properties, and what of it and of the metadata should be a text and is not.
    PARTS("jsonb", "jsonb") = "
        select $1 ->> 'name',
            $1 ->> 'description',
            $1 ->> 'category_id',
            $1 ->> 'target_date',
            nullif($1 -> 'milestones', 'null'),
            jsonb_strip_nulls(jsonb_build_object(
                'description', $1 -> 'description',
                'target_date', $1 -> 'target_date',
                'type', $1 -> 'type',
                'priority', $1 -> 'priority'
            )),
            $2 ->> 'conversation_id',
            $2 ->> 'agent_id',
            (
                select min('p_extracted_goal.' || key)
                from unnest('{name,description,category_id,target_date,type,priority}'::text[]) key
                where jsonb_typeof($1 -> key) not in ('string', 'null')
            ),
            (
                select min('p_conversation_metadata.' || key)
                from unnest('{conversation_id,agent_id}'::text[]) key
                where jsonb_typeof($2 -> key) not in ('string', 'null')
            )";
    /// Locks the profile: one onboarding of a person at a time.
    KEEP_PROFILE("uuid", "jsonb") = "
        update @extschema@.profiles
        set preferences = preferences || $2,
            onboarding_completed_at = coalesce(onboarding_completed_at, now())
        where id = $1";
    /// Notes the id of the goal that the conversation is to bring ($8), unless it has noted one, and returns what it has.
    KEEP_CONVERSATION("uuid", "text", "text", "text", "jsonb", "jsonb", "jsonb", "uuid") = "
        insert into @extschema@.elevenlabs_conversations as c
            (user_id, conversation_id, agent_id, status, call_type, transcript, analysis, metadata)
        values (
            $1,
            $2,
            $3,
            'completed',
            'onboarding',
            jsonb_build_object('text', $4),
            jsonb_build_object('profile', $5, 'goal', $6),
            coalesce($7, '{}') || jsonb_build_object('onboarding_goal_id', $8)
        )
        on conflict (user_id, conversation_id) do update
        set agent_id = coalesce(excluded.agent_id, c.agent_id),
            status = excluded.status,
            call_type = excluded.call_type,
            transcript = excluded.transcript,
            analysis = c.analysis || excluded.analysis,
            metadata = excluded.metadata || c.metadata || (coalesce($7, '{}') - 'onboarding_goal_id')
        returning metadata ->> 'onboarding_goal_id'";
    /// The goal that a conversation has brought.
    KNOWN_GOAL("uuid", "text") = "
        select g.id::uuid,
            g.node_id::uuid,
            coalesce(n.status = 'draft_verbal', false),
            g.category_id is null,
            g.target_date is null,
            g.milestones = '[]'
        from @extschema@.user_goals g
        left join @extschema@.graph_nodes n on n.user_id = $1 and n.id = g.node_id and n.deleted_at is null
        where g.user_id = $1 and g.metadata ->> 'conversation_id' = $2
        order by g.created_at, g.id
        limit 1";
    IS_CATEGORY("text") = "select from @extschema@.goal_categories where id = $1";
    ADD_GOAL("uuid", "uuid", "text", "text", "text", "date", "jsonb", "jsonb", "text", "uuid") = "
        insert into @extschema@.user_goals (
            id, user_id, goal_title, goal_description, category_id, target_date, milestones, metadata, node_id
        )
        values (
            $1,
            $2,
            $3,
            $4,
            $5,
            $6,
            coalesce($7, '[]'),
            ($8 - '{description,target_date}'::text[]) || jsonb_build_object('conversation_id', $9),
            $10
        )";
}

/// Keeps the profile, the first goal and the conversation of an onboarding; what there is, and what comes next.
///
/// `p_extracted_profile` is merged into the preferences. The same conversation again brings no second goal; one that
/// the person has erased stays away, and its id is null. Errors: 22004, 22007, 22023, 23503, 42501.
#[pg_extern(sql = false)]
fn handle_voice_onboarding(
    p_user_id: Option<Uuid>,
    p_conversation_transcript: Option<&str>,
    p_extracted_profile: Option<Json>,
    p_extracted_goal: Option<Json>,
    p_conversation_metadata: Option<Json>,
) -> Answer<JsonB> {
    let transcript = required(p_conversation_transcript, "p_conversation_transcript")?;
    let profile = required(object(p_extracted_profile, "p_extracted_profile")?, "p_extracted_profile")?;
    let extracted = required(object(p_extracted_goal, "p_extracted_goal")?, "p_extracted_goal")?;
    let metadata = object(p_conversation_metadata, "p_conversation_metadata")?;
    connected(|db| {
        let person = person(db, "profiles", p_user_id)?;
        let parts = db.run(&PARTS, values![extracted, metadata]);
        let parts = parts.first().expect("a select without from has a row");
        let (goal, conversation) = (goal(&parts)?, conversation(&parts)?);
        require_category(db, goal.category_id.as_deref())?;
        if db.run(&KEEP_PROFILE, values![person, profile]).changed == 0 {
            return Err(unknown("p_user_id names nobody who has a profile"));
        }
        let Conversation { id, agent_id } = &conversation;
        let goal_id = new_key();
        let kept = values![person, id.as_str(), agent_id.as_deref(), transcript, profile, extracted, metadata, goal_id];
        let noted: Option<String> = db.run(&KEEP_CONVERSATION, kept).value();
        let is_first = noted.is_some_and(|noted| noted == goal_id.to_string());
        if is_first && known_goal(db, person, id).is_none() {
            keep_goal(db, person, goal_id, &goal, id)?;
        }
        Ok(answer(person, id, known_goal(db, person, id)))
    })
}

/// The goal as it was extracted.
struct Goal {
    name: String,
    description: Option<String>,
    category_id: Option<String>,
    target_date: Option<Date>,
    milestones: Option<Json>,
    /// What its node's properties are made of, and its row's metadata.
    properties: Json,
}

/// Reads the goal's parts. Errors: 22004, 22007, 22023.
fn goal(parts: &Row<'_>) -> Answer<Goal> {
    texts_only(parts, 9)?;
    let target_date: Option<String> = parts.get(4);
    Ok(Goal {
        name: label(parts.get::<String>(1).as_deref(), "p_extracted_goal.name")?.to_owned(),
        description: parts.get(2),
        category_id: parts.get(3),
        target_date: target_date.map(|day| date(&day, "p_extracted_goal.target_date")).transpose()?,
        milestones: array(parts.get(5), "p_extracted_goal.milestones")?,
        properties: parts.must(6),
    })
}

/// The conversation's id at the voice service, or one of our own, and the voice agent.
struct Conversation {
    id: String,
    agent_id: Option<String>,
}

/// Reads what the metadata say of the conversation. Errors: 22023.
fn conversation(parts: &Row<'_>) -> Answer<Conversation> {
    texts_only(parts, 10)?;
    let id = match parts.get::<String>(7) {
        Some(id) => label(Some(&id), "p_conversation_metadata.conversation_id")?.to_owned(),
        None => new_key().to_string(),
    };
    Ok(Conversation { id, agent_id: parts.get(8) })
}

/// 22023 names a part that is not the text that it must be.
fn texts_only(parts: &Row<'_>, column: usize) -> Answer<()> {
    parts.get::<String>(column).map_or(Ok(()), |part| Err(invalid(format!("{part} must be a text"))))
}

/// 23503 unless there is such a category, or none is named.
fn require_category(db: &Database, category: Option<&str>) -> Answer<()> {
    if category.is_some() && db.run(&IS_CATEGORY, values![category]).first().is_none() {
        return Err(unknown("p_extracted_goal.category_id is not a goal category"));
    }
    Ok(())
}

/// Adds a goal and its node.
fn keep_goal(db: &Database, person: Uuid, id: Uuid, goal: &Goal, conversation: &str) -> Answer<()> {
    let Goal { name, description, category_id, target_date, milestones, properties } = goal;
    let category = category_id.as_deref();
    let node = merge_goal(db, person, name, category, Some(*properties))?;
    let row = values![
        id,
        person,
        name.as_str(),
        description.as_deref(),
        category,
        *target_date,
        *milestones,
        *properties,
        conversation,
        node
    ];
    match db.run(&ADD_GOAL, row).changed {
        0 => Err(not_ready("a trigger on user_goals kept the goal out")),
        _ => Ok(()),
    }
}

/// A goal that is kept, and what is still to be done about it.
struct Kept {
    id: Uuid,
    node_id: Option<Uuid>,
    next_steps: Vec<&'static str>,
}

/// The goal that a conversation has brought, None if the person has erased it.
fn known_goal(db: &Database, person: Uuid, conversation: &str) -> Option<Kept> {
    const OPEN: [(usize, &str); 4] =
        [(3, "confirm_goal"), (4, "choose_category"), (5, "set_target_date"), (6, "add_milestones")];
    db.run(&KNOWN_GOAL, values![person, conversation]).first().map(|row| Kept {
        id: row.must(1),
        node_id: row.get(2),
        next_steps: OPEN.iter().filter(|(column, _)| row.must(*column)).map(|(_, step)| *step).collect(),
    })
}

fn answer(person: Uuid, conversation: &str, kept: Option<Kept>) -> JsonB {
    let steps = kept.iter().flat_map(|kept| kept.next_steps.iter().copied()).chain(["begin_first_session"]);
    JsonB(json!({
        "success": true,
        "user_id": person.to_string(),
        "goal_id": kept.as_ref().map(|kept| kept.id.to_string()),
        "goal_node_id": kept.as_ref().and_then(|kept| kept.node_id).map(|node| node.to_string()),
        "conversation_id": conversation,
        "onboarding_completed": true,
        "next_steps": steps.collect::<Vec<_>>(),
    }))
}
