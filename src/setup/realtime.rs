//! `enable_realtime()`: has Supabase's realtime service hear of changes, by a publication.

use pgrx::prelude::*;

use super::{owner_of_tables, require_owner};
use crate::catalog;
use crate::error::{Answer, not_ready};
use crate::statement::{Database, connected, statement, values};

statement! {
    IS_FOR_ALL_TABLES() = "select puballtables from pg_publication where pubname = 'supabase_realtime'";
    /// Publishing by columns is at odds with replica identity full, and with publishing whole schemas: PostgreSQL
    /// would refuse every update of the table ($1), or the table itself.
    OBSTACLE("oid") = "
        select case
            when (select relreplident = 'f' from pg_class where oid = $1)
            then 'graph_nodes has replica identity full'
            when exists (
                select from pg_publication_namespace n
                join pg_publication p on p.oid = n.pnpubid
                where p.pubname = 'supabase_realtime'
            ) and not exists (select from pg_get_publication_tables('supabase_realtime') where relid = $1)
            then 'publication supabase_realtime publishes whole schemas'
        end";
    /// The tables of the schema ($1) that the publication lacks, and the statements that add them. Embeddings are left
    /// out.
    MISSING("oid") = "
        select t.name,
            format(
                'alter publication supabase_realtime add table %s%s',
                c.oid::regclass,
                case
                    when t.name = 'graph_nodes' then format(' (%s)', (
                        select string_agg(quote_ident(attname), ', ' order by attnum)
                        from pg_attribute
                        where attrelid = c.oid
                            and attnum > 0
                            and not attisdropped
                            and attgenerated = ''
                            and attname <> 'embedding'
                    ))
                end
            )
        from unnest('{graph_nodes,graph_edges,graph_insights,inbox_messages,user_goals}'::text[])
            with ordinality t (name, place)
        join pg_class c on c.relnamespace = $1 and c.relname = t.name
        where not exists (select from pg_get_publication_tables('supabase_realtime') p where p.relid = c.oid)
        order by t.place";
}

/// Adds the tables that people watch to publication supabase_realtime, made if it is missing; the tables it added.
///
/// Errors: 42501 for others than members of the owner's role; 55000 where no column can be left out of graph_nodes.
#[pg_extern(sql = false)]
fn enable_realtime() -> Answer<Vec<String>> {
    require_owner(owner_of_tables()?)?;
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
    if let Some(obstacle) = db.run(&OBSTACLE, values![catalog::table("graph_nodes")]).value::<String>() {
        return Err(not_ready(format!("{obstacle}, with which no column can be left out"))
            .set_hint("alter table graph_nodes replica identity default; publish tables, not schemas."));
    }
    let missing = db.run(&MISSING, values![catalog::extension().schema]);
    let mut added = Vec::new();
    for row in missing.iter() {
        db.script(&row.must::<String>(2));
        added.push(row.must(1));
    }
    Ok(added)
}
