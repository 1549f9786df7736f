insert into @extschema@.users (id, email, name, full_name, avatar_url)
select a.id, a.email, a.raw_user_meta_data ->> 'name', a.raw_user_meta_data ->> 'full_name',
    a.raw_user_meta_data ->> 'avatar_url'
from auth.users a
where not exists (select from @extschema@.users u where u.id = a.id)
on conflict (id) do nothing;

insert into @extschema@.profiles (id, full_name, avatar_url)
select a.id, a.raw_user_meta_data ->> 'full_name', a.raw_user_meta_data ->> 'avatar_url'
from auth.users a
where not exists (select from @extschema@.profiles p where p.id = a.id)
on conflict (id) do nothing;
