create schema auth;
comment on schema auth is 'Who signs up and who is calling, in the shape that Supabase gives it.';
grant usage on schema auth to anon, authenticated, service_role;
