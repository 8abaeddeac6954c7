//! Numbers that hold all values of others.

use crate::{
    compatibility::{roles::Roles, view::View},
    shape::{node::NodeKind, scalar::Integer},
};

pub(crate) const fn is_same(reader: View<'_>, writer: View<'_>) -> bool {
    reader.kind() as u8 == writer.kind() as u8 && reader.number() == writer.number()
}

/// Whether the reader's number holds all of the writer's.
pub(crate) const fn widens(reader: View<'_>, writer: View<'_>, roles: Roles) -> bool {
    match (reader.kind(), writer.kind()) {
        (NodeKind::Integer, NodeKind::Integer) => {
            integer_widens(Integer::of_number(reader.number()), Integer::of_number(writer.number()))
        }
        (NodeKind::Float, NodeKind::Float) => !roles.is_key && reader.number() >= writer.number(),
        (NodeKind::Float, NodeKind::Integer) => {
            let written = Integer::of_number(writer.number());
            let magnitude = written.bits - written.signed as u8;
            !roles.is_key && magnitude <= mantissa(reader.number())
        }
        _ => false,
    }
}

const fn integer_widens(read: Integer, written: Integer) -> bool {
    // 128 bits are written in a form of their own in MessagePack, and others aren't read from it.
    if written.bits > 64 {
        return read.bits == written.bits
            && read.signed == written.signed
            && (read.zero || !written.zero);
    }
    let holds = match (read.signed, written.signed) {
        (false, false) | (true, true) => read.bits >= written.bits,
        (true, false) => read.bits > written.bits,
        (false, true) => false,
    };
    holds && (read.zero || !written.zero)
}

/// How many bits of an integer a float holds exactly.
const fn mantissa(bits: u64) -> u8 {
    if bits == 32 { 24 } else { 53 }
}
