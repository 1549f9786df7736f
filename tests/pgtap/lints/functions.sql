-- Functions.

-- The caller's search_path decides what their names mean.
create temporary view mutable_search_path as
select p.oid::regprocedure::text as object
from routine p
where not exists (select from unnest(p.proconfig) setting where setting like 'search_path=%');

create temporary view definer_function_for_api as
select format('%s for %s', p.oid::regprocedure, r.name) as object
from routine p
join api_role r on has_function_privilege(r.name, p.oid, 'execute')
where p.prosecdef;
