-- What the coaches write to a person: messages, what is attached to them, and when they were read.

create table @extschema@.inbox_messages (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    user_id uuid not null default auth.uid(),
    sender_type text not null default 'ai_coach',
    sender_id text,
    sender_name text,
    sender_avatar_url text,
    message_type @extschema@.message_type not null default 'system',
    priority @extschema@.message_priority not null default 'normal',
    subject text,
    preview text,
    content jsonb not null default '{}',
    category text,
    tags text[] not null default '{}',
    metadata jsonb not null default '{}',
    is_read boolean not null default false,
    is_pinned boolean not null default false,
    is_archived boolean not null default false,
    read_at timestamptz,
    archived_at timestamptz,
    expires_at timestamptz,
    session_node_id uuid,
    goal_node_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint inbox_messages_pkey primary key (id),
    constraint inbox_messages_id_user_key unique (id, user_id),
    constraint inbox_messages_user_fkey foreign key (user_id) references auth.users (id) on delete cascade,
    constraint inbox_messages_session_node_fkey foreign key (session_node_id, user_id)
        references @extschema@.graph_nodes (id, user_id) on delete set null (session_node_id),
    constraint inbox_messages_goal_node_fkey foreign key (goal_node_id, user_id)
        references @extschema@.graph_nodes (id, user_id) on delete set null (goal_node_id),
    constraint inbox_messages_metadata_check check (jsonb_typeof(metadata) = 'object')
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
comment on table @extschema@.inbox_messages is 'Messages: what coaches and the service write to people.
The person may read them, and mark them as read, pinned or archived; only the service writes them. '
    'Embed the nodes by inbox_messages_session_node_fkey and inbox_messages_goal_node_fkey.';
comment on column @extschema@.inbox_messages.id is 'Key (uuid, version 7).';
comment on column @extschema@.inbox_messages.user_id is 'Whose inbox the message is in.';
comment on column @extschema@.inbox_messages.sender_type is 'Kind of sender, such as ai_coach or system.';
comment on column @extschema@.inbox_messages.sender_id is 'Id of the sender, such as the coach''s.';
comment on column @extschema@.inbox_messages.sender_name is 'Name of the sender, as shown.';
comment on column @extschema@.inbox_messages.sender_avatar_url is 'Address of the sender''s portrait.';
comment on column @extschema@.inbox_messages.message_type is 'What the message is about.';
comment on column @extschema@.inbox_messages.priority is 'How urgent the message is.';
comment on column @extschema@.inbox_messages.subject is 'Subject line.';
comment on column @extschema@.inbox_messages.preview is 'How the message begins; the first 200 characters of its text where it is left out.';
comment on column @extschema@.inbox_messages.content is 'The message itself (JSON); plain text is under the key text.';
comment on column @extschema@.inbox_messages.category is 'Category to sort messages by.';
comment on column @extschema@.inbox_messages.tags is 'Words to find messages by.';
comment on column @extschema@.inbox_messages.metadata is 'Whatever else is kept (a JSON object).';
comment on column @extschema@.inbox_messages.is_read is 'Whether the person has read the message.';
comment on column @extschema@.inbox_messages.is_pinned is 'Whether the person keeps the message on top.';
comment on column @extschema@.inbox_messages.is_archived is 'Whether the message is put away.';
comment on column @extschema@.inbox_messages.read_at is 'When the message was read; null before.';
comment on column @extschema@.inbox_messages.archived_at is 'When the message was put away; null before.';
comment on column @extschema@.inbox_messages.expires_at is 'From when the message no longer matters; null where it always does.';
comment on column @extschema@.inbox_messages.session_node_id is 'The coaching session that the message is about; null once that node is erased.';
comment on column @extschema@.inbox_messages.goal_node_id is 'The goal that the message is about; null once that node is erased.';
comment on column @extschema@.inbox_messages.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.inbox_messages.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create index inbox_messages_user_created_idx on @extschema@.inbox_messages (user_id, created_at desc);
comment on index @extschema@.inbox_messages_user_created_idx is 'A person''s messages, newest first.';
create index inbox_messages_user_unread_idx on @extschema@.inbox_messages
    (user_id, expires_at) where not is_read and not is_archived;
comment on index @extschema@.inbox_messages_user_unread_idx is 'A person''s unread messages, counted by index-only scans.';
create index inbox_messages_user_session_node_idx on @extschema@.inbox_messages (user_id, session_node_id);
comment on index @extschema@.inbox_messages_user_session_node_idx is 'A person''s messages about a session.';
create index inbox_messages_user_goal_node_idx on @extschema@.inbox_messages (user_id, goal_node_id);
comment on index @extschema@.inbox_messages_user_goal_node_idx is 'A person''s messages about a goal.';
create index inbox_messages_expires_idx on @extschema@.inbox_messages
    (expires_at) where expires_at is not null and not is_archived;
comment on index @extschema@.inbox_messages_expires_idx is 'Messages that expire, soonest first, for putting them away.';

create table @extschema@.message_attachments (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    message_id uuid not null,
    user_id uuid not null default auth.uid(),
    attachment_type text not null default 'file',
    title text,
    description text,
    url text,
    storage_path text,
    mime_type text,
    thumbnail_url text,
    duration_seconds integer,
    file_size_bytes bigint,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint message_attachments_pkey primary key (id),
    constraint message_attachments_user_fkey foreign key (user_id) references auth.users (id) on delete cascade,
    constraint message_attachments_message_fkey foreign key (message_id, user_id)
        references @extschema@.inbox_messages (id, user_id) on delete cascade,
    constraint message_attachments_place_check check (url is not null or storage_path is not null),
    constraint message_attachments_duration_seconds_check check (duration_seconds >= 0),
    constraint message_attachments_file_size_bytes_check check (file_size_bytes >= 0::bigint),
    constraint message_attachments_metadata_check check (jsonb_typeof(metadata) = 'object')
);
comment on table @extschema@.message_attachments is 'Attachments: files and links that come with a message.
The person may read those of the own messages; only the service writes them.';
comment on column @extschema@.message_attachments.id is 'Key (uuid, version 7).';
comment on column @extschema@.message_attachments.message_id is 'The message that it comes with.';
comment on column @extschema@.message_attachments.user_id is 'Whose message that is; filled in where it is left out.';
comment on column @extschema@.message_attachments.attachment_type is 'Kind of attachment, such as file, audio or link.';
comment on column @extschema@.message_attachments.title is 'Title, as shown.';
comment on column @extschema@.message_attachments.description is 'What there is to say about it.';
comment on column @extschema@.message_attachments.url is 'Address to get it from; this or storage_path is needed.';
comment on column @extschema@.message_attachments.storage_path is 'Path in the file store; this or url is needed.';
comment on column @extschema@.message_attachments.mime_type is 'Format of the file, such as audio/mpeg.';
comment on column @extschema@.message_attachments.thumbnail_url is 'Address of a small picture of it.';
comment on column @extschema@.message_attachments.duration_seconds is 'How long it plays, in seconds.';
comment on column @extschema@.message_attachments.file_size_bytes is 'How big the file is, in bytes.';
comment on column @extschema@.message_attachments.metadata is 'Whatever else is kept (a JSON object).';
comment on column @extschema@.message_attachments.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.message_attachments.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create index message_attachments_user_message_idx on @extschema@.message_attachments (user_id, message_id);
comment on index @extschema@.message_attachments_user_message_idx is 'A person''s attachments, and a message''s.';

create table @extschema@.message_read_receipts (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    message_id uuid not null,
    user_id uuid not null default auth.uid(),
    read_at timestamptz not null default now(),
    read_duration_seconds integer,
    device_info jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint message_read_receipts_pkey primary key (id),
    constraint message_read_receipts_user_fkey foreign key (user_id) references auth.users (id) on delete cascade,
    constraint message_read_receipts_message_fkey foreign key (message_id, user_id)
        references @extschema@.inbox_messages (id, user_id) on delete cascade,
    constraint message_read_receipts_message_user_key unique (message_id, user_id),
    constraint message_read_receipts_read_duration_seconds_check check (read_duration_seconds >= 0)
);
comment on table @extschema@.message_read_receipts is 'Read receipts: when a person read a message, for how long and on what.
One a message; the person may read, add and change those of the own messages.';
comment on column @extschema@.message_read_receipts.id is 'Key (uuid, version 7).';
comment on column @extschema@.message_read_receipts.message_id is 'The message that was read.';
comment on column @extschema@.message_read_receipts.user_id is 'Whose message that is; filled in where it is left out.';
comment on column @extschema@.message_read_receipts.read_at is 'When the message was read.';
comment on column @extschema@.message_read_receipts.read_duration_seconds is 'How long it was open, in seconds.';
comment on column @extschema@.message_read_receipts.device_info is 'What it was read on (JSON).';
comment on column @extschema@.message_read_receipts.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.message_read_receipts.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create index message_read_receipts_user_read_idx on @extschema@.message_read_receipts (user_id, read_at desc);
comment on index @extschema@.message_read_receipts_user_read_idx is 'A person''s receipts, latest first.';

create trigger touch before update on @extschema@.inbox_messages
    for each row execute function @extschema@.lgtempo_touch();
create trigger touch before update on @extschema@.message_attachments
    for each row execute function @extschema@.lgtempo_touch();
create trigger touch before update on @extschema@.message_read_receipts
    for each row execute function @extschema@.lgtempo_touch();
create trigger derive before insert on @extschema@.inbox_messages
    for each row execute function @extschema@.lgtempo_message_preview();
create trigger derive before insert on @extschema@.message_attachments
    for each row execute function @extschema@.lgtempo_message_owner();
create trigger derive before insert on @extschema@.message_read_receipts
    for each row execute function @extschema@.lgtempo_message_owner();

alter table @extschema@.inbox_messages enable row level security;
alter table @extschema@.message_attachments enable row level security;
alter table @extschema@.message_read_receipts enable row level security;

create policy inbox_messages_select_own on @extschema@.inbox_messages
    for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy inbox_messages_select_own on @extschema@.inbox_messages is 'People read their own messages.';
create policy inbox_messages_update_own on @extschema@.inbox_messages
    for update to authenticated
    using (user_id = (select auth.uid()))
    with check (user_id = (select auth.uid()));
comment on policy inbox_messages_update_own on @extschema@.inbox_messages is 'People mark their own messages as read, pinned or archived.';

create policy message_attachments_select_own on @extschema@.message_attachments
    for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy message_attachments_select_own on @extschema@.message_attachments is 'People read the attachments of their own messages.';

create policy message_read_receipts_select_own on @extschema@.message_read_receipts
    for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy message_read_receipts_select_own on @extschema@.message_read_receipts is 'People read their own receipts.';
create policy message_read_receipts_insert_own on @extschema@.message_read_receipts
    for insert to authenticated
    with check (user_id = (select auth.uid()));
comment on policy message_read_receipts_insert_own on @extschema@.message_read_receipts is 'People add receipts for their own messages.';
create policy message_read_receipts_update_own on @extschema@.message_read_receipts
    for update to authenticated
    using (user_id = (select auth.uid()))
    with check (user_id = (select auth.uid()));
comment on policy message_read_receipts_update_own on @extschema@.message_read_receipts is 'People change their own receipts.';

revoke all on @extschema@.inbox_messages, @extschema@.message_attachments, @extschema@.message_read_receipts
    from public, anon, authenticated, service_role;
grant select, insert, update, delete, truncate on @extschema@.inbox_messages, @extschema@.message_attachments, @extschema@.message_read_receipts to service_role;
grant select, update (is_read, is_pinned, is_archived, read_at, archived_at) on @extschema@.inbox_messages to authenticated;
grant select on @extschema@.message_attachments to authenticated;
grant select, insert, update on @extschema@.message_read_receipts to authenticated;
