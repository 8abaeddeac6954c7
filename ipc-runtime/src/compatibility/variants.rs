//! Whether an enum's reader understands the variants that its writer sends.

use crate::{
    compatibility::{
        changes::Changes,
        compared_pair::ComparedPair,
        const_text::{same, same_bytes},
        member_name::{NameBytes, has_word, is_read_as, shown},
        place::Place,
        reads::reads,
        roles::Roles,
        same_shape::{has_same_members, is_same, is_same_part},
        view::View,
    },
    shape::node::{Member, NodeKind},
};

/// Compares two enums.
pub(super) const fn compare<'a>(pair: &ComparedPair<'a>, changes: &mut Changes<'_, 'a>) {
    let ComparedPair { reader, writer, roles, route, .. } = *pair;
    let place = &pair.within();
    if !same_bytes(reader.tagging(), writer.tagging()) {
        changes.tell(true, place, &["its variants are told apart in another way"]);
        return;
    }
    if has_untagged(reader) || has_untagged(writer) {
        return untagged(reader, writer, roles, place, changes);
    }
    let before = changes.breaks + changes.adds;
    let mut at = 0;
    while at < writer.len() {
        if writer.is(at, Member::SENT) && !was_so(reader, writer, at) {
            let name = shown(writer.word(at));
            let place = place.within("variant", name);
            let (content, is_nothing) = content(writer, at);
            match reader_of(reader, name) {
                Some(known) => {
                    if !same(reader.word(known), writer.word(at)) {
                        changes.tell(false, &place, &["has another name, or is read under others"]);
                    }
                    reads(reader.part(known), content, roles.inner(), &place, route, changes);
                }
                None => unknown(reader, writer, is_nothing, roles, &place, changes),
            }
        }
        at += 1;
    }
    at = 0;
    while at < reader.len() {
        let is_new = !is_sent(writer, reader.word(at)) && !was_so(writer, reader, at);
        if reader.is(at, Member::RECEIVED) && is_new {
            let place = place.within("variant", shown(reader.word(at)));
            changes.tell(false, &place, &[roles.fate(true)]);
        }
        at += 1;
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

const fn content(of: View<'_>, at: usize) -> (View<'_>, bool) {
    let content = of.part(at);
    (content, matches!(content.kind(), NodeKind::Nothing))
}

/// Whether the other side has a variant in the same way, and doesn't read what it sends: it didn't
/// before.
const fn was_so(other: View<'_>, one: View<'_>, at: usize) -> bool {
    let word = one.word(at);
    if one.is(at, Member::SENT) && one.is(at, Member::RECEIVED) && is_read_as(word, shown(word)) {
        return false;
    }
    let mut to = 0;
    while to < other.len() {
        if same(word, other.word(to)) {
            return true;
        }
        to += 1;
    }
    false
}

/// A variant that the reader doesn't know.
const fn unknown(
    reader: View<'_>,
    writer: View<'_>,
    is_nothing: bool,
    roles: Roles,
    place: &Place<'_>,
    changes: &mut Changes<'_, '_>,
) {
    let fate = roles.fate(false);
    // Unless it stands beside the tag, the content of an unknown variant is in the way.
    let is_internal = writer.number() == 0 && !writer.tagging().is_empty();
    if has_other(reader) && (is_internal || is_nothing) {
        let what = ", and arrives as the variant that stands for unknown ones";
        return changes.tell(false, place, &[fate, what]);
    }
    if roles.is_error {
        let what = ", and arrives as an error with its text";
        return changes.tell(false, place, &[fate, what]);
    }
    let why = if roles.is_reader_newer {
        ", and the older side may send it"
    } else {
        ", and the older side can't read it"
    };
    changes.tell(true, place, &[fate, why]);
}

/// The variant that is read under this name.
const fn reader_of(reader: View<'_>, name: NameBytes<'_>) -> Option<usize> {
    let mut at = 0;
    while at < reader.len() {
        if reader.is(at, Member::RECEIVED) && is_read_as(reader.word(at), name) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Whether a variant is sent under one of the names under which another one is read.
const fn is_sent(writer: View<'_>, read: &str) -> bool {
    let mut at = 0;
    while at < writer.len() {
        if writer.is(at, Member::SENT) && is_read_as(read, shown(writer.word(at))) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether a variant stands for each name that the enum doesn't know.
const fn has_other(reader: View<'_>) -> bool {
    let mut at = 0;
    while at < reader.len() {
        if has_word(reader.word(at), "other") {
            return true;
        }
        at += 1;
    }
    false
}

const fn has_untagged(of: View<'_>) -> bool {
    let mut at = 0;
    while at < of.len() {
        if of.is(at, Member::UNTAGGED) {
            return true;
        }
        at += 1;
    }
    same_bytes(of.tagging(), b"untagged")
}

/// Variants that are tried one after another: a reader may know more than the writer, behind all
/// that the writer knows.
const fn untagged(
    reader: View<'_>,
    writer: View<'_>,
    roles: Roles,
    place: &Place<'_>,
    changes: &mut Changes<'_, '_>,
) {
    let all_are = same_bytes(reader.tagging(), b"untagged");
    if !all_are {
        if !is_same(reader, writer) {
            changes.tell(true, place, &["differs, with variants that have no tag"]);
        }
        return;
    }
    let mut is_beginning =
        writer.len() <= reader.len() && reader.denies_unknown() == writer.denies_unknown();
    let mut at = 0;
    while is_beginning && at < writer.len() {
        is_beginning = is_same_part(reader, writer, at);
        at += 1;
    }
    if !is_beginning {
        let what = if roles.is_reader_newer {
            "its variants have no tag, and aren't those of before with more behind them"
        } else {
            "its variants have no tag, and the older side doesn't know all of them"
        };
        changes.tell(true, place, &[what]);
    } else if writer.len() < reader.len() {
        changes.tell(false, place, &["has further variants"]);
    }
}
