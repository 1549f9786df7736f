-- Nothing of the target schema is to be found before PostgreSQL's own.
set local search_path = pg_catalog, pg_temp;

do $$
begin
    if string_to_array(@extschema@.lgtempo_version(), '.')::integer[] < '{0,2,0}' then
        raise object_not_in_prerequisite_state using
            message = format('this session has loaded library %s, which is older than the update', @extschema@.lgtempo_version()),
            hint = 'Connect anew, so that the newer library is loaded.';
    end if;
end $$;

comment on function @extschema@.lgtempo_setup() is 'Lays out the tables of lgtempo or brings them up to the version that is installed.
For the owner of the extension, or of the database where a superuser''s restore has made the extension. Returns how many steps it ran; running it again does no harm. It also makes sure of the roles, of the triggers on auth.users and of a row in users and profiles for every account. Errors: 42501; 42P07 where others have the names; 55000 where adopted tables lack something, or the library in use is older than the extension.';

comment on function @extschema@.enable_realtime() is 'Has clients hear of changes: adds the tables that people watch to the publication supabase_realtime.
For whoever may call lgtempo_setup(). The publication is made if it is missing; graph_nodes goes in without its embeddings, by a list of the columns it has now. Returns the tables it added. Errors: 42501; 55000 where graph_nodes has replica identity full, with which PostgreSQL refuses updates of a table published by columns, or the publication publishes whole schemas.';

select @extschema@.lgtempo_setup();
