#!/usr/bin/env bash
# Every released version becomes this one by ALTER EXTENSION UPDATE, and its dumps by a setup: with the catalogue of a fresh
# installation, every row, and all that was added.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"
. "$(dirname "${BASH_SOURCE[0]}")/dump.bash"
. "$(dirname "${BASH_SOURCE[0]}")/upgrade.bash"

HOMES=(public schema owned_schema supabase)

# By ALTER EXTENSION UPDATE

# updates RELEASE HOME
updates() {
  local release=$1 home=$2 schema=${SCHEMAS[$2]} owner=${OWNERS[$2]-} where="$1, $2" old db new
  old=$(home old "$home" "$release")
  is "$(versions "$old" "$schema")" "$release | $VERSION" "$where: before the update, the database is the old version"
  fails "$old" 'drop extension lgtempo' '2BP01: ' "$where: before the update, DROP EXTENSION is refused" "$owner"
  before_it "$old"
  db=$(copy_of "$old" waiting)
  look "$db" now "$schema"
  goes_on "$db" "$schema" "$where: before the update" "$owner" "${SIGNERS[$home]-$owner}"
  drop_database "$db"
  is_untouched "$old" "$where: and nothing has been changed by that"

  see "$old" before "$schema"
  new=$(home new "$home")
  db=$(copy_of "$old" updated)
  does "$db" 'alter extension lgtempo update' "$where: the update" "$owner"
  is_updated "$db" "$home" before "$new" "$where"
  drop_database "$db"

  add "$old" "$schema" "$owner"
  grant "$old" "$schema" "$owner"
  add "$new" "$schema" "$owner"
  grant "$new" "$schema" "$owner"
  see "$old" added "$schema"
  does "$old" 'alter extension lgtempo update' "$where, with additions: the update" "$owner"
  is_updated "$old" "$home" added "$new" "$where, with additions"
  drop_database "$old"
  drop_database "$new"
}

# From a dump of that version

# bring_dump RELEASE DATABASE WHERE
bring_dump() { restores "$3" from_file "$2" <(zcat "$(released "$1" dump.sql.gz)"); }

# dumps RELEASE
dumps() {
  local release=$1 where="$1's dump" db new missing
  new=$(home new public)
  db=$(new_database dumped)
  bring_dump "$release" "$db" "$where"
  is "$(their_rows "$db" | grep -c ' | 0 | ' || true)" 0 "$where: every table has rows"
  is "$(versions "$db" public)" "$VERSION | $VERSION" "$where: the extension in it is this version"
  missing=$(comm -13 <(taken "$db" public | sort) <(sort <<<"$STEPS") | wc -l)
  see "$db" before public
  is "$(sql "$db" 'select lgtempo_setup()')" "$missing" "$where: a setup runs the steps that are missing"
  is_updated "$db" public before "$new" "$where"
  drop_database "$db"

  where="$release's dump, of its version"
  db=$(new_database dumped)
  sql "$db" 'create extension vector'
  like "$(messages "$db" "set lgtempo.layout = off; create extension lgtempo version '$release' cascade")" \
    'NOTICE: +00000: lgtempo lays out no tables' "$where: CREATE EXTENSION leaves the tables to it"
  bring_dump "$release" "$db" "$where"
  is "$(versions "$db" public)" "$release | $VERSION" "$where: it stays the old version"
  is "$(sql "$db" 'select lgtempo_setup()')" 0 "$where: for which a setup has nothing to do"
  see "$db" before public
  does "$db" 'alter extension lgtempo update' "$where: the update"
  is_updated "$db" public before "$new" "$where"
  drop_database "$db"
  drop_database "$new"
}

for release in "${RELEASES[@]}"; do
  for name in "${HOMES[@]}"; do updates "$release" "$name"; done
  dumps "$release"
done

echo "# ${#RELEASES[@]} releases, ${#HOMES[@]} homes of each, $(wc -l <<<"$STEPS") steps to $VERSION"
done_testing
