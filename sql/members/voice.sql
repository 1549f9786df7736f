-- What is said aloud: onboarding in a conversation, and events from before sign-up.

create function @extschema@.handle_voice_onboarding(
    p_user_id uuid,
    p_conversation_transcript text,
    p_extracted_profile jsonb,
    p_extracted_goal jsonb,
    p_conversation_metadata jsonb default '{}'
) returns jsonb
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'handle_voice_onboarding_wrapper';
comment on function @extschema@.handle_voice_onboarding is 'Takes in what a person said at their first conversation: the profile, the first goal and the conversation, all or nothing.
p_extracted_profile is merged into the profile''s preferences key by key. p_extracted_goal is {"name", "description", "category_id", "target_date", "milestones", "type", "priority"}, of which name is needed; it becomes a row of user_goals and, linked to it, a goal in the graph. p_conversation_metadata is kept with the conversation; its conversation_id names the conversation, else one is made, and its agent_id names the voice agent. The same conversation_id again updates the conversation and returns the same goal; one that the person has erased is not made again and null. Returns {"success", "user_id", "goal_id", "goal_node_id", "conversation_id", "onboarding_completed", "next_steps"}, the last an array of confirm_goal, choose_category, set_target_date, add_milestones and begin_first_session, as far as they are open. Errors: 22004, 22007 for a target_date that is no date (YYYY-MM-DD), 22023, 23503, 42501.';

create function @extschema@.claim_anonymous_events(
    p_anonymous_id text
) returns bigint
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'claim_anonymous_events_wrapper';
comment on function @extschema@.claim_anonymous_events is 'Makes the voice chat events from before sign-up the signed-in person''s own; returns how many.
p_anonymous_id must also be sent as the request header x-anonymous-id (42501). Claimed events no longer bear it. Errors: 22004, 22023, 42501.';

create function @extschema@.calculate_engagement_score(
    message_count integer,
    duration_seconds integer,
    tool_calls_count integer
) returns numeric
    language c immutable parallel safe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'calculate_engagement_score_wrapper';
comment on function @extschema@.calculate_engagement_score is 'Rates how engaged somebody was in a conversation, from 0.00 to 1.00.
0.4 for 20 messages or more, 0.4 for 600 seconds or more, 0.2 for 5 tool calls or more, and in proportion below. Errors: 22004, 22023.';
