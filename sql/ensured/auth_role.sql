create function auth.role() returns text
    language sql stable
    return nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role';
comment on function auth.role() is 'The role that the JWT''s claims name; null without claims.';
