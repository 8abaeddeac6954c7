//! What a shape is called in a message.

use crate::{
    compatibility::{const_text::ConstText, view::View},
    shape::{
        node::NodeKind,
        scalar::{Integer, TextFormat},
    },
};

/// How deep a shape is told.
const MAX_DEPTH: u32 = 4;

impl View<'_> {
    /// Adds what it looks like, in the words of a schema's text.
    pub(crate) const fn write(self, out: &mut ConstText, depth: u32) {
        if depth > MAX_DEPTH {
            return out.push("…");
        }
        match self.kind() {
            NodeKind::Unit => out.push("unit"),
            NodeKind::Nothing => out.push("nothing"),
            NodeKind::Bool => out.push("bool"),
            NodeKind::Char => out.push("char"),
            NodeKind::Bytes => out.push("bytes"),
            NodeKind::Any => out.push("any"),
            NodeKind::Integer => {
                let of = Integer::of_number(self.number());
                out.push(if of.zero { "" } else { "nonzero<" });
                out.push(if of.signed { "i" } else { "u" });
                out.push_number(of.bits as u64);
                out.push(if of.zero { "" } else { ">" });
            }
            NodeKind::Float => {
                out.push("f");
                out.push_number(self.number());
            }
            NodeKind::Text => out.push(TextFormat::of_number(self.number()).word()),
            NodeKind::Named => out.push(self.text()),
            NodeKind::Foreign => {
                out.push(self.text());
                self.write_parts(out, depth);
            }
            NodeKind::Newtype => self.part(0).write(out, depth),
            NodeKind::Option => self.write_container("option", out, depth),
            NodeKind::Sequence => self.write_container("seq", out, depth),
            NodeKind::Set => self.write_container("set", out, depth),
            NodeKind::Map => self.write_container("map", out, depth),
            NodeKind::Tuple => self.write_container("tuple", out, depth),
            NodeKind::Asymmetric => self.write_container("asymmetric", out, depth),
            NodeKind::Array => {
                out.push("array<");
                self.part(0).write(out, depth + 1);
                out.push(", ");
                out.push_number(self.number());
                out.push(">");
            }
            NodeKind::Struct => out.push("a struct"),
            NodeKind::Enum => out.push("an enum"),
            NodeKind::Literal => out.push_all(&["literal \"", self.text(), "\""]),
            NodeKind::Constant => out.push_number(self.number()),
            NodeKind::Link => out.push("…"),
        }
    }

    const fn write_container(self, word: &str, out: &mut ConstText, depth: u32) {
        out.push(word);
        self.write_parts(out, depth);
    }

    const fn write_parts(self, out: &mut ConstText, depth: u32) {
        let mut at = 0;
        let mut written = 0;
        while at < self.len() {
            if self.is(at, crate::shape::node::Member::SENT) {
                out.push(if written == 0 { "<" } else { ", " });
                self.part(at).write(out, depth + 1);
                written += 1;
            }
            at += 1;
        }
        out.push(if written == 0 { "" } else { ">" });
    }
}
