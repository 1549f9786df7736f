# Sourced by the scenarios of upgrades: databases of released versions, and whether one is as a fresh one of this version.
# shellcheck shell=bash

VERSION=$(project_version)
mapfile -t RELEASES < <(find "$ROOT/tests/releases" -mindepth 1 -maxdepth 1 -type d ! -name "$VERSION" -printf '%f\n' | sort --version-sort)
STEPS=$(for file in "$ROOT"/sql/[0-9][0-9]_*.sql; do
  name=$(basename "$file" .sql)
  echo "$((10#${name:0:2})) | $name"
done)

# released RELEASE FILE: of that release.
released() { echo "$ROOT/tests/releases/$1/$2"; }

# show_release RELEASE: its script beside the new one, for as long as this runs. Who runs this has the lock on that folder.
show_release() {
  local file=lgtempo--$1.sql
  if [ -e "$EXTENSION_DIR/$file" ]; then
    cp "$EXTENSION_DIR/$file" "$SCRATCH/$file"
    at_exit "as_root install -m 644 '$SCRATCH/$file' '$EXTENSION_DIR/$file'"
  else
    at_exit "as_root rm -f '$EXTENSION_DIR/$file'"
  fi
  as_root install -m 644 "$(released "$1" "$file")" "$EXTENSION_DIR/$file"
}

# Databases

declare -A SCHEMAS=([public]=public [schema]='"My Schema"' [owned]=public [owned_schema]='"My Schema"' [supabase]=public)
# Without an owner a superuser's; people sign up by another's doing at Supabase alone.
declare -A OWNERS=() SIGNERS=()

# home NAME HOME [RELEASE]: a database with people and all their rows, of that release or this version; says its full name.
home() {
  local db schema=${SCHEMAS[$2]} owner=${OWNERS[$2]-}
  db=$(new_database "$1" "${owner:-postgres}")
  case $2 in
    supabase)
      supabase_home "$db" "$owner"
      sql "$db" "
        grant usage on schema auth, extensions to $owner;
        grant select, references, trigger on auth.users to $owner;
        create extension btree_gist schema extensions"
      ;;
    # Where vector is should make no difference.
    schema) sql "$db" 'create schema extensions; grant usage on schema extensions to public; create extension vector schema extensions' ;;
    *) sql "$db" 'create extension vector' ;;
  esac
  [ "$schema" = public ] || sql "$db" "create schema $schema" "$owner"
  sql "$db" "create extension lgtempo schema $schema ${3:+version '$3'} cascade" "$owner"
  fill "$db" "$schema" "${SIGNERS[$2]-$owner}"
  echo "$db"
}

# copy_of DATABASE NAME: says its full name.
copy_of() { new_database "$2" "$(sql postgres "select pg_get_userbyid(datdba) from pg_database where datname = '$1'")" "$1"; }

# Looking

# A database's version and the library's.
versions() { sql "$1" "select extversion, $2.lgtempo_version() from pg_extension where extname = 'lgtempo'"; }

# What people's rows are: the record of steps is not among them.
their_rows() { rows "$1" | grep -v '\.lgtempo_migrations | '; }

# taken DATABASE SCHEMA: the steps that are recorded.
taken() { sql "$1" "select step, name from $2.lgtempo_migrations order by step"; }

# record DATABASE SCHEMA: and what they made.
record() {
  sql "$1" "select step, name, array(select o from unnest(objects) o order by o collate \"C\") from $2.lgtempo_migrations order by step"
}

# schema_of DATABASE: as pg_dump writes it, for whom each database's objects, in order, are what they are. Its keys differ each time.
schema_of() { pg_dump --schema-only "$1" | grep -v '^\\'; }

# initial_grants DATABASE: those that a dump leaves to CREATE EXTENSION.
initial_grants() {
  sql "$1" "
    set search_path = pg_catalog;
    select pg_describe_object(i.classoid, i.objoid, i.objsubid), a.grantee::regrole, a.privilege_type
    from pg_init_privs i, aclexplode(i.initprivs) a where i.objoid >= 16384" | sorted
}

# is_fresh DATABASE FRESH SCHEMA WHERE: it is made as a fresh database of this version is.
is_fresh() {
  same <(catalogue "$2") <(catalogue "$1") "$4: everything in the catalogue is as freshly installed"
  same <(schema_of "$2") <(schema_of "$1") "$4: and pg_dump writes the same"
  same <(initial_grants "$2") <(initial_grants "$1") "$4: and leaves the same grants to CREATE EXTENSION"
  same <(record "$2" "$3") <(record "$1" "$3") "$4: the steps have made the same"
}

# is_updated DATABASE HOME BEFORE FRESH WHERE: and its rows are those of the files BEFORE; life goes on.
is_updated() {
  local schema=${SCHEMAS[$2]} owner=${OWNERS[$2]-}
  is "$(versions "$1" "$schema")" "$VERSION | $VERSION" "$5: it is this version"
  is "$(taken "$1" "$schema")" "$STEPS" "$5: every step is recorded"
  same "$SCRATCH/$3.rows" <(their_rows "$1") "$5: every row is there, unchanged"
  same "$SCRATCH/$3.rights" <(rights "$1" "$schema") "$5: people may do what they might"
  is_fresh "$1" "$4" "$schema" "$5"
  fails "$1" 'drop extension lgtempo' '2BP01: ' "$5: DROP EXTENSION is refused" "$owner"
  look "$1" now "$schema"
  goes_on "$1" "$schema" "$5" "$owner" "${SIGNERS[$2]-$owner}"
}

# see DATABASE NAME SCHEMA: what is_updated compares.
see() {
  their_rows "$1" >"$SCRATCH/$2.rows"
  rights "$1" "$3" >"$SCRATCH/$2.rights"
}

# is_untouched DATABASE WHAT: since before_it.
before_it() { { catalogue "$1"; rows "$1"; } >"$SCRATCH/untouched"; }
is_untouched() { same "$SCRATCH/untouched" <(catalogue "$1"; rows "$1") "$2"; }

# The run

[ "${#RELEASES[@]}" != 0 ] || die 'There is no older release in tests/releases.'
for release in "${RELEASES[@]}"; do show_release "$release"; done
drop_api_roles
create_api_roles
OWNER=$(new_owner owner)
OWNERS=([owned]=$OWNER [owned_schema]=$OWNER [supabase]=$OWNER)
SIGNERS=([supabase]=supabase_auth_admin)
