-- What administrators alter, or somebody attaches to our triggers, is read as what it is now, or refused; never trusted.
begin;
select plan(14);

insert into auth.users (id) values
    ('00000000-0000-7000-8000-00000000000a'),
    ('00000000-0000-7000-8000-00000000000b');
insert into graph_nodes (id, user_id, node_type, label, description, properties) values
    ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-00000000000a', 'goal', 'Sing', 'aloud', '{}'),
    ('00000000-0000-7000-8000-0000000000a2', '00000000-0000-7000-8000-00000000000a', 'session', 'First', null,
        jsonb_build_object('duration_minutes', E'\u20035')),
    ('00000000-0000-7000-8000-0000000000a3', '00000000-0000-7000-8000-00000000000a', 'skill', 'Breathing', null, '{}'),
    ('00000000-0000-7000-8000-0000000000b1', '00000000-0000-7000-8000-00000000000b', 'goal', 'Run', null, '{}');
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id) values (
    '00000000-0000-7000-8000-00000000000a',
    'works_on',
    '00000000-0000-7000-8000-0000000000a2',
    '00000000-0000-7000-8000-0000000000a1'
);

select results_eq(
    $$select total_duration_minutes from get_user_goals_with_progress('00000000-0000-7000-8000-00000000000a')$$,
    array[0::bigint],
    'a duration that only looks like a number is 0'
);

-- Another person's edges are refused before anything is looked up: the refusal does not tell which nodes live.
update graph_nodes set deleted_at = now() where id = '00000000-0000-7000-8000-0000000000a3';
set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "00000000-0000-7000-8000-00000000000b"}', true);
select throws_ok(
    format(
        $$insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
            values ('00000000-0000-7000-8000-00000000000a', 'feels', '00000000-0000-7000-8000-0000000000a2', %L)$$,
        target
    ),
    '42501',
    null,
    'an edge of another person''s, to a node that is ' || what || ', is refused alike'
)
from (
    values
        ('00000000-0000-7000-8000-0000000000a1', 'live'),
        ('00000000-0000-7000-8000-0000000000a3', 'deleted'),
        ('00000000-0000-7000-8000-0000000000ff', 'unknown')
) v (target, what);
reset role;
select set_config('request.jwt.claims', '', true);

-- A table of somebody else's with our trigger on it.
create table signed_up (id uuid, email bigint, raw_user_meta_data jsonb);
create trigger sync after insert on signed_up for each row execute function lgtempo_sync_user();
set local client_min_messages = error;
select lives_ok(
    $$insert into signed_up values ('00000000-0000-7000-8000-00000000000a', 66, null)$$,
    'a column of another type does not stop the insert'
);
select is(
    (select email from users where id = '00000000-0000-7000-8000-00000000000a'), null,
    'and is not read as what it is not'
);
drop trigger lgtempo_sync_user on auth.users;
alter table auth.users alter column raw_user_meta_data type json;
select lgtempo_setup();
select lives_ok(
    $$insert into auth.users (id, raw_user_meta_data) values ('00000000-0000-7000-8000-00000000000c', '{"name": "Cy"}')$$,
    'metadata of another type do not stop a sign-up'
);
reset client_min_messages;

-- PostgreSQL alters no column that a trigger's condition reads; an administrator who insists takes the triggers away.
drop trigger stale_embedding on graph_nodes;
drop trigger embedding_job on graph_nodes;
alter table graph_nodes alter column description type bigint using 66;
select results_eq(
    $$select description from get_node_neighborhood(
        '00000000-0000-7000-8000-0000000000a1', 0, '00000000-0000-7000-8000-00000000000a'
    )$$,
    array['66'],
    'a column of another type is converted'
);
update graph_nodes
set embedding = (select array_agg(1)::vector(1536) from generate_series(1, 1536))
where id = '00000000-0000-7000-8000-0000000000a1';
select results_eq(
    $$select description from find_similar_nodes(
        '00000000-0000-7000-8000-00000000000a',
        (select array_agg(1)::vector(1536) from generate_series(1, 1536))
    )$$,
    array['66'],
    'by search too'
);
alter table graph_nodes drop column embedding_code;
alter table graph_nodes add column embedding_code bit(8) default B'10101010';
set local lgtempo.exact_search_limit = 0;
select lives_ok(
    $$select * from find_similar_nodes(
        '00000000-0000-7000-8000-00000000000a',
        (select array_agg(1)::vector(1536) from generate_series(1, 1536))
    )$$,
    'a code of another length is no code, and harmless'
);
alter table graph_nodes alter column label type varchar(300);
select lives_ok(
    $$select * from get_user_skills_graph('00000000-0000-7000-8000-00000000000a')$$,
    'a label of a narrower type is a text'
);

alter table graph_nodes alter column description type text using null;
create function refuse() returns trigger language plpgsql as $$begin return null; end$$;
create trigger refuse before insert on graph_nodes for each row execute function refuse();
select throws_ok(
    $$select create_goal_node('00000000-0000-7000-8000-00000000000a', 'Quiet')$$,
    '55000',
    'a trigger on graph_nodes kept the node out',
    'a goal that a trigger keeps out is no goal'
);
select throws_ok(
    $$select track_emotion('00000000-0000-7000-8000-00000000000a', 'anxious')$$,
    '55000',
    'a trigger on graph_nodes kept the node out',
    'and so with an emotion'
);

create or replace function refuse() returns trigger language plpgsql as $$begin return new; end$$;
alter function auth.uid() rename to uid_before;
create function auth.uid() returns bigint language sql stable return 66;
select throws_ok(
    $$select create_goal_node('00000000-0000-7000-8000-00000000000a', 'Loud')$$,
    '42846',
    null,
    'an auth.uid() of another type is refused'
);
select * from finish();
rollback;
