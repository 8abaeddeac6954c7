//! Whether a reader understands all that a writer may write.

use crate::{
    compatibility::{
        changes::Changes,
        compared_pair::ComparedPair,
        numbers,
        place::{Place, PlaceText, Route},
        roles::Roles,
        same_shape::is_same,
        view::View,
    },
    shape::{
        node::{Member, NodeKind},
        scalar::TextFormat,
    },
};

/// Compares what a part of a method looks like on both sides. The types that it reaches are put
/// into [`changes`](Changes), for
/// [`compare_found`](crate::compatibility::type_pairs::compare_found).
pub(crate) const fn reads<'a>(
    reader: View<'a>,
    writer: View<'a>,
    roles: Roles,
    place: &Place<'_>,
    route: Route<'a>,
    changes: &mut Changes<'_, 'a>,
) {
    if is_known_same(reader, writer) {
        return;
    }
    let shown = if roles.is_reader_newer { (writer, reader) } else { (reader, writer) };
    let (reader, reader_name) = reader.seen();
    let (writer, writer_name) = writer.seen();
    let (reader, writer) = (reader.directed(true), writer.directed(false));
    // An asymmetric type's sides may have names of their own.
    let (reader, reader_inner) = reader.seen();
    let (writer, writer_inner) = writer.seen();
    if reader.is_out_of_sight() || writer.is_out_of_sight() {
        changes.has_unseen = true;
        return;
    }
    if is_known_same(reader, writer) {
        return;
    }
    let name = if roles.is_reader_newer {
        first(reader_inner, reader_name)
    } else {
        first(writer_inner, writer_name)
    };
    let are_members = matches!(
        (reader.kind(), writer.kind()),
        (NodeKind::Struct, NodeKind::Struct) | (NodeKind::Enum, NodeKind::Enum)
    );
    // Types contain themselves by their names, also where they are no structs.
    let has_parts = reader.len() > 0 && writer.len() > 0;
    match name {
        Some(name) if has_parts || are_members => {
            let place_text = PlaceText::NONE;
            let pair = ComparedPair { reader, writer, roles, name, place: place_text, route };
            changes.wait(pair, place);
        }
        None if are_members => {
            let (name, place_text) = ("", place.as_text());
            let pair = ComparedPair { reader, writer, roles, name, place: place_text, route };
            changes.wait(pair, place);
        }
        _ => nodes(reader, writer, shown, roles, place, route, changes),
    }
}

/// Whether they are the same, as far as it is known without looking into them.
pub(crate) const fn is_known_same(reader: View<'_>, writer: View<'_>) -> bool {
    let ((read, read_is_whole), (written, written_is_whole)) = (reader.hash(), writer.hash());
    read == written && read_is_whole && written_is_whole
}

const fn first<'a>(one: Option<&'a str>, other: Option<&'a str>) -> Option<&'a str> {
    match one {
        Some(_) => one,
        None => other,
    }
}

/// Compares two nodes that are neither names nor links, and no structs or enums. `shown` is what
/// they are called: what was, and what is.
pub(crate) const fn nodes<'a>(
    reader: View<'a>,
    writer: View<'a>,
    shown: (View<'a>, View<'a>),
    roles: Roles,
    place: &Place<'_>,
    route: Route<'a>,
    changes: &mut Changes<'_, 'a>,
) {
    let inner = roles.inner();
    match (reader.kind(), writer.kind()) {
        (NodeKind::Unit, NodeKind::Unit)
        | (NodeKind::Nothing, NodeKind::Nothing)
        | (NodeKind::Bool, NodeKind::Bool)
        | (NodeKind::Char, NodeKind::Char)
        | (NodeKind::Bytes, NodeKind::Bytes)
        | (NodeKind::Any, NodeKind::Any) => {}
        (NodeKind::Integer | NodeKind::Float, NodeKind::Integer | NodeKind::Float) => {
            if !numbers::is_same(reader, writer) {
                changes.tell_shapes(
                    !numbers::widens(reader, writer, roles),
                    place,
                    shown.0,
                    shown.1,
                );
            }
        }
        (NodeKind::Text, NodeKind::Text) => {
            let (read, written) = (reader.number(), writer.number());
            if read != written {
                changes.tell_shapes(!reads_format(read, written), place, shown.0, shown.1);
            }
        }
        (NodeKind::Text, NodeKind::Char) => {
            let reads = reads_format(reader.number(), TextFormat::Any as u64);
            changes.tell_shapes(!reads, place, shown.0, shown.1);
        }
        (NodeKind::Option, NodeKind::Option) => {
            reads(reader.part(0), writer.part(0), inner, place, route, changes);
        }
        // What is always there can be read as what may be there. `()` is null, which is `None`.
        (NodeKind::Option, kind) if !matches!(kind, NodeKind::Unit | NodeKind::Nothing) => {
            let what = if roles.is_reader_newer { "may be null now" } else { "is never null now" };
            changes.tell(false, place, &[what]);
            reads(reader.part(0), writer, inner, place, route, changes);
        }
        (NodeKind::Sequence, NodeKind::Sequence | NodeKind::Set | NodeKind::Array)
        | (NodeKind::Set, NodeKind::Set | NodeKind::Sequence) => {
            if reader.kind() as u8 != writer.kind() as u8 {
                changes.tell_shapes(false, place, shown.0, shown.1);
            }
            let place = place.within("each item", b"");
            reads(reader.part(0), writer.part(0), inner, &place, route, changes);
        }
        (NodeKind::Array, NodeKind::Array) if reader.number() == writer.number() => {
            let place = place.within("each item", b"");
            reads(reader.part(0), writer.part(0), inner, &place, route, changes);
        }
        (NodeKind::Map, NodeKind::Map) => {
            let keys = Roles { is_key: true, ..inner };
            let key = place.within("each key", b"");
            reads(reader.part(0), writer.part(0), keys, &key, route, changes);
            let value = place.within("each value", b"");
            reads(reader.part(1), writer.part(1), inner, &value, route, changes);
        }
        (NodeKind::Tuple, NodeKind::Tuple) if reader.len() == writer.len() => {
            let mut at = 0;
            while at < reader.len() {
                let place = place.within(ordinal(at), b"");
                reads(reader.part(at), writer.part(at), inner, &place, route, changes);
                if reader.is(at, Member::DEFAULT) != writer.is(at, Member::DEFAULT) {
                    changes.tell(false, &place, &["another default"]);
                }
                at += 1;
            }
        }
        (NodeKind::Literal, NodeKind::Literal) | (NodeKind::Foreign, NodeKind::Foreign)
            if is_same(reader, writer) => {}
        _ => changes.tell_shapes(true, place, shown.0, shown.1),
    }
}

/// Whether text of one format can be read as another.
const fn reads_format(read: u64, written: u64) -> bool {
    const ANY: u64 = TextFormat::Any as u64;
    const PATH: u64 = TextFormat::Path as u64;
    const IP: u64 = TextFormat::Ip as u64;
    const SOCKET_ADDRESS: u64 = TextFormat::SocketAddress as u64;
    match read {
        ANY | PATH => true,
        IP => written == TextFormat::Ipv4 as u64 || written == TextFormat::Ipv6 as u64,
        SOCKET_ADDRESS => {
            written == TextFormat::SocketAddressV4 as u64
                || written == TextFormat::SocketAddressV6 as u64
        }
        _ => false,
    }
}

/// The name of an element's place.
const fn ordinal(at: usize) -> &'static str {
    const ORDINALS: [&str; 12] = [
        "element 1",
        "element 2",
        "element 3",
        "element 4",
        "element 5",
        "element 6",
        "element 7",
        "element 8",
        "element 9",
        "element 10",
        "element 11",
        "element 12",
    ];
    if at < ORDINALS.len() { ORDINALS[at] } else { "a later element" }
}
