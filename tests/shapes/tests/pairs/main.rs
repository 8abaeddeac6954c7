//! Each pair of serde's attributes: it is refused at the type, or the shape is right.

#![allow(clippy::unwrap_used, reason = "a test, also outside of its functions")]

mod attributes;
mod candidate;
mod compiler;

use std::{collections::BTreeMap, env, fmt::Write, fs, path::Path, process::Command};

use self::candidate::Candidate;

const PRELUDE: &str = include_str!("prelude.txt");

/// The types that are left, by number.
type Left = BTreeMap<usize, Candidate>;

/// Writes the file, and returns which candidate's type is on which line.
fn write(file: &Path, left: &Left, runs: bool) -> BTreeMap<usize, usize> {
    let mut text = PRELUDE.to_owned();
    let mut lines = BTreeMap::new();
    for (number, candidate) in left {
        writeln!(text, "mod case_{number} {{ use super::*;").unwrap();
        lines.insert(text.lines().count() + 1, *number);
        writeln!(text, "{}", candidate.definition()).unwrap();
        writeln!(text, "{}", candidate.conversions()).unwrap();
        if runs {
            let values = candidate.values();
            writeln!(text, "pub fn compare(to: &mut Comparison) {{ for one in {values} {{ to.in_json(&one); }} }}").unwrap();
        }
        writeln!(text, "}}").unwrap();
    }
    writeln!(text, "fn main() {{").unwrap();
    if runs {
        for number in left.keys() {
            writeln!(text, "report({number}, case_{number}::compare);").unwrap();
        }
    }
    writeln!(text, "}}").unwrap();
    fs::write(file, text).unwrap();
    lines
}

#[test]
fn each_pair_of_attributes_is_refused_at_the_type_or_has_its_shape() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pairs");
    fs::create_dir_all(&dir).unwrap();
    let file = dir.join("pairs.rs");
    let mut left: Left = candidate::all().into_iter().enumerate().collect();
    let mut elsewhere = Vec::new();
    let count = left.len();

    // Errors of macros, of names and of types hide those of the later kinds.
    for round in 1.. {
        let lines = write(&file, &left, false);
        let metadata = dir.join("pairs.rmeta");
        let out = format!("-o{}", metadata.display());
        let errors = compiler::compile(&file, &["--emit=metadata", &out]);
        if errors.is_empty() {
            break;
        }
        assert!(round < 6, "it never ends");
        let before = left.len();
        for error in errors {
            match error.lines.iter().find_map(|line| lines.get(line)) {
                Some(number) => drop(left.remove(number)),
                None => elsewhere.push(error.text),
            }
        }
        assert!(left.len() < before, "no error is at a type: {elsewhere:#?}");
    }
    assert!(elsewhere.is_empty(), "errors away from the type: {elsewhere:#?}");

    write(&file, &left, true);
    let program = dir.join(format!("pairs{}", env::consts::EXE_SUFFIX));
    let out = format!("-o{}", program.display());
    let errors = compiler::compile(&file, &[&out]);
    assert!(errors.is_empty(), "{errors:#?}");
    let out = Command::new(&program).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    let mut different = String::new();
    for line in text.lines() {
        let (number, difference) = line.split_once(": ").unwrap();
        let candidate = &left[&number.parse().unwrap()];
        write!(different, "\n{}\n  {difference}", candidate.definition()).unwrap();
    }
    assert!(different.is_empty() && out.status.success(), "{different}\n{out:?}");
    // Most pairs say nothing against each other.
    assert!(left.len() * 3 > count, "{} of {count} are left", left.len());
}
