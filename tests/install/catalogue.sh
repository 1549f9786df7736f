#!/usr/bin/env bash
# The comparison of catalogues, by which restores and upgrades are judged, sees whatever could differ.

. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

# One change each of what an upgrade could leave out.
CHANGES="comment on function lgtempo_uuid_v7 is 'Another'
comment on column graph_nodes.label is null
comment on type node_type is null
comment on table users is 'Another'
comment on policy graph_nodes_select_own on graph_nodes is 'Another'
comment on index graph_edges_source_idx is 'Another'
alter function track_emotion cost 7
alter function get_user_skills_graph rows 7
alter function lgtempo_version volatile
alter function lgtempo_version parallel unsafe
alter function lgtempo_version strict
alter function lgtempo_version security definer
alter function lgtempo_version set search_path = public
alter function lgtempo_version reset all
alter function lgtempo_version owner to ${OURS}_other
alter extension lgtempo drop function lgtempo_version()
grant execute on function lgtempo_setup to anon
revoke execute on function hybrid_search from anon
alter type node_type add value 'habit' before 'skill'
alter type node_type rename value 'goal' to 'aim'
alter type node_type owner to ${OURS}_other
alter table graph_nodes add column mood text
alter table graph_nodes rename label to name
alter table profiles alter full_name set default 'nobody'
alter table graph_nodes alter name drop not null
alter table profiles alter full_name set storage external
alter table profiles alter full_name set statistics 7
alter table profiles alter full_name type text collate \"C\"
alter table profiles set (fillfactor = 77)
alter table profiles set (toast.autovacuum_enabled = off)
alter table profiles replica identity full
alter table profiles force row level security
alter table profiles disable row level security
alter table profiles owner to ${OURS}_other
alter table profiles add constraint named check (full_name <> '')
alter table profiles drop constraint named
create index named on profiles (full_name)
alter index named set (fillfactor = 77)
create statistics named on id, full_name from profiles
alter table profiles disable trigger touch
drop trigger touch on profiles
drop policy graph_nodes_select_own on graph_nodes
alter policy graph_nodes_update_own on graph_nodes with check (true)
alter policy graph_nodes_insert_own on graph_nodes to anon
grant select on user_goals to anon
revoke update on user_goals from authenticated
grant update (subject) on inbox_messages to authenticated
create view viewed as select 1 as one
create or replace view viewed as select 2 as one"

DB=$(new_database catalogue)
sql "$DB" 'create extension lgtempo cascade'
new_owner other >/dev/null

catalogue "$DB" >"$SCRATCH/before"
while read -r change; do
  if said=$(sql "$DB" "$change" 2>&1) && catalogue "$DB" >"$SCRATCH/after" && ! cmp -s "$SCRATCH/before" "$SCRATCH/after"; then
    told ok "it sees: $change"
  else
    told 'not ok' "it sees: $change" "$said"
  fi
  mv "$SCRATCH/after" "$SCRATCH/before"
done <<<"$CHANGES"

done_testing
