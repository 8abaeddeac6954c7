//! `ipc-layout [--imports] [SOURCE…]`: says where the crates of this tree break their layout.
//!
//! Without a `SOURCE` it looks at all crates that the table names. A `SOURCE` is a crate's `src`,
//! from the tree's root or as an absolute path; one that the table doesn't name is checked without
//! rooms. `--imports` lists which file knows which, too.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::{collections::BTreeMap, env, error::Error, path::Path, process::ExitCode};

use ipc_layout::{
    check::{Findings, check},
    layout::Layout,
    source::Sources,
    table::CRATES,
};

/// Of a crate that the table doesn't name.
const NO_ROOMS: Layout =
    Layout { source: "", rooms: &[], pairs: &[], shared_names: &[], gateways: &[] };

fn main() -> ExitCode {
    let (options, mut sources): (Vec<_>, Vec<_>) =
        env::args().skip(1).partition(|argument| argument.starts_with("--"));
    if let Some(unknown) = options.iter().find(|option| *option != "--imports") {
        eprintln!("ipc-layout: `{unknown}` is no option; there is `--imports`");
        return ExitCode::FAILURE;
    }
    if sources.is_empty() {
        sources = CRATES.iter().map(|layout| layout.source.to_owned()).collect();
    }
    let mut all_keep = true;
    for source in &sources {
        match look_at(source.trim_end_matches('/'), !options.is_empty()) {
            Ok(keeps) => all_keep &= keeps,
            Err(error) => {
                eprintln!("{source}: {error}");
                all_keep = false;
            }
        }
    }
    if all_keep { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether the crate keeps its layout.
fn look_at(source: &str, lists_imports: bool) -> Result<bool, Box<dyn Error>> {
    let layout = CRATES.iter().find(|layout| Path::new(source).ends_with(layout.source));
    // An absolute path takes the place of the root.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(source);
    let sources = Sources::read(&folder)?;
    let Findings { violations, imports } = check(&sources, layout.unwrap_or(&NO_ROOMS))?;
    if lists_imports {
        for ((from, to), (line, written)) in &imports {
            println!("{from}:{line} knows {to} (`{written}`)");
        }
    }
    let mut counts = BTreeMap::new();
    for violation in &violations {
        println!("{source}/{violation}");
        *counts.entry(violation.rule).or_insert(0) += 1;
    }
    let counts: Vec<_> = counts.iter().map(|(rule, count)| format!("{count} {rule}")).collect();
    let found = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
    println!("{source}: {} files; against the layout: {found}", sources.0.len());
    Ok(violations.is_empty())
}
