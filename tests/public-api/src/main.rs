//! `ipc-public-api JSON`: lists a crate's public API, of which rustdoc's JSON tells.
//!
//! First the names in each public module, then all items, one a line. What is hidden isn't listed,
//! nor are impls of auto traits, impls for all types, and the methods in impls of traits.

use std::{env, error::Error, fmt::Write, fs, process::ExitCode};

use public_api::Builder;
use serde_json::Value;

/// The format of rustdoc's JSON that is read. This `public-api` is made for 36, to which 37 adds a
/// member that isn't listed (`is_unsafe` of statics).
const FORMAT: u64 = 37;

fn main() -> ExitCode {
    let Some(path) = env::args().nth(1) else {
        eprintln!("ipc-public-api JSON");
        return ExitCode::FAILURE;
    };
    match listing(&path) {
        Ok(listing) => {
            print!("{listing}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn listing(path: &str) -> Result<String, Box<dyn Error>> {
    let json: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    let format = &json["format_version"];
    if *format != FORMAT {
        return Err(format!(
            "this is rustdoc's JSON in format {format}, and what reads it here is for {FORMAT}.\n\
             In tests/public-api, take the `public-api` for {format} in Cargo.toml (the one whose \
             `rustdoc-types` has that as its FORMAT_VERSION) and set FORMAT in src/main.rs. Then \
             write the listing anew: .ci/public-api --renew"
        )
        .into());
    }
    let api = Builder::from_rustdoc_json(path)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()?;

    let inner = |id: u32| &json["index"][id.to_string()]["inner"];
    let implemented = |id: u32| &inner(id)["impl"]["trait"]["name"];
    let items: Vec<_> = api
        .items()
        // The compiler's own, by which it knows what `derive` has written.
        .filter(|item| implemented(item.id().0) != "StructuralPartialEq")
        .filter(|item| {
            let in_impl_of_trait = item.parent_id().is_some_and(|id| implemented(id.0).is_string());
            !(in_impl_of_trait && inner(item.id().0)["function"].is_object())
        })
        .collect();

    let mut listing = String::new();
    for module in items.iter().filter(|item| inner(item.id().0)["module"].is_object()) {
        let path = module.to_string().replace("pub mod ", "");
        let inside = items.iter().filter(|item| item.parent_id() == Some(module.id()));
        let names: Vec<_> = inside.map(|item| name(&item.to_string(), &path)).collect();
        let place = if path.contains("::") { "in" } else { "at the root of" };
        writeln!(listing, "{} names {place} {path}:", names.len())?;
        for name in names {
            writeln!(listing, "  {name}")?;
        }
        writeln!(listing)?;
    }
    for item in items {
        writeln!(listing, "{item}")?;
    }
    Ok(listing)
}

/// `struct Key`, of `pub struct ipc_runtime::store::Key<T, N>` in the module `ipc_runtime::store`.
fn name(item: &str, module: &str) -> String {
    let (before, behind) = item.split_once(&format!("{module}::")).unwrap_or(("", item));
    let kind = before.rsplit("pub ").next().unwrap_or_default();
    let end = behind.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(behind.len());
    format!("{kind}{}", &behind[..end])
}
