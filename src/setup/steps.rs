//! The numbered SQL files, compiled in. Each runs once, in order.

/// The parts of a version's number.
pub type Version = [u32; 3];

/// A file of sql/, its number, and the version that brought it: members that it needs may not be there before.
pub struct Step {
    pub number: i32,
    pub name: &'static str,
    pub since: Version,
    pub text: &'static str,
}

macro_rules! steps {
    ($($since:expr => $($number:literal $name:literal)+;)+) => {
        &[$($(Step {
            number: $number,
            name: $name,
            since: $since,
            text: include_str!(concat!("../../sql/", $name, ".sql")),
        }),+),+]
    };
}

pub const STEPS: &[Step] = steps![
    [0, 1, 0] =>
        1 "01_identity"
        2 "02_graph"
        3 "03_knowledge"
        4 "04_inbox"
        5 "05_voice"
        6 "06_goals"
        7 "07_embeddings";
    [0, 2, 0] =>
        8 "08_documents";
];

/// The extension's own types, made by its script.
pub const TYPES: &str = include_str!("../../sql/members/types.sql");

/// The words that follow `keywords` at the beginning of a declaration, without their schema.
pub fn declared<'a>(text: &'a str, keywords: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().filter_map(move |line| {
        let rest = line.trim_start().strip_prefix(keywords)?;
        let name = rest.split([' ', ';']).find(|word| !word.is_empty())?;
        Some(name.rsplit('.').next().unwrap_or(name))
    })
}

/// The tables that a step lays out.
pub fn tables(text: &str) -> Vec<&str> {
    declared(text, "create table ").collect()
}

/// The tables, columns, defaults and triggers that a step makes, by the names under which they are recorded.
pub fn objects(text: &str) -> Vec<String> {
    let mut objects = Vec::new();
    let mut table = None;
    for line in text.lines() {
        if line.starts_with("create table ") {
            table = declared(line, "create table ").next();
            objects.extend(table.map(|table| format!("table {table}")));
        } else if line.starts_with(')') {
            table = None;
        } else if let (Some(table), Some((name, rest))) = (table, declared_column(line)) {
            objects.push(format!("column {table}.{name}"));
            if rest.contains("default ") || rest.contains("generated always as (") {
                objects.push(format!("default of {table}.{name}"));
            }
        }
    }
    objects.extend(text.split(';').filter_map(|statement| {
        let (_, trigger) = statement.split_once("\ncreate trigger ")?;
        let (name, rest) = trigger.split_once(' ')?;
        let (_, table) = rest.split_once(" on @extschema@.")?;
        Some(format!("trigger {name} on {}", table.split_whitespace().next()?))
    }));
    objects
}

/// The name of the column that a line of CREATE TABLE declares, and the rest of the line.
fn declared_column(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix("    ").filter(|line| !line.starts_with(' '))?.split_once(' ')?;
    (name != "constraint").then_some((name, rest))
}

/// A version's parts; None where it is not one of ours.
pub fn version(text: &str) -> Option<Version> {
    let parts: Vec<u32> = text.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_numbered_in_order() {
        for (place, step) in (1..).zip(STEPS) {
            assert_eq!(step.number, place);
            assert!(step.name.starts_with(&format!("{place:02}_")), "{} is step {place}", step.name);
        }
    }

    #[test]
    fn the_steps_lay_out_the_tables_of_the_contract_and_internal_ones() {
        let internal = [
            "embedding_jobs",
            "knowledge_collections",
            "knowledge_postings",
            "knowledge_pending_words",
            "knowledge_codes",
            "knowledge_pending_codes",
        ];
        let mut tables: Vec<&str> = STEPS.iter().flat_map(|step| tables(step.text)).collect();
        tables.retain(|table| !internal.contains(table));
        tables.sort_unstable();
        let contract = [
            "agent_knowledge_bases",
            "agent_personae",
            "elevenlabs_conversations",
            "goal_categories",
            "graph_edges",
            "graph_insights",
            "graph_nodes",
            "inbox_messages",
            "knowledge",
            "knowledge_chunks",
            "knowledge_documents",
            "message_attachments",
            "message_read_receipts",
            "profiles",
            "user_goals",
            "users",
            "voice_chat_events",
            "webhook_events",
        ];
        assert_eq!(tables, contract);
    }

    #[test]
    fn no_step_is_older_than_the_one_before_or_newer_than_the_library() {
        assert!(STEPS.is_sorted_by_key(|step| step.since));
        assert!(STEPS.iter().all(|step| Some(step.since) <= version(env!("CARGO_PKG_VERSION"))));
    }

    #[test]
    fn versions_are_three_numbers() {
        assert_eq!(version("0.10.2"), Some([0, 10, 2]));
        assert_eq!([version("0.1"), version("0.1.0.0"), version("0.1.x"), version("")], [None; 4]);
    }

    #[test]
    fn names_are_read_from_declarations() {
        let text =
            "create table @extschema@.users (\n    constraint users_pkey primary key (id)\n);\ncreate index i on x;";
        assert_eq!(tables(text), ["users"]);
        assert_eq!(declared(text, "create index ").collect::<Vec<_>>(), ["i"]);
    }
}
