-- The writing functions as a good author of PL/pgSQL would write them: the same checks, tables and triggers.
-- They work in schema public, as the caller. The person is found in each function itself: a call more would cost.

create function rival.track_emotion(
    p_user_id uuid,
    p_emotion emotion_type,
    p_context text default null,
    p_intensity double precision default 0.5,
    p_related_node_id uuid default null
) returns uuid
    language plpgsql
as $$
declare
    caller uuid := auth.uid();
    person uuid := coalesce(p_user_id, caller);
    new_id uuid := lgtempo_uuid_v7();
begin
    if person is distinct from caller and row_security_active('graph_nodes'::regclass) then
        raise insufficient_privilege using message = 'p_user_id names somebody else: you may name only yourself';
    elsif person is null then
        raise null_value_not_allowed using message = 'p_user_id must not be null';
    elsif p_emotion is null then
        raise null_value_not_allowed using message = 'p_emotion must not be null';
    elsif p_intensity is null then
        raise null_value_not_allowed using message = 'p_intensity must not be null';
    elsif not p_intensity between 0 and 1 then
        raise invalid_parameter_value using
            message = format('p_intensity must be between 0 and 1, not %s', p_intensity);
    end if;
    if p_related_node_id is not null then
        perform from graph_nodes where user_id = person and id = p_related_node_id and deleted_at is null;
        if not found then
            raise foreign_key_violation using message = 'p_related_node_id is not a live node of this person';
        end if;
    end if;
    insert into graph_nodes (id, user_id, node_type, label, description, properties)
    values (new_id, person, 'emotion', p_emotion::text, p_context, jsonb_build_object(
        'emotion', p_emotion,
        'intensity', p_intensity,
        'context', p_context,
        'timestamp', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ));
    if p_related_node_id is not null then
        insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
        values (person, 'feels', p_related_node_id, new_id);
    end if;
    return new_id;
end
$$;

create function rival.create_session_node(
    p_user_id uuid default null,
    p_goal_id uuid default null,
    p_duration integer default null,
    p_summary text default null,
    p_properties jsonb default '{}'
) returns uuid
    language plpgsql
as $$
declare
    caller uuid := auth.uid();
    person uuid := coalesce(p_user_id, caller);
    new_id uuid := lgtempo_uuid_v7();
begin
    if person is distinct from caller and row_security_active('graph_nodes'::regclass) then
        raise insufficient_privilege using message = 'p_user_id names somebody else: you may name only yourself';
    elsif person is null then
        raise null_value_not_allowed using message = 'p_user_id must not be null';
    elsif p_duration < 0 then
        raise invalid_parameter_value using message = format('p_duration must not be negative, not %s', p_duration);
    elsif jsonb_typeof(p_properties) <> 'object' then
        raise invalid_parameter_value using message = 'p_properties must be a JSON object';
    end if;
    if p_goal_id is not null then
        perform from graph_nodes
        where user_id = person and id = p_goal_id and deleted_at is null and node_type = 'goal';
        if not found then
            raise foreign_key_violation using message = 'p_goal_id is not a live goal of this person';
        end if;
    end if;
    insert into graph_nodes (id, user_id, node_type, label, description, properties)
    values (
        new_id,
        person,
        'session',
        coalesce(
            'Session: ' || nullif(left(btrim(p_summary, E' \t\n\r\f\x0b'), 50), ''),
            'Coaching session ' || to_char(now() at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
        ),
        p_summary,
        '{"duration_minutes": null, "goal_id": null}'
            || coalesce(p_properties, '{}')
            || jsonb_strip_nulls(jsonb_build_object(
                'duration_minutes', p_duration,
                'goal_id', p_goal_id,
                'timestamp', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            ))
    );
    if p_goal_id is not null then
        insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
        values (person, 'works_on', new_id, p_goal_id);
    end if;
    return new_id;
end
$$;

create function rival.update_session_node(
    p_session_id uuid,
    p_summary text default null,
    p_duration integer default null,
    p_properties jsonb default null,
    p_goal_id uuid default null,
    p_user_id uuid default null
) returns boolean
    language plpgsql
as $$
declare
    caller uuid := auth.uid();
    person uuid := coalesce(p_user_id, caller);
begin
    if person is distinct from caller and row_security_active('graph_nodes'::regclass) then
        raise insufficient_privilege using message = 'p_user_id names somebody else: you may name only yourself';
    elsif person is null then
        raise null_value_not_allowed using message = 'p_user_id must not be null';
    elsif p_session_id is null then
        raise null_value_not_allowed using message = 'p_session_id must not be null';
    elsif p_duration < 0 then
        raise invalid_parameter_value using message = format('p_duration must not be negative, not %s', p_duration);
    elsif jsonb_typeof(p_properties) <> 'object' then
        raise invalid_parameter_value using message = 'p_properties must be a JSON object';
    end if;
    update graph_nodes
    set description = coalesce(p_summary, description),
        label = case
            when label = 'Session: ' || left(btrim(description, E' \t\n\r\f\x0b'), 50)
                or label ~ '^Coaching session \d{4}-\d{2}-\d{2} \d{2}:\d{2}$'
            then coalesce('Session: ' || nullif(left(btrim(p_summary, E' \t\n\r\f\x0b'), 50), ''), label)
            else label
        end,
        properties = properties
            || coalesce(p_properties, '{}')
            || jsonb_strip_nulls(jsonb_build_object('duration_minutes', p_duration, 'goal_id', p_goal_id))
    where user_id = person and id = p_session_id and node_type = 'session' and deleted_at is null;
    if not found then
        return false;
    end if;
    if p_goal_id is not null then
        perform from graph_nodes
        where user_id = person and id = p_goal_id and deleted_at is null and node_type = 'goal';
        if not found then
            raise foreign_key_violation using message = 'p_goal_id is not a live goal of this person';
        end if;
        insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
        select person, 'works_on', p_session_id, p_goal_id
        where not exists (
            select from graph_edges e
            where e.user_id = person
                and e.source_node_id = p_session_id
                and e.target_node_id = p_goal_id
                and e.edge_type = 'works_on'
                and e.valid_from <= now()
                and (e.valid_to is null or e.valid_to > now())
        )
        on conflict do nothing;
    end if;
    return true;
end
$$;

create function rival.create_goal_node(
    p_user_id uuid,
    p_title text,
    p_category text default null,
    p_properties jsonb default '{}'
) returns uuid
    language plpgsql
as $$
declare
    caller uuid := auth.uid();
    person uuid := coalesce(p_user_id, caller);
    title text := btrim(p_title, E' \t\n\r\f\x0b');
    given jsonb := coalesce(p_properties, '{}') - 'description'
        || jsonb_strip_nulls(jsonb_build_object('category', p_category));
    goal uuid;
begin
    if person is distinct from caller and row_security_active('graph_nodes'::regclass) then
        raise insufficient_privilege using message = 'p_user_id names somebody else: you may name only yourself';
    elsif person is null then
        raise null_value_not_allowed using message = 'p_user_id must not be null';
    elsif title is null then
        raise null_value_not_allowed using message = 'p_title must not be null';
    elsif title = '' or char_length(title) > 255 then
        raise invalid_parameter_value using message = 'p_title must have 1 to 255 characters';
    elsif jsonb_typeof(p_properties) <> 'object' then
        raise invalid_parameter_value using message = 'p_properties must be a JSON object';
    end if;
    insert into graph_nodes as n (user_id, node_type, label, description, properties)
    values (
        person,
        'goal',
        title,
        p_properties ->> 'description',
        '{"category": null, "target_date": null, "priority": "medium"}' || given
    )
    on conflict (user_id, node_type, btrim(label, E' \t\n\r\f\x0b'))
        where deleted_at is null and node_type in ('goal', 'skill')
    do update
    set description = coalesce(excluded.description, n.description),
        properties = n.properties || given
    returning id into goal;
    return goal;
end
$$;

create function rival.create_skill_node(
    p_user_id uuid,
    p_skill_name text,
    p_level skill_level default 'beginner',
    p_transferable_from text[] default '{}'
) returns uuid
    language plpgsql
as $$
declare
    caller uuid := auth.uid();
    person uuid := coalesce(p_user_id, caller);
    name text := btrim(p_skill_name, E' \t\n\r\f\x0b');
    skill uuid;
begin
    if person is distinct from caller and row_security_active('graph_nodes'::regclass) then
        raise insufficient_privilege using message = 'p_user_id names somebody else: you may name only yourself';
    elsif person is null then
        raise null_value_not_allowed using message = 'p_user_id must not be null';
    elsif name is null then
        raise null_value_not_allowed using message = 'p_skill_name must not be null';
    elsif name = '' or char_length(name) > 255 then
        raise invalid_parameter_value using message = 'p_skill_name must have 1 to 255 characters';
    elsif p_level is null then
        raise null_value_not_allowed using message = 'p_level must not be null';
    end if;
    insert into graph_nodes as n (user_id, node_type, label, properties)
    values (
        person,
        'skill',
        name,
        jsonb_build_object('level', p_level, 'transferable_from', coalesce(p_transferable_from, '{}'))
    )
    on conflict (user_id, node_type, btrim(label, E' \t\n\r\f\x0b'))
        where deleted_at is null and node_type in ('goal', 'skill')
    do update
    set properties = n.properties || case
        when cardinality(p_transferable_from) > 0 then excluded.properties
        else excluded.properties - 'transferable_from'
    end
    returning id into skill;
    return skill;
end
$$;

create function rival.update_node_status(p_node_id uuid, p_new_status node_status, p_user_id uuid default null)
    returns boolean
    language plpgsql
as $$
declare
    caller uuid := auth.uid();
    person uuid := coalesce(p_user_id, caller);
begin
    if person is distinct from caller and row_security_active('graph_nodes'::regclass) then
        raise insufficient_privilege using message = 'p_user_id names somebody else: you may name only yourself';
    elsif person is null then
        raise null_value_not_allowed using message = 'p_user_id must not be null';
    elsif p_node_id is null then
        raise null_value_not_allowed using message = 'p_node_id must not be null';
    elsif p_new_status is null then
        raise null_value_not_allowed using message = 'p_new_status must not be null';
    end if;
    update graph_nodes
    set status = p_new_status
    where user_id = person and id = p_node_id and deleted_at is null;
    return found;
end
$$;

create function rival.upsert_node_embedding(p_node_id uuid, p_embedding vector, p_user_id uuid default null)
    returns boolean
    language plpgsql
as $$
declare
    caller uuid := auth.uid();
    person uuid := coalesce(p_user_id, caller);
begin
    if person is distinct from caller and row_security_active('graph_nodes'::regclass) then
        raise insufficient_privilege using message = 'p_user_id names somebody else: you may name only yourself';
    elsif person is null then
        raise null_value_not_allowed using message = 'p_user_id must not be null';
    elsif p_node_id is null then
        raise null_value_not_allowed using message = 'p_node_id must not be null';
    elsif p_embedding is null then
        raise null_value_not_allowed using message = 'p_embedding must not be null';
    elsif vector_dims(p_embedding) <> 1536 then
        raise invalid_parameter_value using
            message = format('p_embedding must have 1536 dimensions, not %s', vector_dims(p_embedding));
    elsif vector_norm(p_embedding) = 0 then
        raise invalid_parameter_value using message = 'p_embedding must not be the zero vector';
    end if;
    update graph_nodes
    set embedding = p_embedding
    where user_id = person and id = p_node_id and deleted_at is null;
    return found;
end
$$;
