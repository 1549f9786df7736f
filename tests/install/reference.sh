#!/usr/bin/env bash
# README.md's reference is what the comments in the catalogue say.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

psql --no-psqlrc --quiet --command 'create database reference'
export PGDATABASE=reference
psql --no-psqlrc --quiet --command 'create extension lgtempo cascade' 2>/dev/null

echo 1..1
if difference=$(diff <(sed '1,/^<!-- reference -->$/d' "$root/README.md" | sed 1d) \
  <(psql --no-psqlrc --quiet --file "$root/script/reference.sql")); then
  echo "ok 1 - the reference is fresh"
else
  echo "not ok 1 - the reference is fresh: run script/reference"
  sed 's/^/# /' <<<"$difference"
fi
