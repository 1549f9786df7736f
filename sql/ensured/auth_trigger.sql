create trigger lgtempo_sync_user after insert or update of email, raw_user_meta_data on auth.users
    for each row execute function @extschema@.lgtempo_sync_user();
