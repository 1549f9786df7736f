#!/usr/bin/env bash
# Whose rights a setup works with: the owner's code never runs as somebody greater, and afterwards all is as it was.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

OWNER=$(new_owner owner)
create_api_roles

# Traps

# traps DATABASE: the owner's functions that tell as whom they run, and try to become somebody else.
traps() {
  sql "$1" "
    create schema trap;
    grant usage on schema trap to public;
    create function trap.tell(place text) returns boolean language plpgsql as \$\$
    declare
        attempt text;
    begin
        raise warning 'trap % as % of %', place, current_user, session_user;
        foreach attempt in array array['set role postgres', 'reset role', 'set session authorization postgres', 'set local role none'] loop
            begin
                execute attempt;
                raise warning 'trap % after % as % of %', place, attempt, current_user, session_user;
            exception when others then
                null;
            end;
        end loop;
        return true;
    end \$\$;
    create function trap.spring() returns trigger language plpgsql as \$\$
    begin
        perform trap.tell(tg_name);
        return coalesce(new, old);
    end \$\$;
    -- When told to hurry, it puts off what it does until the very end.
    create table trap.late (n int);
    create function trap.put_off() returns trigger language plpgsql as \$\$
    begin
        perform trap.tell(tg_name);
        set constraints all deferred;
        begin
            insert into trap.late values (1);
        exception when others then
            -- Whoever forbids it is on the safe side.
            null;
        end;
        set constraints all immediate;
        return null;
    end \$\$;
    create constraint trigger late after insert on trap.late deferrable initially deferred for each row execute function trap.spring()" "$OWNER"
}

# trap_table DATABASE TABLE: the owner has whatever happens to a table spring a trap.
trap_table() {
  sql "$1" "
    create trigger before_row before insert or update on $2 for each row execute function trap.spring();
    create trigger after_row after insert or update on $2 for each row execute function trap.spring();
    create trigger before_statement before insert or update or delete on $2 for each statement execute function trap.spring();
    create constraint trigger deferred after insert or update on $2 deferrable initially deferred for each row execute function trap.spring();
    create constraint trigger put_off after insert or update on $2 deferrable initially deferred for each row execute function trap.put_off();
    alter table $2 add column trapped boolean default trap.tell('default of $2');
    alter table $2 add constraint trap check (trap.tell('check of $2') or true)" "$OWNER"
}

# sprung TEXT: as whom the traps of these messages have sprung.
sprung() { sed -nE 's/.*trap .* as ([^ ]+) of .*/\1/p' <<<"$1" | sort -u; }

# only_as_owner MESSAGES WHAT: traps sprang, and all of them as the owner.
only_as_owner() { is "$(sprung "$1")" "$OWNER" "$2"; }

# A trusted CREATE EXTENSION

STEPS=$(cd "$HERE/../../sql" && for file in [0-9][0-9]_*.sql; do printf "(%d, '%s', '{}')," "$((10#${file%%_*}))" "${file%.sql}"; done)
STEPS=${STEPS%,}

# The owner makes everything that a setup touches beforehand, with traps; one step is left to run.
DB=$(new_database trusted "$OWNER")
sql "$DB" 'create extension vector'
traps "$DB"
sql "$DB" "
  create schema auth;
  create table auth.users (id uuid primary key default gen_random_uuid(), email text, raw_user_meta_data jsonb);
  insert into auth.users (id, email, raw_user_meta_data) values ('$ADA', 'ada@example.com', '{\"full_name\":\"Ada\"}');
  alter table auth.users add constraint trap check (trap.tell('check of auth.users') or true);
  alter table auth.users enable row level security;
  alter table auth.users force row level security;
  create policy trap on auth.users using (trap.tell('policy of auth.users') or true) with check (true)" "$OWNER"
sql "$DB" "
  create schema app;
  create table app.lgtempo_migrations (step integer primary key, name text not null, objects text[] not null, applied_at timestamptz not null default now());
  insert into app.lgtempo_migrations (step, name, objects) values $STEPS;
  delete from app.lgtempo_migrations where name = '06_goals';
  create table app.users (id uuid primary key, email text, name text, full_name text, avatar_url text);
  create table app.profiles (id uuid primary key, full_name text, avatar_url text);
  create table app.graph_nodes (id uuid, user_id uuid, primary key (id, user_id));
  alter table app.lgtempo_migrations enable row level security;
  alter table app.users enable row level security;
  alter table app.profiles enable row level security;
  alter table app.graph_nodes enable row level security" "$OWNER"
for table in lgtempo_migrations users profiles graph_nodes; do
  trap_table "$DB" "app.$table" 2>/dev/null >&2
done
sql "$DB" "create rule trap as on insert to app.lgtempo_migrations do also select trap.tell('rule')" "$OWNER"
said=$(messages "$DB" 'create extension lgtempo schema app cascade' "$OWNER")
unlike "$said" 'ERROR' 'trusted, all made beforehand: CREATE EXTENSION works'
only_as_owner "$said" "trusted, all made beforehand: the owner's code runs as the owner alone"
like "$said" 'trap put_off as' 'trusted, all made beforehand: deferred triggers are among it'
said=$(messages "$DB" 'delete from app.users; select app.lgtempo_setup()' "$OWNER")
only_as_owner "$said" "trusted: in the owner's own lgtempo_setup() too"

# A superuser's lgtempo_setup(), on the owner's tables.
sql "$DB" 'delete from app.users; delete from app.profiles' "$OWNER" >/dev/null 2>&1
said=$(messages "$DB" 'select app.lgtempo_setup()')
only_as_owner "$said" "a superuser's lgtempo_setup(): the owner's code runs as the owner alone"
sql "$DB" 'delete from app.users; delete from app.profiles' "$OWNER" >/dev/null 2>&1
said=$(messages "$DB" 'begin; select app.lgtempo_setup(); commit')
only_as_owner "$said" "a superuser's lgtempo_setup() in a transaction: what is put off until its end, too"
like "$said" 'trap put_off as' "a superuser's lgtempo_setup() in a transaction: something was put off"
sql "$DB" 'delete from app.users; delete from app.profiles' "$OWNER" >/dev/null 2>&1
said=$(messages "$DB" 'begin; set constraints all deferred; select app.lgtempo_setup(); commit')
only_as_owner "$said" "a superuser's lgtempo_setup() in a transaction of deferred constraints: likewise"

# The same in a database that was installed as it should be: the owner adds traps to the real tables.
DB=$(new_database real "$OWNER")
sql "$DB" 'create extension vector'
sql "$DB" 'create extension lgtempo cascade' "$OWNER"
traps "$DB"
sign_up "$DB" "$OWNER"
for table in users profiles lgtempo_migrations auth.users; do trap_table "$DB" "$table" 2>/dev/null >&2; done
forget='alter table users disable row level security; delete from users; delete from profiles; alter table users enable row level security'
sql "$DB" "$forget" "$OWNER" >/dev/null 2>&1
said=$(messages "$DB" 'select lgtempo_setup()')
only_as_owner "$said" "a superuser's lgtempo_setup(), real tables: the owner's code runs as the owner alone"
is "$(sql "$DB" 'select (select count(*) from users), (select count(*) from profiles)')" '2 | 2' \
  "a superuser's lgtempo_setup(), real tables: the missing rows are added"
sql "$DB" "$forget" "$OWNER" >/dev/null 2>&1
said=$(messages "$DB" 'begin; set constraints all deferred; select lgtempo_setup(); commit')
only_as_owner "$said" "a superuser's lgtempo_setup(), real tables, constraints deferred: likewise"

# Afterwards all is as it was

# What a session is: who, and with which settings.
STATE="select current_user, session_user, current_schemas(false)::text;
    select name, setting from pg_settings where name <> 'lgtempo.layout' and source = 'session' or name in ('search_path', 'role', 'session_authorization',
        'row_security', 'client_min_messages', 'check_function_bodies') order by 1;"

# as_before DATABASE WHO SETUP WHERE: in one transaction, before and after a setup that may fail.
as_before() {
  local said
  said=$(sql "$1" "
    set search_path = '\$user', public, pg_temp;
    begin;
    $STATE
    select '----';
    do \$do\$ begin $3; exception when others then raise debug '%', sqlerrm; end \$do\$;
    $STATE
    create table made_after (id uuid);
    create function made_after() returns int language sql return 1;
    create type made_after_type as enum ('a');
    select '----';
    select relowner::regrole = current_user::regrole,
        (select count(*) from pg_depend where refclassid = 'pg_extension'::regclass
            and objid in ('made_after'::regclass, 'made_after()'::regprocedure, 'made_after_type'::regtype))
    from pg_class where oid = 'made_after'::regclass;
    rollback" "$2" 2>&1) || true
  # That no tables are laid out is told at any setting.
  said=$(sed '/^NOTICE:  lgtempo lays out no tables/d' <<<"$said")
  is "$(sed -n '/^----$/,/^----$/p' <<<"$said" | sed '/^----$/d')" "$(sed '/^----$/,$d' <<<"$said")" \
    "$4: user, search_path and settings are as before"
  is "$(tail -n 1 <<<"$said")" 't | 0' "$4: what is made next is the caller's, and no member of the extension"
}

DB=$(new_database state "$OWNER")
sql "$DB" 'create extension vector'
for who in "$OWNER" postgres; do
  as_before "$DB" "$who" 'create extension lgtempo cascade' "CREATE EXTENSION by ${who#"${OURS}_"}"
  as_before "$DB" "$who" 'set local lgtempo.layout = off; create extension lgtempo cascade; set local lgtempo.layout = auto' \
    "CREATE EXTENSION without tables by ${who#"${OURS}_"}"
done
sql "$DB" 'create table users (id int)'
for who in "$OWNER" postgres; do
  fails "$DB" 'create extension lgtempo cascade' '42P07: ' 'a name is taken' "$who"
  as_before "$DB" "$who" 'create extension lgtempo cascade' "failed CREATE EXTENSION by ${who#"${OURS}_"}"
done
sql "$DB" 'drop table users'
sql "$DB" 'create extension lgtempo cascade' "$OWNER"
for who in "$OWNER" postgres; do
  as_before "$DB" "$who" 'perform lgtempo_setup()' "lgtempo_setup() by ${who#"${OURS}_"}"
done
sql "$DB" 'alter table users drop column image' "$OWNER"
for who in "$OWNER" postgres; do
  fails "$DB" 'select lgtempo_setup()' '55000: ' 'a column is missing' "$who"
  as_before "$DB" "$who" 'perform lgtempo_setup()' "failed lgtempo_setup() by ${who#"${OURS}_"}"
done
for who in authenticated service_role; do
  fails "$DB" "set role $who; select lgtempo_setup()" '42501: ' "$who may not"
done

# An error that PostgreSQL raises in the midst of it, here a lock that cannot be had.
sql "$DB" 'alter table users add column image text' "$OWNER"
sql "$DB" "delete from auth.users; drop trigger lgtempo_sync_user on auth.users" "$OWNER"
coproc HOLDER { client "$DB" 2>&1; }
other=$HOLDER_PID
exec {tell}>&"${HOLDER[1]}" {hear}<&"${HOLDER[0]}"
printf '%s\n' 'begin;' 'lock table auth.users in access exclusive mode;' '\echo held' >&"$tell"
read -r -t 30 line <&"$hear"
fails "$DB" "set lock_timeout = '200ms'; select lgtempo_setup()" '55P03: ' 'a lock cannot be had' "$OWNER"
as_before "$DB" "$OWNER" "set local lock_timeout = '200ms'; perform lgtempo_setup()" "lgtempo_setup() that waits in vain"
printf '%s\n' 'rollback;' '\q' >&"$tell"
wait "$other" 2>/dev/null || true
exec {tell}>&- {hear}<&-
is "$(sql "$DB" 'select lgtempo_setup()' "$OWNER"
  sql "$DB" "select count(*) from pg_trigger where tgrelid = 'auth.users'::regclass and tgname = 'lgtempo_sync_user'")" \
  $'0\n1' 'once it can be had, lgtempo_setup() does its work'

# Two at once

FILES=$(find "$HERE/../../sql" -maxdepth 1 -name '[0-9][0-9]_*.sql' | wc -l)

# at_once END WANTED WHERE: a second setup waits for the first one's END, then does what is left to do.
at_once() {
  local db first second other line
  db=$(new_database at_once "$OWNER")
  sql "$db" 'create extension vector'
  sql "$db" 'set lgtempo.layout = off; create extension lgtempo cascade' "$OWNER"
  coproc FIRST { client "$db" "$OWNER" 2>&1; }
  other=$FIRST_PID
  exec {tell}>&"${FIRST[1]}" {hear}<&"${FIRST[0]}"
  printf '%s\n' 'begin;' 'select lgtempo_setup();' >&"$tell"
  read -r -t 60 first <&"$hear"
  is "$first" "$FILES" "$3: the first lays out the tables"
  fails "$db" "set lock_timeout = '200ms'; select lgtempo_setup()" '55P03: ' "$3: the second waits"
  sql "$db" 'select lgtempo_setup()' "$OWNER" >"$SCRATCH/second" 2>&1 &
  second=$!
  for _ in $(seq 100); do
    line=$(sql "$db" "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
    [ "$line" = 0 ] || break
    sleep 0.1
  done
  is "$line" 1 "$3: until the first has ended"
  printf '%s\n' "$1;" '\q' >&"$tell"
  wait "$second" || true
  wait "$other" 2>/dev/null || true
  exec {tell}>&- {hear}<&-
  is "$(cat "$SCRATCH/second")" "$2" "$3: then it does what is left to do"
  is "$(rights "$db" public)" "$RIGHTS" "$3: all is there, once"
  drop_database "$db"
}

at_once commit 0 'two at once, the first commits'
at_once rollback "$FILES" 'two at once, the first is rolled back'

# A cursor that is held runs at the end of the transaction, as whoever works then.
HOLDER=$(new_owner holder)
DB=$(new_database held "$HOLDER")
sql "$DB" 'create extension vector'
sql "$DB" 'create extension lgtempo cascade' "$HOLDER"
sql "$DB" "
  insert into auth.users (id) values ('$ADA');
  create table told (who text);
  create function tell() returns int language plpgsql as \$\$begin insert into public.told values (current_user); return 1; end\$\$;
  create function hold() returns trigger language plpgsql as
    \$\$begin execute 'declare held cursor with hold for select public.tell()'; return new; end\$\$;
  create trigger hold after insert on profiles for each row execute function hold();
  delete from profiles" "$HOLDER"
sql "$DB" 'select lgtempo_setup()' >/dev/null 2>&1 || true
is "$(sql "$DB" "select count(*) from told where who <> '$HOLDER'")" 0 "a cursor that the owner's trigger holds never runs as the superuser who sets up"
sql "$DB" "insert into auth.users (id) values ('$BEN')" >/dev/null 2>&1
is "$(sql "$DB" "select count(*) from told where who <> '$HOLDER'")" 0 'nor as the superuser who signs somebody up'
is "$(sql "$DB" "select count(*) from auth.users where id = '$BEN'")" 1 'and the sign-up succeeds'
drop_database "$DB"

done_testing
