-- What a person wants to reach: the goals, and the categories to choose from.

create table @extschema@.goal_categories (
    id text not null,
    title text not null,
    display_color text,
    icon_name text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint goal_categories_pkey primary key (id)
);
comment on table @extschema@.goal_categories is 'Goal categories: what goals can be about.
Everybody, signed in or not, may read them; only the service writes them.';
comment on column @extschema@.goal_categories.id is 'Key: a short word.';
comment on column @extschema@.goal_categories.title is 'Title, as shown.';
comment on column @extschema@.goal_categories.display_color is 'Colour to show it in.';
comment on column @extschema@.goal_categories.icon_name is 'Name of its icon.';
comment on column @extschema@.goal_categories.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.goal_categories.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create table @extschema@.user_goals (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    user_id uuid not null default auth.uid(),
    goal_title text not null,
    goal_description text,
    goal_status text not null default 'pending',
    category_id text,
    target_date date,
    milestones jsonb not null default '[]',
    metadata jsonb not null default '{}',
    node_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint user_goals_pkey primary key (id),
    constraint user_goals_user_fkey foreign key (user_id) references auth.users (id) on delete cascade,
    constraint user_goals_category_fkey foreign key (category_id)
        references @extschema@.goal_categories (id) on delete set null,
    constraint user_goals_node_fkey foreign key (node_id, user_id)
        references @extschema@.graph_nodes (id, user_id) on delete set null (node_id),
    constraint user_goals_goal_title_check
        check (char_length(btrim(goal_title, E' \t\n\r\f\x0b')) between 1 and 255),
    constraint user_goals_milestones_check check (jsonb_typeof(milestones) = 'array'),
    constraint user_goals_metadata_check check (jsonb_typeof(metadata) = 'object')
);
comment on table @extschema@.user_goals is 'Goals: what people have set out to reach, with milestones.
The person may read, add, change and erase the own rows; node_id names the goal''s node in the graph.';
comment on column @extschema@.user_goals.id is 'Key (uuid, version 7).';
comment on column @extschema@.user_goals.user_id is 'Whose goal this is.';
comment on column @extschema@.user_goals.goal_title is 'The goal in a few words, 1 to 255 characters without the blanks around it.';
comment on column @extschema@.user_goals.goal_description is 'What there is to say about it.';
comment on column @extschema@.user_goals.goal_status is 'How far the goal is; pending at first.';
comment on column @extschema@.user_goals.category_id is 'What the goal is about; null once that category is erased.';
comment on column @extschema@.user_goals.target_date is 'The day by which it is to be reached.';
comment on column @extschema@.user_goals.milestones is 'Steps on the way (a JSON array).';
comment on column @extschema@.user_goals.metadata is 'Whatever else is kept (a JSON object).';
comment on column @extschema@.user_goals.node_id is 'The goal''s node in the person''s graph; null once that node is erased.';
comment on column @extschema@.user_goals.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.user_goals.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create index user_goals_user_created_idx on @extschema@.user_goals (user_id, created_at desc);
comment on index @extschema@.user_goals_user_created_idx is 'A person''s goals, newest first.';
create index user_goals_user_node_idx on @extschema@.user_goals (user_id, node_id);
comment on index @extschema@.user_goals_user_node_idx is 'A person''s goals by their nodes.';
create index user_goals_category_idx on @extschema@.user_goals (category_id);
comment on index @extschema@.user_goals_category_idx is 'The goals of a category.';

create trigger touch before update on @extschema@.goal_categories
    for each row execute function @extschema@.lgtempo_touch();
create trigger touch before update on @extschema@.user_goals
    for each row execute function @extschema@.lgtempo_touch();

alter table @extschema@.goal_categories enable row level security;
alter table @extschema@.user_goals enable row level security;

create policy goal_categories_select_all on @extschema@.goal_categories
    for select to anon, authenticated
    using (true);
comment on policy goal_categories_select_all on @extschema@.goal_categories is 'Everybody reads the categories.';

create policy user_goals_select_own on @extschema@.user_goals
    for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy user_goals_select_own on @extschema@.user_goals is 'People read their own goals.';
create policy user_goals_insert_own on @extschema@.user_goals
    for insert to authenticated
    with check (user_id = (select auth.uid()));
comment on policy user_goals_insert_own on @extschema@.user_goals is 'People add goals of their own.';
create policy user_goals_update_own on @extschema@.user_goals
    for update to authenticated
    using (user_id = (select auth.uid()))
    with check (user_id = (select auth.uid()));
comment on policy user_goals_update_own on @extschema@.user_goals is 'People change their own goals.';
create policy user_goals_delete_own on @extschema@.user_goals
    for delete to authenticated
    using (user_id = (select auth.uid()));
comment on policy user_goals_delete_own on @extschema@.user_goals is 'People erase their own goals.';

revoke all on @extschema@.goal_categories, @extschema@.user_goals
    from public, anon, authenticated, service_role;
grant select, insert, update, delete, truncate on @extschema@.goal_categories, @extschema@.user_goals to service_role;
grant select on @extschema@.goal_categories to anon, authenticated;
grant select, insert, update, delete on @extschema@.user_goals to authenticated;
