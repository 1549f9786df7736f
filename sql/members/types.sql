create type @extschema@.node_type as enum (
    'goal',
    'skill',
    'emotion',
    'session',
    'accomplishment'
);
comment on type @extschema@.node_type is 'What a node of a person''s graph stands for.';

create type @extschema@.edge_type as enum (
    'works_on',
    'has_skill',
    'derived_from',
    'feels',
    'achieves'
);
comment on type @extschema@.edge_type is 'How one node of a person''s graph relates to another.';

create type @extschema@.emotion_type as enum (
    'confident',
    'anxious',
    'motivated',
    'uncertain',
    'accomplished',
    'frustrated'
);
comment on type @extschema@.emotion_type is 'What a person can feel.';

create type @extschema@.skill_level as enum (
    'beginner',
    'intermediate',
    'advanced',
    'expert'
);
comment on type @extschema@.skill_level is 'How well a person has a skill.';

create type @extschema@.message_type as enum (
    'session_summary',
    'goal_achievement',
    'recommendation',
    'reminder',
    'insight',
    'resource',
    'system'
);
comment on type @extschema@.message_type is 'What a message is.';

create type @extschema@.message_priority as enum (
    'low',
    'normal',
    'high',
    'urgent'
);
comment on type @extschema@.message_priority is 'How much a message matters.';

create type @extschema@.node_status as enum (
    'draft_verbal',
    'curated'
);
comment on type @extschema@.node_status is 'Whether a node is as the AI captured it in conversation, or confirmed or edited by the person.';
