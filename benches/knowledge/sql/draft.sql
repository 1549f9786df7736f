-- The data to load, first made aside, so that both copies get the same rows in the same order.

create schema draft;

-- place is the order of arrival, n the number of the text.
create unlogged table draft.passage (
    place int primary key,
    n int not null,
    id uuid not null default lgtempo_uuid_v7(),
    knowledge_base_id uuid not null,
    document_id uuid not null,
    chunk_index int not null,
    content text not null,
    embedding vector(1536) not null
);
alter table draft.passage alter embedding set storage external;
