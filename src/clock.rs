//! The backend's clocks, as timestamptz.

use pgrx::prelude::*;

/// The instant that now() answers with.
pub fn transaction_start() -> TimestampWithTimeZone {
    // SAFETY: reads the transaction's start.
    instant(unsafe { pg_sys::GetCurrentTransactionStartTimestamp() })
}

/// The instant that clock_timestamp() answers with.
pub fn wall_clock() -> TimestampWithTimeZone {
    // SAFETY: reads the system's clock.
    instant(unsafe { pg_sys::GetCurrentTimestamp() })
}

fn instant(microseconds: pg_sys::TimestampTz) -> TimestampWithTimeZone {
    // SAFETY: a timestamptz datum is this integer.
    unsafe { TimestampWithTimeZone::from_datum(pg_sys::Datum::from(microseconds), false) }
        .expect("an instant is not null")
}
