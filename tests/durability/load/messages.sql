-- Messages with two attachments each, the half of them read: what is printed is committed.
select 'message', create_message_with_attachments(
    :'person', 'Subject', repeat('Well done. ', 50), 'coach', 'Coach',
    p_attachments => '[{"type": "link", "name": "Link", "url": "https://example.com"}, {"type": "file", "name": "File", "storage_path": "a/b"}]'
);
select create_message_with_attachments(
    :'person', 'Subject', 'Read me.', 'coach', 'Coach',
    p_attachments => '[{"type": "link", "name": "Link", "url": "https://example.com"}, {"type": "file", "name": "File", "storage_path": "a/b"}]'
) as message \gset
\echo message | :message
select 'read', :'message' where mark_message_as_read(:'message', :'person');
