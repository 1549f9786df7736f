-- Columns of types that nobody expects, as an owner may make them: an error, and the server stays up.
begin;
set local client_min_messages = warning;
select plan(5);
create function pg_temp.attached(id regtype, words regtype) returns text language plpgsql as $$
begin
    execute format('create temporary table odd (id %s, knowledge_base_id uuid, search_vector %s, embedding_code bit(1536)) on commit drop', id, words);
    create trigger odd after insert on odd referencing new table as changed for each statement execute function lgtempo_chunk_index();
    execute format('insert into odd (id, search_vector) select x, repeat(%L, 9)::%s from unnest(array[1, 2]) y, lateral (select %s) f (x)',
        '1', words, case id when 'bigint'::regtype then 'y::bigint' else 'gen_random_uuid()' end);
    return 'done';
end $$;
-- First: what a session has planned for our own tables is not planned anew.
select throws_ok($$select pg_temp.attached('uuid', 'bytea')$$, 'XX000', null, 'words that are bytes');
select throws_ok($$select pg_temp.attached('bigint', 'tsvector')$$, 'XX000', null, 'keys that are numbers');

insert into auth.users (id) values ('00000000-0000-4000-8000-00000000000a');
insert into agent_knowledge_bases (id, agent_id, name) values ('00000000-0000-7000-8000-0000000000b1', 'coach', 'One');
select isnt(add_knowledge_document('00000000-0000-7000-8000-0000000000b1', 'Rest', 'Rest makes a talk.'), null, 'there is something to read');
alter table knowledge_pending_words alter words type bigint using 3;
select throws_ok($$select from search_knowledge_base('rest')$$, 'XX000', null, 'pending words that are numbers');
alter table knowledge_pending_words alter words type text using 'x';
select throws_ok($$select from search_knowledge_base('rest')$$, 'XX000', null, 'or text');
select * from finish();
rollback;
