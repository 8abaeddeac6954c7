//! What a comparison comes to.

use std::{cmp::Ordering, fmt};

use crate::{
    compatibility::{
        changes::Changes,
        compared_pair::ComparedPair,
        methods::{Later, Methods, compare, compare_method},
        place::{Place, Route},
        reads,
        roles::Roles,
        schema_table::SchemaTable,
        type_pairs::compare_found,
        view::View,
    },
    interface::{
        InterfaceInfo,
        schema::{Schema, type_schema::TypeSchema},
    },
};

/// Whether a caller and whom it calls understand each other, though their versions differ.
///
/// The side that is called has to read the arguments that the caller writes, and the caller what
/// comes back: results, items, errors, reports of progress. What can't be read breaks; what differs
/// and can be read fits. The guide to evolving interfaces, `docs/evolving-interfaces.md`, has the
/// rules. They are cautious: what serde reads by accident breaks too.
///
/// ```
/// use ipc_runtime::{Client, compatibility::Compatibility, interface::Schema, ipc_interface, ipc_type};
///
/// #[ipc_type]
/// pub struct FileInfo { name: String, size: u32 }
///
/// #[ipc_interface(channel = "docs.compatibility", version = "1.0.0")]
/// pub trait Files {
///     async fn list(&self, dir: &str) -> Vec<FileInfo>;
/// }
///
/// // What the backend says of itself.
/// let backend = "\
/// channel docs.compatibility 1.1.0
/// method request list(dir: text) -> seq<FileInfo>
/// method request remove(path: text)
/// type FileInfo struct
/// type FileInfo.name: text
/// type FileInfo.size: u64
/// ";
///
/// let found = FilesClient::INTERFACE.compare(&backend.parse()?);
/// assert_eq!(found.breaks, ["type `FileInfo`, field `size` (result of `list`): was u32, is u64"]);
/// assert_eq!(found.fits, ["method `remove`: is new"]);
/// # Ok::<(), ipc_runtime::interface::ParseSchemaError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compatibility {
    /// What breaks the caller, for people to read. After some dozens, the last one says how many
    /// more there are.
    pub breaks: Vec<String>,
    /// What differs and doesn't break it.
    pub fits: Vec<String>,
}

impl Compatibility {
    /// Compares a caller's interface with that of whom it calls. The later version of both says
    /// what was, and what is.
    pub fn of_caller(caller: &Schema, callee: &Schema) -> Self {
        let later = later(caller, callee);
        let (ours, theirs) = (SchemaTable::of(caller), SchemaTable::of(callee));
        ours.with(|table, calls| {
            theirs.with(|their_table, serves| {
                let mut room = ComparisonRoom::new();
                let mut changes = room.changes();
                let caller = Methods::Table(calls, table);
                compare(caller, Methods::Table(serves, their_table), later, &mut changes);
                Self::of(&changes)
            })
        })
    }

    /// Compares one method that the caller knows, by its name.
    pub fn of_method(caller: &Schema, callee: &Schema, method: &str) -> Self {
        let later = later(caller, callee);
        let (ours, theirs) = (SchemaTable::of(caller), SchemaTable::of(callee));
        ours.with(|table, calls| {
            theirs.with(|their_table, serves| {
                let mut room = ComparisonRoom::new();
                let mut changes = room.changes();
                let caller = Methods::Table(calls, table).called(method, 0);
                let callee = Methods::Table(serves, their_table).called(method, 0);
                if let Some(caller) = caller {
                    compare_method(caller, callee, later, &mut changes);
                    compare_found(&mut changes);
                }
                Self::of(&changes)
            })
        })
    }

    /// Compares an argument's type, as the earlier side writes it and the later one reads it.
    pub fn of_argument(reader: &TypeSchema, writer: &TypeSchema) -> Self {
        Self::of_types(reader, writer, true)
    }

    /// Compares a result's type, as the later side writes it and the earlier one reads it.
    pub fn of_result(reader: &TypeSchema, writer: &TypeSchema) -> Self {
        Self::of_types(reader, writer, false)
    }

    /// Whether nothing breaks.
    pub fn is_compatible(&self) -> bool {
        self.breaks.is_empty()
    }

    fn of_types(reader: &TypeSchema, writer: &TypeSchema, is_argument: bool) -> Self {
        let mut read = SchemaTable::of_types(reader.types());
        let mut written = SchemaTable::of_types(writer.types());
        let (read_root, written_root) = (read.shape(reader.shape()), written.shape(writer.shape()));
        read.with(|read, _| {
            written.with(|written, _| {
                let mut room = ComparisonRoom::new();
                let mut changes = room.changes();
                let is_reader_newer = is_argument;
                let roles = Roles { is_argument, is_reader_newer, is_error: false, is_key: false };
                let (part, name, method) = ("value", "", "");
                let place = Place { up: None, what: part, name: b"", route: None };
                reads::reads(
                    View::Table(read, read_root),
                    View::Table(written, written_root),
                    roles,
                    &place,
                    Route { part, name, method },
                    &mut changes,
                );
                compare_found(&mut changes);
                Self::of(&changes)
            })
        })
    }

    fn of(changes: &Changes<'_, '_>) -> Self {
        Self { breaks: changes.lines(true), fits: changes.lines(false) }
    }
}

/// ComparisonRoom for a comparison when the program runs.
struct ComparisonRoom<'a> {
    seen: Vec<u64>,
    waiting: Vec<ComparedPair<'a>>,
}

impl<'a> ComparisonRoom<'a> {
    /// How many pairs of types are compared: each of ours may meet each of theirs.
    const MAX_PAIRS: usize = 1 << 14;

    fn new() -> Self {
        let waiting = vec![ComparedPair::NOTHING; Self::MAX_PAIRS / 8];
        Self { seen: vec![0; Self::MAX_PAIRS * 2], waiting }
    }

    fn changes(&mut self) -> Changes<'_, 'a> {
        Changes::new(&mut self.seen, &mut self.waiting)
    }
}

fn later(caller: &Schema, callee: &Schema) -> Later {
    let parse = |schema: &Schema| semver::Version::parse(schema.version()).ok();
    match (parse(caller), parse(callee)) {
        // Build metadata says nothing of the age.
        (Some(caller), Some(callee)) if caller.cmp_precedence(&callee) == Ordering::Greater => {
            Later::Caller
        }
        _ => Later::Callee,
    }
}

impl fmt::Display for Compatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [("breaks the caller", &self.breaks), ("doesn't break it", &self.fits)];
        let mut is_first = true;
        for (title, lines) in lists.into_iter().filter(|(_, lines)| !lines.is_empty()) {
            f.write_str(if is_first { "" } else { "\n" })?;
            write!(f, "{title}:")?;
            lines.iter().try_for_each(|line| write!(f, "\n  {line}"))?;
            is_first = false;
        }
        Ok(())
    }
}

impl InterfaceInfo {
    /// Compares this interface, as its caller has it, with that of whom it calls.
    pub fn compare(&self, callee: &Schema) -> Compatibility {
        Compatibility::of_caller(&Schema::of(self), callee)
    }
}
