//! The tree of a crate's modules, and what a path in one of them leads to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{
    source::Sources,
    syntax::{Module, Unreadable},
};

/// How many re-exports are followed. A `use` may lead back to itself where the crate doesn't build.
const DEPTH: usize = 16;

/// A module's path from the crate's root, which is empty.
pub type ModulePath = Vec<String>;

/// A module and the file that it stands in.
#[derive(Debug)]
pub struct Located {
    /// From the crate's `src`.
    pub file: String,
    /// What it holds.
    pub module: Module,
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A module itself.
    Module(ModulePath),
    /// Something that a module of this crate defines.
    Item {
        /// The file that defines it.
        file: String,
        /// What it is called there.
        name: String,
        /// Modules that hand it on by a `use` of their own.
        through: Vec<ModulePath>,
    },
    /// Something of another crate, and the modules here that hand it on.
    Outside {
        /// Modules that hand it on by a `use` of their own.
        through: Vec<ModulePath>,
    },
}

/// Why the modules can't be told.
#[derive(Debug)]
pub enum NoModules {
    /// There is neither `lib.rs` nor `main.rs`.
    NoRoot,
    /// A file isn't Rust.
    Unreadable(String, Unreadable),
}

impl fmt::Display for NoModules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoot => write!(f, "there is neither `lib.rs` nor `main.rs`"),
            Self::Unreadable(file, error) => write!(f, "{file} can't be read: {error}"),
        }
    }
}

impl std::error::Error for NoModules {}

/// All modules of a crate but those for tests.
#[derive(Debug)]
pub struct Modules {
    all: BTreeMap<ModulePath, Located>,
    exported_macros: BTreeMap<String, String>,
    own_name: Option<String>,
    /// Files that no `mod` names, and those that are for tests left out.
    pub unnamed: BTreeSet<String>,
}

impl Modules {
    /// Follows the `mod`s from the root.
    pub fn of(sources: &Sources) -> Result<Self, NoModules> {
        let root = sources.root().ok_or(NoModules::NoRoot)?;
        let mut modules = Self {
            all: BTreeMap::new(),
            exported_macros: BTreeMap::new(),
            own_name: None,
            unnamed: sources.0.keys().cloned().collect(),
        };
        modules.file(sources, root, "", Vec::new())?;
        modules.own_name =
            modules.all.get(&Vec::new()).and_then(|root| root.module.own_name.clone());
        Ok(modules)
    }

    fn file(
        &mut self,
        sources: &Sources,
        file: &str,
        folder: &str,
        path: ModulePath,
    ) -> Result<(), NoModules> {
        let text = sources.0.get(file).map_or("", String::as_str);
        let module =
            Module::parse(text).map_err(|error| NoModules::Unreadable(file.to_owned(), error))?;
        self.unnamed.remove(file);
        self.module(sources, file, folder, path, module)
    }

    fn module(
        &mut self,
        sources: &Sources,
        file: &str,
        folder: &str,
        path: ModulePath,
        mut module: Module,
    ) -> Result<(), NoModules> {
        for name in &module.exported_macros {
            self.exported_macros.insert(name.clone(), file.to_owned());
        }
        for (name, child) in &mut module.children {
            let child_folder = format!("{folder}{name}/");
            let child_path = child_of(&path, name);
            if child.is_test {
                let (own, below) = (format!("{folder}{name}.rs"), child_folder);
                self.unnamed.retain(|file| *file != own && !file.starts_with(&below));
            } else if let Some(body) = child.body.take() {
                self.module(sources, file, &child_folder, child_path, body)?;
            } else {
                let beside = format!("{folder}{name}.rs");
                let inside = format!("{child_folder}mod.rs");
                let child_file = if sources.0.contains_key(&beside) { beside } else { inside };
                self.file(sources, &child_file, &child_folder, child_path)?;
            }
        }
        self.all.insert(path, Located { file: file.to_owned(), module });
        Ok(())
    }

    /// Every module with its path.
    pub fn iter(&self) -> impl Iterator<Item = (&ModulePath, &Located)> {
        self.all.iter()
    }

    /// The file that a module stands in.
    pub fn file_of(&self, module: &[String]) -> Option<&str> {
        self.all.get(module).map(|located| located.file.as_str())
    }

    /// What a path means in this module; `None` for a name of the module's own.
    pub fn resolve(&self, module: &[String], path: &[String]) -> Option<Target> {
        self.resolve_within(module, path, DEPTH)
    }

    fn resolve_within(&self, module: &[String], path: &[String], depth: usize) -> Option<Target> {
        let depth = depth.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        let here = &self.all.get(module)?.module;
        match first.as_str() {
            "crate" => self.walk(Vec::new(), rest, Vec::new(), depth),
            name if self.own_name.as_deref() == Some(name) => {
                self.walk(Vec::new(), rest, Vec::new(), depth)
            }
            "self" => self.walk(module.to_vec(), rest, Vec::new(), depth),
            "super" => {
                let (_, parent) = module.split_last()?;
                self.walk(parent.to_vec(), rest, Vec::new(), depth)
            }
            name if here.children.contains_key(name) => {
                self.walk(module.to_vec(), path, Vec::new(), depth)
            }
            name if here.definitions.contains_key(name) => None,
            name => {
                let import =
                    here.imports.iter().find(|import| import.name.as_deref() == Some(name));
                match import {
                    // Whatever stands behind a type or a trait is its own, and the import tells.
                    Some(import) if import.path != path => {
                        match self.resolve_within(module, &import.path, depth)? {
                            Target::Module(found) => self.walk(found, rest, Vec::new(), depth),
                            other if rest.is_empty() => Some(other),
                            _ => None,
                        }
                    }
                    _ => Some(Target::Outside { through: Vec::new() }),
                }
            }
        }
    }

    fn walk(
        &self,
        module: ModulePath,
        path: &[String],
        mut through: Vec<ModulePath>,
        depth: usize,
    ) -> Option<Target> {
        let depth = depth.checked_sub(1)?;
        let Some((name, rest)) = path.split_first() else { return Some(Target::Module(module)) };
        let Located { file, module: here } = self.all.get(&module)?;
        let item = |through| Some(Target::Item { file: file.clone(), name: name.clone(), through });
        match name.as_str() {
            "self" => return self.walk(module, rest, through, depth),
            "super" => {
                let (_, parent) = module.split_last()?;
                return self.walk(parent.to_vec(), rest, through, depth);
            }
            _ => {}
        }
        let is_defined = here.definitions.contains_key(name);
        if is_defined && rest.is_empty() {
            return item(through);
        }
        match here.children.get(name) {
            Some(child) if child.is_test => return None,
            Some(_) => {
                let child = child_of(&module, name);
                return self.walk(child, rest, through, depth);
            }
            None if is_defined => return item(through),
            None => {}
        }
        if let (true, Some(file)) = (module.is_empty(), self.exported_macros.get(name)) {
            return Some(Target::Item { file: file.clone(), name: name.clone(), through });
        }
        let mut imports = here.imports.iter().filter(|import| import.name.as_deref() == Some(name));
        if let Some(import) = imports.next() {
            // Of two, a `#[cfg]` chooses: that is what the module does, and nobody else can.
            if imports.next().is_some() {
                return item(through);
            }
            through.push(module.clone());
            return self.follow(&module, &import.path, rest, through, depth);
        }
        for glob in here.imports.iter().filter(|import| import.is_glob) {
            let Some(Target::Module(inner)) = self.resolve_within(&module, &glob.path, depth)
            else {
                continue;
            };
            let known = self.all.get(&inner).is_some_and(|located| {
                let inner = &located.module;
                inner.definitions.contains_key(name) || inner.children.contains_key(name)
            });
            if known {
                through.push(module);
                return self.walk(inner, path, through, depth);
            }
        }
        // What a macro made.
        item(through)
    }

    /// Where a re-export leads that stands in `module`.
    fn follow(
        &self,
        module: &[String],
        path: &[String],
        rest: &[String],
        mut through: Vec<ModulePath>,
        depth: usize,
    ) -> Option<Target> {
        match self.resolve_within(module, path, depth) {
            Some(Target::Module(found)) => self.walk(found, rest, through, depth),
            Some(Target::Item { file, name, through: more }) => {
                through.extend(more);
                Some(Target::Item { file, name, through })
            }
            Some(Target::Outside { through: more }) => {
                through.extend(more);
                Some(Target::Outside { through })
            }
            // `pub(crate) use name;` of what the module itself defines.
            None => Some(Target::Item {
                file: self.file_of(module)?.to_owned(),
                name: path.last()?.clone(),
                through: Vec::new(),
            }),
        }
    }
}

fn child_of(module: &[String], name: &str) -> ModulePath {
    module.iter().cloned().chain([name.to_owned()]).collect()
}
