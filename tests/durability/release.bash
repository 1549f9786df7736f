#!/usr/bin/env bash
# Writes to a file what a later version must be able to take up: the dump of a database of this version, with rows in every table.
# Runs against a throwaway cluster, as script/release starts it.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"
. "$(dirname "${BASH_SOURCE[0]}")/dump.bash"

DB=$(new_database release)
sql "$DB" 'create extension lgtempo cascade'
fill "$DB" public
pg_dump --file "$1" "$DB"
