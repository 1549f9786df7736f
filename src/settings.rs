//! The settings that administrators and callers may change.

use pgrx::guc::{GucContext, GucFlags, GucRegistry, GucSetting, PostgresGucEnum};

/// What CREATE EXTENSION does about the tables.
#[derive(Clone, Copy, PartialEq, Eq, PostgresGucEnum)]
#[allow(non_camel_case_types)]
pub enum Layout {
    auto,
    off,
}

static PASS_BUDGET: GucSetting<i32> = GucSetting::<i32>::new(16);

static EXACT_SEARCH_LIMIT: GucSetting<i32> = GucSetting::<i32>::new(500);

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
    GucRegistry::define_int_guc(
        c"lgtempo.exact_search_limit",
        c"Rows in scope up to which a search by embedding compares every embedding.",
        c"Above it, one-bit codes make a shortlist first.",
        &EXACT_SEARCH_LIMIT,
        0,
        i32::MAX,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_int_guc(
        c"lgtempo.pass_budget",
        c"Edges of a person that a walk may read at once, for each node of its frontier and level before it.",
        c"0 walks level by level.",
        &PASS_BUDGET,
        0,
        1_000_000,
        GucContext::Userset,
        GucFlags::default(),
    );
}

/// Up to how many rows in scope a search by embedding compares every embedding.
pub fn exact_search_limit() -> i32 {
    EXACT_SEARCH_LIMIT.get()
}

/// How many edges a walk may read at once for each node of its frontier and level before it.
pub fn pass_budget() -> i32 {
    PASS_BUDGET.get()
}

/// Whether CREATE EXTENSION is to leave the tables alone.
pub fn layout_is_off() -> bool {
    LAYOUT.get() == Layout::off
}
