-- Asks, before anything is made, whether the names are free; then goes.
create function @extschema@.lgtempo_require_free_names() returns void
    language c volatile
    set search_path = pg_catalog, pg_temp
    as 'MODULE_PATHNAME', 'lgtempo_require_free_names_wrapper';
select @extschema@.lgtempo_require_free_names();
drop function @extschema@.lgtempo_require_free_names();
