-- The data to load, first made aside: ids, times and ends, so that both copies get the same rows in the same order.

create schema draft;

-- A uuid of version 7: made at this millisecond, and random by what it is for.
create function draft.key(ms bigint, what text) returns uuid
    language sql immutable
    return (lpad(to_hex(ms << 16 | 28672), 16, '0') || '8' || substr(md5(what), 1, 15))::uuid;

create function draft.instant(ms bigint) returns timestamptz
    language sql immutable
    return timestamptz 'epoch' + ms * interval '1 ms';

-- Who has how many made-up nodes.
create unlogged table draft.person (
    person int primary key,
    user_id uuid not null,
    nodes int not null,
    edges_per_node int not null
);

create unlogged table draft.vector (
    person int,
    n int,
    embedding vector(1536) not null,
    primary key (person, n)
);
alter table draft.vector alter embedding set storage external;

create unlogged table draft.synset (
    n int primary key,
    node_type node_type not null,
    label text not null,
    gloss text not null
);

create unlogged table draft.link (
    source int not null,
    target int not null,
    edge_type edge_type not null,
    symbol text not null
);
