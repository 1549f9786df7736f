create table @extschema@.lgtempo_migrations (
    step integer not null,
    name text not null,
    objects text[] not null,
    applied_at timestamptz not null default now(),
    constraint lgtempo_migrations_pkey primary key (step)
);
comment on table @extschema@.lgtempo_migrations is 'The steps that have laid out the tables of lgtempo.
Kept by lgtempo_setup(); whoever changes it by hand may lose the way to later versions.';
comment on column @extschema@.lgtempo_migrations.step is 'The step''s number.';
comment on column @extschema@.lgtempo_migrations.name is 'The step''s file.';
comment on column @extschema@.lgtempo_migrations.objects is 'The tables, columns, defaults and triggers that the step made.';
comment on column @extschema@.lgtempo_migrations.applied_at is 'When the step ran (UTC instant).';
alter table @extschema@.lgtempo_migrations enable row level security;
revoke all on @extschema@.lgtempo_migrations from public, anon, authenticated, service_role;
grant select, insert, update, delete, truncate on @extschema@.lgtempo_migrations to service_role;
