//! What the docs say of the crate, where that can be compared with it.

mod wire_page;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use ipc_runtime::Limits;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

#[test]
fn the_guide_to_errors_has_a_row_for_every_kind() {
    let source = read("ipc-runtime/src/error/error_kind.rs");
    let names = source.lines().filter_map(|line| line.strip_prefix("    ")?.strip_suffix(','));
    let kinds: BTreeSet<_> =
        names.filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric())).collect();
    assert!(kinds.contains("LimitReached"), "{kinds:?}");
    let guide = read("docs/errors.md");
    let (guide, advice) = guide.split_once("## What to do").unwrap();
    let rows = guide.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let named: Vec<_> = rows.map(|(kind, _)| kind).filter(|kind| *kind != "ErrorKind::").collect();
    assert_eq!(named.iter().copied().collect::<BTreeSet<_>>(), kinds);
    assert_eq!(named.len(), kinds.len(), "a kind has two rows");
    let advised = |kind: &&&str| !advice.contains(&format!("`{kind}`"));
    let unadvised: Vec<_> = kinds.iter().filter(advised).collect();
    assert!(unadvised.is_empty(), "nothing says what to do about {unadvised:?}");
}

/// Sentences that were true once.
#[test]
fn no_guide_denies_what_is_there() {
    const OUTDATED: [&str; 6] = [
        "nothing reconnects",
        "reconnects by itself. see",
        "there is no heartbeat",
        "nothing sends it by itself",
        "a new connection gets a new",
        "new with each connection",
    ];
    let guides = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let guides = fs::read_dir(guides).unwrap().map(|entry| entry.unwrap().path());
    let pages: Vec<_> = guides.collect();
    assert!(pages.len() > 10, "{pages:?}");
    for page in pages {
        let text = fs::read_to_string(&page).unwrap().to_lowercase();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for sentence in OUTDATED {
            assert!(!text.contains(sentence), "{}: {sentence}", page.display());
        }
    }
}

/// The READMEs and the guides, by their paths.
fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let guides = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let others =
        ["README.md", "web/README.md", "examples/files/README.md"].map(|path| root.join(path));
    let pages = guides.chain(others).filter(|path| path.is_file());
    pages.map(|page| (page.clone(), fs::read_to_string(page).unwrap())).collect()
}

/// The code of the runtime and of the macros, file by file.
fn sources() -> Vec<String> {
    fn collect(directory: &Path, sources: &mut Vec<String>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, sources);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut sources = Vec::new();
    for directory in ["ipc-runtime/src", "ipc-macros/src"] {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(directory), &mut sources);
    }
    sources
}

/// The rows of the first table below a heading, cell by cell.
fn rows(text: &str, heading: &str) -> Vec<Vec<String>> {
    let section = text.split(heading).nth(1).unwrap_or_else(|| panic!("no heading `{heading}`"));
    let lines = section.lines().map(str::trim);
    let table = lines.skip_while(|line| !line.starts_with('|'));
    let table = table.take_while(|line| line.starts_with('|')).skip(2);
    let cells =
        |row: &str| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    table.map(cells).collect()
}

/// What is written in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The fields of `Limits` by their names, as `Debug` shows them.
fn limits() -> BTreeMap<String, String> {
    let shown = format!("{:?}", Limits::default());
    let fields = shown.trim_start_matches("Limits { ").trim_end_matches(" }").split(", ");
    let fields = fields.map(|field| field.split_once(": ").unwrap());
    let value = |value: &str| value.trim_start_matches("Some(").trim_end_matches(')').to_owned();
    fields.map(|(name, shown)| (name.to_owned(), value(shown))).collect()
}

/// A default as the guides write it, as `Debug` would: `4 MiB`, `65,536 requests`, `10 s`.
fn written(default: &str) -> String {
    let mut words = default.split(' ');
    let number: u64 = words.next().unwrap().replace(',', "").parse().expect(default);
    match words.next().unwrap_or_default() {
        "MiB" => (number * 1024 * 1024).to_string(),
        "s" => format!("{number}s"),
        _ => number.to_string(),
    }
}

#[test]
fn the_table_of_limits_has_each_of_them_and_its_default() {
    let (limits, page) = (limits(), read("docs/connections.md"));
    let mut missing: BTreeSet<_> = limits.keys().cloned().collect();
    for row in rows(&page, "\n## Limits") {
        let names: Vec<_> = quoted(&row[0]).collect();
        // `…_bytes` is the same in bytes.
        let names = names.iter().map(|name| match name.strip_prefix('…') {
            None => (*name).to_owned(),
            Some(end) => format!("{}{end}", names[0].trim_end_matches('s')),
        });
        for (name, default) in names.zip(row[1].split(", ")) {
            assert_eq!(Some(&written(default)), limits.get(&name), "{name}");
            missing.remove(&name);
        }
    }
    missing.retain(|name| !page.contains(&format!("`{name}`")));
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_wire_page_lists_every_code_and_every_limit() {
    let (sources, page) = (sources().concat(), read("docs/wire-protocol.md"));
    let codes = sources.split(": i64 = -32").skip(1);
    let codes: BTreeSet<_> = codes.map(|rest| format!("-32{}", &rest[..3])).collect();
    let rows = rows(&page, "\n## Errors");
    let listed = rows.iter().map(|row| row[0].clone()).filter(|code| code != "1");
    assert_eq!(listed.collect::<BTreeSet<_>>(), codes);

    let limits = sources.split("\"limit\": \"").skip(1).map(|rest| rest.split('"').next().unwrap());
    for limit in limits.chain(["maxConnections"]) {
        assert!(
            page.contains(&format!("`{limit}`")) || page.contains(&format!("\"{limit}\"")),
            "{limit}"
        );
    }
}

/// Only what ipc-guides includes is compiled, and run. The code of the page on interop is that of
/// programs in `interop`, whose tests compare it.
#[test]
fn the_rust_code_of_every_page_is_compiled() {
    let guides = read("tests/guides/src/lib.rs");
    for (page, text) in pages() {
        let name = page.file_name().unwrap().to_str().unwrap();
        let compiled = guides.contains(&format!("/{name}\")]"));
        let of_programs = name == "interop.md";
        assert!(compiled || of_programs || !text.contains("```rust"), "{name}");
        assert!(!text.contains("```rust,ignore"), "{name}");
    }
}

/// The lines that aren't code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    })
}

#[test]
fn what_the_pages_name_is_there() {
    let (files, mut unknown) = (sources(), Vec::new());
    let words = |file: &str| -> BTreeSet<String> {
        file.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
    };
    let files: Vec<_> = files.iter().map(|file| (file, words(file))).collect();
    let is_there = |kind: &str, item: &str| {
        let forms = [format!("fn {item}("), format!("fn {item}<"), format!("{item}: ")];
        files.iter().any(|(file, words)| {
            (kind.is_empty() || words.contains(kind))
                && words.contains(item)
                && (item.starts_with(char::is_uppercase)
                    || forms.iter().any(|form| file.contains(form)))
        })
    };
    for (page, text) in pages() {
        let name = page.file_name().unwrap().to_str().unwrap().to_owned();
        for line in prose(&text) {
            // On the left there are the names of others.
            let line = match name == "coming-from.md" && line.starts_with('|') {
                true => line.split(" | ").last().unwrap(),
                false => line,
            };
            for quoted in quoted(line) {
                let path = quoted.split(|c: char| !c.is_alphanumeric() && !"_:".contains(c)).next();
                let of_type = path.unwrap_or_default().split_once("::");
                let of_type = of_type.map(|(kind, item)| (kind, item.trim_end_matches(':')));
                let method = quoted.strip_prefix('.').and_then(|rest| rest.split_once(['(', ':']));
                let (kind, item) = match (of_type, method) {
                    (Some((kind, item)), _) if kind.starts_with(char::is_uppercase) => (kind, item),
                    (_, Some((method, _))) => ("", method),
                    _ => continue,
                };
                // `Framing::` stands for all of them, `Key::<…>` for the type.
                if item.is_empty() {
                    continue;
                }
                // Of the examples, or of other crates.
                let other =
                    kind.ends_with("Client") || ["Into", "Stdio", "WebviewUrl"].contains(&kind);
                if !other && !is_there(kind, item) {
                    unknown.push(format!("{name}: {quoted}"));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

/// As GitHub makes them of headings.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[test]
fn every_link_between_the_pages_leads_somewhere() {
    let mut dead = Vec::new();
    for (page, text) in pages() {
        for line in prose(&text) {
            let targets = line.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
            for target in targets.filter(|target| !target.contains("://") && *target != "…") {
                let (file, place) = target.split_once('#').unwrap_or((target, ""));
                let path = if file.is_empty() { page.clone() } else { page.with_file_name(file) };
                let found = path.exists()
                    && (place.is_empty() || {
                        let text = fs::read_to_string(&path).unwrap();
                        let headings = prose(&text).filter(|line| line.starts_with('#'));
                        let headings =
                            headings.map(|line| anchor(line.trim_start_matches('#').trim()));
                        headings.into_iter().any(|heading| heading == place)
                    });
                if !found {
                    dead.push(format!("{}: {target}", page.display()));
                }
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}

/// `cargo run -p NAME`, `cargo test --test NAME`, and the tables that name a test in each row.
#[test]
fn the_packages_and_tests_that_are_named_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut manifests = Vec::new();
    let members = read("Cargo.toml");
    for member in members.split("members = [").nth(1).unwrap().split(']').next().unwrap().split('"')
    {
        manifests.extend(fs::read_to_string(root.join(member).join("Cargo.toml")));
    }
    let is_test = |name: &str| root.join(format!("tests/tests/{name}/main.rs")).exists();
    for (page, text) in pages() {
        let page = page.display();
        let words: Vec<_> = text.split([' ', '\n', '`', ')']).collect();
        for pair in words.windows(2) {
            match *pair {
                ["-p", name] => {
                    let line = format!("name = \"{name}\"");
                    assert!(
                        manifests.iter().any(|manifest| manifest.contains(&line)),
                        "{page}: {name}"
                    );
                }
                ["--test", name] if name != "NAME" => assert!(is_test(name), "{page}: {name}"),
                _ => {}
            }
        }
    }
    // The tables name the file, whose folder is the binary.
    let binaries = fs::read_dir(root.join("tests/tests")).unwrap();
    let files = binaries.flat_map(|binary| fs::read_dir(binary.unwrap().path()).unwrap());
    let files: BTreeSet<_> = files
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let page = read("docs/reliability.md");
    let mut named = 0;
    for heading in ["\n## The table", "\n## Overload", "\n## Hostile clients"] {
        for row in rows(&page, heading) {
            for name in quoted(row.last().unwrap()) {
                assert!(files.contains(name), "{name}");
                named += 1;
            }
        }
    }
    assert!(named > 30, "{named}");
}

/// In the macros' own docs and in the guide.
#[test]
fn every_argument_of_an_attribute_is_told() {
    let attributes: String = ["attribute/sites", "method_options"]
        .map(|file| read(&format!("ipc-macros/src/{file}.rs")))
        .concat();
    let (macros, guide) = (read("ipc-macros/src/lib.rs"), read("docs/interfaces.md"));
    let known = ["flag(\"", "text(\""].into_iter();
    let known = known.flat_map(|kind| attributes.split(kind).skip(1));
    let known: BTreeSet<_> = known.map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(known.contains("idempotent") && known.contains("rename_all"), "{known:?}");
    for name in known {
        let forms = [format!("`{name} = \""), format!("#[ipc({name})]"), format!("#[ipc({name} =")];
        for text in [&macros, &guide] {
            assert!(forms.iter().any(|form| text.contains(form)), "{name}");
        }
    }
}

#[test]
fn every_fuzz_target_is_told() {
    let page = read("docs/reliability.md");
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
    for target in fs::read_dir(targets).unwrap() {
        let name = target.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
