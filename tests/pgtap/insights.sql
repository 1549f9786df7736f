-- Insights: what refresh_graph_insights finds in a person's graph, keeps, changes and ends; who may call it.
begin;
select plan(68);

-- Short names: six people, the key that ends in some digits, a time some days ago.
create function pg_temp.p(text) returns uuid immutable
    return ('00000000-0000-4000-8000-' || lpad($1, 12, '0'))::uuid;
create function pg_temp.n(text) returns uuid immutable
    return ('00000000-0000-7000-8000-' || lpad($1, 12, '0'))::uuid;
create function pg_temp.ago(double precision) returns timestamptz stable
    return now() - $1 * interval '1 day';
insert into auth.users (id, email)
select pg_temp.p(who), name || '@example.com'
from (values ('a', 'ada'), ('b', 'ben'), ('c', 'cid'), ('d', 'dan'), ('e', 'eve'), ('f', 'fay')) as v (who, name);

-- What is true of a person now, and all rows as they lie in the table, an unchanged row being the same to the byte.
create function pg_temp.found(p_user_id uuid) returns setof text language sql as $$
    select regexp_replace(insight_key, '00000000-0000-7000-8000-0*', '') from graph_insights
    where user_id = p_user_id and model is null and valid_until is null
$$;
create function pg_temp.rows() returns setof text language sql as $$
    select concat(ctid, ' ', i) from graph_insights i
$$;
create function pg_temp.evidence(p_user_id uuid, p_key text) returns jsonb language sql as $$
    select evidence from graph_insights where user_id = p_user_id and insight_key = p_key and model is null
$$;

-- What callers write.
select is(pg_get_function_arguments('refresh_graph_insights'::regproc), 'p_user_id uuid DEFAULT NULL::uuid', 'it takes what it promises');
select is(pg_get_function_result('refresh_graph_insights'::regproc), 'integer', 'it returns what it promises');
select ok(
    provolatile = 'v' and not prosecdef and exists (select from unnest(proconfig) c where c like 'search_path=%'),
    'it writes, with the caller''s rights and a fixed search_path'
)
from pg_proc where oid = 'refresh_graph_insights'::regproc;
select is_empty(
    $$select from pg_proc, aclexplode(proacl) where oid = 'refresh_graph_insights'::regproc and grantee = 0$$, 'it is nothing for PUBLIC'
);

-- As the service, which may write all of it.
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select is(refresh_graph_insights(pg_temp.p('a')), 0, 'who has no graph has no insights');

-- Ada's goals that nobody has worked on for 30 days. Those of an even last digit are worked on, reached, new or deleted.
insert into graph_nodes (id, user_id, node_type, label, created_at)
select pg_temp.n(id), pg_temp.p('a'), 'goal', 'Goal ' || id, pg_temp.ago(days)
from (values ('a1', 31), ('a2', 29), ('a3', 60), ('a4', 60), ('a5', 60), ('a6', 60), ('a7', 60), ('a8', 60), ('a9', 60), ('b0', 60),
    ('b1', 60), ('b2', 60), ('b3', 60), ('b4', 60), ('b5', 60), ('b6', 60), ('b7', 60), ('b8', 60)) as v (id, days);
insert into graph_nodes (id, user_id, node_type, label, created_at)
select pg_temp.n(id), pg_temp.p('a'), type::node_type, 'Node ' || id, pg_temp.ago(days)
from (values ('13', 'session', 31), ('14', 'session', 29), ('15', 'session', 10), ('17', 'session', 10), ('18', 'accomplishment', 50),
    ('19', 'accomplishment', 50), ('21', 'accomplishment', 10), ('23', 'session', 10), ('25', 'session', 10)) as v (id, type, days);
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to)
select pg_temp.p('a'), type::edge_type, pg_temp.n(source), pg_temp.n(target), pg_temp.ago(since), pg_temp.ago(until)
from (values
    ('works_on', '13', 'a3', 31, null), ('works_on', '14', 'a4', 29, null),
    ('works_on', '15', 'a5', 10, 5),      -- no longer
    ('works_on', '17', 'a7', 10, null),   -- by a session that is deleted below
    ('achieves', '18', 'a8', 40, null),
    ('achieves', '19', 'a9', 40, 20),     -- reached no longer
    ('works_on', '21', 'b1', 10, null),   -- no session
    ('feels', '23', 'b3', 10, null),      -- no work
    ('works_on', '25', 'b5', -5, null)    -- not yet
) as v (type, source, target, since, until);
update graph_nodes set deleted_at = now() where id in (pg_temp.n('17'), pg_temp.n('b8'));
insert into user_goals (user_id, goal_title, goal_status, node_id)
select pg_temp.p('a'), 'Goal ' || id, status, pg_temp.n(id)
from (values ('b0', 'completed'), ('b2', 'achieved'), ('b4', 'abandoned'), ('b6', 'cancelled'), ('b7', 'active')) as v (id, status);
-- The sixth is worked on by two sessions, of which the older is long past.
insert into graph_nodes (id, user_id, node_type, label, created_at) values
    (pg_temp.n('16'), pg_temp.p('a'), 'session', 'Old', pg_temp.ago(50)), (pg_temp.n('26'), pg_temp.p('a'), 'session', 'New', pg_temp.ago(1));
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id) values
    (pg_temp.p('a'), 'works_on', pg_temp.n('16'), pg_temp.n('a6')), (pg_temp.p('a'), 'works_on', pg_temp.n('26'), pg_temp.n('a6'));
-- Ben's goals are nothing to Ada.
insert into graph_nodes (id, user_id, node_type, label, created_at) values (pg_temp.n('be'), pg_temp.p('b'), 'goal', 'Of Ben', pg_temp.ago(60));

select is(refresh_graph_insights(pg_temp.p('a')), 9, 'nine insights are new');
select set_eq(
    $$select pg_temp.found(pg_temp.p('a'))$$,
    array(select 'neglected_goal:' || id from unnest('{a1,a3,a5,a7,a9,b1,b3,b5,b7}'::text[]) id),
    'goals that nobody has worked on for 30 days: neither new, nor reached, nor given up'
);
select is_empty(
    $$select insight_key from graph_insights
      where (insight_type, model, status, valid_until, created_at) is distinct from ('neglected_goal', null, 'new', null, now())
          or split_part(insight_key, ':', 2)::uuid <> all (node_ids) or btrim(title) = '' or btrim(content) = ''
          or not confidence between 0 and 1 or jsonb_typeof(evidence) <> 'object' or evidence = '{}'$$,
    'each tells its node and evidence, is new and no AI''s'
);
create temporary table first_rows as select * from pg_temp.rows() as line;
select is(refresh_graph_insights(p_user_id => pg_temp.p('a')), 0, 'again, nothing is new');
select set_eq($$select pg_temp.rows()$$, 'select line from first_rows', 'nor is any row written');

-- An insight ends, and is true again. What an AI wrote stays, also under the same key.
update graph_insights set status = 'dismissed' where user_id = pg_temp.p('a');
insert into graph_insights (user_id, insight_type, insight_key, title, content, model)
select pg_temp.p(who), 'neglected_goal', 'neglected_goal:' || pg_temp.n(id), 'By an AI', 'At length', 'any-model'
from (values ('a', 'a1'), ('a', 'a3'), ('a', 'b4'), ('b', 'be')) as v (who, id);
insert into graph_insights (user_id, insight_type, insight_key, title, content, model)
values (pg_temp.p('a'), 'pattern', 'pattern:1', 'By an AI', 'At length', 'any-model');
create temporary table ai_rows as select * from pg_temp.rows() as line where line like '%By an AI%';
select is(refresh_graph_insights(pg_temp.p('a')), 0, 'what the person dismisses is not new');
select create_session_node(pg_temp.p('a'), pg_temp.n('a1')) as session \gset
delete from graph_nodes where id = pg_temp.n('a3');
select is(refresh_graph_insights(pg_temp.p('a')), 2, 'two insights end: one goal is worked on, one is erased');
select results_eq(
    $$select right(insight_key, 2), status, valid_until from graph_insights where valid_until is not null order by 1$$,
    $$values ('a1', 'dismissed', now()), ('a3', 'dismissed', now())$$, 'at this instant, their status kept'
);
select is(refresh_graph_insights(pg_temp.p('a')), 0, 'what has ended does not end again');
update graph_nodes set deleted_at = now() where id = :'session';
select is(refresh_graph_insights(pg_temp.p('a')), 1, 'an insight that is true again');
select results_eq(
    format('select status, valid_until, created_at from graph_insights where insight_key = %L and model is null', 'neglected_goal:' || pg_temp.n('a1')),
    $$values ('new', null::timestamptz, now())$$, 'is new, in the same row'
);
select set_eq($$select line from pg_temp.rows() line where line like '%By an AI%'$$, 'select line from ai_rows', 'rows that an AI wrote are left alone');
select is_empty($$select pg_temp.found(pg_temp.p('b'))$$, 'nothing of this is another person''s');

-- Ben's emotions. Recent: 0.8 - 0.2 + 0.5 (none given) - 0.5 (malformed) + 1 (above 1) - 0 (below 0), of 6. Earlier: -1 - 0.4, of 2.
insert into graph_nodes (id, user_id, node_type, label, properties, created_at)
select pg_temp.n(id), pg_temp.p('b'), 'emotion', emotion, jsonb_build_object('emotion', emotion) || properties::jsonb, pg_temp.ago(days)
from (values
    ('e1', 'confident', '{"intensity": 0.8}', 5), ('e2', 'anxious', '{"intensity": 0.2}', 10), ('e3', 'motivated', '{}', 15),
    ('e4', 'frustrated', '{"intensity": "much"}', 20), ('e5', 'accomplished', '{"intensity": 7}', 25), ('e6', 'uncertain', '{"intensity": -3}', 29.9),
    ('e7', 'anxious', '{"intensity": 1}', 30.1), ('e8', 'uncertain', '{"intensity": 0.4}', 59.9),
    ('e9', 'confident', '{"intensity": 1}', 60.1), ('ea', 'frustrated', '{"intensity": 1}', 3)
) as v (id, emotion, properties, days);
update graph_nodes set deleted_at = now() where id in (pg_temp.n('ea'), pg_temp.n('be'));
select is(refresh_graph_insights(pg_temp.p('b')), 1, 'a trend is new');
select is(
    pg_temp.evidence(pg_temp.p('b'), 'emotion_trend'),
    '{"days": 30, "recent": {"emotions": 6, "mean": 0.27}, "earlier": {"emotions": 2, "mean": -0.7}, "change": 0.97}',
    'it compares the last 30 days with the 30 before'
);
select set_eq(
    $$select unnest(node_ids) from graph_insights where insight_key = 'emotion_trend'$$,
    array(select pg_temp.n('e' || i) from generate_series(1, 8) i), 'of the emotions of both'
);
select is(insight_type, 'emotion_trend', 'its type is its key') from graph_insights where insight_key = 'emotion_trend';
update graph_insights set status = 'seen' where insight_key = 'emotion_trend';
update graph_nodes set deleted_at = now() where id in (pg_temp.n('e5'), pg_temp.n('e8'));
select is(refresh_graph_insights(pg_temp.p('b')), 1, 'its figures change');
select results_eq(
    $$select evidence, status, cardinality(node_ids), valid_until from graph_insights where insight_key = 'emotion_trend'$$,
    $$values ('{"days": 30, "recent": {"emotions": 5, "mean": 0.12}, "earlier": {"emotions": 1, "mean": -1}, "change": 1.12}'::jsonb, 'seen', 6,
        null::timestamptz)$$, 'in the same row, its status kept'
);
update graph_nodes set deleted_at = now() where id = pg_temp.n('e7');
select is(refresh_graph_insights(pg_temp.p('b')), 1, 'without earlier emotions there is no trend');
select is_empty($$select pg_temp.found(pg_temp.p('b'))$$, 'it has ended');
select track_emotion(pg_temp.p('c'), 'motivated') as feeling \gset
select is(refresh_graph_insights(pg_temp.p('c')), 0, 'recent emotions alone are no trend');
delete from graph_nodes where id = :'feeling';

-- Cid's skills. In how many sessions: 5, 4, 3, 2, 1, in either direction.
insert into graph_nodes (id, user_id, node_type, label)
select pg_temp.n('c' || i), pg_temp.p('c'), 'skill', 'Skill ' || i from generate_series(1, 6) i;
insert into graph_nodes (id, user_id, node_type, label)
select pg_temp.n('5' || i), pg_temp.p('c'), 'session', 'Session ' || i from generate_series(1, 6) i;
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
select pg_temp.p('c'), 'has_skill', case when (s + k) % 2 = 0 then skill else session end, case when (s + k) % 2 = 0 then session else skill end
from generate_series(1, 5) s, generate_series(1, 5) k, lateral (select pg_temp.n('c' || k) as skill, pg_temp.n('5' || s) as session) i
where s + k <= 6;
-- Twice is once; another kind of edge, one that has ended, one to come, a deleted session and a goal do not count.
insert into graph_nodes (id, user_id, node_type, label) values (pg_temp.n('5a'), pg_temp.p('c'), 'goal', 'No session');
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to) values
    (pg_temp.p('c'), 'has_skill', pg_temp.n('51'), pg_temp.n('c3'), now(), null), (pg_temp.p('c'), 'has_skill', pg_temp.n('c3'), pg_temp.n('51'), now(), null),
    (pg_temp.p('c'), 'derived_from', pg_temp.n('54'), pg_temp.n('c3'), now(), null), (pg_temp.p('c'), 'feels', pg_temp.n('54'), pg_temp.n('c3'), now(), null),
    (pg_temp.p('c'), 'has_skill', pg_temp.n('54'), pg_temp.n('c4'), pg_temp.ago(9), pg_temp.ago(8)),
    (pg_temp.p('c'), 'has_skill', pg_temp.n('55'), pg_temp.n('c4'), pg_temp.ago(-1), null),
    (pg_temp.p('c'), 'has_skill', pg_temp.n('56'), pg_temp.n('c3'), now(), null), (pg_temp.p('c'), 'has_skill', pg_temp.n('56'), pg_temp.n('c4'), now(), null),
    (pg_temp.p('c'), 'has_skill', pg_temp.n('5a'), pg_temp.n('c3'), now(), null)
on conflict do nothing;
update graph_nodes set deleted_at = now() where id = pg_temp.n('56');
create function pg_temp.skills(variadic jsonb[]) returns jsonb language sql as $$
    select jsonb_build_object('skills', jsonb_agg(jsonb_build_object('id', pg_temp.n('c' || (s ->> 0)), 'name', 'Skill ' || (s ->> 0), 'sessions', s -> 1) order by o))
    from unnest($1) with ordinality v (s, o)
$$;
select is(refresh_graph_insights(pg_temp.p('c')), 1, 'leading skills are new');
select results_eq(
    $$select insight_type, evidence, node_ids from graph_insights where insight_key = 'leading_skills'$$,
    $$values ('leading_skills', pg_temp.skills('[1, 5]', '[2, 4]', '[3, 3]'), array[pg_temp.n('c1'), pg_temp.n('c2'), pg_temp.n('c3')])$$,
    'the three skills of most sessions, in this order'
);
update graph_insights set status = 'seen' where insight_key = 'leading_skills';
update graph_nodes set deleted_at = now() where id = pg_temp.n('c1');
select is(refresh_graph_insights(pg_temp.p('c')), 1, 'the first is deleted');
select results_eq(
    $$select evidence, node_ids, status from graph_insights where insight_key = 'leading_skills'$$,
    $$values (pg_temp.skills('[2, 4]', '[3, 3]', '[4, 2]'), array[pg_temp.n('c2'), pg_temp.n('c3'), pg_temp.n('c4')], 'seen')$$,
    'the others move up, in the same row'
);
update graph_nodes set deleted_at = now() where id in (pg_temp.n('c2'), pg_temp.n('c3'));
select is(refresh_graph_insights(pg_temp.p('c')), 1, 'two more are deleted');
select is(pg_temp.evidence(pg_temp.p('c'), 'leading_skills'), pg_temp.skills('[4, 2]'), 'a skill of one session does not lead');
update graph_nodes set deleted_at = now() where id = pg_temp.n('51');
select is(refresh_graph_insights(pg_temp.p('c')), 1, 'a session of the last is deleted');
select is_empty($$select pg_temp.found(pg_temp.p('c'))$$, 'no skill leads any longer');

-- Dan's goals close to done: milestones of the goal and of its node, how far it is, accomplishments, and whether it is close.
create temporary table dans (id text, milestones jsonb, of_node jsonb, status text, accomplishments integer, close boolean);
insert into dans values
    ('d1', '[1, 2, 3, 4]', null, 'active', 3, true),        -- three quarters
    ('d2', '[1, 2, 3, 4]', null, 'active', 2, false),
    ('d3', '[1, 2, 3]', null, 'active', 2, false),
    ('d4', '[1]', null, 'pending', 2, true),                -- more than milestones
    ('d5', null, '[1, 2]', null, 2, true),                  -- the node's milestones
    ('d6', '[]', '[1, 2]', 'active', 2, true),              -- the node's where the goal has none
    ('d7', '[1, 2, 3]', '[1]', 'active', 1, false),         -- the goal's where it has any
    ('d8', null, '"three"', null, 1, false),                -- malformed
    ('d9', null, null, null, 1, false),                     -- no milestones
    ('da', '[]', '[]', 'active', 1, false),
    ('db', '[1]', null, 'completed', 1, false), ('dc', '[1]', null, 'achieved', 1, false),
    ('dd', '[1]', null, 'abandoned', 1, false), ('de', '[1]', null, 'cancelled', 1, false),
    ('df', '[1, 2]', null, 'active', 0, false);
insert into graph_nodes (id, user_id, node_type, label, properties)
select pg_temp.n(id), pg_temp.p('d'), 'goal', 'Goal ' || id, case when of_node is null then '{}' else jsonb_build_object('milestones', of_node) end from dans;
insert into user_goals (user_id, goal_title, goal_status, milestones, node_id)
select pg_temp.p('d'), 'Goal ' || id, status, milestones, pg_temp.n(id) from dans where milestones is not null;
-- A session of each goal; accomplishments by turns of the session, of the goal, and of both.
insert into graph_nodes (id, user_id, node_type, label) select pg_temp.n('5' || id), pg_temp.p('d'), 'session', 'Session' from dans;
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
select pg_temp.p('d'), 'works_on', pg_temp.n('5' || id), pg_temp.n(id) from dans;
insert into graph_nodes (id, user_id, node_type, label)
select pg_temp.n('f' || id || i), pg_temp.p('d'), 'accomplishment', 'Done ' || i from dans, generate_series(1, accomplishments) i;
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
select pg_temp.p('d'), 'derived_from'::edge_type, pg_temp.n('f' || id || i), pg_temp.n('5' || id) from dans, generate_series(1, accomplishments) i where i % 3 <> 2
union all
select pg_temp.p('d'), 'achieves', pg_temp.n('f' || id || i), pg_temp.n(id) from dans, generate_series(1, accomplishments) i where i % 3 <> 1;
-- Of the last: one deleted, one whose edges have ended, one of a session that no longer works on it, one of another kind of edge, a skill.
insert into graph_nodes (id, user_id, node_type, label)
select pg_temp.n('7' || i), pg_temp.p('d'), case i when 5 then 'skill' else 'accomplishment' end::node_type, 'Not done ' || i from generate_series(1, 5) i
union all
select pg_temp.n('79'), pg_temp.p('d'), 'session', 'No longer';
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to) values
    (pg_temp.p('d'), 'derived_from', pg_temp.n('71'), pg_temp.n('5df'), now(), null),
    (pg_temp.p('d'), 'derived_from', pg_temp.n('72'), pg_temp.n('5df'), pg_temp.ago(9), pg_temp.ago(8)),
    (pg_temp.p('d'), 'achieves', pg_temp.n('72'), pg_temp.n('df'), pg_temp.ago(9), now()),
    (pg_temp.p('d'), 'works_on', pg_temp.n('79'), pg_temp.n('df'), pg_temp.ago(9), pg_temp.ago(8)),
    (pg_temp.p('d'), 'derived_from', pg_temp.n('73'), pg_temp.n('79'), now(), null),
    (pg_temp.p('d'), 'feels', pg_temp.n('74'), pg_temp.n('5df'), now(), null),
    (pg_temp.p('d'), 'achieves', pg_temp.n('75'), pg_temp.n('df'), now(), null);
update graph_nodes set deleted_at = now() where id = pg_temp.n('71');
select is(refresh_graph_insights(pg_temp.p('d')), 4, 'four goals are close to done');
select results_eq(
    $$select insight_key, insight_type, evidence, split_part(insight_key, ':', 2)::uuid = any (node_ids) from graph_insights
      where user_id = pg_temp.p('d') order by 1$$,
    $$select 'goal_close_to_done:' || pg_temp.n(id), 'goal_close_to_done', jsonb_build_object('accomplishments', accomplishments,
        'milestones', jsonb_array_length(case when milestones <> '[]' then milestones else of_node end)), true from dans where close order by 1$$,
    'those with accomplishments for three quarters of their milestones, each counted once'
);
update user_goals set milestones = milestones || '[5]' where node_id in (pg_temp.n('d1'), pg_temp.n('d4'));
update user_goals set goal_status = 'completed' where node_id = pg_temp.n('d6');
select is(refresh_graph_insights(pg_temp.p('d')), 3, 'milestones are added, a goal is completed');
select set_eq($$select pg_temp.found(pg_temp.p('d'))$$, array['goal_close_to_done:d4', 'goal_close_to_done:d5'], 'what is no longer close has ended');
select is(
    pg_temp.evidence(pg_temp.p('d'), 'goal_close_to_done:' || pg_temp.n('d4')), '{"accomplishments": 2, "milestones": 2}', 'figures follow'
);
update graph_nodes set deleted_at = now() where id = pg_temp.n('d5');
select is(refresh_graph_insights(pg_temp.p('d')), 1, 'a deleted goal is not close to done');

-- Eve's connectors: a triangle 1 2 3, a square 5 6 7 8 with a leaf 9 at 6, and a tail a b, all held together by 4.
--   1-2-3-1   3-4   4-5 (twice)   5-6-7-8-5   6-9   4-a-b   apart: f1-f2-f3
insert into graph_nodes (id, user_id, node_type, label)
select pg_temp.n('e0' || i), pg_temp.p('e'), 'session', 'Node ' || i from unnest('{1,2,3,4,5,6,7,8,9,a,b,c,f1,f2,f3}'::text[]) i;
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id, valid_from, valid_to)
select pg_temp.p('e'), type::edge_type, pg_temp.n('e0' || source), pg_temp.n('e0' || target), pg_temp.ago(since), pg_temp.ago(until)
from (values
    ('feels', '1', '2', 0, null), ('feels', '2', '3', 0, null), ('feels', '1', '3', 0, null), ('works_on', '4', '3', 0, null),
    ('feels', '4', '5', 0, null), ('achieves', '5', '4', 0, null), ('feels', '5', '6', 0, null), ('feels', '7', '6', 0, null),
    ('feels', '7', '8', 0, null), ('feels', '8', '5', 0, null), ('feels', '6', '9', 0, null), ('feels', '4', 'a', 0, null),
    ('feels', 'a', 'b', 0, null), ('feels', 'f1', 'f2', 0, null), ('feels', 'f2', 'f3', 0, null),
    ('feels', '1', '7', 9, 8), ('feels', '1', '7', -9, null), ('feels', '1', 'c', 0, null), ('feels', 'c', '7', 0, null)
) as v (type, source, target, since, until);
update graph_nodes set deleted_at = now() where id = pg_temp.n('e0c');
select is(refresh_graph_insights(pg_temp.p('e')), 3, 'three nodes hold the graph together');
select results_eq(
    $$select insight_key, insight_type, evidence, split_part(insight_key, ':', 2)::uuid = any (node_ids) from graph_insights
      where user_id = pg_temp.p('e') order by 1$$,
    $$values ('connector:' || pg_temp.n('e03'), 'connector', '{"parts": 2, "cut_off": 2}'::jsonb, true),
        ('connector:' || pg_temp.n('e04'), 'connector', '{"parts": 3, "cut_off": 5}', true),
        ('connector:' || pg_temp.n('e05'), 'connector', '{"parts": 2, "cut_off": 4}', true)$$,
    'those without which two nodes or more are cut off from the largest part'
);
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id, valid_to)
values (pg_temp.p('e'), 'derived_from', pg_temp.n('e01'), pg_temp.n('e07'), pg_temp.ago(-1));
select is(refresh_graph_insights(pg_temp.p('e')), 3, 'an edge goes round two of them');
select results_eq(
    $$select right(insight_key, 1), evidence from graph_insights where user_id = pg_temp.p('e') and valid_until is null$$,
    $$values ('4', '{"parts": 2, "cut_off": 2}'::jsonb)$$, 'one is left, with new figures'
);
-- A chain of eleven apart from it: seven nodes would cut off two or more, five do most.
insert into graph_nodes (id, user_id, node_type, label)
select pg_temp.n('c' || to_char(i, 'FM00')), pg_temp.p('e'), 'session', 'Link ' || i from generate_series(1, 11) i;
insert into graph_edges (user_id, edge_type, source_node_id, target_node_id)
select pg_temp.p('e'), 'works_on', pg_temp.n('c' || to_char(i, 'FM00')), pg_temp.n('c' || to_char(i + 1, 'FM00')) from generate_series(1, 10) i;
select is(refresh_graph_insights(pg_temp.p('e')), 6, 'five nodes are more important');
select results_eq(
    $$select right(insight_key, 2), evidence -> 'cut_off' from graph_insights where user_id = pg_temp.p('e') and valid_until is null order by 1$$,
    $$values ('04', '3'::jsonb), ('05', '4'), ('06', '5'), ('07', '4'), ('08', '3')$$, 'no more than five'
);

-- Who may call. Fay has a graph of every kind of node, and Ada her insights.
select create_goal_node(pg_temp.p('f'), 'Of Fay') as goal \gset
update graph_nodes set created_at = pg_temp.ago(40) where id = :'goal';
create temporary table others as select * from pg_temp.rows() as line;
set local role anon;
set local request.jwt.claims = '{"role":"anon"}';
select throws_ok($$select refresh_graph_insights(pg_temp.p('a'))$$, '42501', null, 'anon refreshes nothing');
select throws_ok($$select refresh_graph_insights()$$, '42501', null, 'nor for nobody');
set local role authenticated;
set local request.jwt.claims = '{"role":"authenticated"}';
select throws_ok($$select refresh_graph_insights()$$, '42501', null, 'nobody refreshes nothing');
select throws_ok($$select refresh_graph_insights(pg_temp.p('a'))$$, '42501', null, 'nor for anybody');
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000f","role":"service_role"}';
select throws_ok($$select refresh_graph_insights(pg_temp.p('a'))$$, '42501', null, 'claims of service_role give no rights');
set local request.jwt.claims = '{"sub":"00000000-0000-4000-8000-00000000000f","role":"authenticated"}';
select throws_ok($$select refresh_graph_insights(pg_temp.p('a'))$$, '42501', null, 'people do not refresh another''s insights');
select throws_ok(
    $$insert into graph_insights (insight_type, insight_key, title, content) values ('x', 'x', 'x', 'x')$$, '42501', null, 'people write no insights'
);
select is(refresh_graph_insights(), 1, 'yet the function writes theirs');
select results_eq(
    $$select user_id, insight_key from graph_insights$$, format('values (pg_temp.p(%L), %L)', 'f', 'neglected_goal:' || :'goal'), 'which they read'
);
select is(refresh_graph_insights(pg_temp.p('f')), 0, 'they may name themselves');
update graph_insights set status = 'dismissed';
select is(refresh_graph_insights(), 0, 'what they dismiss stays so');
select is(status, 'dismissed', 'it does') from graph_insights;
reset role;
create policy test_hidden on graph_nodes as restrictive for select to authenticated using (label <> 'Of Fay');
set local role authenticated;
select is(refresh_graph_insights(), 1, 'what an administrator''s policy hides is no insight');
select is(valid_until, now(), 'it has ended') from graph_insights;
reset role;
drop policy test_hidden on graph_nodes;
set local role service_role;
set local request.jwt.claims = '{"role":"service_role"}';
select throws_ok($$select refresh_graph_insights()$$, '22004', null, 'the service names whose');
select throws_matching($$select refresh_graph_insights()$$, 'p_user_id', 'and is told so');
select is(refresh_graph_insights(pg_temp.p('dead')), 0, 'who is unknown has no insights');
select is(refresh_graph_insights(pg_temp.p('f')), 1, 'the service refreshes anybody''s');
select set_eq(
    $$select concat(ctid, ' ', i) from graph_insights i where user_id <> pg_temp.p('f')$$, 'select line from others', 'other people''s are untouched by all this'
);

-- People write when their rows were made.
reset role;
insert into auth.users (id) values (pg_temp.p('9'));
insert into graph_nodes (user_id, node_type, label, properties, created_at)
select pg_temp.p('9'), node_type, format('%s made %s', node_type, made), '{"intensity": 1e-400, "milestones": {}}', made::timestamptz
from unnest('{infinity,-infinity,4000-01-01 BC,290000-01-01}'::text[]) as made,
    unnest('{goal,session,emotion}'::node_type[]) as node_type;
select is(refresh_graph_insights(pg_temp.p('9')), 2, 'times without end and far away are borne');
select set_eq(
    $$select title from graph_insights where user_id = pg_temp.p('9')$$,
    array['goal made -infinity is waiting', 'goal made 4000-01-01 BC is waiting'],
    'goals from before are neglected, those of the future are not'
);

select * from finish();
rollback;
