//! `enable_realtime()`: has Supabase's realtime service hear of changes, by a publication.

use pgrx::prelude::*;

use super::require_owner;
use crate::catalog;
use crate::error::{Answer, not_ready};
use crate::statement::{Database, connected, statement, values};

statement! {
    IS_FOR_ALL_TABLES() = "select puballtables from pg_publication where pubname = 'supabase_realtime'";
    /// Publishing by columns is at odds with replica identity full: PostgreSQL would refuse every update.
    IS_IDENTIFIED_IN_FULL() = "
        select relreplident = 'f' from pg_class where oid = '@extschema@.graph_nodes'::regclass";
    /// The tables that the publication lacks, and the statements that add them. Embeddings are left out.
    MISSING() = "
        select t.name::text,
            format(
                'alter publication supabase_realtime add table @extschema@.%I%s',
                t.name,
                case
                    when t.name = 'graph_nodes' then ' (' || (
                        select string_agg(quote_ident(attname), ', ' order by attnum)
                        from pg_attribute
                        where attrelid = '@extschema@.graph_nodes'::regclass
                            and attnum > 0
                            and not attisdropped
                            and attgenerated = ''
                            and attname <> 'embedding'
                    ) || ')'
                    else ''
                end
            )
        from unnest('{graph_nodes,graph_edges,graph_insights,inbox_messages,user_goals}'::text[])
            with ordinality t (name, place)
        where not exists (
            select from pg_publication_tables p
            where p.pubname = 'supabase_realtime'
                and p.schemaname::regnamespace = '@extschema@'::regnamespace
                and p.tablename = t.name
        )
        order by t.place";
}

/// Adds the tables that people watch to publication supabase_realtime, made if it is missing; the tables it added.
///
/// Errors: 42501 for others than members of the owner's role; 55000 where graph_nodes has replica identity full.
#[pg_extern(sql = false)]
fn enable_realtime() -> Answer<Vec<String>> {
    require_owner(catalog::extension().owner)?;
    connected(|db| match db.run(&IS_FOR_ALL_TABLES, values![]).value() {
        Some(true) => Ok(Vec::new()),
        Some(false) => publish(db),
        None => {
            db.script("create publication supabase_realtime");
            publish(db)
        }
    })
}

fn publish(db: &Database) -> Answer<Vec<String>> {
    if db.run(&IS_IDENTIFIED_IN_FULL, values![]).value() == Some(true) {
        return Err(not_ready("graph_nodes has replica identity full, with which no column can be left out")
            .set_hint("alter table graph_nodes replica identity default"));
    }
    let missing = db.run(&MISSING, values![]);
    let mut added = Vec::new();
    for row in missing.iter() {
        db.script(&row.must::<String>(2));
        added.push(row.must(1));
    }
    Ok(added)
}
