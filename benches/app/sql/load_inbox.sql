-- Messages of the last 400 days, in the order of their time, so that a page holds many people's, as in real life.
-- One in fifty unread ones has expired, and one in ten read ones is archived.

insert into auth.users (id)
select user_id from draft.inbox;

select setseed(0.25);
insert into inbox_messages (
    user_id, sender_id, sender_name, message_type, subject, preview, content, category, is_read, read_at, is_archived,
    archived_at, expires_at, created_at, updated_at
)
select user_id, 'coach-' || n % 7, 'Aylin', 'recommendation', 'A thought for week ' || n % 52, left(words, 200),
    jsonb_build_object('text', words), 'coaching', is_read, case when is_read then made + interval '1 hour' end,
    is_read and luck < 0.1, case when is_read and luck < 0.1 then made + interval '1 day' end,
    case when not is_read and luck < 0.02 then made + interval '20 days' when luck > 0.7 then now() + interval '1 year' end,
    made, made
from (
    select user_id, n, now() - (30 + random() * 400) * interval '1 day' as made, random() >= unread as is_read,
        random() as luck, 'What was said about it: ' || md5(n::text) || md5('more ' || n) || ', and how it went on.' as words
    from draft.inbox, generate_series(1, messages) n
    offset 0
) drawn
order by made;
