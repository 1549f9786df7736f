//! Where a person's emotions have gone in the last month.

use std::ops::Range;

use serde_json::{Value, json};

use super::picture::{Node, Picture};
use super::{Insight, Kind, rounded};

/// The length of each of the two spans that are compared, in days.
const SPAN: f64 = 30.0;
/// How much the mean must change to be called a change; it goes from -1 to 1.
const NOTABLE: f64 = 0.1;

/// The last 30 days against the 30 before, where somebody felt something in both.
pub fn trend(picture: &Picture) -> Option<Insight> {
    let (recent, earlier) = (Span::of(picture, 0.0..SPAN), Span::of(picture, SPAN..2.0 * SPAN));
    let change = rounded(recent.mean()? - earlier.mean()?);
    let (title, verb) = match change {
        change if change >= NOTABLE => ("Your mood is rising", "felt better than"),
        change if change <= -NOTABLE => ("Your mood is falling", "felt worse than"),
        _ => ("Your mood is steady", "felt much the same as"),
    };
    let fewest = recent.felt.len().min(earlier.felt.len()) as f64;
    let mut nodes: Vec<_> = recent.felt.iter().chain(&earlier.felt).map(|(node, _)| node.id).collect();
    nodes.sort_unstable();
    Some(Insight {
        kind: Kind::EmotionTrend,
        about: None,
        title: title.to_owned(),
        content: format!("In the last 30 days you {verb} in the 30 days before."),
        confidence: rounded(fewest / (fewest + 3.0)),
        nodes,
        evidence: json!({ "days": SPAN, "recent": recent.figures(), "earlier": earlier.figures(), "change": change }),
    })
}

/// What was felt in a span of days, each emotion with its weight: 1 is as good as can be, -1 as bad.
struct Span<'a> {
    felt: Vec<(&'a Node, f64)>,
}

impl<'a> Span<'a> {
    fn of(picture: &'a Picture, days: Range<f64>) -> Self {
        let emotions = picture.of_kind("emotion").map(|(_, node)| node);
        let felt = emotions.filter(|node| node.is_aged(days.clone()));
        Span { felt: felt.filter_map(|node| Some((node, sign(node.emotion.as_deref()?)? * node.intensity))).collect() }
    }

    fn mean(&self) -> Option<f64> {
        let sum: f64 = self.felt.iter().map(|(_, weight)| weight).sum();
        (!self.felt.is_empty()).then(|| sum / self.felt.len() as f64)
    }

    fn figures(&self) -> Value {
        json!({ "emotions": self.felt.len(), "mean": self.mean().map(rounded) })
    }
}

/// Whether an emotion is a good one to have; None for what is none of ours.
fn sign(emotion: &str) -> Option<f64> {
    match emotion {
        "confident" | "motivated" | "accomplished" => Some(1.0),
        "anxious" | "uncertain" | "frustrated" => Some(-1.0),
        _ => None,
    }
}
