-- create_message_with_attachments as a good author of PL/pgSQL would write it: the same checks, tables and triggers.
-- It works in schema public, as the caller.

create function rival.create_message_with_attachments(
    p_user_id uuid,
    p_subject text,
    p_content text,
    p_sender_agent_id text,
    p_sender_name text,
    p_category text default null,
    p_priority message_priority default 'normal',
    p_session_node_id uuid default null,
    p_goal_node_id uuid default null,
    p_attachments jsonb default '[]',
    p_message_type message_type default 'system'
) returns uuid
    language plpgsql
as $$
declare
    caller uuid := auth.uid();
    person uuid := coalesce(p_user_id, caller);
    message uuid := lgtempo_uuid_v7();
    wrong record;
begin
    if person is distinct from caller and row_security_active('inbox_messages'::regclass) then
        raise insufficient_privilege using message = 'p_user_id names somebody else: you may name only yourself';
    elsif person is null then
        raise null_value_not_allowed using message = 'p_user_id must not be null';
    elsif p_subject is null then
        raise null_value_not_allowed using message = 'p_subject must not be null';
    elsif p_content is null then
        raise null_value_not_allowed using message = 'p_content must not be null';
    elsif p_priority is null then
        raise null_value_not_allowed using message = 'p_priority must not be null';
    elsif p_message_type is null then
        raise null_value_not_allowed using message = 'p_message_type must not be null';
    elsif jsonb_typeof(p_attachments) <> 'array' then
        raise invalid_parameter_value using message = 'p_attachments must be a JSON array';
    end if;
    if p_attachments <> '[]' then
        select place - 1 as place, case
            when jsonb_typeof(a) <> 'object' then ' must be an object'
            when jsonb_typeof(a -> 'type') not in ('string', 'null') then '.type must be a text'
            when jsonb_typeof(a -> 'name') not in ('string', 'null') then '.name must be a text'
            when jsonb_typeof(a -> 'description') not in ('string', 'null') then '.description must be a text'
            when jsonb_typeof(a -> 'storage_path') not in ('string', 'null') then '.storage_path must be a text'
            when jsonb_typeof(a -> 'url') not in ('string', 'null') then '.url must be a text'
            when jsonb_typeof(a -> 'mime_type') not in ('string', 'null') then '.mime_type must be a text'
            when coalesce(nullif(a ->> 'storage_path', ''), nullif(a ->> 'url', '')) is null
                then ' must have a storage_path or a url'
            when jsonb_typeof(a -> 'file_size_bytes') not in ('number', 'null')
                or jsonb_typeof(a -> 'file_size_bytes') = 'number' and (a ->> 'file_size_bytes') !~ '^[0-9]{1,18}$'
                then '.file_size_bytes must be a whole number, not negative'
            when jsonb_typeof(a -> 'metadata') not in ('object', 'null') then '.metadata must be an object'
        end as what
        into wrong
        from jsonb_array_elements(p_attachments) with ordinality given (a, place)
        order by 2 is null, place
        limit 1;
        if wrong.what is not null then
            raise invalid_parameter_value using message = format('p_attachments[%s]%s', wrong.place, wrong.what);
        end if;
    end if;
    if p_session_node_id is not null then
        perform from graph_nodes
        where user_id = person and id = p_session_node_id and deleted_at is null and node_type = 'session';
        if not found then
            raise foreign_key_violation using message = 'p_session_node_id is not a live session of this person';
        end if;
    end if;
    if p_goal_node_id is not null then
        perform from graph_nodes
        where user_id = person and id = p_goal_node_id and deleted_at is null and node_type = 'goal';
        if not found then
            raise foreign_key_violation using message = 'p_goal_node_id is not a live goal of this person';
        end if;
    end if;
    insert into inbox_messages (
        id, user_id, sender_id, sender_name, message_type, priority, subject, preview, content, category,
        session_node_id, goal_node_id
    )
    values (
        message, person, p_sender_agent_id, p_sender_name, p_message_type, p_priority, p_subject, left(p_content, 200),
        jsonb_build_object('text', p_content), p_category, p_session_node_id, p_goal_node_id
    );
    if p_attachments <> '[]' then
        insert into message_attachments (
            message_id, user_id, attachment_type, title, description, url, storage_path, mime_type, file_size_bytes, metadata
        )
        select message, person, coalesce(type, 'file'), name, description, nullif(url, ''), nullif(storage_path, ''),
            mime_type, file_size_bytes, coalesce(metadata, '{}')
        from jsonb_to_recordset(p_attachments) attachment (
            type text,
            name text,
            description text,
            url text,
            storage_path text,
            mime_type text,
            file_size_bytes bigint,
            metadata jsonb
        );
    end if;
    return message;
end
$$;
