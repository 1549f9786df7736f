//! What a person's graph says by itself: insights that need no AI, found anew from the graph as it is now.

mod connectors;
mod emotions;
mod goals;
mod picture;
mod record;
mod skills;

use pgrx::datum::Uuid;
use pgrx::prelude::*;
use serde_json::Value;

use crate::caller::person;
use crate::error::Answer;
use crate::id::Id;
use crate::statement::connected;
use picture::Picture;

/// Something that the graph says. It is the same whenever the graph is: its figures don't depend on the hour.
struct Insight {
    kind: Kind,
    /// The node that it is about, where there can be one of the kind for each of several.
    about: Option<Id>,
    title: String,
    content: String,
    /// 0 to 1.
    confidence: f64,
    nodes: Vec<Id>,
    /// The figures that it rests on.
    evidence: Value,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    NeglectedGoal,
    EmotionTrend,
    LeadingSkills,
    GoalCloseToDone,
    Connector,
}

impl Kind {
    const ALL: [Kind; 5] =
        [Kind::NeglectedGoal, Kind::EmotionTrend, Kind::LeadingSkills, Kind::GoalCloseToDone, Kind::Connector];

    /// The insight_type that callers know it by.
    fn name(self) -> &'static str {
        match self {
            Kind::NeglectedGoal => "neglected_goal",
            Kind::EmotionTrend => "emotion_trend",
            Kind::LeadingSkills => "leading_skills",
            Kind::GoalCloseToDone => "goal_close_to_done",
            Kind::Connector => "connector",
        }
    }
}

/// Brings a person's insights up to date, those of a model aside; how many were added, changed or ended.
///
/// The graph is read with the caller's rights, the insights are written as their table's owner. Errors: 22004, 42501.
#[pg_extern(sql = false)]
fn refresh_graph_insights(p_user_id: Option<Uuid>) -> Answer<i32> {
    connected(|db| {
        let person = person(db, "graph_insights", p_user_id)?;
        record::lock(db, person);
        let picture = Picture::read(db, person);
        let mut insights = goals::neglected(&picture);
        insights.extend(emotions::trend(&picture));
        insights.extend(skills::leading(&picture));
        insights.extend(goals::close_to_done(&picture));
        insights.extend(connectors::connectors(&picture));
        Ok(record::record(db, person, &insights))
    })
}

/// To two decimals, and never -0.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0 + 0.0
}
