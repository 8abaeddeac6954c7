//! The rules.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    circle::{Knowledge, circles},
    layout::Layout,
    modules::{Located, ModulePath, Modules, NoModules, Target},
    source::Sources,
    violation::{Rule, Violation},
};

/// From one file to another: the first line that says so, and what it names.
pub type Imports = BTreeMap<(String, String), (usize, String)>;

/// What is found in a crate.
#[derive(Debug)]
pub struct Findings {
    /// Everything that breaks the layout.
    pub violations: Vec<Violation>,
    /// Which file knows which.
    pub imports: Imports,
}

/// Looks at a crate.
pub fn check(sources: &Sources, layout: &Layout) -> Result<Findings, NoModules> {
    let modules = Modules::of(sources)?;
    let mut check =
        Check { modules: &modules, layout, imports: Imports::new(), violations: BTreeSet::new() };
    check.places();
    for (path, located) in modules.iter() {
        check.imports(path, located);
        check.paths(path, located);
    }
    check.circles();
    check.type_names();
    let Check { violations, imports, .. } = check;
    Ok(Findings { violations: violations.into_iter().collect(), imports })
}

struct Check<'a> {
    modules: &'a Modules,
    layout: &'a Layout,
    imports: Imports,
    violations: BTreeSet<Violation>,
}

impl Check<'_> {
    fn report(&mut self, rule: Rule, file: &str, line: usize, text: String) {
        self.violations.insert(Violation { rule, file: file.to_owned(), line, text });
    }

    fn places(&mut self) {
        for file in &self.modules.unnamed {
            let text = "no `mod` names this file: remove it, or name it".to_owned();
            self.report(Rule::Place, file, 0, text);
        }
        if self.layout.rooms.is_empty() {
            return;
        }
        let files: BTreeSet<_> =
            self.modules.iter().map(|(_, located)| located.file.as_str()).collect();
        for file in &files {
            if self.layout.room_of(file).is_none() {
                let text = "no room is this file's: name it in the table of rooms".to_owned();
                self.report(Rule::Place, file, 0, text);
            }
            if file.ends_with("mod.rs") {
                let text = "a room's front is `room.rs` beside `room/`".to_owned();
                self.report(Rule::Place, file, 0, text);
            }
        }
        for room in self.layout.rooms {
            for path in room.paths {
                let (own, below) = (format!("{path}.rs"), format!("{path}/"));
                if !files.iter().any(|file| **file == own || file.starts_with(&below)) {
                    let text = format!(
                        "room `{}` names `{path}`, and there is no such file or folder: correct \
                         the table of rooms",
                        room.name
                    );
                    self.report(Rule::Place, &own, 0, text);
                }
            }
        }
    }

    fn imports(&mut self, module: &ModulePath, located: &Located) {
        for import in &located.module.imports {
            self.gateway(&located.file, &import.path, import.line);
            let Some(target) = self.modules.resolve(module, &import.path) else { continue };
            let written = import.path.join("::");
            if import.is_glob {
                if let (Target::Module(inner), false) = (&target, import.is_exported) {
                    let text = format!("`use {written}::*` hides what it takes: name it");
                    self.report(Rule::Source, &located.file, import.line, text);
                    if let Some(file) = self.modules.file_of(inner) {
                        self.knows(&located.file, file, import.line, &written);
                    }
                }
                continue;
            }
            // What a room shows of its own isn't known to it, unless it uses it.
            let is_shown = import.is_exported
                && import.name.as_ref().is_none_or(|name| !located.module.words.contains(name));
            self.target(module, located, (&written, import.line), &target, is_shown);
        }
    }

    fn paths(&mut self, module: &ModulePath, located: &Located) {
        for code in &located.module.paths {
            self.gateway(&located.file, &code.path, code.line);
            if let Some(target) = self.modules.resolve(module, &code.path) {
                let written = code.path.join("::");
                self.target(module, located, (&written, code.line), &target, false);
            }
        }
    }

    fn gateway(&mut self, file: &str, path: &[String], line: usize) {
        for gateway in self.layout.gateways {
            if gateway.file != file && gateway.owns(path) {
                let text = format!(
                    "names `{}`, which only {} may name: take it from there",
                    path.join("::"),
                    gateway.file
                );
                self.report(Rule::Gateway, file, line, text);
            }
        }
    }

    fn target(
        &mut self,
        module: &ModulePath,
        from: &Located,
        (written, line): (&str, usize),
        target: &Target,
        is_shown: bool,
    ) {
        let (definer, through) = match target {
            Target::Module(_) => return,
            Target::Item { file, through, .. } => (Some(file.as_str()), through),
            Target::Outside { through } => (None, through),
        };
        if let Some(front) = through.iter().find_map(|front| self.modules.file_of(front)) {
            let is_gateway = self.layout.gateways.iter().any(|gateway| gateway.file == front);
            if is_gateway {
                self.downwards(&from.file, front, line, written);
                self.knows(&from.file, front, line, written);
            } else if front != from.file && Some(front) != definer {
                let rule = match definer {
                    Some(definer) => {
                        format!("`{written}` is defined in {definer}: import it from there")
                    }
                    None => format!("`{written}` is another crate's: import it from that crate"),
                };
                let text = format!("imports through {front}, which only hands it on; {rule}");
                self.report(Rule::Source, &from.file, line, text);
            }
        }
        let Some(definer) = definer else { return };
        if definer == from.file {
            return;
        }
        let is_root = self.modules.file_of(&[]) == Some(definer);
        if is_root {
            let text = format!(
                "takes `{written}` from {definer}, the crate's roof: define it in a file of its own"
            );
            self.report(Rule::Source, &from.file, line, text);
        }
        self.downwards(&from.file, definer, line, written);
        let is_own = self
            .modules
            .iter()
            .any(|(path, located)| located.file == definer && path.starts_with(module.as_slice()));
        if !(is_shown && is_own) {
            self.knows(&from.file, definer, line, written);
        }
    }

    fn knows(&mut self, from: &str, to: &str, line: usize, written: &str) {
        if from != to {
            let import = self.imports.entry((from.to_owned(), to.to_owned()));
            import.or_insert_with(|| (line, written.to_owned()));
        }
    }

    fn downwards(&mut self, from: &str, to: &str, line: usize, written: &str) {
        let rooms = (self.layout.room_of(from), self.layout.room_of(to));
        let (Some(lower), Some(upper)) = rooms else { return };
        if upper < lower {
            let (lower, upper) = (self.layout.rooms[lower].name, self.layout.rooms[upper].name);
            let text = format!(
                "may not know {to} (`{written}`): room `{lower}` is below `{upper}`, and a room \
                 knows itself and those below it; move what both need below them, or hand it in \
                 from above"
            );
            self.report(Rule::Upwards, from, line, text);
        }
    }

    fn circles(&mut self) {
        let imports = self.imports.clone();
        let mut knowledge = Knowledge::new();
        for (from, to) in imports.keys() {
            knowledge.entry(from).or_default().insert(to);
        }
        for circle in circles(&knowledge, self.layout.pairs) {
            let said = |(from, to): &(&str, &str)| -> (usize, String) {
                imports.get(&((*from).to_owned(), (*to).to_owned())).cloned().unwrap_or_default()
            };
            let steps: Vec<_> = circle
                .iter()
                .map(|(from, to)| {
                    let (line, written) = said(&(*from, *to));
                    format!("{from}:{line} knows {to} (`{written}`)")
                })
                .collect();
            let text = format!(
                "a circle of {}: {}; move what they share into a file below them",
                circle.len(),
                steps.join(", ")
            );
            if let Some(first) = circle.first() {
                self.report(Rule::Circle, first.0, said(first).0, text);
            }
        }
    }

    fn type_names(&mut self) {
        let mut definers: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
        for (_, located) in self.modules.iter() {
            for (name, line) in &located.module.types {
                definers.entry(name).or_default().push((&located.file, *line));
            }
        }
        for (name, files) in definers {
            let is_allowed = self.layout.shared_names.iter().any(|shared| shared.name == name);
            if let ([(file, line), others @ ..], false) = (files.as_slice(), is_allowed) {
                if !others.is_empty() {
                    let others: Vec<_> =
                        others.iter().map(|(file, line)| format!("{file}:{line}")).collect();
                    let text = format!(
                        "`{name}` is also a type in {}: give each the noun for what it is",
                        others.join(", ")
                    );
                    self.report(Rule::Name, file, *line, text);
                }
            }
        }
    }
}
