//! How far a person has come: the goals and what was done for them, the skills and where they were used.

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use crate::caller::person;
use crate::statement::{reading, statement, values};
use crate::table::Table;

statement! {
    /// Sums are numeric and capped, and dates are taken apart by hand: whatever somebody's properties hold, nothing
    /// here raises.
    GOALS("uuid") = r"
        with sessions as (
            select distinct on (e.target_node_id, s.id)
                e.target_node_id as goal_id,
                s.id,
                s.created_at,
                case
                    when s.properties ->> 'duration_minutes' ~ '^[0-9]{1,18}([.][0-9]*)?$'
                    then trunc((s.properties ->> 'duration_minutes')::numeric)
                    when jsonb_typeof(s.properties -> 'duration_minutes') = 'number'
                    then least(greatest(trunc((s.properties ->> 'duration_minutes')::numeric), 0), 999999999999999999)
                    else 0
                end as minutes
            from @extschema@.graph_edges e
            join @extschema@.graph_nodes s on s.user_id = $1 and s.id = e.source_node_id
            where e.user_id = $1
                and e.edge_type = 'works_on'
                and e.valid_from <= now()
                and (e.valid_to is null or e.valid_to > now())
                and s.node_type = 'session'
                and s.deleted_at is null
        ), efforts as (
            select goal_id,
                count(*) as session_count,
                least(sum(minutes), 9223372036854775807)::bigint as minutes,
                max(created_at) as latest
            from sessions
            group by goal_id
        ), accomplishments as (
            select s.goal_id, count(distinct a.id) as number
            from sessions s
            join @extschema@.graph_edges e on e.user_id = $1 and e.target_node_id = s.id
            join @extschema@.graph_nodes a on a.user_id = $1 and a.id = e.source_node_id
            where e.edge_type = 'derived_from'
                and e.valid_from <= now()
                and (e.valid_to is null or e.valid_to > now())
                and a.node_type = 'accomplishment'
                and a.deleted_at is null
            group by s.goal_id
        )
        select g.id::uuid, g.label::text, g.properties ->> 'category',
            case
                when g.properties ->> 'target_date'
                    ~ '^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ].*)?$'
                then case
                    when substr(g.properties ->> 'target_date', 9, 2)::int <= extract(
                        day from make_date(
                            substr(g.properties ->> 'target_date', 1, 4)::int,
                            substr(g.properties ->> 'target_date', 6, 2)::int,
                            1
                        ) + interval '1 month' - interval '1 day'
                    )
                    then make_date(
                        substr(g.properties ->> 'target_date', 1, 4)::int,
                        substr(g.properties ->> 'target_date', 6, 2)::int,
                        substr(g.properties ->> 'target_date', 9, 2)::int
                    )
                end
            end,
            g.properties ->> 'priority', coalesce(e.session_count, 0), coalesce(e.minutes, 0), coalesce(a.number, 0),
            e.latest
        from @extschema@.graph_nodes g
        left join efforts e on e.goal_id = g.id
        left join accomplishments a on a.goal_id = g.id
        where g.user_id = $1 and g.node_type = 'goal' and g.deleted_at is null
        order by g.created_at desc, g.id desc";
    SKILLS("uuid") = "
        with skills as (
            select id, label, properties
            from @extschema@.graph_nodes
            where user_id = $1 and node_type = 'skill' and deleted_at is null
        ), current_edges as (
            select e.source_node_id, e.target_node_id, e.edge_type
            from @extschema@.graph_edges e
            where e.user_id = $1 and e.valid_from <= now() and (e.valid_to is null or e.valid_to > now())
        ), links as (
            select k.id as skill_id, e.target_node_id as node_id, e.edge_type
            from skills k join current_edges e on e.source_node_id = k.id
            union all
            select k.id, e.source_node_id, e.edge_type
            from skills k join current_edges e on e.target_node_id = k.id
        ), uses as (
            select l.skill_id, count(distinct s.id) as sessions
            from links l
            join @extschema@.graph_nodes s on s.user_id = $1 and s.id = l.node_id
            where l.edge_type = 'has_skill' and s.node_type = 'session' and s.deleted_at is null
            group by l.skill_id
        ), accomplishments as (
            select id, properties -> 'skills' as named
            from @extschema@.graph_nodes
            where user_id = $1 and node_type = 'accomplishment' and deleted_at is null
        ), related as (
            select r.skill_id, count(*) as number
            from (
                select l.skill_id, a.id from links l join accomplishments a on a.id = l.node_id
                union
                select k.id, a.id
                from accomplishments a
                cross join lateral jsonb_array_elements(
                    case when jsonb_typeof(a.named) = 'array' then a.named else '[]' end
                ) n (name)
                join skills k on k.label = n.name #>> '{}' and jsonb_typeof(n.name) = 'string'
            ) r
            group by r.skill_id
        )
        select k.id::uuid, k.label::text, k.properties ->> 'level',
            array(
                select jsonb_array_elements_text(
                    case
                        when jsonb_typeof(k.properties -> 'transferable_from') = 'array'
                        then k.properties -> 'transferable_from'
                        else '[]'
                    end
                )
            ),
            coalesce(u.sessions, 0), coalesce(r.number, 0)
        from skills k
        left join uses u on u.skill_id = k.id
        left join related r on r.skill_id = k.id
        order by k.label, k.id";
}

/// A person's live goals, newest first, with the sessions that work on them and what came of those.
///
/// Each session counts once; only current edges count; a malformed date is NULL, a malformed duration 0.
/// Errors: 22004, 42501.
#[pg_extern(sql = false)]
fn get_user_goals_with_progress<'a>(p_user_id: Option<Uuid>) -> Table<'a> {
    Table::new(move |found| {
        reading(|db| {
            let person = person(db, "graph_nodes", p_user_id)?;
            found.append(&db.run(&GOALS, values![person]));
            Ok(())
        })
    })
}

/// A person's live skills by name, with the sessions that used them and the accomplishments they are part of.
///
/// Errors: 22004, 42501.
#[pg_extern(sql = false)]
fn get_user_skills_graph<'a>(p_user_id: Option<Uuid>) -> Table<'a> {
    Table::new(move |found| {
        reading(|db| {
            let person = person(db, "graph_nodes", p_user_id)?;
            found.append(&db.run(&SKILLS, values![person]));
            Ok(())
        })
    })
}
