//! Voice conversations: onboarding by one, and what was said before sign-up.

mod events;
mod onboarding;
