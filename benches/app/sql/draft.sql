-- Whose rows there are: the measured people first, then everybody else.

create schema draft;

create unlogged table draft.inbox (
    person int primary key,
    user_id uuid not null,
    messages int not null,
    unread double precision not null
);

create unlogged table draft.graph (
    person int primary key,
    user_id uuid not null,
    nodes int not null
);
