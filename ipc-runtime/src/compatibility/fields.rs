//! Whether a struct's reader understands the fields that its writer sends.

use crate::{
    compatibility::{
        changes::Changes,
        compared_pair::ComparedPair,
        const_text::{same, same_bytes},
        member_name::{NameBytes, is_plain, is_read_as, shown},
        place::{Place, Route},
        plain,
        reads::{is_known_same, reads},
        roles::Roles,
        same_shape::{has_same_members, is_same},
        view::View,
    },
    shape::node::{Member, NodeKind},
};

/// A field, wherever it is written: in the struct or in one that is flattened into it.
#[derive(Clone, Copy)]
struct FieldView<'a> {
    of: View<'a>,
    at: usize,
    is_flattened: bool,
}

impl<'a> FieldView<'a> {
    const fn word(self) -> &'a str {
        self.of.word(self.at)
    }

    const fn name(self) -> NameBytes<'a> {
        shown(self.word())
    }

    const fn is(self, flag: u16) -> bool {
        self.of.is(self.at, flag)
    }

    const fn differs(self, other: FieldView<'_>, flag: u16) -> bool {
        self.is(flag) != other.is(flag)
    }

    const fn part(self) -> View<'a> {
        self.of.part(self.at)
    }

    const fn may_be_missing(self) -> bool {
        self.of.may_be_missing(self.at)
    }
}

/// The fields of a struct, with those of flattened structs in their place.
#[derive(Clone, Copy)]
struct FieldList<'a> {
    of: View<'a>,
    len: usize,
    has_flattened: bool,
    /// Whether something else than a struct is flattened.
    has_rest: bool,
}

impl<'a> FieldList<'a> {
    /// How many are compared.
    const MAX: usize = 1024;

    /// How deep structs may be flattened into each other.
    const MAX_DEPTH: u32 = 8;

    const fn of(structure: View<'a>) -> Self {
        let mut fields = Self { of: structure, len: 0, has_flattened: false, has_rest: false };
        fields.count(structure, 0);
        fields.has_rest |= fields.len > Self::MAX;
        fields
    }

    const fn count(&mut self, structure: View<'a>, depth: u32) {
        let mut at = 0;
        while at < structure.len() {
            if !structure.is(at, Member::FLATTENED) {
                self.len += 1;
            } else {
                self.has_flattened = true;
                match flattened(structure, at) {
                    Some(inner) if depth < Self::MAX_DEPTH => self.count(inner, depth + 1),
                    _ => self.has_rest = true,
                }
            }
            at += 1;
        }
    }

    const fn get(self, at: usize) -> FieldView<'a> {
        if !self.has_flattened {
            return FieldView { of: self.of, at, is_flattened: false };
        }
        match nth(self.of, at, false) {
            Ok(field) => field,
            // There are as many as were counted.
            Err(_) => FieldView { of: self.of, at: 0, is_flattened: false },
        }
    }
}

/// The struct that is flattened here, if it is one.
const fn flattened(structure: View<'_>, at: usize) -> Option<View<'_>> {
    let (inner, _) = structure.part(at).seen();
    let travels_both_ways = structure.is(at, Member::SENT) && structure.is(at, Member::RECEIVED);
    let is_always_there = travels_both_ways && !structure.is(at, Member::OMITTED);
    if is_always_there && matches!(inner.kind(), NodeKind::Struct) { Some(inner) } else { None }
}

/// One of the fields, or how many more there have to be before it.
const fn nth(
    structure: View<'_>,
    mut left: usize,
    is_flattened: bool,
) -> Result<FieldView<'_>, usize> {
    let mut at = 0;
    while at < structure.len() {
        if !structure.is(at, Member::FLATTENED) {
            if left == 0 {
                return Ok(FieldView { of: structure, at, is_flattened });
            }
            left -= 1;
        } else if let Some(inner) = flattened(structure, at) {
            match nth(inner, left, true) {
                Ok(field) => return Ok(field),
                Err(rest) => left = rest,
            }
        }
        at += 1;
    }
    Err(left)
}

/// The fields of a writer, and which of them were found to be read.
struct Written<'a> {
    fields: FieldList<'a>,
    read: [u64; FieldList::MAX / 64],
    /// Where the next one probably is.
    next: usize,
}

impl<'a> Written<'a> {
    /// The field that another one is read from; and whether there are several.
    ///
    /// A field that was written in the same way is that: what it doesn't read of itself, it didn't
    /// before.
    const fn find(&mut self, read: FieldView<'_>) -> (Option<FieldView<'a>>, bool) {
        let word = read.word();
        // Then no other field can be sent under its names.
        let has_one_name = is_plain(word);
        let is_received = read.is(Member::RECEIVED);
        let len = self.fields.len;
        let (mut found, mut is_twice) = (None, false);
        let (start, mut tried) = (self.next, 0);
        while tried < len {
            let at = (start + tried) % len;
            tried += 1;
            let field = self.fields.get(at);
            let is_read = if same(word, field.word()) {
                !field.differs(read, Member::SENT) && !field.differs(read, Member::RECEIVED)
                    || is_received && field.is(Member::SENT)
            } else {
                is_received && field.is(Member::SENT) && is_read_as(word, field.name())
            };
            if is_read {
                is_twice |= found.is_some();
                found = Some(field);
                self.read[at / 64] |= 1 << (at % 64);
                self.next = (at + 1) % len;
                if has_one_name {
                    break;
                }
            }
        }
        (found, is_twice)
    }
}

/// Compares two structs.
pub(super) const fn compare<'a>(pair: &ComparedPair<'a>, changes: &mut Changes<'_, 'a>) {
    let ComparedPair { reader, writer, roles, route, .. } = *pair;
    let (place, roles) = (&pair.within(), roles.inner());
    if have_same_fields(reader, writer) {
        return parts(reader, writer, roles, place, route, changes);
    }
    let (read, fields) = (FieldList::of(reader), FieldList::of(writer));
    if read.has_rest || fields.has_rest {
        // It takes what no other field does, so that no field can be looked at alone.
        if !is_same(reader, writer) {
            changes.tell(true, place, &["differs, with something flattened that isn't a struct"]);
        }
        return;
    }
    let before = changes.breaks + changes.adds;
    let mut written = Written { fields, read: [0; FieldList::MAX / 64], next: 0 };
    let mut at = 0;
    while at < read.len {
        let field = read.get(at);
        at += 1;
        let here = place.within("field", field.name());
        match written.find(field) {
            (Some(_), true) => {
                changes.tell(true, &here, &["is sent twice, under a name and an alias"]);
            }
            (Some(sent), false) if field.is(Member::RECEIVED) && sent.is(Member::SENT) => {
                one(field, sent, roles, &here, route, changes);
            }
            (None, _) if field.is(Member::RECEIVED) => missing(field, roles, &here, changes),
            _ => {}
        }
    }
    at = 0;
    while at < fields.len {
        let field = fields.get(at);
        let is_read = written.read[at / 64] & 1 << (at % 64) != 0;
        at += 1;
        if field.is(Member::SENT) && !is_read {
            unheard(field, reader.denies_unknown(), roles, place, changes);
        }
    }
    if changes.breaks + changes.adds == before && !has_same_members(reader, writer) {
        let what = if reader.denies_unknown() == writer.denies_unknown() {
            "differs where it is read or written the other way"
        } else {
            "refuses unknown fields on one side only"
        };
        changes.tell(false, place, &[what]);
    }
}

/// Compares a field with the one that it is read from.
const fn one<'a>(
    field: FieldView<'a>,
    sent: FieldView<'a>,
    roles: Roles,
    place: &Place<'_>,
    route: Route<'a>,
    changes: &mut Changes<'_, 'a>,
) {
    let (may_be_missing, might_be) = (field.may_be_missing(), sent.may_be_missing());
    // If both sides write and need it so, that is no change.
    let was_so = field.is(Member::OMITTED) && !might_be;
    if sent.is(Member::OMITTED) && !may_be_missing && !was_so {
        changes.tell(true, place, &["may be left out, where the other side needs it"]);
    }
    let what = if field.is_flattened != sent.is_flattened {
        "is flattened on one side only"
    } else if !same_bytes(field.name(), sent.name()) {
        "has another name"
    } else if !same(field.word(), sent.word()) {
        "is left out by one side only, or read under other names"
    } else if may_be_missing != might_be && !is_optional_change(field, sent) {
        "has a default on one side only"
    } else {
        ""
    };
    if !what.is_empty() {
        changes.tell(false, place, &[what]);
    }
    if field.is_flattened != sent.is_flattened && !plain::is_plain(sent.part()) {
        changes.tell(true, place, &["moved into a flattened struct, or out of one"]);
    }
    reads(field.part(), sent.part(), roles, place, route, changes);
}

/// Whether what may be missing is told by the shapes: an `Option` on one side.
const fn is_optional_change(field: FieldView<'_>, sent: FieldView<'_>) -> bool {
    field.part().is_optional() != sent.part().is_optional()
}

const BOTH: u16 = Member::SENT | Member::RECEIVED;

/// Whether both have the same fields in the same order, whatever these hold. Most structs do that
/// are compared because of a type that they reach.
const fn have_same_fields(reader: View<'_>, writer: View<'_>) -> bool {
    if reader.len() != writer.len() || !same(reader.text(), writer.text()) {
        return false;
    }
    let mut at = 0;
    while at < reader.len() {
        let is_own = reader.flags(at) & !Member::UNSEEN == writer.flags(at) & !Member::UNSEEN
            && reader.flags(at) & Member::FLATTENED == 0
            && same(reader.word(at), writer.word(at));
        let is_read = reader.flags(at) & BOTH == BOTH;
        if !is_own || !is_read && !is_same(reader.part(at), writer.part(at)) {
            return false;
        }
        at += 1;
    }
    true
}

/// Compares what the fields hold, where they are the same.
const fn parts<'a>(
    reader: View<'a>,
    writer: View<'a>,
    roles: Roles,
    place: &Place<'_>,
    route: Route<'a>,
    changes: &mut Changes<'_, 'a>,
) {
    let mut at = 0;
    while at < reader.len() {
        let (read, written) = (reader.part(at), writer.part(at));
        if reader.flags(at) & BOTH == BOTH && !is_known_same(read, written) {
            let here = place.within("field", shown(reader.word(at)));
            reads(read, written, roles, &here, route, changes);
        }
        at += 1;
    }
}

/// A field that nobody sends.
const fn missing(
    field: FieldView<'_>,
    roles: Roles,
    place: &Place<'_>,
    changes: &mut Changes<'_, '_>,
) {
    let fate = roles.fate(true);
    if field.may_be_missing() {
        changes.tell(false, place, &[fate]);
    } else if roles.is_reader_newer {
        let help = ", and needed: make it an `Option`, or give it `#[serde(default)]`";
        changes.tell(true, place, &[fate, help]);
    } else {
        changes.tell(true, place, &[fate, ", and the older side needs it"]);
    }
}

/// A field that nobody reads.
const fn unheard(
    field: FieldView<'_>,
    is_denied: bool,
    roles: Roles,
    place: &Place<'_>,
    changes: &mut Changes<'_, '_>,
) {
    let fate = roles.fate(false);
    let place = place.within("field", field.name());
    if is_denied {
        changes.tell(true, &place, &[fate, ", and its reader refuses unknown fields"]);
    } else if !roles.is_argument || field.is(Member::IGNORED) {
        changes.tell(false, &place, &[fate]);
    } else if roles.is_reader_newer {
        let help = ": what older callers say by it isn't heard any more (a field that may go is \
                    marked by `#[ipc(ignored)]`, and released so)";
        changes.tell(true, &place, &[fate, help]);
    } else {
        changes.tell(true, &place, &[fate, ": the older side doesn't hear what is said by it"]);
    }
}
