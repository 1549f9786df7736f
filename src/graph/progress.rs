//! How far a person has come: the goals and what was done for them, the skills and where they were used.

use pgrx::datum::Uuid;
use pgrx::prelude::*;

use crate::caller::person;
use crate::statement::{connected, statement, values};
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
                    when s.properties ->> 'duration_minutes' ~ '^\s*[0-9]{1,18}(\.[0-9]*)?\s*$'
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
        select g.id, g.label, g.properties ->> 'category',
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
        with current_edges as (
            select e.source_node_id as one, e.target_node_id as other, e.edge_type
            from @extschema@.graph_edges e
            where e.user_id = $1 and e.valid_from <= now() and (e.valid_to is null or e.valid_to > now())
        ), links as (
            select one as skill_id, other as node_id, edge_type from current_edges
            union all
            select other, one, edge_type from current_edges
        )
        select k.id, k.label, k.properties ->> 'level',
            array(
                select jsonb_array_elements_text(
                    case
                        when jsonb_typeof(k.properties -> 'transferable_from') = 'array'
                        then k.properties -> 'transferable_from'
                        else '[]'
                    end
                )
            ),
            (
                select count(distinct s.id)
                from links l
                join @extschema@.graph_nodes s on s.user_id = $1 and s.id = l.node_id
                where l.skill_id = k.id
                    and l.edge_type = 'has_skill'
                    and s.node_type = 'session'
                    and s.deleted_at is null
            ),
            (
                select count(*)
                from @extschema@.graph_nodes a
                where a.user_id = $1
                    and a.node_type = 'accomplishment'
                    and a.deleted_at is null
                    and (
                        a.id in (select l.node_id from links l where l.skill_id = k.id)
                        or (jsonb_typeof(a.properties -> 'skills') = 'array' and a.properties -> 'skills' ? k.label)
                    )
            )
        from @extschema@.graph_nodes k
        where k.user_id = $1 and k.node_type = 'skill' and k.deleted_at is null
        order by k.label, k.id";
}

/// A person's live goals, newest first, with the sessions that work on them and what came of those.
///
/// Each session counts once; only current edges count; a malformed date is NULL, a malformed duration 0.
/// Errors: 22004, 42501.
#[pg_extern(sql = false)]
fn get_user_goals_with_progress<'a>(p_user_id: Option<Uuid>) -> Table<'a> {
    Table::new(move |found| {
        connected(|db| {
            let person = person(db, "graph_nodes", p_user_id)?;
            found.append(&db.read(&GOALS, values![person]));
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
        connected(|db| {
            let person = person(db, "graph_nodes", p_user_id)?;
            found.append(&db.read(&SKILLS, values![person]));
            Ok(())
        })
    })
}
