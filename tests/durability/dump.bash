# Sourced by the scenarios of dumps: rows in every table, what an owner adds, and whether all of it comes back.
# shellcheck shell=bash

CID=00000000-0000-4000-8000-00000000000c
NAMELESS=nobody-knows-who-it-is-that-speaks

# fill DATABASE SCHEMA [SIGN_UP_ROLE]: rows in every table.
fill() {
  sign_up "$1" "${3-}"
  shared_knowledge "$1" "$2"
  coaching "$1" "$2" "$2" >/dev/null
  sql "$1" "
    set search_path = $2;
    select format('[%s]', string_agg(sin(i)::real::text, ',' order by i)) as wave from generate_series(1, 1536) i \\gset
    select format('[%s]', string_agg((-sin(i))::real::text, ',' order by i)) as ebb from generate_series(1, 1536) i \\gset
    insert into agent_personae (name, average_rating) values ('Coach', 4.25);
    insert into knowledge (user_id, content, embedding) values (null, 'Drink water.', :'wave'), ('$ADA', 'Ich schlafe gut.', null);
    update knowledge set language = 'german' where user_id is not null;
    insert into knowledge_chunks (document_id, chunk_index, content, embedding)
    select id, 100 + i, format('Breathe %s times.', i), :'ebb' from (select id from knowledge_documents limit 1) d, generate_series(1, 70) i;
    insert into graph_nodes (user_id, node_type, label, embedding) values ('$BEN', 'emotion', 'anxious', :'wave');
    insert into embedding_jobs (node_id, user_id, lease, leased_until)
    select id, user_id, lgtempo_uuid_v7(), now() + interval '5 minutes' from graph_nodes where embedding is null;
    insert into embedding_jobs (entry_id, error, failed_at) select id, 'no', now() from knowledge where embedding is null;
    insert into graph_insights (user_id, insight_type, insight_key, title, content) values ('$ADA', 'trend', 'mood', 'Up', 'Better.');
    insert into inbox_messages (id, user_id, message_type, subject, content)
    values ('00000000-0000-7000-8000-0000000000e1', '$ADA', 'insight', 'Hello', '{\"text\":\"Well done.\"}');
    insert into message_attachments (message_id, attachment_type, url) values ('00000000-0000-7000-8000-0000000000e1', 'link', 'https://example.com');
    insert into message_read_receipts (message_id) values ('00000000-0000-7000-8000-0000000000e1');
    insert into voice_chat_events (user_id, anonymous_id, conversation_id, event_type) values ('$ADA', null, 'c', 'call_started'),
        (null, repeat('x', 32), 'c', 'call_started');
    insert into elevenlabs_conversations (user_id, conversation_id) values ('$BEN', 'c');
    insert into webhook_events (source, external_id, event_type) values ('elevenlabs', 'e', 'call_ended');
    insert into goal_categories (id, title) values ('career', 'Career');
    insert into user_goals (user_id, goal_title, category_id, node_id)
    select user_id, label, 'career', id from graph_nodes where node_type = 'goal'"
}

# add DATABASE SCHEMA [ROLE]: what an owner may add to the tables.
add() {
  sql "$1" "
    set search_path = $2, public;
    alter table graph_nodes add column mood text not null default 'calm' check (mood <> '');
    alter table graph_nodes add column previous_status node_status;
    update graph_nodes set mood = 'tense', previous_status = 'curated' where node_type = 'goal';
    comment on column graph_nodes.mood is 'Added by hand.';
    create index graph_nodes_mood_idx on graph_nodes (user_id, mood);
    create policy graph_nodes_select_coach on graph_nodes for select to service_role using (mood = 'tense');
    comment on policy graph_nodes_select_coach on graph_nodes is 'Added by hand.';
    create function note_mood() returns trigger language plpgsql as 'begin new.mood := lower(new.mood); return new; end';
    create trigger note_mood before insert or update on graph_nodes for each row execute function note_mood();
    alter table inbox_messages add constraint inbox_messages_subject_short check (length(subject) <= 200);
    alter table users alter credits set default 10;
    drop index graph_insights_user_created_idx;
    alter table profiles disable trigger touch;
    create table diary (
        id uuid primary key default lgtempo_uuid_v7(),
        node_id uuid not null,
        user_id uuid not null default auth.uid(),
        kind node_type not null default 'session',
        foreign key (node_id, user_id) references graph_nodes (id, user_id) on delete cascade
    );
    insert into diary (node_id, user_id) select id, user_id from graph_nodes limit 2;
    create view goals with (security_invoker = true) as select id, label from graph_nodes where node_type = 'goal';
    set client_min_messages = error;
    create publication changes for table graph_edges (id, user_id, edge_type), inbox_messages where (id is not null)" "${3-}"
}

# grant DATABASE SCHEMA [ROLE]: rights other than those that lgtempo gives. (A right on a table that no policy is for is taken back
# by the next setup: default privileges give such.)
grant() {
  sql "$1" "
    set search_path = $2;
    grant select (mood) on graph_nodes to anon;
    grant select on user_goals to anon;
    create policy user_goals_select_shown on user_goals for select to anon using (metadata ? 'shown');
    revoke delete on graph_edges from authenticated" "${3-}"
}

# look DATABASE NAME SCHEMA: puts what there is into files.
look() {
  rows "$1" >"$SCRATCH/$2.rows"
  catalogue "$1" >"$SCRATCH/$2.catalogue"
  rights "$1" "$3" >"$SCRATCH/$2.rights"
}

# restorers_extensions NAME: extensions belong to whoever restores them; what looked like this was otherwise restored as it was.
restorers_extensions() { sed -i -E 's/^(extension [|] [^|]+ [|] [^|]+ [|]) [^|]+/\1 postgres /' "$SCRATCH/$1.catalogue"; }

# restored DATABASE NAME SCHEMA WHERE: it is as when it was looked at.
restored() {
  look "$1" now "$3"
  same "$SCRATCH/$2.rows" "$SCRATCH/now.rows" "$4: every row is back"
  same "$SCRATCH/$2.catalogue" "$SCRATCH/now.catalogue" "$4: so is everything in the catalogue"
  same "$SCRATCH/$2.rights" "$SCRATCH/now.rights" "$4: people may do what they might"
}

# everyday DATABASE SCHEMA: what coaching leaves out: messages, voice, documents, insights.
everyday() {
  sql "$1" "
    set search_path = $2;
    set role service_role;
    set request.jwt.claims = '{\"role\":\"service_role\"}';
    select create_message_with_attachments('$ADA', 'Well done', 'You spoke up.', 'coach', 'Coach',
        p_attachments => '[{\"type\":\"link\",\"name\":\"Notes\",\"url\":\"https://example.com\"}]') as message \\gset
    select add_knowledge_document('00000000-0000-7000-8000-0000000000c1', 'Water', 'Drink a glass of lukewarm water.') is not null;
    set role anon;
    set request.jwt.claims = '{\"role\":\"anon\"}';
    set request.headers = '{\"x-anonymous-id\":\"$NAMELESS\"}';
    insert into voice_chat_events (anonymous_id, conversation_id, event_type) values ('$NAMELESS', 'd', 'call_started');
    set role authenticated;
    set request.jwt.claims = '{\"sub\":\"$ADA\",\"role\":\"authenticated\"}';
    select 'unread', get_unread_message_count();
    select 'read', mark_message_as_read(:'message');
    select 'read again', mark_message_as_read(:'message'), get_unread_message_count();
    select 'kept', toggle_message_pin(:'message'), archive_message(:'message');
    select 'attached', title, url from message_attachments where message_id = :'message';
    select 'claimed', claim_anonymous_events('$NAMELESS');
    select 'words', content from search_knowledge_base('lukewarm');
    select 'onboarded', handle_voice_onboarding(null, 'Hello.', '{}', '{\"name\":\"Sleep well\"}', '{\"conversation_id\":\"d\"}') ->> 'onboarding_completed';
    select 'goal', goal_title, session_count from get_user_goals_with_progress() order by goal_title;
    select 'skill', skill_name, skill_level from get_user_skills_graph();
    select 'insights', refresh_graph_insights() >= 0;
    select 'insights again', refresh_graph_insights()"
}

EVERYDAY='t
unread | 1
read | t
read again | f | 0
kept | t | t
attached | Notes | https://example.com
claimed | 1
words | Drink a glass of lukewarm water.
onboarded | true
goal | Sleep well | 0
goal | Speak up | 0
skill | Rhetoric | advanced
insights | t
insights again | 0'

# goes_on DATABASE SCHEMA WHERE [OWNER [SIGN_UP_ROLE]]: life goes on.
goes_on() {
  local db=$1 schema=$2 where=$3
  is "$(sql "$db" "select $schema.lgtempo_setup()" "${4-}")" 0 "$where: a setup has nothing to do"
  is "$(rows "$db")" "$(cat "$SCRATCH/now.rows")" "$where: and changes no rows"
  is "$(rights "$db" "$schema")" "$(cat "$SCRATCH/now.rights")" "$where: and no rights"
  does "$db" "insert into auth.users (id, email, raw_user_meta_data) values ('$CID', 'cid@example.com', '{\"full_name\":\"Cid\"}')" \
    "$where: a further person signs up" "${5-}"
  is "$(sql "$db" "select u.email, p.full_name from $schema.users u join $schema.profiles p using (id) where id = '$CID'")" \
    'cid@example.com | Cid' "$where: and gets users and profiles"
  sql "$db" "truncate $schema.graph_nodes, $schema.knowledge cascade"
  is "$(coaching "$db" "$schema" "$schema")" "$COACHED" "$where: people walk their graph and search"
  is "$(everyday "$db" "$schema")" "$EVERYDAY" "$where: and use inbox, voice and insights"
}

# restores WHERE COMMAND…: a command that must not complain; that there are no tables yet and that wal_level is low are no complaints.
restores() {
  local where=$1 said status=0
  shift
  said=$("$@" 2>&1 >/dev/null) || status=$?
  said=$(grep -vE 'lays out no tables|wal_level' <<<"$said" || true)
  is "$status $said" '0 ' "$where: the restore runs without a complaint"
}

from_file() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$1" --file "$2"; }
