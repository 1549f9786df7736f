//! What callers are told when a call can't be carried out: SQLSTATE, and a sentence that names the argument.

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;

/// What a verb returns: its result, or the error its caller gets.
pub type Answer<T> = Result<T, ErrorReport>;

#[track_caller]
fn report(code: PgSqlErrorCode, message: impl Into<String>) -> ErrorReport {
    ErrorReport::new(code, message.into(), "lgtempo")
}

/// 22023: an argument has a value that is not allowed. The message names the argument and what is.
#[track_caller]
pub fn invalid(message: impl Into<String>) -> ErrorReport {
    report(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, message)
}

/// 22004: an argument that needs a value is NULL.
#[track_caller]
pub fn missing(argument: &str) -> ErrorReport {
    report(PgSqlErrorCode::ERRCODE_NULL_VALUE_NOT_ALLOWED, format!("{argument} must not be null"))
}

/// 22007: a text that must be a date is none.
#[track_caller]
pub fn not_a_date(message: impl Into<String>) -> ErrorReport {
    report(PgSqlErrorCode::ERRCODE_INVALID_DATETIME_FORMAT, message)
}

/// 23503: what an argument refers to is not there for this caller.
#[track_caller]
pub fn unknown(message: impl Into<String>) -> ErrorReport {
    report(PgSqlErrorCode::ERRCODE_FOREIGN_KEY_VIOLATION, message)
}

/// 23514: a row would break a rule that no declared check can express.
#[track_caller]
pub fn violates(message: impl Into<String>) -> ErrorReport {
    report(PgSqlErrorCode::ERRCODE_CHECK_VIOLATION, message)
}

/// 42501: the caller may not do this.
#[track_caller]
pub fn forbidden(message: impl Into<String>) -> ErrorReport {
    report(PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE, message)
}

/// 42P07: objects of ours can't be made because others have their names.
#[track_caller]
pub fn taken(message: impl Into<String>) -> ErrorReport {
    report(PgSqlErrorCode::ERRCODE_DUPLICATE_TABLE, message)
}

/// 0A000: this can't be had.
#[track_caller]
pub fn unsupported(message: impl Into<String>) -> ErrorReport {
    report(PgSqlErrorCode::ERRCODE_FEATURE_NOT_SUPPORTED, message)
}

/// 55000: the database is not in a state that allows this.
#[track_caller]
pub fn not_ready(message: impl Into<String>) -> ErrorReport {
    report(PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, message)
}

/// XX000: something that PostgreSQL rules out has happened.
#[track_caller]
pub fn internal(message: impl Into<String>) -> ErrorReport {
    report(PgSqlErrorCode::ERRCODE_INTERNAL_ERROR, message)
}

/// Keeps Rust's backtraces out of what clients are told, also where the server's environment asks for them.
pub fn hide_backtraces() {
    // SAFETY: a backend has one thread, and this runs before any error has asked for the variable.
    unsafe { std::env::set_var("RUST_LIB_BACKTRACE", "0") };
}

/// Hands a verb's result to PostgreSQL, raising its error.
pub fn or_raise<T>(answer: Answer<T>) -> T {
    match answer {
        Ok(value) => value,
        Err(error) => {
            error.report(PgLogLevel::ERROR);
            unreachable!("an error report does not return")
        }
    }
}
