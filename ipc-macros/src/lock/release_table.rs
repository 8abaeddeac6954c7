//! What callers of each release call, as one table.

use std::collections::{HashMap, HashSet};

use super::{
    fact_cursor::{FactCursor, FactError},
    lock_file::Release,
    locked_node::Part,
    node_list::NodeList,
    shape_reader::{ShapeReader, TypeFacts, finished},
};
use crate::method_options::MethodKind;

/// The shapes of some releases, and the methods of each.
#[derive(Default)]
pub(crate) struct ReleaseTable {
    pub list: NodeList,
    /// The methods of each, but for those that an earlier one of the list has as they are.
    pub releases: Vec<Vec<LockedMethod>>,
}

/// A method of a release, as the runtime's `TableMethod` has it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct LockedMethod {
    pub name: String,
    pub aliases: Vec<String>,
    pub kind: MethodKind,
    pub is_idempotent: bool,
    pub arguments: Vec<LockedArgument>,
    pub value: usize,
    /// The places of error, item, the error that ends a subscription, and progress.
    pub others: [Option<usize>; 4],
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct LockedArgument {
    pub name: String,
    pub is_stream: bool,
    pub part: usize,
}

impl ReleaseTable {
    /// Reads the facts of some releases.
    pub(crate) fn of(releases: &[&Release]) -> Result<Self, FactError> {
        // From the release that marks a field on, nobody heeds it: it may go for all.
        let facts = releases.iter().flat_map(|release| &release.facts);
        let ignored = facts.filter(|fact| fact.ends_with(" ignored"));
        let ignored = ignored.filter_map(|fact| fact.strip_prefix("type ")?.split_once(": "));
        let ignored: HashSet<_> = ignored.map(|(field, _)| field.to_owned()).collect();
        let mut table = Self::default();
        let mut known = HashSet::new();
        for release in releases {
            let methods = table.release(release, &ignored);
            let mut methods = methods.map_err(|why| format!("{}: {why}", release.version))?;
            methods.retain(|method| known.insert(method.clone()));
            table.releases.push(methods);
        }
        Ok(table)
    }

    fn release(
        &mut self,
        release: &Release,
        ignored: &HashSet<String>,
    ) -> Result<Vec<LockedMethod>, FactError> {
        let types = types(&release.facts)?;
        let mut reader = ShapeReader {
            list: &mut self.list,
            types: &types,
            ignored,
            places: HashMap::new(),
            open: HashSet::new(),
            depth: 0,
        };
        let methods = release.facts.iter().filter_map(|fact| fact.strip_prefix("method "));
        let methods: Vec<_> = methods.map(|line| method(&mut reader, line)).collect();
        let places = reader.places;
        self.list.close(&places);
        methods.into_iter().collect()
    }
}

/// The lines of each type, by its name.
fn types(facts: &[String]) -> Result<HashMap<String, TypeFacts<'_>>, FactError> {
    let mut types: HashMap<String, TypeFacts<'_>> = HashMap::new();
    for line in facts.iter().filter_map(|fact| fact.strip_prefix("type ")) {
        let mut cursor = FactCursor::new(line);
        let name = match cursor.string()? {
            Some(name) => name,
            None => cursor.reference().ok_or_else(|| cursor.error("a type's name"))?.to_owned(),
        };
        let facts = types.entry(name).or_default();
        if cursor.sign(".") {
            facts.members.push(cursor.rest());
        } else {
            facts.header = cursor.rest();
        }
    }
    Ok(types)
}

fn method(reader: &mut ShapeReader<'_, '_>, line: &str) -> Result<LockedMethod, FactError> {
    let mut cursor = FactCursor::new(line);
    let kind = match cursor.word() {
        "request" => MethodKind::Request,
        "notification" => MethodKind::Notification,
        "subscription" => MethodKind::Subscription,
        _ => return Err(cursor.error("the method's kind")),
    };
    let name = cursor.name()?;
    let mut arguments = Vec::new();
    cursor.expect("(")?;
    while !cursor.sign(")") {
        if !arguments.is_empty() {
            cursor.expect(",")?;
        }
        let name = cursor.name()?;
        cursor.expect(":")?;
        let is_stream = cursor.keyword("stream");
        let part = place(reader, &mut cursor)?;
        arguments.push(LockedArgument { name, is_stream, part });
    }
    let mut value = None;
    let mut others = [None; 4];
    let (mut is_idempotent, mut aliases) = (false, Vec::new());
    loop {
        if cursor.sign("->") {
            value = Some(place(reader, &mut cursor)?);
        } else if cursor.sign("!") {
            others[0] = Some(place(reader, &mut cursor)?);
        } else if cursor.keyword("each") {
            others[1] = Some(place(reader, &mut cursor)?);
        } else if cursor.keyword("ends") {
            others[2] = Some(place(reader, &mut cursor)?);
        } else if cursor.keyword("progress") {
            others[3] = Some(place(reader, &mut cursor)?);
        } else if cursor.keyword("idempotent") {
            is_idempotent = true;
        } else if cursor.keyword("alias") {
            aliases.push(cursor.quoted()?);
        } else {
            break;
        }
    }
    finished(&cursor)?;
    let value = match value {
        Some(value) => value,
        None => place(reader, &mut FactCursor::new("unit"))?,
    };
    Ok(LockedMethod { name, aliases, kind, is_idempotent, arguments, value, others })
}

/// The place of the shape that is next.
fn place(
    reader: &mut ShapeReader<'_, '_>,
    cursor: &mut FactCursor<'_>,
) -> Result<usize, FactError> {
    match reader.shape(cursor)? {
        Part::Node(place) => Ok(place),
        // Nothing is open where a method's line is read.
        Part::Open(name) => Err(format!("the type `{name}` is nothing but itself")),
    }
}
