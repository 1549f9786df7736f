//! Goals that nobody works on, and goals that are nearly there.

use std::collections::BTreeSet;

use serde_json::json;

use super::picture::{Gathered, Picture, Place, gathered};
use super::{Insight, Kind, rounded};

/// How many days a goal may rest.
const REST: f64 = 30.0;
/// From what share of its milestones on a goal is close to done.
const CLOSE: f64 = 0.75;

/// Goals older than 30 days that no session has worked on for 30 days, but those that are reached or given up.
pub fn neglected(picture: &Picture) -> Vec<Insight> {
    let reached: BTreeSet<Place> =
        picture.edges.iter().filter(|edge| edge.kind == "achieves").map(|edge| edge.target).collect();
    let sessions = sessions(picture);
    picture
        .of_kind("goal")
        .filter(|(place, goal)| goal.age > REST && !goal.is_done && !reached.contains(place))
        .filter_map(|(place, goal)| {
            let worked = sessions.get(&place).into_iter().flatten().map(|session| &picture.nodes[*session]);
            if worked.clone().any(|session| session.age <= REST) {
                return None;
            }
            let last = worked.clone().min_by(|one, other| one.age.total_cmp(&other.age));
            let last = last.map(|session| session.made_on.as_str());
            Some(Insight {
                kind: Kind::NeglectedGoal,
                about: Some(goal.id),
                title: format!("{} is waiting", goal.label),
                content: match last {
                    Some(day) => format!("No session has worked on \"{}\" since {day}.", goal.label),
                    None => format!("No session has worked on \"{}\", set on {}, yet.", goal.label, goal.made_on),
                },
                confidence: 1.0,
                nodes: vec![goal.id],
                evidence: json!({
                    "days": REST,
                    "sessions": worked.count(),
                    "last_session_on": last,
                    "set_on": goal.made_on,
                }),
            })
        })
        .collect()
}

/// Goals that have accomplishments for three quarters of their milestones, or more.
pub fn close_to_done(picture: &Picture) -> Vec<Insight> {
    let accomplishments = accomplishments(picture);
    picture
        .of_kind("goal")
        .filter(|(_, goal)| goal.milestones > 0 && !goal.is_done)
        .filter_map(|(place, goal)| {
            let (reached, milestones) = (accomplishments.get(&place).map_or(0, BTreeSet::len), goal.milestones);
            let share = reached as f64 / f64::from(milestones);
            (share >= CLOSE).then(|| Insight {
                kind: Kind::GoalCloseToDone,
                about: Some(goal.id),
                title: format!("{} is close to done", goal.label),
                content: format!("\"{}\": {reached} accomplishments for {milestones} milestones.", goal.label),
                confidence: rounded(share.min(1.0)),
                nodes: vec![goal.id],
                evidence: json!({ "accomplishments": reached, "milestones": milestones }),
            })
        })
        .collect()
}

/// The sessions that work on each goal.
fn sessions(picture: &Picture) -> Gathered {
    gathered(picture.links("session", "works_on", "goal").map(|(session, goal)| (goal, session)))
}

/// The accomplishments of each goal: those that its sessions brought, and those that achieve it.
fn accomplishments(picture: &Picture) -> Gathered {
    let of_sessions = gathered(
        picture.links("accomplishment", "derived_from", "session").map(|(brought, session)| (session, brought)),
    );
    let brought = sessions(picture).into_iter().flat_map(|(goal, sessions)| {
        pgrx::check_for_interrupts!();
        let brought = sessions.into_iter().filter_map(|session| of_sessions.get(&session)).flatten();
        brought.map(move |accomplishment| (goal, *accomplishment)).collect::<Vec<_>>()
    });
    let achieved = picture.links("accomplishment", "achieves", "goal").map(|(reached, goal)| (goal, reached));
    gathered(brought.chain(achieved))
}
