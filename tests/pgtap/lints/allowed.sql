-- Findings that are meant to be, each with its reason. A row that is no finding any more fails the test.

create temporary view allowed (finding, reason) as
values
    ('RLS without policy: embedding_jobs', 'internal: functions read and write it as its owner, and nobody else'),
    ('RLS without policy: knowledge_codes', 'internal: functions read and write it as its owner, and nobody else'),
    ('RLS without policy: knowledge_collections', 'internal: functions read and write it as its owner, and nobody else'),
    ('RLS without policy: knowledge_pending_codes', 'internal: functions read and write it as its owner, and nobody else'),
    ('RLS without policy: knowledge_pending_words', 'internal: functions read and write it as its owner, and nobody else'),
    ('RLS without policy: knowledge_postings', 'internal: functions read and write it as its owner, and nobody else'),
    ('RLS without policy: lgtempo_migrations', 'internal: lgtempo_setup() alone reads and writes it'),
    ('RLS without policy: webhook_events', 'for service_role alone, which no policy binds'),
    ('table without RLS: auth.users', 'auth is not in the API, and no role of the API has a right on it; Supabase brings its own'),
    ('mutable search_path: auth.jwt()', 'its body is kept parsed, so that names in it can''t change their meaning'),
    ('mutable search_path: auth.role()', 'its body is kept parsed, so that names in it can''t change their meaning'),
    ('mutable search_path: auth.uid()', 'its body is kept parsed, so that names in it can''t change their meaning'),
    ('extension in public: btree_gist', 'where it goes is up to whoever installs it; CASCADE puts it beside lgtempo'),
    ('extension in public: lgtempo', 'where it goes is up to whoever installs it; people call its functions and types by name'),
    ('extension in public: pgtap', 'the tests'' own'),
    ('extension in public: uuid-ossp', 'where it goes is up to whoever installs it; CASCADE puts it beside lgtempo'),
    ('extension in public: vector', 'where it goes is up to whoever installs it; CASCADE puts it beside lgtempo');
