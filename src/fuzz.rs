//! What random input must never find: whatever callers send, they get an answer or an error that the contract names.

#[pgrx::pg_schema]
mod tests {
    use crate::guard::attempt;
    use pgrx::prelude::*;
    use proptest::collection::{hash_map, vec};
    use proptest::prelude::*;
    use proptest::sample::select;
    use proptest::test_runner::{Config, TestRunner};
    use serde_json::{Value, json};

    const ADA: &str = "00000000-0000-4000-8000-00000000000a";
    const ROUNDS: u32 = 400;

    /// JSON whose objects have these keys, and texts that look like something now and then.
    fn any_json(keys: &'static [&'static str]) -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            ".{0,12}",
            select(vec!["node", "chunk", "entry", ADA, "2027-02-30", "[1,2]", "NaN", "", " "]).prop_map(String::from),
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(|number| json!(number)),
            text.prop_map(Value::from),
            any::<f32>().prop_map(|number| json!(vec![number; 1536])),
        ];
        leaf.prop_recursive(3, 24, 6, move |inner| {
            let key = prop_oneof![4 => select(keys).prop_map(String::from), 1 => ".{0,6}"];
            prop_oneof![
                vec(inner.clone(), 0..6).prop_map(Value::from),
                hash_map(key, inner, 0..8).prop_map(|object| Value::Object(object.into_iter().collect())),
            ]
        })
    }

    /// Runs the SQL with each value as its text parameter; errors must be among these.
    fn answers<T: std::fmt::Debug>(
        strategy: impl Strategy<Value = T>,
        sql: &str,
        errors: &[&str],
        text: fn(&T) -> String,
    ) {
        let mut runner = TestRunner::new(Config { cases: ROUNDS, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&strategy, |value| {
            let told = attempt(|| Spi::run_with_args(sql, &[text(&value).into()]).unwrap());
            let is_clear = |told: &String| errors.iter().any(|error| told.contains(&format!("(ERRCODE_{error})")));
            match told {
                Err(told) if !is_clear(&told) => Err(TestCaseError::fail(told)),
                _ => Ok(()),
            }
        });
        outcome.unwrap_or_else(|wrong| panic!("{wrong}"));
    }

    fn sign_up() {
        Spi::run_with_args("insert into auth.users (id) values ($1::uuid)", &[ADA.into()]).unwrap();
    }

    const NUL: &str = "UNTRANSLATABLE_CHARACTER";

    #[pg_test]
    fn items_of_the_queue_are_stored_or_refused() {
        answers(
            any_json(&["kind", "id", "user_id", "lease", "embedding", "error"]),
            "select store_embeddings($1::jsonb)",
            &["INVALID_PARAMETER_VALUE", NUL],
            Value::to_string,
        );
        answers(
            vec(any_json(&["kind", "id", "user_id", "lease", "embedding", "error"]), 0..4),
            "select store_embeddings($1::jsonb)",
            &["INVALID_PARAMETER_VALUE", NUL],
            |items| json!(items).to_string(),
        );
    }

    #[pg_test]
    fn attachments_are_stored_or_refused() {
        sign_up();
        let keys = &["type", "name", "description", "storage_path", "url", "mime_type", "file_size_bytes", "metadata"];
        let call =
            "select create_message_with_attachments('00000000-0000-4000-8000-00000000000a', 'Hello', 'World', null,
            null, p_attachments => $1::jsonb)";
        answers(any_json(keys), call, &["INVALID_PARAMETER_VALUE", NUL], Value::to_string);
        answers(vec(any_json(keys), 0..4), call, &["INVALID_PARAMETER_VALUE", NUL], |items| json!(items).to_string());
    }

    #[pg_test]
    fn what_onboarding_brings_is_kept_or_refused() {
        sign_up();
        answers(
            any_json(&["name", "description", "category_id", "target_date", "milestones", "type", "priority"]),
            "select handle_voice_onboarding('00000000-0000-4000-8000-00000000000a', 'Hello', '{}', $1::jsonb)",
            &[
                "INVALID_PARAMETER_VALUE",
                "NULL_VALUE_NOT_ALLOWED",
                "FOREIGN_KEY_VIOLATION",
                "INVALID_DATETIME_FORMAT",
                NUL,
            ],
            Value::to_string,
        );
        answers(
            any_json(&["conversation_id", "agent_id", "onboarding_goal_id"]),
            "select handle_voice_onboarding('00000000-0000-4000-8000-00000000000a', 'Hello', '{}', '{\"name\": \"Sing\"}', $1::jsonb)",
            &["INVALID_PARAMETER_VALUE", NUL],
            Value::to_string,
        );
    }

    #[pg_test]
    fn properties_of_nodes_make_insights_or_none() {
        sign_up();
        answers(
            any_json(&["emotion", "intensity", "milestones", "duration_minutes", "skills", "target_date"])
                .prop_filter("the table takes objects alone", Value::is_object),
            "with added as (
                insert into graph_nodes (user_id, node_type, label, properties)
                select '00000000-0000-4000-8000-00000000000a', type, format('%s %s', type, random()), $1::jsonb
                from unnest(enum_range(null::node_type)) type
                returning id
            )
            select count(*) from added",
            &[NUL],
            Value::to_string,
        );
        Spi::run("select refresh_graph_insights('00000000-0000-4000-8000-00000000000a')").unwrap();
        Spi::run("select get_user_goals_with_progress('00000000-0000-4000-8000-00000000000a')").unwrap();
    }

    #[pg_test]
    fn claims_let_nobody_in_who_is_nobody() {
        sign_up();
        Spi::run(
            "insert into inbox_messages (user_id, subject) values ('00000000-0000-4000-8000-00000000000a', 'Secret')",
        )
        .unwrap();
        let mut runner = TestRunner::new(Config { cases: ROUNDS, failure_persistence: None, ..Config::default() });
        let claims = prop_oneof![any_json(&["sub", "role"]).prop_map(|claims| claims.to_string()), ".{0,40}"];
        let outcome = runner.run(&claims.prop_filter("nobody is Ada", |claims| !claims.contains(ADA)), |claims| {
            let told = attempt(|| {
                Spi::run_with_args("select set_config('request.jwt.claims', $1, true)", &[claims.as_str().into()])
                    .unwrap();
                Spi::run("set local role authenticated").unwrap();
                let seen: Option<i64> = Spi::get_one("select count(*) from inbox_messages").unwrap();
                assert_eq!(seen, Some(0));
                Spi::run("select get_unread_message_count()").unwrap();
            });
            Spi::run("reset role").unwrap();
            match told {
                // Claims without JSON, or a sub that is no uuid, are PostgreSQL's to refuse.
                Err(told)
                    if !["INVALID_TEXT_REPRESENTATION", "INSUFFICIENT_PRIVILEGE", NUL, "INVALID_PARAMETER_VALUE"]
                        .iter()
                        .any(|code| told.contains(code)) =>
                {
                    Err(TestCaseError::fail(told))
                }
                _ => Ok(()),
            }
        });
        outcome.unwrap_or_else(|wrong| panic!("{wrong}"));
    }

    #[pg_test]
    fn embeddings_are_searched_by_or_refused() {
        sign_up();
        let errors =
            &["INVALID_PARAMETER_VALUE", "INVALID_TEXT_REPRESENTATION", "NUMERIC_VALUE_OUT_OF_RANGE", "DATA_EXCEPTION"];
        let call = "select find_similar_nodes('00000000-0000-4000-8000-00000000000a', $1::vector)";
        let numbers = vec(any::<f32>(), 1536..=1536).prop_map(|numbers| format!("{numbers:?}"));
        answers(numbers, call, errors, String::clone);
        answers(
            prop_oneof!["\\[[0-9eE.,+-]{1,40}\\]", ".{0,20}", Just(format!("[0{}]", ",0".repeat(1535)))],
            call,
            errors,
            String::clone,
        );
    }
}
