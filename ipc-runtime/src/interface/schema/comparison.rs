//! The comparison of two schemas, node by node.

mod members;
mod methods;
mod pairs;

use std::{
    collections::{HashSet, VecDeque},
    ptr,
};

use crate::{
    interface::schema::{
        Schema,
        difference::Difference,
        digests::Digests,
        excerpt::{NameExcerpt, excerpt},
        summary::summary,
        text::ShapeText,
    },
    shape::nodes::{Element, ForeignType, Shape},
};

/// How long the text of a shape may be.
const MAX_LENGTH: usize = 120;

/// How long the place, and the text of one side, may be.
const MAX_TEXT: usize = 480;

/// How many differences are told. A peer's text may have some ten thousand; nobody reads as many,
/// and they would need far more memory than the text.
const MAX_DIFFERENCES: usize = 1_000;

/// How many pairs of types are compared: each of ours may meet each of theirs.
const MAX_PAIRS: usize = 1 << 16;

/// What stands for what isn't there.
const MISSING: &str = "missing";

impl Schema {
    /// Returns what differs on the wire, node by node: nothing, if the interfaces look the same.
    ///
    /// What differs in a type is told once, however many methods reach it. The names of Rust types,
    /// newtypes, and the order of named fields and tagged variants make no difference.
    ///
    /// After a thousand differences, or 65,536 pairs of types that lead to each other, it ends with
    /// one that says so. What is told of names and shapes is cut, and what isn't printable in them
    /// is escaped: a schema may come from somebody else.
    pub fn compare(&self, other: &Self) -> Vec<Difference> {
        differences(self, other)
    }
}

fn differences(ours: &Schema, theirs: &Schema) -> Vec<Difference> {
    let mut comparison = Comparison {
        ours: Digests::of(ours),
        theirs: Digests::of(theirs),
        seen: HashSet::new(),
        queue: VecDeque::new(),
        of_type: None,
        named: HashSet::new(),
        told: Vec::new(),
        is_cut: false,
    };
    comparison.interfaces(ours, theirs);
    while let (false, Some(pair)) = (comparison.is_cut, comparison.queue.pop_front()) {
        comparison.of_type = pair.of_type;
        comparison.nodes(&pair.place, pair.ours, pair.theirs);
    }
    if comparison.is_cut {
        comparison.told.push(rest(comparison.told.len()));
    }
    comparison.told
}

/// The last of too many.
fn rest(told: usize) -> Difference {
    let why = if told < MAX_DIFFERENCES {
        format!("not compared after {MAX_PAIRS} pairs of types")
    } else {
        format!("there are more than {MAX_DIFFERENCES} differences")
    };
    Difference {
        place: "what else differs".to_owned(),
        ours: why.clone(),
        theirs: why,
        is_whole_method: false,
        is_rest: true,
        of_type: None,
    }
}

struct Comparison<'a> {
    ours: Digests<'a>,
    theirs: Digests<'a>,
    /// The pairs of nodes behind names that were compared, or are in the queue: so types that
    /// contain themselves come to an end.
    seen: HashSet<Addresses>,
    /// What is behind names isn't compared where it is found: a peer's text may have types that are
    /// nested as deep as it is long.
    queue: VecDeque<Pair<'a>>,
    /// The type in which the comparison is.
    of_type: Option<TypeNames<'a>>,
    /// The types that differences were told of.
    named: HashSet<Addresses>,
    told: Vec<Difference>,
    /// Whether there is more than may be told.
    is_cut: bool,
}

/// Where something is in each schema.
type Addresses = (usize, usize);

/// The name of a type in each schema.
type TypeNames<'a> = (&'a str, &'a str);

struct Pair<'a> {
    place: String,
    ours: &'a Shape,
    theirs: &'a Shape,
    of_type: Option<TypeNames<'a>>,
}

impl<'a> Comparison<'a> {
    fn tell(&mut self, place: &str, ours: impl Into<String>, theirs: impl Into<String>) {
        self.push(place, &ours.into(), &theirs.into(), false);
    }

    fn push(&mut self, place: &str, ours: &str, theirs: &str, is_whole_method: bool) {
        if self.told.len() >= MAX_DIFFERENCES {
            self.is_cut = true;
            return;
        }
        // The first difference of a type names it: the names are whole, and may be long.
        let of_type = if is_whole_method { None } else { self.of_type };
        let of_type = of_type
            .filter(|(our, their)| self.named.insert((our.as_ptr().addr(), their.as_ptr().addr())));
        self.told.push(Difference {
            place: excerpt(place, MAX_TEXT),
            ours: excerpt(ours, MAX_TEXT),
            theirs: excerpt(theirs, MAX_TEXT),
            is_whole_method,
            is_rest: false,
            of_type: of_type.map(|(our, their)| (our.to_owned(), their.to_owned())),
        });
    }

    /// Tells a property that one side has.
    fn tell_whether(&mut self, place: &str, what: &str, ours: bool, theirs: bool) {
        if ours != theirs {
            let text = |has| if has { what.to_owned() } else { format!("not {what}") };
            self.tell(place, text(ours), text(theirs));
        }
    }

    fn tell_shapes(&mut self, place: &str, ours: &Shape, theirs: &Shape) {
        let (mut our, mut their) = (summary(ours, MAX_LENGTH), summary(theirs, MAX_LENGTH));
        if our == their {
            // A foreign type may have the name of one of std.
            our = excerpt(ShapeText(ours), MAX_LENGTH);
            their = excerpt(ShapeText(theirs), MAX_LENGTH);
        }
        self.tell(place, our, their);
    }

    fn optional(&mut self, place: &str, ours: Option<&'a Shape>, theirs: Option<&'a Shape>) {
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => self.shapes(place, ours, theirs),
            (None, None) => {}
            (Some(ours), None) => self.tell(place, summary(ours, MAX_LENGTH), MISSING),
            (None, Some(theirs)) => self.tell(place, MISSING, summary(theirs, MAX_LENGTH)),
        }
    }

    /// Compares what is behind two shapes: at once, or later if names lead there.
    fn shapes(&mut self, place: &str, ours: &'a Shape, theirs: &'a Shape) {
        let (our, their) = (self.ours.follow(ours), self.theirs.follow(theirs));
        let (Some((our, our_name)), Some((their, their_name))) = (our, their) else {
            let text = |shape, is_known| {
                let text = summary(shape, MAX_LENGTH);
                if is_known { text } else { format!("unknown: {text}") }
            };
            let (ours, theirs) = (text(ours, our.is_some()), text(theirs, their.is_some()));
            return self.tell(place, ours, theirs);
        };
        let (place, of_type) = match (our_name, their_name) {
            (None, None) => return self.nodes(place, our, their),
            (Some(our), Some(their)) if our == their => {
                (format!("type {}", NameExcerpt(our)), Some((our, their)))
            }
            (Some(our), Some(their)) => {
                let names = (NameExcerpt(our), NameExcerpt(their));
                (format!("type {} (there {})", names.0, names.1), Some((our, their)))
            }
            _ => (place.to_owned(), self.of_type),
        };
        let addresses = (ptr::from_ref(our).addr(), ptr::from_ref(their).addr());
        if self.seen.contains(&addresses) {
            return;
        }
        if self.seen.len() >= MAX_PAIRS {
            self.is_cut = true;
        } else {
            self.seen.insert(addresses);
            self.queue.push_back(Pair { place, ours: our, theirs: their, of_type });
        }
    }

    /// Compares two nodes that are no names.
    fn nodes(&mut self, place: &str, ours: &'a Shape, theirs: &'a Shape) {
        match (ours, theirs) {
            (Shape::Unknown(our), Shape::Unknown(their)) => {
                self.tell(place, format!("unknown: {our}"), format!("unknown: {their}"));
            }
            (Shape::Unknown(our), _) => {
                self.tell(place, format!("unknown: {our}"), summary(theirs, MAX_LENGTH));
            }
            (_, Shape::Unknown(their)) => {
                self.tell(place, summary(ours, MAX_LENGTH), format!("unknown: {their}"));
            }
            (Shape::Unit, Shape::Unit)
            | (Shape::Bool, Shape::Bool)
            | (Shape::Char, Shape::Char)
            | (Shape::Bytes, Shape::Bytes)
            | (Shape::Any, Shape::Any) => {}
            (Shape::Integer(our), Shape::Integer(their)) if our == their => {}
            (Shape::Float(our), Shape::Float(their)) if our == their => {}
            (Shape::Text(our), Shape::Text(their)) if our == their => {}
            (Shape::Literal(our), Shape::Literal(their)) if our == their => {}
            (Shape::Option(our), Shape::Option(their)) => self.shapes(place, our, their),
            (Shape::Sequence(our), Shape::Sequence(their))
            | (Shape::Set(our), Shape::Set(their)) => {
                self.shapes(&format!("{place}, each item"), our, their);
            }
            (Shape::Array(our, length), Shape::Array(their, their_length)) => {
                if length != their_length {
                    let (ours, theirs) = (length.to_string(), their_length.to_string());
                    self.tell(&format!("{place}, length"), ours, theirs);
                }
                self.shapes(&format!("{place}, each item"), our, their);
            }
            (Shape::Map(key, value), Shape::Map(their_key, their_value)) => {
                self.shapes(&format!("{place}, each key"), key, their_key);
                self.shapes(&format!("{place}, each value"), value, their_value);
            }
            (Shape::Tuple(our), Shape::Tuple(their)) => self.elements(place, our, their),
            (Shape::Struct(our), Shape::Struct(their)) => self.structures(place, our, their),
            (Shape::Enum(our), Shape::Enum(their)) => self.enums(place, our, their),
            (Shape::Foreign(our), Shape::Foreign(their)) if is_same(our, their) => {
                for (at, (our, their)) in our.arguments.iter().zip(&*their.arguments).enumerate() {
                    self.shapes(&format!("{place}, generic argument {}", at + 1), our, their);
                }
            }
            (
                Shape::Asymmetric { sent, received },
                Shape::Asymmetric { sent: their_sent, received: their_received },
            ) => {
                self.shapes(&format!("{place}, as it is sent"), sent, their_sent);
                self.shapes(&format!("{place}, as it is read"), received, their_received);
            }
            _ => self.tell_shapes(place, ours, theirs),
        }
    }

    fn elements(&mut self, place: &str, ours: &'a [Element], theirs: &'a [Element]) {
        if ours.len() != theirs.len() {
            let count = |of: &[Element]| format!("{} elements", of.len());
            self.tell(place, count(ours), count(theirs));
        }
        for (at, (our, their)) in ours.iter().zip(theirs).enumerate() {
            if self.is_cut {
                return;
            }
            let place = format!("{place}, element {}", at + 1);
            self.tell_whether(&place, "with a default", our.has_default, their.has_default);
            self.shapes(&place, &our.shape, &their.shape);
        }
    }
}

/// Whether two foreign types have one name.
fn is_same(ours: &ForeignType, theirs: &ForeignType) -> bool {
    match (&ours.with, &theirs.with) {
        (None, None) => ours.name == theirs.name && ours.arguments.len() == theirs.arguments.len(),
        (ours, theirs) => ours == theirs,
    }
}
