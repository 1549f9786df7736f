-- What is said aloud: events of voice chats, the conversations, and what voice services report.

create table @extschema@.voice_chat_events (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    user_id uuid default auth.uid(),
    anonymous_id text,
    conversation_id text,
    event_type text not null,
    event_data jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint voice_chat_events_pkey primary key (id),
    constraint voice_chat_events_user_fkey foreign key (user_id) references auth.users (id) on delete cascade,
    constraint voice_chat_events_anonymous_id_check check (anonymous_id ~ '^[A-Za-z0-9_-]{32,128}$'),
    constraint voice_chat_events_event_type_check check (event_type ~ '^[a-z][a-z0-9]*(_[a-z0-9]+)*$'),
    constraint voice_chat_events_who_check check (user_id is not null or anonymous_id is not null)
);
comment on table @extschema@.voice_chat_events is 'Voice chat events: what happened in a voice chat, step by step, before sign-up too.
Who is not signed in writes and reads under an anonymous_id, sent as the request header x-anonymous-id; after sign-up the person claims those rows.';
comment on column @extschema@.voice_chat_events.id is 'Key (uuid, version 7).';
comment on column @extschema@.voice_chat_events.user_id is 'Whose event this is; null until it is claimed.';
comment on column @extschema@.voice_chat_events.anonymous_id is 'Who was speaking before sign-up: 32 to 128 characters of A-Z, a-z, 0-9, _ and -, made by the client from a secure random source.
Whoever knows it may read what was said under it until it is claimed; claiming clears it.';
comment on column @extschema@.voice_chat_events.conversation_id is 'The conversation that the event belongs to, as the voice service names it.';
comment on column @extschema@.voice_chat_events.event_type is 'What happened: a word in snake_case.';
comment on column @extschema@.voice_chat_events.event_data is 'The event''s particulars (JSON).';
comment on column @extschema@.voice_chat_events.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.voice_chat_events.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create index voice_chat_events_user_created_idx on @extschema@.voice_chat_events (user_id, created_at desc);
comment on index @extschema@.voice_chat_events_user_created_idx is 'A person''s events, newest first.';
create index voice_chat_events_anonymous_created_idx on @extschema@.voice_chat_events
    (anonymous_id, created_at desc) where user_id is null;
comment on index @extschema@.voice_chat_events_anonymous_created_idx is 'The unclaimed events of an anonymous_id, newest first.';

create table @extschema@.elevenlabs_conversations (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    user_id uuid not null default auth.uid(),
    conversation_id text not null,
    agent_id text,
    status text,
    call_type text,
    started_at timestamptz,
    ended_at timestamptz,
    duration_minutes integer,
    scheduled_duration integer,
    transcript jsonb not null default '[]',
    analysis jsonb not null default '{}',
    interaction_metrics jsonb not null default '{}',
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint elevenlabs_conversations_pkey primary key (id),
    constraint elevenlabs_conversations_user_fkey foreign key (user_id) references auth.users (id) on delete cascade,
    constraint elevenlabs_conversations_user_conversation_key unique (user_id, conversation_id),
    constraint elevenlabs_conversations_duration_minutes_check check (duration_minutes >= 0),
    constraint elevenlabs_conversations_scheduled_duration_check check (scheduled_duration >= 0),
    constraint elevenlabs_conversations_metadata_check check (jsonb_typeof(metadata) = 'object')
);
comment on table @extschema@.elevenlabs_conversations is 'Conversations: what a person and a voice agent said to each other.
One row a person and conversation_id: a repeated report updates it. The person may read, add and change the own rows.';
comment on column @extschema@.elevenlabs_conversations.id is 'Key (uuid, version 7).';
comment on column @extschema@.elevenlabs_conversations.user_id is 'Whose conversation this is.';
comment on column @extschema@.elevenlabs_conversations.conversation_id is 'The conversation''s id at the voice service, unique for a person.';
comment on column @extschema@.elevenlabs_conversations.agent_id is 'Id of the voice agent.';
comment on column @extschema@.elevenlabs_conversations.status is 'How far the conversation is, as the voice service says.';
comment on column @extschema@.elevenlabs_conversations.call_type is 'Kind of call.';
comment on column @extschema@.elevenlabs_conversations.started_at is 'When the conversation began.';
comment on column @extschema@.elevenlabs_conversations.ended_at is 'When the conversation ended; null while it lasts.';
comment on column @extschema@.elevenlabs_conversations.duration_minutes is 'How long it lasted, in whole minutes.';
comment on column @extschema@.elevenlabs_conversations.scheduled_duration is 'How long it was meant to last, in whole minutes.';
comment on column @extschema@.elevenlabs_conversations.transcript is 'What was said (JSON).';
comment on column @extschema@.elevenlabs_conversations.analysis is 'What the voice service made of it (JSON).';
comment on column @extschema@.elevenlabs_conversations.interaction_metrics is 'Figures about it, such as counts of messages (JSON).';
comment on column @extschema@.elevenlabs_conversations.metadata is 'Whatever else is kept (a JSON object).';
comment on column @extschema@.elevenlabs_conversations.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.elevenlabs_conversations.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create table @extschema@.webhook_events (
    id uuid not null default @extschema@.lgtempo_uuid_v7(),
    source text not null,
    event_type text,
    type text,
    external_id text,
    user_id uuid,
    data jsonb not null default '{}',
    processed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint webhook_events_pkey primary key (id),
    constraint webhook_events_user_fkey foreign key (user_id) references auth.users (id) on delete cascade,
    constraint webhook_events_source_external_id_key unique (source, external_id)
);
comment on table @extschema@.webhook_events is 'Webhook deliveries: what other services have reported, as it came.
One row a source and external_id: a repeated delivery is recognised. For the service alone.';
comment on column @extschema@.webhook_events.id is 'Key (uuid, version 7).';
comment on column @extschema@.webhook_events.source is 'The service that sent it.';
comment on column @extschema@.webhook_events.event_type is 'What it reports, in the app''s words.';
comment on column @extschema@.webhook_events.type is 'What it reports, in the source''s words.';
comment on column @extschema@.webhook_events.external_id is 'The delivery''s id at the source, unique there; null where the source gives none.';
comment on column @extschema@.webhook_events.user_id is 'The person it is about; null where that is nobody, or not known yet.';
comment on column @extschema@.webhook_events.data is 'What was sent (JSON).';
comment on column @extschema@.webhook_events.processed_at is 'When it was dealt with; null before.';
comment on column @extschema@.webhook_events.created_at is 'When the row was made (UTC instant).';
comment on column @extschema@.webhook_events.updated_at is 'When the row was last changed (UTC instant, kept by the database).';

create index webhook_events_user_idx on @extschema@.webhook_events (user_id);
comment on index @extschema@.webhook_events_user_idx is 'Deliveries about a person.';

create trigger touch before update on @extschema@.voice_chat_events
    for each row execute function @extschema@.lgtempo_touch();
create trigger touch before update on @extschema@.elevenlabs_conversations
    for each row execute function @extschema@.lgtempo_touch();
create trigger touch before update on @extschema@.webhook_events
    for each row execute function @extschema@.lgtempo_touch();

alter table @extschema@.voice_chat_events enable row level security;
alter table @extschema@.elevenlabs_conversations enable row level security;
alter table @extschema@.webhook_events enable row level security;

create policy voice_chat_events_select_anonymous on @extschema@.voice_chat_events
    for select to anon
    using (
        user_id is null
        and anonymous_id = (select nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-anonymous-id')
    );
comment on policy voice_chat_events_select_anonymous on @extschema@.voice_chat_events is 'Who is not signed in reads the unclaimed events of the header''s anonymous_id.';
create policy voice_chat_events_insert_anonymous on @extschema@.voice_chat_events
    for insert to anon
    with check (
        user_id is null
        and anonymous_id = (select nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-anonymous-id')
    );
comment on policy voice_chat_events_insert_anonymous on @extschema@.voice_chat_events is 'Who is not signed in adds events under the header''s anonymous_id.';
create policy voice_chat_events_select_own on @extschema@.voice_chat_events
    for select to authenticated
    using (
        user_id = (select auth.uid())
        or (
            user_id is null
            and anonymous_id = (select nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-anonymous-id')
        )
    );
comment on policy voice_chat_events_select_own on @extschema@.voice_chat_events is 'People read their own events, and those they may claim: the unclaimed ones of the header''s anonymous_id.';
create policy voice_chat_events_insert_own on @extschema@.voice_chat_events
    for insert to authenticated
    with check (user_id = (select auth.uid()) and anonymous_id is null);
comment on policy voice_chat_events_insert_own on @extschema@.voice_chat_events is 'People add events of their own, under no anonymous_id.';
create policy voice_chat_events_update_claim on @extschema@.voice_chat_events
    for update to authenticated
    using (
        user_id is null
        and anonymous_id = (select nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-anonymous-id')
    )
    with check (user_id = (select auth.uid()) and anonymous_id is null);
comment on policy voice_chat_events_update_claim on @extschema@.voice_chat_events is 'People claim the unclaimed events of the header''s anonymous_id.';

create policy elevenlabs_conversations_select_own on @extschema@.elevenlabs_conversations
    for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy elevenlabs_conversations_select_own on @extschema@.elevenlabs_conversations is 'People read their own conversations.';
create policy elevenlabs_conversations_insert_own on @extschema@.elevenlabs_conversations
    for insert to authenticated
    with check (user_id = (select auth.uid()));
comment on policy elevenlabs_conversations_insert_own on @extschema@.elevenlabs_conversations is 'People add conversations of their own.';
create policy elevenlabs_conversations_update_own on @extschema@.elevenlabs_conversations
    for update to authenticated
    using (user_id = (select auth.uid()))
    with check (user_id = (select auth.uid()));
comment on policy elevenlabs_conversations_update_own on @extschema@.elevenlabs_conversations is 'People change their own conversations.';

revoke all on @extschema@.voice_chat_events, @extschema@.elevenlabs_conversations, @extschema@.webhook_events
    from public, anon, authenticated, service_role;
grant select, insert, update, delete, truncate on @extschema@.voice_chat_events, @extschema@.elevenlabs_conversations, @extschema@.webhook_events to service_role;
grant select, insert on @extschema@.voice_chat_events to anon;
grant select, insert, update (user_id, anonymous_id) on @extschema@.voice_chat_events to authenticated;
grant select, insert, update on @extschema@.elevenlabs_conversations to authenticated;
