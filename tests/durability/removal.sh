#!/usr/bin/env bash
# What DROP EXTENSION does, what CASCADE destroys and leaves, and what CREATE EXTENSION makes of what is left.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

OWNER=$(new_owner owner)
create_api_roles

# owned_database NAME
owned_database() {
  local db
  db=$(new_database "$1" "$OWNER")
  sql "$db" 'create extension vector'
  echo "$db"
}

# DROP EXTENSION

DB=$(owned_database drop)
sql "$DB" 'create extension lgtempo cascade' "$OWNER"
sign_up "$DB" "$OWNER"
shared_knowledge "$DB" public
coaching "$DB" public public >/dev/null
before=$(rows "$DB")
fails "$DB" 'drop extension lgtempo' '2BP01: ' 'DROP EXTENSION is refused while there are tables' "$OWNER"
is "$(rows "$DB")" "$before" 'DROP EXTENSION, refused, leaves every row'
fails "$DB" 'drop type node_type' '2BP01: ' 'so is dropping a type' "$OWNER"
pg_dump --format custom --file "$SCRATCH/dump" "$DB"

# What CASCADE takes with it: columns of our types, defaults by our functions, triggers.
lost=$(sql "$DB" "
  with recursive members as (
      select d.classid, d.objid
      from pg_depend d join pg_extension e on e.oid = d.refobjid and e.extname = 'lgtempo'
      where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
  ), ours as (
      select oid, relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
  )
  select distinct o.relname || '.' || a.attname
  from ours o
  join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef f on f.adrelid = o.oid and f.adnum = a.attnum
  where a.atttypid in (select objid from members where classid = 'pg_type'::regclass)
      or f.oid in (select d.objid from pg_depend d join members m on m.classid = d.refclassid and m.objid = d.refobjid where d.classid = 'pg_attrdef'::regclass)
  union
  select distinct t.tgname || ' on ' || o.relname
  from ours o join pg_trigger t on t.tgrelid = o.oid and not t.tgisinternal
  join members m on m.classid = 'pg_proc'::regclass and m.objid = t.tgfoid")
# counted DATABASE: how many rows each table has.
counted() { rows "$1" | sed -E 's/ \| [0-9a-f]{32}$//'; }

counts=$(counted "$DB")
sql "$DB" 'drop extension lgtempo cascade' "$OWNER"
is "$(counted "$DB")" "$counts" 'DROP … CASCADE leaves tables and rows'
is "$(sql "$DB" "select count(*) from pg_attribute where attrelid = 'graph_nodes'::regclass and attname = 'node_type' and not attisdropped")" 0 \
  'but not what they are'
before=$(leftovers "$DB")
for who in "$OWNER" postgres; do
  said=$(messages "$DB" 'create extension lgtempo cascade' "$who")
  if [ "$who" = "$OWNER" ]; then
    like "$said" 'ERROR:  55000: ' 'after DROP … CASCADE, CREATE EXTENSION fails'
    is "$(while read -r object; do grep -qF " $object" <<<"$said" || echo "$object"; done <<<"$lost")" '' \
      'after DROP … CASCADE, CREATE EXTENSION names all that is missing'
    like "$said" 'graph_nodes\.node_type' 'after DROP … CASCADE, CREATE EXTENSION names the columns of our types'
  else
    like "$said" 'ERROR:  42501: ' "after DROP … CASCADE, the tables are not a superuser's either"
  fi
done
is "$(leftovers "$DB")" "$before" 'after DROP … CASCADE, the failed CREATE EXTENSION makes nothing'

# To begin anew: away with the tables.
drop_tables="
  select format('drop table %s cascade', string_agg(distinct format('%I', split_part(o, ' ', 2)), ', '))
  from lgtempo_migrations cross join unnest(objects || 'table lgtempo_migrations'::text) o
  where o like 'table %' \\gexec"
sql "$DB" "$drop_tables" "$OWNER"
does "$DB" 'create extension lgtempo' 'after DROP … CASCADE and without the tables, CREATE EXTENSION works' "$OWNER"
is "$(sql "$DB" 'select (select count(*) from users), (select count(*) from profiles)')" '2 | 2' 'and the accounts that were left have their rows'
is "$(rights "$DB" public)" "$RIGHTS" 'and rights on the tables are those of the contract'
drop_database "$DB"

# The clean way: the tables first.
DB=$(owned_database clean)
sql "$DB" 'create extension lgtempo cascade' "$OWNER"
sign_up "$DB" "$OWNER"
sql "$DB" "$drop_tables" "$OWNER"
said=$(messages "$DB" 'drop extension lgtempo' "$OWNER")
unlike "$said" 'depends on[^'$'\n'']* public\.|on table (public\.)?[a-z_]+ depends' 'without the tables, nothing in our schema is in the way of DROP EXTENSION'
does "$DB" 'drop trigger if exists lgtempo_sync_user on auth.users; drop extension if exists lgtempo' \
  'without the tables and the trigger on auth.users, DROP EXTENSION works' "$OWNER"
is "$(leftovers "$DB" | grep -iE 'lgtempo|graph_|knowledge|node_type' | grep -v "$OURS" || true)" '' 'which leaves nothing of ours'
does "$DB" 'create extension lgtempo' 'and CREATE EXTENSION after it' "$OWNER"
shared_knowledge "$DB" public
is "$(coaching "$DB" public public)" "$COACHED" 'and the main functions work for the accounts that are there'
drop_database "$DB"

# Adoption

DB=$(new_database adopted "$OWNER")
sql "$DB" "create extension vector; create schema trap authorization $OWNER"
pg_restore --list "$SCRATCH/dump" | grep -vE ' (SCHEMA - trap|ACL - SCHEMA (public|trap)|COMMENT - EXTENSION vector|[A-Z]+ trap) ' >"$SCRATCH/list"
PGUSER=$OWNER pg_restore --exit-on-error --use-list "$SCRATCH/list" --dbname "$DB" "$SCRATCH/dump"
is "$(sql "$DB" 'select lgtempo_setup()')" 0 'tables that a dump has brought are adopted'
sql "$DB" 'alter table users drop column image; alter table user_goals alter id drop default; drop trigger touch on profiles'
said=$(messages "$DB" 'select lgtempo_setup()')
like "$said" 'ERROR:  55000: ' 'tables that lack something are not'
for object in users.image user_goals.id 'touch on profiles'; do
  like "$said" "$object([^a-z_]|$)" "tables that lack something: $object is named"
done
sql "$DB" 'drop table user_goals'
like "$(messages "$DB" 'select lgtempo_setup()')" 'ERROR:  55000: .*user_goals([^.a-z_]|$)' 'a table that is missing is named'

done_testing
