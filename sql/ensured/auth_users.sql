create table auth.users (
    id uuid not null default gen_random_uuid(),
    email text,
    raw_user_meta_data jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint users_pkey primary key (id)
);
comment on table auth.users is 'Accounts: who has signed up.
Erasing a row erases everything of that person.';
comment on column auth.users.id is 'The account''s id.';
comment on column auth.users.email is 'E-mail address.';
comment on column auth.users.raw_user_meta_data is 'What the person told at sign-up (a JSON object); the person may change it.';
comment on column auth.users.created_at is 'When the account was made (UTC instant).';
comment on column auth.users.updated_at is 'When the account was last changed (UTC instant).';
revoke all on auth.users from public, anon, authenticated, service_role;
