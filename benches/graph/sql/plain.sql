-- What people have today: the same rows in tables with plain keys and indexes, guarded by the same policies.

create schema plain;
grant usage on schema plain to authenticated;

create table plain.graph_nodes (like graph_nodes including defaults);
alter table plain.graph_nodes drop column embedding_code;
insert into plain.graph_nodes
select id, user_id, node_type, label, description, properties, status, embedding, deleted_at, created_at, updated_at
from graph_nodes;
alter table plain.graph_nodes add primary key (id);
create index on plain.graph_nodes (user_id);

create table plain.graph_edges (like graph_edges including defaults);
insert into plain.graph_edges select * from graph_edges;
alter table plain.graph_edges add primary key (id);
create index on plain.graph_edges (user_id);
create index on plain.graph_edges (source_node_id);
create index on plain.graph_edges (target_node_id);

alter table plain.graph_nodes enable row level security;
create policy graph_nodes_select_own on plain.graph_nodes
    for select to authenticated
    using (user_id = (select auth.uid()));
alter table plain.graph_edges enable row level security;
create policy graph_edges_select_own on plain.graph_edges
    for select to authenticated
    using (user_id = (select auth.uid()));
grant select on plain.graph_nodes, plain.graph_edges to authenticated;

vacuum analyze plain.graph_nodes;
vacuum analyze plain.graph_edges;
