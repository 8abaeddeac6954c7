//! Values that go to TypeScript and come back, for the tests of the npm package, and their schemas.
//!
//! - `binding_values bindings POLICY` prints bindings with a function for each type, which takes it
//!   and returns a tuple of it.
//! - `binding_values write POLICY COUNT` prints values, one a line: the function's name, the type
//!   and the JSON, with tabs between.
//! - `binding_values schemas` prints an OpenRPC document with a function for each type, which takes
//!   it and returns a tuple of it.
//! - `binding_values damaged COUNT` prints values that went wrong, made of so many of each type,
//!   one a line: the function's name, the type, the JSON, and `read` or `refused` for what serde
//!   does.
//! - `binding_values serve ENDPOINT` is a backend with these functions, each of which returns what
//!   it is given, until its input ends.
//! - `binding_values read` reads lines of a function's name, the JSON that was written and the JSON
//!   that came back, and prints those that serde reads as another value. The last line says how
//!   many it has read.
//!
//! POLICY is what integers of 64 bits are: `number`, `bigint` or `string`.

#![recursion_limit = "512"]
#![allow(clippy::unwrap_used, reason = "a test's program")]
#![allow(clippy::duplicate_mod, reason = "the same types with other leaves")]
#![allow(dead_code, reason = "serde alone looks at the fields, and some of it is for tests")]

#[path = "../../tests/bindings"]
mod bindings {
    pub(crate) mod case;
    pub(crate) mod rows;
}

#[path = "../../tests/oracle"]
mod oracle {
    pub(crate) mod sample;
    pub(crate) mod types;
}

// Once more, with leaves that differ from their JSON: without any, a type has no plan.
#[path = "../../tests/oracle/types"]
mod integers {
    pub(crate) type Leaf = u64;
    pub(crate) mod flattened;
    pub(crate) mod mixed;
    pub(crate) mod tagged;
}

#[path = "../../tests/oracle/types"]
mod bytes {
    pub(crate) type Leaf = ipc_runtime::Bytes;
    pub(crate) mod flattened;
    pub(crate) mod mixed;
    pub(crate) mod tagged;
}

#[path = "../../tests/oracle/types"]
mod floats {
    pub(crate) type Leaf = f64;
    pub(crate) mod flattened;
    pub(crate) mod mixed;
    pub(crate) mod tagged;
}

use std::{
    env,
    io::{self, BufRead, Write},
    process::ExitCode,
};

use ipc_runtime::{
    Backend,
    openrpc::Document,
    typescript::{Bindings, Integers},
};
use ipc_shape_tests::random::Random;

use crate::bindings::{
    case::{self, Case},
    rows,
};
use crate::oracle::{sample, types};

/// The same values each time.
const SEED: u64 = 19;

/// The largest integer of which a `number` keeps each bit.
const MAX_SAFE: u64 = (1 << 53) - 1;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["bindings", policy] => print_bindings(policy),
        ["write", policy, count] => print_values(policy, count),
        ["schemas"] => print_schemas(),
        ["damaged", count] => print_damaged(count),
        ["read"] => compare(),
        ["serve", endpoint] => serve(endpoint),
        _ => {
            let all = "bindings POLICY | write POLICY COUNT | schemas | damaged COUNT | read | \
                       serve ENDPOINT";
            Err(format!("binding_values {all}"))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn cases() -> impl Iterator<Item = (String, Case)> {
    macro_rules! wide {
        ($($leaf:ident)*) => {
            [$($leaf::flattened::CASES, $leaf::mixed::CASES, $leaf::tagged::CASES),*]
        };
    }
    let wide = wide!(integers bytes floats).into_iter().flatten().copied();
    let all = rows::CASES.iter().copied().chain(types::all()).chain(wide);
    all.enumerate().map(|(at, case)| (format!("of{at}"), case))
}

fn print_bindings(policy: &str) -> Result<(), String> {
    let integers = match policy {
        "number" => Integers::Number,
        "bigint" => Integers::BigInt,
        "string" => Integers::String,
        other => return Err(format!("`{other}` is no policy")),
    };
    let bindings = Bindings::new().integers(integers).checkable();
    let bindings =
        cases().fold(bindings, |bindings, (name, case)| (case.bound_whole)(bindings, name));
    write!(io::stdout().lock(), "{bindings}").map_err(|error| error.to_string())
}

fn print_values(policy: &str, count: &str) -> Result<(), String> {
    let count: usize = count.parse().map_err(|_| format!("`{count}` is no number"))?;
    let mut out = io::stdout().lock();
    for (name, case) in cases() {
        let mut random = Random::new(SEED);
        if policy == "number" {
            random = random.with_integers_below(MAX_SAFE);
        }
        for _ in 0..count {
            if let Some(json) = (case.written)(&mut random) {
                writeln!(out, "{name}\t{}\t{json}", (case.name)())
                    .map_err(|error| error.to_string())?;
            }
        }
    }
    Ok(())
}

fn print_schemas() -> Result<(), String> {
    let document = cases().fold(Document::new(), |all, (name, case)| (case.described)(all, name));
    writeln!(io::stdout().lock(), "{document}").map_err(|error| error.to_string())
}

fn print_damaged(count: &str) -> Result<(), String> {
    let count: usize = count.parse().map_err(|_| format!("`{count}` is no number"))?;
    let mut out = io::stdout().lock();
    // Serde looks into a `Chain` for another one for ever if its end isn't null.
    for (name, case) in cases().filter(|(_, case)| !(case.name)().ends_with("::Chain")) {
        let mut random = Random::new(SEED);
        for (json, is_read) in (0..count).flat_map(|_| (case.damaged)(&mut random)) {
            let done = if is_read { "read" } else { "refused" };
            writeln!(out, "{name}\t{}\t{json}\t{done}", (case.name)())
                .map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

fn serve(endpoint: &str) -> Result<(), String> {
    let backend = Backend::new();
    for (name, case) in cases() {
        (case.exposed)(&backend, name).map_err(|error| error.to_string())?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        backend.listen(endpoint).await.map_err(|error| error.to_string())?;
        backend.run_until(std::future::pending::<()>()).await;
        Ok(())
    })
}

fn compare() -> Result<(), String> {
    let mut out = io::stdout().lock();
    let cases: Vec<(String, Case)> = cases().collect();
    let mut count = 0;
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let [name, own, theirs] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("{line} isn't three texts with tabs between"));
        };
        let (_, case) = cases.iter().find(|(of, _)| of == name).ok_or(format!("no {name}"))?;
        if let Err(error) = (case.compared)(own, theirs) {
            writeln!(out, "{}: {error}", (case.name)()).map_err(|error| error.to_string())?;
        }
        count += 1;
    }
    writeln!(out, "{count}").map_err(|error| error.to_string())
}
