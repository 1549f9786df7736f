//! Messages from the AI coaches: reading them, and putting them into a person's inbox.

mod attachments;
mod derive;
mod messages;
