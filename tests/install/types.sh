#!/usr/bin/env bash
# types/lgtempo.ts is what the catalogue says, in whichever schema the extension lives.
. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

TYPES=$HERE/../../types/lgtempo.ts
PRINT=$HERE/../../script/types.sql

DB=$(new_database types)
sql "$DB" 'create extension lgtempo cascade'
client "$DB" '' --file "$PRINT" >"$SCRATCH/lgtempo.ts"
same "$TYPES" "$SCRATCH/lgtempo.ts" 'the types are fresh: if they are not, run script/types'

ELSEWHERE=$(new_database types_elsewhere)
sql "$ELSEWHERE" 'create schema "our-coach"; create extension lgtempo schema "our-coach" cascade'
client "$ELSEWHERE" '' --file "$PRINT" >"$SCRATCH/elsewhere.ts"
same <(sed -E 's/^  public: \{$/  "our-coach": {/; s/Database\["public"\]/Database["our-coach"]/g' "$TYPES") \
  "$SCRATCH/elsewhere.ts" 'in another schema they are the same but for its name'

done_testing
