-- The inbox: reading and writing messages, and what the database keeps of them itself.
-- Counting keeps to an index-only scan: a bitmap of the halves of its condition would read the messages themselves.

create function @extschema@.get_unread_message_count(
    p_user_id uuid default null
) returns bigint
    language c stable parallel unsafe
    set search_path = pg_catalog, pg_temp
    set enable_seqscan = off
    set enable_bitmapscan = off
    as 'MODULE_PATHNAME', 'get_unread_message_count_wrapper';
comment on function @extschema@.get_unread_message_count is 'Counts a person''s unread messages.
Neither archived nor expired ones count. Errors: 22004, 42501.';

create function @extschema@.mark_message_as_read(
    p_message_id uuid,
    p_user_id uuid default null
) returns boolean
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'mark_message_as_read_wrapper';
comment on function @extschema@.mark_message_as_read is 'Marks a message as read and writes its receipt; true if it was unread.
False where it was read before, or there is no such message. p_user_id left out means the caller and, for roles that row-level security does not bind, the message''s owner. Errors: 22004, 42501.';

create function @extschema@.toggle_message_pin(
    p_message_id uuid,
    p_user_id uuid default null
) returns boolean
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'toggle_message_pin_wrapper';
comment on function @extschema@.toggle_message_pin is 'Pins a message on top or lets go of it; true if there is such a message.
The answer is not the new state. p_user_id as in mark_message_as_read. Errors: 22004, 42501.';

create function @extschema@.archive_message(
    p_message_id uuid,
    p_user_id uuid default null
) returns boolean
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'archive_message_wrapper';
comment on function @extschema@.archive_message is 'Puts a message away; true if there is such a message, put away before or not.
archived_at is when it was put away first. p_user_id as in mark_message_as_read. Errors: 22004, 42501.';

create function @extschema@.create_message_with_attachments(
    p_user_id uuid,
    p_subject text,
    p_content text,
    p_sender_agent_id text,
    p_sender_name text,
    p_category text default null,
    p_priority @extschema@.message_priority default 'normal',
    p_session_node_id uuid default null,
    p_goal_node_id uuid default null,
    p_attachments jsonb default '[]',
    p_message_type @extschema@.message_type default 'system'
) returns uuid
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'create_message_with_attachments_wrapper';
comment on function @extschema@.create_message_with_attachments is 'Puts a message and its attachments into a person''s inbox, for the service alone; returns the message''s id.
p_content is stored as {"text": …}, its first 200 characters as the preview. p_attachments is an array of {"type", "name", "description", "storage_path", "url", "mime_type", "file_size_bytes", "metadata"}; storage_path or url is needed, type is file where it is left out. A session or goal must be a live one of that person. Errors: 22004, 22023, 23503, 42501.';

create function @extschema@.cleanup_expired_messages() returns bigint
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'cleanup_expired_messages_wrapper';
comment on function @extschema@.cleanup_expired_messages is 'Archives the messages that have expired, for the service alone; returns how many.
Run it now and then. A message that somebody is changing at that moment is left for the next time.';

create function @extschema@.lgtempo_message_preview() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_message_preview_wrapper';
comment on function @extschema@.lgtempo_message_preview is 'Keeps the beginning of a message''s text as its preview.';

create function @extschema@.lgtempo_message_owner() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_message_owner_wrapper';
comment on function @extschema@.lgtempo_message_owner is 'Gives attachments and receipts the owner of their message.';
