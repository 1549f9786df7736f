-- Who is here: the accounts, what people set for themselves, and the coaches they talk to.

create table @extschema@.users (
    id uuid not null,
    email text,
    name text,
    full_name text,
    avatar_url text,
    image text,
    token_identifier text,
    subscription text,
    credits integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint users_pkey primary key (id),
    constraint users_id_fkey foreign key (id) references auth.users (id) on delete cascade,
    constraint users_token_identifier_key unique (token_identifier)
);
comment on table @extschema@.users is 'Accounts: the core record of each person.
Kept in step with auth.users by triggers; the person may read it, only the service changes it.';
comment on column @extschema@.users.id is 'The account''s id in auth.users.';
comment on column @extschema@.users.email is 'E-mail address, as in auth.users.';
comment on column @extschema@.users.name is 'Short name, from the sign-up metadata.';
comment on column @extschema@.users.full_name is 'Full name, from the sign-up metadata.';
comment on column @extschema@.users.avatar_url is 'Address of the portrait, from the sign-up metadata.';
comment on column @extschema@.users.image is 'Address of a portrait chosen by the service.';
comment on column @extschema@.users.token_identifier is 'Identifier that the service''s token issuer uses; never taken from metadata.';
comment on column @extschema@.users.subscription is 'Plan that the person has subscribed to; set by the service alone.';
comment on column @extschema@.users.credits is 'Credits left; set by the service alone.';
comment on column @extschema@.users.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.users.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create table @extschema@.profiles (
    id uuid not null,
    username text,
    full_name text,
    avatar_url text,
    locale text,
    preferences jsonb not null default '{}',
    coaching_preferences jsonb not null default '{}',
    selected_goals jsonb not null default '[]',
    goals_updated_at timestamptz,
    onboarding_completed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint profiles_pkey primary key (id),
    constraint profiles_id_fkey foreign key (id) references auth.users (id) on delete cascade,
    constraint profiles_username_key unique (username),
    constraint profiles_preferences_check check (jsonb_typeof(preferences) = 'object'),
    constraint profiles_coaching_preferences_check check (jsonb_typeof(coaching_preferences) = 'object'),
    constraint profiles_selected_goals_check check (jsonb_typeof(selected_goals) = 'array')
);
comment on table @extschema@.profiles is 'Profiles: what people tell about themselves and prefer.
Made together with users; the person may read and change the own row.';
comment on column @extschema@.profiles.id is 'The account''s id in auth.users.';
comment on column @extschema@.profiles.username is 'Name chosen by the person, unique; never taken from metadata.';
comment on column @extschema@.profiles.full_name is 'Full name; follows the sign-up metadata until the person changes it here.';
comment on column @extschema@.profiles.avatar_url is 'Address of the portrait; follows the sign-up metadata until the person changes it here.';
comment on column @extschema@.profiles.locale is 'Language and region, such as en-GB.';
comment on column @extschema@.profiles.preferences is 'Settings of the app (a JSON object).';
comment on column @extschema@.profiles.coaching_preferences is 'How the person likes to be coached (a JSON object).';
comment on column @extschema@.profiles.selected_goals is 'Goals picked during onboarding (a JSON array).';
comment on column @extschema@.profiles.goals_updated_at is 'When selected_goals last changed.';
comment on column @extschema@.profiles.onboarding_completed_at is 'When onboarding was completed; null before.';
comment on column @extschema@.profiles.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.profiles.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create table @extschema@.agent_personae (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    name text not null,
    category text,
    goal_category text,
    speciality text,
    key_features text,
    tone_and_style text,
    personality text,
    backstory text,
    strengths text,
    image_url text,
    video_intro_url text,
    elevenlabs_agent_id text,
    voice_profile jsonb not null default '{}',
    response_templates jsonb not null default '{}',
    availability_status text not null default 'available',
    average_rating numeric(3, 2),
    is_active boolean not null default true,
    is_featured boolean not null default false,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint agent_personae_pkey primary key (id),
    constraint agent_personae_elevenlabs_agent_id_key unique (elevenlabs_agent_id),
    constraint agent_personae_average_rating_check check (average_rating between 0 and 5)
);
comment on table @extschema@.agent_personae is 'Coaches: the AI personae that people can talk to.
Everybody, signed in or not, may read those that are active.';
comment on column @extschema@.agent_personae.id is 'Key (uuid, version 7).';
comment on column @extschema@.agent_personae.name is 'The coach''s name.';
comment on column @extschema@.agent_personae.category is 'Kind of coach.';
comment on column @extschema@.agent_personae.goal_category is 'Goal category that the coach is made for (an id of goal_categories).';
comment on column @extschema@.agent_personae.speciality is 'What the coach knows best.';
comment on column @extschema@.agent_personae.key_features is 'What sets the coach apart.';
comment on column @extschema@.agent_personae.tone_and_style is 'How the coach speaks.';
comment on column @extschema@.agent_personae.personality is 'The coach''s character.';
comment on column @extschema@.agent_personae.backstory is 'Where the coach comes from.';
comment on column @extschema@.agent_personae.strengths is 'What the coach is good at.';
comment on column @extschema@.agent_personae.image_url is 'Address of the portrait.';
comment on column @extschema@.agent_personae.video_intro_url is 'Address of a film in which the coach introduces itself.';
comment on column @extschema@.agent_personae.elevenlabs_agent_id is 'Id of the voice agent, unique.';
comment on column @extschema@.agent_personae.voice_profile is 'Settings of the voice (JSON).';
comment on column @extschema@.agent_personae.response_templates is 'Phrases to answer with (JSON).';
comment on column @extschema@.agent_personae.availability_status is 'Whether the coach can be talked to now.';
comment on column @extschema@.agent_personae.average_rating is 'Mean of people''s ratings, 0 to 5; null before the first.';
comment on column @extschema@.agent_personae.is_active is 'Whether the coach is shown.';
comment on column @extschema@.agent_personae.is_featured is 'Whether the coach is shown first.';
comment on column @extschema@.agent_personae.metadata is 'Whatever else the service keeps (JSON).';
comment on column @extschema@.agent_personae.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.agent_personae.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create trigger touch before update on @extschema@.users
    for each row execute function @extschema@.lgtempo_touch();
create trigger touch before update on @extschema@.profiles
    for each row execute function @extschema@.lgtempo_touch();
create trigger touch before update on @extschema@.agent_personae
    for each row execute function @extschema@.lgtempo_touch();

alter table @extschema@.users enable row level security;
alter table @extschema@.profiles enable row level security;
alter table @extschema@.agent_personae enable row level security;

create policy users_select_own on @extschema@.users
    for select to authenticated
    using (id = (select auth.uid()));
comment on policy users_select_own on @extschema@.users is 'People read their own account.';

create policy profiles_select_own on @extschema@.profiles
    for select to authenticated
    using (id = (select auth.uid()));
comment on policy profiles_select_own on @extschema@.profiles is 'People read their own profile.';
create policy profiles_update_own on @extschema@.profiles
    for update to authenticated
    using (id = (select auth.uid()))
    with check (id = (select auth.uid()));
comment on policy profiles_update_own on @extschema@.profiles is 'People change their own profile.';

create policy agent_personae_select_active on @extschema@.agent_personae
    for select to anon, authenticated
    using (is_active);
comment on policy agent_personae_select_active on @extschema@.agent_personae is 'Everybody reads the coaches that are active.';

revoke all on @extschema@.users, @extschema@.profiles, @extschema@.agent_personae
    from public, anon, authenticated, service_role;
grant select, insert, update, delete, truncate on @extschema@.users, @extschema@.profiles, @extschema@.agent_personae to service_role;
grant select on @extschema@.users to authenticated;
grant select, update on @extschema@.profiles to authenticated;
grant select on @extschema@.agent_personae to anon, authenticated;
