-- The inbox: what the database keeps of messages itself.

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
