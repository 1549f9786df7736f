//! The settings that administrators and callers may change.

use pgrx::guc::{GucContext, GucFlags, GucRegistry, GucSetting, PostgresGucEnum};

/// What CREATE EXTENSION does about the tables.
#[derive(Clone, Copy, PartialEq, Eq, PostgresGucEnum)]
#[allow(non_camel_case_types)]
pub enum Layout {
    auto,
    off,
}

static LAYOUT: GucSetting<Layout> = GucSetting::<Layout>::new(Layout::auto);

pub fn declare() {
    GucRegistry::define_enum_guc(
        c"lgtempo.layout",
        c"Whether CREATE EXTENSION lgtempo lays out its tables.",
        c"off: it lays out none, as before a restore that brings them.",
        &LAYOUT,
        GucContext::Userset,
        GucFlags::default(),
    );
}

/// Whether CREATE EXTENSION is to leave the tables alone.
pub fn layout_is_off() -> bool {
    LAYOUT.get() == Layout::off
}
