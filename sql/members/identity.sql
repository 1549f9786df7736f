-- Accounts, keys, and the extension itself.

create function @extschema@.lgtempo_uuid_v7() returns uuid
    language c volatile parallel safe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_uuid_v7_wrapper';
comment on function @extschema@.lgtempo_uuid_v7 is 'Makes a new key: a version 7 UUID.
Keys of one connection sort in the order in which they were made.';

create function @extschema@.lgtempo_version() returns text
    language c stable parallel safe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_version_wrapper';
comment on function @extschema@.lgtempo_version is 'Tells the version of lgtempo.';

create function @extschema@.lgtempo_setup() returns integer
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_setup_wrapper';
comment on function @extschema@.lgtempo_setup is 'Lays out the tables of lgtempo or brings them up to the version that is installed.
For the owner of the extension, or of the database where a superuser''s restore has made the extension. Returns how many steps it ran; running it again does no harm. It also makes sure of the roles, of the triggers on auth.users and of a row in users and profiles for every account. Errors: 42501; 42P07 where others have the names; 55000 where adopted tables lack something, or the library in use is older than the extension.';

create function @extschema@.enable_realtime() returns text[]
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'enable_realtime_wrapper';
comment on function @extschema@.enable_realtime is 'Has clients hear of changes: adds the tables that people watch to the publication supabase_realtime.
For whoever may call lgtempo_setup(). The publication is made if it is missing; graph_nodes goes in without its embeddings, by a list of the columns it has now. Returns the tables it added. Errors: 42501; 55000 where graph_nodes has replica identity full, with which PostgreSQL refuses updates of a table published by columns, or the publication publishes whole schemas.';

create function @extschema@.lgtempo_touch() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_touch_wrapper';
comment on function @extschema@.lgtempo_touch is 'Notes in updated_at when a row is changed.';

create function @extschema@.lgtempo_sync_user() returns trigger
    language c volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_sync_user_wrapper';
comment on function @extschema@.lgtempo_sync_user is 'Has users and profiles follow auth.users.';
