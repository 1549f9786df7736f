-- handle_voice_onboarding as a good author of PL/pgSQL would write it: the same checks, tables and triggers.
-- It works in schema public, as the caller.

create function rival.handle_voice_onboarding(
    p_user_id uuid,
    p_conversation_transcript text,
    p_extracted_profile jsonb,
    p_extracted_goal jsonb,
    p_conversation_metadata jsonb default '{}'
) returns jsonb
    language plpgsql
as $$
declare
    caller uuid := auth.uid();
    person uuid := coalesce(p_user_id, caller);
    given jsonb := coalesce(p_conversation_metadata, '{}');
    title text := btrim(p_extracted_goal ->> 'name', E' \t\n\r\f\x0b');
    about text := p_extracted_goal ->> 'description';
    category text := p_extracted_goal ->> 'category_id';
    day text := p_extracted_goal ->> 'target_date';
    steps jsonb := coalesce(nullif(p_extracted_goal -> 'milestones', 'null'), '[]');
    conversation text := coalesce(
        btrim(p_conversation_metadata ->> 'conversation_id', E' \t\n\r\f\x0b'),
        lgtempo_uuid_v7()::text
    );
    new_goal uuid := lgtempo_uuid_v7();
    target date;
    details jsonb;
    noted text;
    node record;
    goal record;
begin
    if person is distinct from caller and row_security_active('profiles'::regclass) then
        raise insufficient_privilege using message = 'p_user_id names somebody else: you may name only yourself';
    elsif person is null then
        raise null_value_not_allowed using message = 'p_user_id must not be null';
    elsif p_conversation_transcript is null then
        raise null_value_not_allowed using message = 'p_conversation_transcript must not be null';
    elsif p_extracted_profile is null then
        raise null_value_not_allowed using message = 'p_extracted_profile must not be null';
    elsif p_extracted_goal is null then
        raise null_value_not_allowed using message = 'p_extracted_goal must not be null';
    elsif jsonb_typeof(p_extracted_profile) <> 'object' then
        raise invalid_parameter_value using message = 'p_extracted_profile must be a JSON object';
    elsif jsonb_typeof(p_extracted_goal) <> 'object' then
        raise invalid_parameter_value using message = 'p_extracted_goal must be a JSON object';
    elsif jsonb_typeof(given) <> 'object' then
        raise invalid_parameter_value using message = 'p_conversation_metadata must be a JSON object';
    elsif title is null then
        raise null_value_not_allowed using message = 'p_extracted_goal.name must not be null';
    elsif title = '' or char_length(title) > 255 then
        raise invalid_parameter_value using message = 'p_extracted_goal.name must have 1 to 255 characters';
    elsif jsonb_typeof(p_extracted_goal -> 'name') not in ('string', 'null')
        or jsonb_typeof(p_extracted_goal -> 'description') not in ('string', 'null')
        or jsonb_typeof(p_extracted_goal -> 'category_id') not in ('string', 'null')
        or jsonb_typeof(p_extracted_goal -> 'target_date') not in ('string', 'null')
        or jsonb_typeof(p_extracted_goal -> 'type') not in ('string', 'null')
        or jsonb_typeof(p_extracted_goal -> 'priority') not in ('string', 'null')
    then
        raise invalid_parameter_value using
            message = 'name, description, category_id, target_date, type and priority of p_extracted_goal must be texts';
    elsif jsonb_typeof(steps) <> 'array' then
        raise invalid_parameter_value using message = 'p_extracted_goal.milestones must be a JSON array';
    elsif day !~ '^\d{4}-\d{2}-\d{2}($|[T ])' then
        raise invalid_datetime_format using
            message = format('p_extracted_goal.target_date must be a date, YYYY-MM-DD, not "%s"', left(day, 40));
    elsif jsonb_typeof(given -> 'conversation_id') not in ('string', 'null')
        or jsonb_typeof(given -> 'agent_id') not in ('string', 'null')
    then
        raise invalid_parameter_value using
            message = 'conversation_id and agent_id of p_conversation_metadata must be texts';
    elsif conversation = '' or char_length(conversation) > 255 then
        raise invalid_parameter_value using
            message = 'p_conversation_metadata.conversation_id must have 1 to 255 characters';
    end if;
    target := left(day, 10)::date;

    update profiles
    set preferences = preferences || p_extracted_profile,
        onboarding_completed_at = coalesce(onboarding_completed_at, now())
    where id = person;
    if not found then
        raise foreign_key_violation using message = 'p_user_id names nobody who has a profile';
    end if;

    insert into elevenlabs_conversations as c
        (user_id, conversation_id, agent_id, status, call_type, transcript, analysis, metadata)
    values (
        person,
        conversation,
        given ->> 'agent_id',
        'completed',
        'onboarding',
        jsonb_build_object('text', p_conversation_transcript),
        jsonb_build_object('profile', p_extracted_profile, 'goal', p_extracted_goal),
        given || jsonb_build_object('onboarding_goal_id', new_goal)
    )
    on conflict (user_id, conversation_id) do update
    set agent_id = coalesce(excluded.agent_id, c.agent_id),
        status = excluded.status,
        call_type = excluded.call_type,
        transcript = excluded.transcript,
        analysis = c.analysis || excluded.analysis,
        metadata = excluded.metadata || c.metadata || (given - 'onboarding_goal_id')
    returning metadata ->> 'onboarding_goal_id' into noted;

    select g.id, g.node_id, n.status, g.category_id, g.target_date, g.milestones
    into goal
    from user_goals g
    left join graph_nodes n on n.user_id = person and n.id = g.node_id and n.deleted_at is null
    where g.user_id = person and g.metadata ->> 'conversation_id' = conversation
    order by g.created_at, g.id
    limit 1;

    if goal.id is null and noted = new_goal::text then
        if category is not null then
            perform from goal_categories where id = category;
            if not found then
                raise foreign_key_violation using message = 'p_extracted_goal.category_id is not a goal category';
            end if;
        end if;
        details := jsonb_strip_nulls(jsonb_build_object(
            'category', p_extracted_goal -> 'category_id',
            'target_date', p_extracted_goal -> 'target_date',
            'type', p_extracted_goal -> 'type',
            'priority', p_extracted_goal -> 'priority'
        ));
        insert into graph_nodes as n (user_id, node_type, label, description, properties)
        values (
            person,
            'goal',
            title,
            about,
            '{"category": null, "target_date": null, "priority": "medium"}' || details
        )
        on conflict (user_id, node_type, btrim(label, E' \t\n\r\f\x0b'))
            where deleted_at is null and node_type in ('goal', 'skill')
        do update
        set description = coalesce(excluded.description, n.description),
            properties = n.properties || details
        returning id, status into node;
        insert into user_goals (
            id, user_id, goal_title, goal_description, category_id, target_date, milestones, metadata, node_id
        )
        values (
            new_goal,
            person,
            title,
            about,
            category,
            target,
            steps,
            details - '{category,target_date}'::text[] || jsonb_build_object('conversation_id', conversation),
            node.id
        );
        goal.id := new_goal;
        goal.node_id := node.id;
        goal.status := node.status;
        goal.category_id := category;
        goal.target_date := target;
        goal.milestones := steps;
    end if;

    return jsonb_build_object(
        'success', true,
        'user_id', person,
        'goal_id', goal.id,
        'goal_node_id', goal.node_id,
        'conversation_id', conversation,
        'onboarding_completed', true,
        'next_steps', to_jsonb(array_remove(
            array[
                case when goal.status = 'draft_verbal' then 'confirm_goal' end,
                case when goal.id is not null and goal.category_id is null then 'choose_category' end,
                case when goal.id is not null and goal.target_date is null then 'set_target_date' end,
                case when goal.milestones = '[]' then 'add_milestones' end,
                'begin_first_session'
            ],
            null
        ))
    );
end
$$;
