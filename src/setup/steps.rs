//! The numbered SQL files, compiled in. Each runs once, in order.

/// A file of sql/ and its number.
pub struct Step {
    pub number: i32,
    pub name: &'static str,
    pub text: &'static str,
}

macro_rules! steps {
    ($($number:literal $name:literal),+ $(,)?) => {
        &[$(Step { number: $number, name: $name, text: include_str!(concat!("../../sql/", $name, ".sql")) }),+]
    };
}

pub const STEPS: &[Step] = steps![
    1 "01_identity",
    2 "02_graph",
    3 "03_knowledge",
    4 "04_inbox",
    5 "05_voice",
    6 "06_goals",
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
    fn names_are_read_from_declarations() {
        let text =
            "create table @extschema@.users (\n    constraint users_pkey primary key (id)\n);\ncreate index i on x;";
        assert_eq!(tables(text), ["users"]);
        assert_eq!(declared(text, "create index ").collect::<Vec<_>>(), ["i"]);
    }
}
