//! Bindings of a type for each row of the guide's table, compared with the file that is kept here:
//! a change of what is generated shows in it.
//! `IPC_BINDINGS=write cargo test -p ipc-shape-tests --test bindings` renews it. The npm package's
//! tests send values of all of them there and back.

#![recursion_limit = "512"]
#![allow(clippy::unwrap_used, reason = "a test, also outside of its functions")]
#![allow(dead_code, reason = "some of it is for the example `binding_values`")]

mod case;
mod rows;
#[path = "../oracle/sample.rs"]
mod sample;

use ipc_runtime::typescript::{Bindings, BindingsError};

#[test]
fn each_row_has_the_bindings_that_are_kept() -> Result<(), BindingsError> {
    let bindings = Bindings::new();
    let cases = rows::CASES.iter();
    let bindings = cases.fold(bindings, |bindings, case| {
        let name = (case.name)();
        // Without the modules: `main::rows::Page<u64>` is `Page<u64>`.
        let (path, arguments) =
            name.split_once('<').map_or((name, ""), |(path, rest)| (path, rest));
        let own = path.rsplit("::").next().unwrap_or(path);
        let argument = arguments.trim_end_matches('>').rsplit("::").next().unwrap_or("");
        (case.bound)(bindings, format!("{own}{argument}"))
    });
    bindings.check("tests/bindings/rows.ts")
}
