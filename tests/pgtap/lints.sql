-- What Supabase's database linter looks for, asked of the catalogue by our own queries (tests/pgtap/lints/): nothing is
-- found but what has a written reason, and each lint finds what it is for.
begin;
select plan(77);
set local client_min_messages = error;

\ir lints/house.sql
\ir lints/tables.sql
\ir lints/policies.sql
\ir lints/functions.sql
\ir lints/api.sql
\ir lints/allowed.sql

create temporary view lint (lint, object) as
select 'unindexed foreign key', object from unindexed_foreign_key
union all
select 'foreign key to auth by no primary key', object from foreign_key_to_auth_unique
union all
select 'table without primary key', object from table_without_primary_key
union all
select 'duplicate index', object from duplicate_index
union all
select 'unsupported reg type', object from unsupported_reg_type
union all
select 'table without RLS', object from table_without_rls
union all
select 'RLS without policy', object from rls_without_policy
union all
select 'policy without RLS', object from policy_without_rls
union all
select 'several permissive policies', object from several_permissive_policies
union all
select 'auth call for each row', object from auth_call_for_each_row
union all
select 'always true write', object from always_true_write
union all
select 'user-editable claim', object from user_editable_claim
union all
select 'mutable search_path', object from mutable_search_path
union all
select 'definer function for API', object from definer_function_for_api
union all
select 'definer view', object from definer_view
union all
select 'auth.users exposed', object from auth_users_exposed
union all
select 'materialized view in API', object from materialized_view_in_api
union all
select 'foreign table in API', object from foreign_table_in_api
union all
select 'extension in public', object from extension_in_public;
create temporary view finding as select lint || ': ' || object as finding from lint;

-- The house is in order.
select is(
    array(select finding from finding where finding like name || ': %' except select finding from allowed order by 1),
    '{}',
    'nothing without a written reason: ' || name
)
from (
    values
        ('unindexed foreign key'),
        ('foreign key to auth by no primary key'),
        ('table without primary key'),
        ('duplicate index'),
        ('unsupported reg type'),
        ('table without RLS'),
        ('RLS without policy'),
        ('policy without RLS'),
        ('several permissive policies'),
        ('auth call for each row'),
        ('always true write'),
        ('user-editable claim'),
        ('mutable search_path'),
        ('definer function for API'),
        ('definer view'),
        ('auth.users exposed'),
        ('materialized view in API'),
        ('foreign table in API'),
        ('extension in public')
) lints (name);
select is_empty('select finding from finding except select finding from allowed', 'nor is there any other finding');
select is_empty('select finding from allowed except select finding from finding', 'every written reason is still needed');
select is_empty('select finding from allowed where reason !~ ''\w+ \w+''', 'and gives a reason');

-- The lints find what they are for.

-- Something well-formed to spoil: a table of people's with the policies that it needs.
create table coat (
    id uuid primary key,
    user_id uuid not null,
    colour text
);
create index coat_user_idx on coat (user_id);
alter table coat enable row level security;
create policy coat_select on coat for select to authenticated using (user_id = (select auth.uid()));
create table button (
    id uuid,
    user_id uuid,
    primary key (user_id, id)
);
alter table button enable row level security;
create policy button_select on button for select to anon using (true);

create temporary table found_before as select finding from finding;

-- What is newly found after a deed, which is then undone.
create function pg_temp.found_after(deed text) returns text[] language plpgsql as $$
declare
    found text[];
begin
    execute deed;
    found := array(select finding from finding except select finding from found_before order by 1);
    raise exception using errcode = 'UNDO0';
exception when sqlstate 'UNDO0' then
    return found;
end$$;

select is(pg_temp.found_after(deed), findings, what)
from (
    values
        (
            'what is well-formed is no finding',
            $$select 1$$,
            '{}'::text[]
        ),

        -- Tables.
        (
            'a foreign key of which an index leads with one column alone',
            $$alter table coat add button_id uuid, add constraint coat_button_fkey foreign key (user_id, button_id) references button$$,
            array['unindexed foreign key: coat.coat_button_fkey']
        ),
        (
            'one whose columns come second in an index',
            $$alter table coat add button_id uuid, add constraint coat_button_fkey foreign key (user_id, button_id) references button;
            create index on coat (colour, user_id, button_id)$$,
            array['unindexed foreign key: coat.coat_button_fkey']
        ),
        (
            'one whose index leaves out rows',
            $$alter table coat add button_id uuid, add constraint coat_button_fkey foreign key (user_id, button_id) references button;
            create index on coat (user_id, button_id) where colour = 'red'$$,
            array['unindexed foreign key: coat.coat_button_fkey']
        ),
        (
            'but not one whose columns lead an index in another order',
            $$alter table coat add button_id uuid, add constraint coat_button_fkey foreign key (user_id, button_id) references button;
            create index on coat (button_id, user_id, colour)$$,
            '{}'
        ),
        (
            'a foreign key to a unique column of auth''s',
            $$alter table auth.users add unique (email);
            alter table coat add constraint coat_colour_fkey foreign key (colour) references auth.users (email);
            create index on coat (colour)$$,
            array['foreign key to auth by no primary key: coat.coat_colour_fkey']
        ),
        (
            'but not one to its primary key',
            $$alter table coat add foreign key (user_id) references auth.users$$,
            '{}'
        ),
        (
            'a table that lost its primary key',
            $$alter table coat drop constraint coat_pkey$$,
            array['table without primary key: coat']
        ),
        (
            'an index twice',
            $$create index coat_again_idx on coat (user_id)$$,
            array['duplicate index: coat: coat_again_idx, coat_user_idx']
        ),
        (
            'an index beside a unique one',
            $$create unique index coat_again_idx on coat (user_id)$$,
            array['duplicate index: coat: coat_again_idx, coat_user_idx']
        ),
        (
            'an index on an expression twice',
            $$create index coat_a on coat (lower(colour)); create index coat_b on coat (lower(colour))$$,
            array['duplicate index: coat: coat_a, coat_b']
        ),
        (
            'but not indexes that differ in order, in rows, in method or in expression',
            $$create index on coat (user_id desc);
            create index on coat (user_id) where colour = 'red';
            create index on coat using hash (user_id);
            create index on coat (lower(colour));
            create index on coat (upper(colour))$$,
            '{}'
        ),
        (
            'columns that pg_upgrade refuses',
            $$alter table coat add language regconfig, add makers regproc[]$$,
            array['unsupported reg type: coat.language (regconfig)', 'unsupported reg type: coat.makers (regproc[])']
        ),
        (
            'but not those that it takes',
            $$alter table coat add kind regclass, add type regtype, add role regrole$$,
            '{}'
        ),

        -- Row-level security.
        (
            'a table without it, with a policy',
            $$alter table coat disable row level security$$,
            array['policy without RLS: coat.coat_select', 'table without RLS: coat']
        ),
        (
            'a table with it, without a policy',
            $$drop policy coat_select on coat$$,
            array['RLS without policy: coat']
        ),
        (
            'two permissive policies',
            $$create policy coat_red on coat for select to authenticated using (colour = 'red')$$,
            array['several permissive policies: coat, authenticated, select']
        ),
        (
            'one for an action beside one for all',
            $$create policy coat_all on coat to authenticated using (colour = 'red')$$,
            array['several permissive policies: coat, authenticated, select']
        ),
        (
            'one for a role beside one for everybody',
            $$create policy coat_red on coat for select using (colour = 'red')$$,
            array['several permissive policies: coat, authenticated, select']
        ),
        (
            'but not policies for other roles or actions, or that restrict',
            $$create policy coat_red on coat for select to anon using (colour = 'red');
            create policy coat_delete on coat for delete to authenticated using (user_id = (select auth.uid()));
            create policy coat_not_blue on coat as restrictive for select to authenticated using (colour <> 'blue')$$,
            '{}'
        ),
        (
            'auth.uid() for each row',
            $$alter policy coat_select on coat using (user_id = auth.uid())$$,
            array['auth call for each row: coat.coat_select']
        ),
        (
            'auth.role() for each row',
            $$alter policy coat_select on coat using (auth.role() = 'authenticated' and user_id = (select auth.uid()))$$,
            array['auth call for each row: coat.coat_select']
        ),
        (
            'auth.jwt() for each row',
            $$alter policy coat_select on coat using (user_id = ((auth.jwt() ->> 'sub')::uuid))$$,
            array['auth call for each row: coat.coat_select']
        ),
        (
            'current_setting() for each row',
            $$alter policy coat_select on coat using (colour = lower(current_setting('app.colour', true)))$$,
            array['auth call for each row: coat.coat_select']
        ),
        (
            'auth.uid() for each row that is written',
            $$create policy coat_insert on coat for insert to authenticated with check (user_id = auth.uid())$$,
            array['auth call for each row: coat.coat_insert']
        ),
        (
            'auth.uid() for each row of a sub-select',
            $$alter policy coat_select on coat using (id in (select b.id from button b where b.user_id = auth.uid()))$$,
            array['auth call for each row: coat.coat_select']
        ),
        (
            'but not where it is called once, however deep',
            $$alter policy coat_select on coat using (
                id = any (array(select b.id from button b where b.user_id = (select auth.uid())))
                or colour = (select lower(coalesce(nullif(current_setting('app.(colour', true), ''), auth.jwt() ->> 'colour')))
            )$$,
            '{}'
        ),
        (
            'anybody''s inserts',
            $$create policy coat_insert on coat for insert to authenticated with check (true)$$,
            array['always true write: coat.coat_insert']
        ),
        (
            'inserts without a check',
            $$create policy coat_insert on coat for insert to authenticated$$,
            array['always true write: coat.coat_insert']
        ),
        (
            'updates of anybody''s rows',
            $$create policy coat_update on coat for update to authenticated using (true) with check (user_id = (select auth.uid()))$$,
            array['always true write: coat.coat_update']
        ),
        (
            'updates to anything',
            $$create policy coat_update on coat for update to authenticated using (user_id = (select auth.uid())) with check (true)$$,
            array['always true write: coat.coat_update']
        ),
        (
            'anybody''s deletes',
            $$create policy coat_delete on coat for delete to authenticated using (true)$$,
            array['always true write: coat.coat_delete']
        ),
        (
            'anybody''s everything',
            $$create policy coat_all on coat to anon using (true)$$,
            array['always true write: coat.coat_all']
        ),
        (
            'but not reads, nor a restriction that is none',
            $$create policy coat_all on coat for select to anon using (true);
            create policy coat_insert on coat as restrictive for insert to authenticated with check (true)$$,
            '{}'
        ),
        (
            'a claim that people edit, in the JWT',
            $$alter policy coat_select on coat using (colour = (select auth.jwt() -> 'user_metadata' ->> 'colour'))$$,
            array['user-editable claim: coat.coat_select']
        ),
        (
            'a claim that people edit, in auth.users',
            $$alter policy coat_select on coat using (colour in (select raw_user_meta_data ->> 'colour' from auth.users))$$,
            array['user-editable claim: coat.coat_select']
        ),
        (
            'but not one that the service sets',
            $$alter policy coat_select on coat using (colour = (select auth.jwt() -> 'app_metadata' ->> 'colour'))$$,
            '{}'
        ),

        -- Functions.
        (
            'a function without a search_path of its own',
            $$create function dye() returns void language sql set work_mem = '4MB' as ''$$,
            array['mutable search_path: dye()']
        ),
        (
            'lgtempo''s own functions, too',
            $$alter function lgtempo_uuid_v7() reset search_path$$,
            array['mutable search_path: lgtempo_uuid_v7()']
        ),
        (
            'but not one with a search_path',
            $$create function dye() returns void language sql set search_path = '' as ''$$,
            '{}'
        ),
        (
            'a definer function for everybody',
            $$create function dye() returns void language sql security definer set search_path = '' as ''$$,
            array['definer function for API: dye() for anon', 'definer function for API: dye() for authenticated']
        ),
        (
            'a definer function for signed-in people',
            $$create function dye() returns void language sql security definer set search_path = '' as '';
            revoke execute on function dye() from public;
            grant execute on function dye() to authenticated$$,
            array['definer function for API: dye() for authenticated']
        ),
        (
            'lgtempo''s own functions as definers, too',
            $$alter function lgtempo_version() security definer$$,
            array['definer function for API: lgtempo_version() for anon', 'definer function for API: lgtempo_version() for authenticated']
        ),
        (
            'but not one for the service',
            $$create function dye() returns void language sql security definer set search_path = '' as '';
            revoke execute on function dye() from public;
            grant execute on function dye() to service_role$$,
            '{}'
        ),

        -- What the API shows.
        (
            'a view with its owner''s rights',
            $$create view wardrobe with (security_barrier) as select id from coat$$,
            array['definer view: wardrobe']
        ),
        (
            'a view that has them on purpose',
            $$create view wardrobe with (security_invoker = off) as select id from coat$$,
            array['definer view: wardrobe']
        ),
        (
            'but not one with the reader''s',
            $$create view wardrobe with (security_invoker) as select id from coat$$,
            '{}'
        ),
        (
            'accounts in a view',
            $$create view people with (security_invoker) as select c.id, u.email from coat c join auth.users u on u.id = c.user_id;
            grant select (email) on people to authenticated$$,
            array['auth.users exposed: people']
        ),
        (
            'but not if nobody may read it',
            $$create view people with (security_invoker) as select email from auth.users$$,
            '{}'
        ),
        (
            'a materialized view',
            $$create materialized view wardrobe as select id from coat;
            grant select on wardrobe to anon$$,
            array['materialized view in API: wardrobe']
        ),
        (
            'but not if nobody may read it',
            $$create materialized view wardrobe as select id from coat$$,
            '{}'
        ),
        (
            'a foreign table',
            $$create foreign data wrapper post;
            create server tailor foreign data wrapper post;
            create foreign table fabric (colour text) server tailor;
            grant select on fabric to authenticated$$,
            array['foreign table in API: fabric']
        ),
        (
            'but not if nobody may read it',
            $$create foreign data wrapper post;
            create server tailor foreign data wrapper post;
            create foreign table fabric (colour text) server tailor$$,
            '{}'
        ),
        (
            'an extension in public, and not what it brings',
            $$create extension citext schema public$$,
            array['extension in public: citext']
        ),
        (
            'but not one elsewhere',
            $$create schema cloakroom; create extension citext schema cloakroom$$,
            '{}'
        )
) v (what, deed, findings);

select * from finish();
rollback;
