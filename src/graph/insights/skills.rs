//! The skills that a person's sessions lean on.

use serde_json::json;

use super::picture::{Gathered, Picture, Place, gathered};
use super::{Insight, Kind, rounded};
use crate::id::uuid;

/// How many skills are named, and how many sessions each must have at least.
const MOST: usize = 3;
const FEWEST_SESSIONS: usize = 2;

/// The up to three skills that most sessions lean on, by has_skill edges in either direction.
pub fn leading(picture: &Picture) -> Option<Insight> {
    let sessions = sessions(picture);
    let mut skills: Vec<(Place, usize)> = sessions.iter().map(|(skill, sessions)| (*skill, sessions.len())).collect();
    skills.retain(|(_, sessions)| *sessions >= FEWEST_SESSIONS);
    skills.sort_by_key(|(skill, sessions)| (std::cmp::Reverse(*sessions), &picture.nodes[*skill].label, *skill));
    skills.truncate(MOST);
    let leading = skills.first()?;
    let labels: Vec<&str> = skills.iter().map(|(skill, _)| picture.nodes[*skill].label.as_str()).collect();
    Some(Insight {
        kind: Kind::LeadingSkills,
        about: None,
        title: format!("You lean on {}", picture.nodes[leading.0].label),
        content: format!("The skills that most of your sessions lean on: {}.", labels.join(", ")),
        confidence: rounded(leading.1 as f64 / picture.of_kind("session").count() as f64),
        nodes: skills.iter().map(|(skill, _)| picture.nodes[*skill].id).collect(),
        evidence: json!({
            "skills": skills
                .iter()
                .zip(&labels)
                .map(|((skill, sessions), name)| json!({
                    "id": uuid(picture.nodes[*skill].id).to_string(),
                    "name": name,
                    "sessions": sessions,
                }))
                .collect::<Vec<_>>(),
        }),
    })
}

/// The sessions of each skill.
fn sessions(picture: &Picture) -> Gathered {
    let given = picture.links("skill", "has_skill", "session");
    let taken = picture.links("session", "has_skill", "skill").map(|(session, skill)| (skill, session));
    gathered(given.chain(taken))
}
