#!/usr/bin/env bash
# script/frozen refuses, in copies of this repository, what would strand databases of released versions; script/release freezes
# a version.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

ROOT=$(cd "$HERE/../.." && pwd -P)
SUMS=tests/releases/SHA256SUMS
VERSION=$(sed -nE 's/^version = "(.*)"/\1/p' "$ROOT/Cargo.toml")
NEWEST=$(find "$ROOT/tests/releases" -mindepth 1 -maxdepth 1 -type d ! -name "$VERSION" -printf '%f\n' | sort --version-sort | tail -n 1)
UPGRADE=sql/lgtempo--$NEWEST--$VERSION.sql
COPY=$SCRATCH/copy

# begin FROM: a fresh copy.
begin() {
  rm -rf "$COPY"
  cp -r "$1" "$COPY"
}

# edit FILE SED_SCRIPT: edits a file of the copy; something must come of it.
edit() {
  local before
  before=$(cat "$COPY/$1")
  sed -i -E "$2" "$COPY/$1"
  [ "$(cat "$COPY/$1")" != "$before" ] || told 'not ok' "$1 is edited by $2"
}

# forget FILE: takes it out of the sums.
forget() { edit "$SUMS" "\\#  $1\$#d"; }

frozen() { "$COPY/script/frozen" 2>&1 || echo "(exit $?)"; }

passes() { is "$(frozen)" '' "passes: $1"; }

# refused WHAT REGEX…: for each of these reasons.
refused() {
  local said regex
  said=$(frozen)
  for regex in "${@:2}"; do like "$said" "$regex.*\(exit 1\)\$" "refused: $1"; done
}

# This version before its release, which it may have had.
UNRELEASED=$SCRATCH/unreleased
mkdir "$UNRELEASED"
(cd "$ROOT" && cp -r --parents Cargo.toml script sql src tests/releases tests/install tests/durability "$UNRELEASED")
rm -rf "$UNRELEASED/tests/releases/$VERSION"
sed -i "\\# tests/releases/$VERSION/#d; \\#--$VERSION\\.sql\$#d" "$UNRELEASED/$SUMS"

begin "$ROOT"/.
passes 'the repository as it is'
begin "$UNRELEASED"
passes 'a version that is not released yet'

# Frozen files

while read -r _ file; do
  begin "$UNRELEASED"
  echo >>"$COPY/$file"
  refused "a change of $file" "$file: FAILED"$'\n'".*take the changes back"
  rm "$COPY/$file"
  refused "the loss of $file" "$file: FAILED open or read.*take the changes back"
done <"$UNRELEASED/$SUMS"

begin "$UNRELEASED"
echo 'nonsense' >>"$COPY/$SUMS"
refused 'a sum that is none' 'improperly formatted.*take the changes back'

begin "$UNRELEASED"
forget "tests/releases/$NEWEST/lgtempo--$NEWEST.sql"
refused 'a release without its sum' "releases/$NEWEST/lgtempo--$NEWEST.sql is not in $SUMS"
begin "$UNRELEASED"
echo 'select 1;' >"$COPY/tests/releases/$NEWEST/more.sql"
refused 'a file that no release wrote' "releases/$NEWEST/more.sql is not in $SUMS"
begin "$UNRELEASED"
mkdir "$COPY/tests/releases/$NEWEST-empty"
refused 'an empty release' "releases/$NEWEST-empty is not in $SUMS"
begin "$UNRELEASED"
touch "$COPY/sql/lgtempo--0.0.1--$NEWEST.sql"
refused 'a new script to a released version' "sql/lgtempo--0.0.1--$NEWEST.sql leads to $NEWEST, which is released"

# Steps

begin "$UNRELEASED"
forget sql/03_knowledge.sql
refused "a released version's step without its sum" 'sql/03_knowledge.sql is a step of [0-9.]*, which is released'
begin "$UNRELEASED"
forget sql/ensured/migrations.sql
refused 'the record of steps without its sum' 'sql/ensured/migrations.sql is not in'
begin "$UNRELEASED"
edit src/setup/steps.rs 's/^( *)7 "07_embeddings"/\17 "07_embeddings"\n\18 "08_late"/'
refused 'a step that is late for a released version' 'sql/08_late.sql is a step of [0-9.]*, which is released'
begin "$UNRELEASED"
edit src/setup/steps.rs 's/^( *)\[[0-9, ]+\] =>/\1since(1) =>/'
refused 'steps that it cannot read' 'names no steps as this script reads them'

# Upgrades

begin "$UNRELEASED"
mv "$COPY/$UPGRADE" "$COPY/sql/lgtempo--$NEWEST--$VERSION.txt"
refused 'a version without an upgrade script' "No scripts sql/lgtempo--A--B.sql lead from $NEWEST to $VERSION" \
  "sql/members has changed since $NEWEST, and no sql/lgtempo--$NEWEST--"
begin "$UNRELEASED"
edit Cargo.toml 's/^version = .*/version = "99.0.0"/'
refused 'a further version without an upgrade script' "No scripts sql/lgtempo--A--B.sql lead from $NEWEST to 99.0.0"
touch "$COPY/sql/lgtempo--$VERSION--99.0.0.sql"
passes 'scripts that lead on by way of another version'
begin "$UNRELEASED"
edit Cargo.toml 's/^version = .*/version = "99.0.0"/'
touch "$COPY/sql/lgtempo--98.0.0--99.0.0.sql" "$COPY/sql/lgtempo--$VERSION--$NEWEST.sql"
refused 'a circle of scripts that does not arrive' "No scripts sql/lgtempo--A--B.sql lead from $NEWEST to 99.0.0"

begin "$UNRELEASED"
edit Cargo.toml "s/^version = .*/version = \"$NEWEST\"/"
refused 'members that the version was not released with' "sql/members is not what $NEWEST was released with"

# A release

# The extension is installed, by who runs this, and nobody else may replace it meanwhile.
begin "$UNRELEASED"
ln -sf /bin/true "$COPY/script/setup"
printf '%s() { :; }\n' lock_installation install_extension >>"$COPY/script/lib.sh"
is "$("$COPY/script/release" 2>&1 || echo "(exit $?)")" "== Writing tests/releases/$VERSION" 'script/release freezes this version'
like "$("$COPY/script/release" 2>&1 || echo "(exit $?)")" "^$VERSION is released already: .*\(exit 1\)\$" 'and refuses to do so again'
is "$(cd "$COPY/tests/releases/$VERSION" && ls)" $'dump.sql.gz\n'"lgtempo--$VERSION.sql" 'it keeps the script and a dump'
like "$(zcat "$COPY/tests/releases/$VERSION/dump.sql.gz")" 'CREATE EXTENSION IF NOT EXISTS lgtempo .*COPY public.graph_nodes .*PostgreSQL database dump complete' \
  'which is whole'
is "$(comm -13 <(sort "$COPY/$SUMS") <(sort "$UNRELEASED/$SUMS"))" '' 'it keeps the sums that there are'
is "$(cut -c 67- "$COPY/$SUMS" | sort)" "$(cd "$COPY" && {
  find tests/releases -type f ! -name SHA256SUMS
  ls sql/[0-9][0-9]_*.sql sql/lgtempo--*--"$VERSION".sql sql/ensured/migrations.sql
} | sort)" 'there is a sum for each file of a release, each step and each upgrade script'
cp -r "$COPY" "$SCRATCH/released"

passes 'a release'
edit sql/members/identity.sql '/^comment on /i -- Said of it in the catalogue:'
passes 'a release whose members got a comment'
edit sql/members/identity.sql "s/^(comment on .* is '.)/\\1Really. /"
refused 'a change of a comment in the catalogue' "sql/members is not what $VERSION was released with"
begin "$SCRATCH/released"
edit sql/members/graph.sql '$a select 1;'
refused 'one more statement among the members' "sql/members is not what $VERSION was released with"
begin "$SCRATCH/released"
edit sql/members/graph.sql $'0,/ is \x27/ s/ is \x27(.*)$/ is \x27\\1\\n-- in quotes\\n/'
refused 'a line in quotes that only looks like a comment' "sql/members is not what $VERSION was released with"
begin "$SCRATCH/released"
edit src/lib.rs '/members\/voice.sql/d'
refused 'members that the library no longer has' "sql/members is not what $VERSION was released with"
begin "$SCRATCH/released"
echo '-- later' >"$COPY/sql/99_later.sql"
refused 'a step file that the release did not have' "sql/99_later.sql is not in $SUMS, but $VERSION is released"
begin "$SCRATCH/released"
echo >>"$COPY/$UPGRADE"
refused "a change of the release's upgrade script" "$UPGRADE: FAILED"
begin "$SCRATCH/released"
edit Cargo.toml 's/^version = .*/version = "99.0.0"/'
touch "$COPY/sql/lgtempo--$VERSION--99.0.0.sql"
edit sql/members/identity.sql "s/^(comment on .* is '.)/\\1Really. /"
passes 'the next version, whose members differ, with its upgrade script'

done_testing
