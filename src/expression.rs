//! The value of a statement that is one expression, computed without starting the executor, as PL/pgSQL does it.

use std::thread::LocalKey;

use pgrx::datum::Uuid;
use pgrx::{FromDatum, PgList, is_a, pg_sys};

use crate::statement::{Database, Statement, values};

impl Database {
    /// The value of a statement that selects one uuid and takes no parameters.
    pub fn compute(&self, statement: &'static LocalKey<Statement>) -> Option<Uuid> {
        let plan = statement.with(Statement::plan);
        // SAFETY: connected, and the plan is kept. It is made anew here if what it depends on has changed, and pinned
        // until the expression, which lies in it, has been evaluated. An error that unwinds leaves both the pin and the
        // context to the end of the (sub)transaction.
        unsafe {
            let cached = pg_sys::SPI_plan_get_cached_plan(plan);
            if cached.is_null() {
                return self.run(statement, values![]).value();
            }
            let answer = sole_expression((*cached).stmt_list).map(|expression| evaluate(expression));
            pg_sys::ReleaseCachedPlan(cached, pg_sys::CurrentResourceOwner);
            answer.unwrap_or_else(|| self.run(statement, values![]).value())
        }
    }
}

/// What a plan computes if it is one expression and there is nothing to read and nothing else to do.
///
/// # Safety
/// `statements` are a valid list of PlannedStmt.
unsafe fn sole_expression(statements: *mut pg_sys::List) -> Option<*mut pg_sys::Expr> {
    unsafe {
        let statement = sole::<pg_sys::PlannedStmt>(statements)?;
        let plan = (*statement).planTree;
        let is_plain = (*statement).commandType == pg_sys::CmdType::CMD_SELECT
            && (*statement).subplans.is_null()
            && is_a(plan.cast(), pg_sys::NodeTag::T_Result)
            && (*plan).lefttree.is_null()
            && (*plan).initPlan.is_null()
            && (*plan).qual.is_null()
            && (*plan.cast::<pg_sys::Result>()).resconstantqual.is_null();
        let target = sole::<pg_sys::TargetEntry>((*plan).targetlist)?;
        is_plain.then(|| (*target).expr)
    }
}

/// The element of a list of one.
///
/// # Safety
/// `list` is a valid list of pointers to T.
unsafe fn sole<T>(list: *mut pg_sys::List) -> Option<*mut T> {
    let list = unsafe { PgList::<T>::from_pg(list) };
    if list.len() == 1 { list.get_ptr(0) } else { None }
}

/// # Safety
/// `expression` is planned, refers to no table and no parameter, and yields a uuid.
unsafe fn evaluate(expression: *mut pg_sys::Expr) -> Option<Uuid> {
    unsafe {
        let context = pg_sys::CreateStandaloneExprContext();
        let state = pg_sys::ExecInitExpr(expression, std::ptr::null_mut());
        let mut is_null = false;
        let datum = pg_sys::ExecEvalExprSwitchContext(state, context, &mut is_null);
        let answer = Uuid::from_datum(datum, is_null);
        pg_sys::FreeExprContext(context, true);
        answer
    }
}

#[cfg(any(test, feature = "pg_test"))]
#[pgrx::pg_schema]
mod tests {
    use pgrx::prelude::*;

    fn signed_in() -> Option<pgrx::Uuid> {
        crate::statement::connected(|db| Ok(crate::caller::signed_in(db))).unwrap()
    }

    fn person(last: u8) -> pgrx::Uuid {
        let mut bytes = [0; 16];
        bytes[15] = last;
        pgrx::Uuid::from_bytes(bytes)
    }

    fn claim(last: u8) {
        let claims = format!("{{\"sub\": \"{}\"}}", person(last));
        Spi::run_with_args("select set_config('request.jwt.claims', $1, true)", &[claims.into()]).unwrap();
    }

    #[pg_test]
    fn the_caller_is_whoever_the_claims_name_now() {
        assert_eq!(signed_in(), None);
        for last in [1, 2] {
            claim(last);
            assert_eq!(signed_in(), Some(person(last)));
        }
    }

    #[pg_test]
    fn the_caller_is_whoever_auth_uid_names_now() {
        claim(1);
        assert_eq!(signed_in(), Some(person(1)));
        let bodies = [
            "language sql stable as $$ select '00000000-0000-0000-0000-000000000002'::uuid $$",
            "language plpgsql stable as $$ begin return '00000000-0000-0000-0000-000000000003'; end $$",
            "language sql stable as $$ select ('00000000-0000-0000-0000-00000000000' || count(*) + 3)::uuid from pg_class c where c.relname = 'pg_class' $$",
            "language sql stable security definer as $$ select '00000000-0000-0000-0000-000000000005'::uuid $$",
        ];
        for (body, last) in bodies.into_iter().zip(2..) {
            Spi::run(&format!("create or replace function auth.uid() returns uuid {body}")).unwrap();
            assert_eq!(signed_in(), Some(person(last)));
        }
    }

    #[pg_test(error = "permission denied for function uid")]
    fn whoever_may_not_call_auth_uid_is_refused() {
        signed_in();
        Spi::run("create role somebody; grant usage on schema auth to somebody").unwrap();
        Spi::run("revoke execute on function auth.uid() from public; set role somebody").unwrap();
        signed_in();
    }
}
