//! A short text of a shape for people to read, in the words of Rust.

use crate::{
    interface::schema::excerpt::{NameExcerpt, excerpt},
    shape::{
        nodes::{Enum, Field, Shape, Struct},
        scalar::{Integer, TextFormat},
    },
};

/// Returns what a shape looks like, cut to about this length.
pub(crate) fn summary(shape: &Shape, length: usize) -> String {
    let mut summary = Summary::new(length);
    summary.shape(shape);
    summary.finish()
}

/// A text of at most some length.
pub(super) struct Summary {
    text: String,
    length: usize,
    is_cut: bool,
}

impl Summary {
    pub(super) fn new(length: usize) -> Self {
        Self { text: String::new(), length, is_cut: false }
    }

    pub(super) fn push(&mut self, text: &str) {
        for c in text.chars() {
            if self.is_cut || self.text.len() + c.len_utf8() > self.length {
                self.is_cut = true;
                return;
            }
            self.text.push(c);
        }
    }

    pub(super) fn finish(mut self) -> String {
        if self.is_cut {
            self.text.push('…');
        }
        self.text
    }

    pub(super) fn shape(&mut self, shape: &Shape) {
        // What doesn't fit isn't looked at, so that this ends soon.
        if self.is_cut {
            return;
        }
        match shape {
            Shape::Unit => self.push("()"),
            Shape::Bool => self.push("bool"),
            Shape::Char => self.push("char"),
            Shape::Integer(of) => self.integer(*of),
            Shape::Float(bits) => self.push(&format!("f{bits}")),
            Shape::Text(format) => self.push(text_format(*format)),
            Shape::Bytes => self.push("Bytes"),
            Shape::Any => self.push("Value"),
            Shape::Option(inner) => self.generic("Option", &[inner]),
            Shape::Sequence(item) => self.generic("Vec", &[item]),
            Shape::Set(item) => self.generic("HashSet", &[item]),
            Shape::Array(item, length) => {
                self.push("[");
                self.shape(item);
                self.push(&format!("; {length}]"));
            }
            Shape::Map(key, value) => self.generic("HashMap", &[key, value]),
            Shape::Tuple(elements) => {
                self.push("(");
                for (at, element) in elements.iter().enumerate() {
                    if self.is_cut {
                        return;
                    }
                    self.push(if at > 0 { ", " } else { "" });
                    self.shape(&element.shape);
                }
                self.push(if elements.len() == 1 { ",)" } else { ")" });
            }
            Shape::Newtype(inner) => self.shape(inner),
            Shape::Struct(of) => {
                self.push("struct ");
                self.fields(of);
            }
            Shape::Enum(of) => self.variants(of),
            Shape::Foreign(of) => {
                let arguments: Vec<&Shape> = of.arguments.iter().collect();
                self.push(&NameExcerpt(&of.name).to_string());
                if !arguments.is_empty() {
                    self.generic("", &arguments);
                }
                if let Some(functions) = &of.with {
                    self.push(&format!(" with {}", excerpt(functions, self.length)));
                }
            }
            Shape::Literal(value) => {
                self.push(&excerpt(format_args!("{:?}", &**value), self.length));
            }
            Shape::Asymmetric { sent, received } => {
                self.push("sent as ");
                self.shape(sent);
                self.push(", read as ");
                self.shape(received);
            }
            Shape::Reference(name) => self.push(&NameExcerpt(name).to_string()),
            Shape::Unknown(word) => self.push(&excerpt(word, self.length)),
        }
    }

    fn generic(&mut self, name: &str, arguments: &[&Shape]) {
        self.push(name);
        for (at, argument) in arguments.iter().enumerate() {
            if self.is_cut {
                return;
            }
            self.push(if at > 0 { ", " } else { "<" });
            self.shape(argument);
        }
        self.push(">");
    }

    fn integer(&mut self, of: Integer) {
        let sign = match (of.signed, of.zero) {
            (true, true) => "i",
            (false, true) => "u",
            (true, false) => "NonZeroI",
            (false, false) => "NonZeroU",
        };
        self.push(&format!("{sign}{}", of.bits));
    }

    fn fields(&mut self, of: &Struct) {
        self.push("{");
        for (at, field) in of.fields.iter().enumerate() {
            if self.is_cut {
                return;
            }
            self.push(if at > 0 { ", " } else { " " });
            self.field(field);
        }
        self.push(" }");
    }

    fn field(&mut self, field: &Field) {
        self.push(&NameExcerpt(field.name.shown()).to_string());
        self.push(": ");
        self.shape(&field.shape);
    }

    fn variants(&mut self, of: &Enum) {
        self.push("enum {");
        for (at, variant) in of.variants.iter().enumerate() {
            if self.is_cut {
                return;
            }
            self.push(if at > 0 { ", " } else { " " });
            self.push(&NameExcerpt(variant.name.shown()).to_string());
            match variant.content.as_ref() {
                None => {}
                Some(Shape::Struct(fields)) => {
                    self.push(" ");
                    self.fields(fields);
                }
                Some(tuple @ Shape::Tuple(_)) => self.shape(tuple),
                Some(content) => {
                    self.push("(");
                    self.shape(content);
                    self.push(")");
                }
            }
        }
        self.push(" }");
    }
}

fn text_format(format: TextFormat) -> &'static str {
    match format {
        TextFormat::Any => "String",
        TextFormat::Path => "PathBuf",
        TextFormat::Ip => "IpAddr",
        TextFormat::Ipv4 => "Ipv4Addr",
        TextFormat::Ipv6 => "Ipv6Addr",
        TextFormat::SocketAddress => "SocketAddr",
        TextFormat::SocketAddressV4 => "SocketAddrV4",
        TextFormat::SocketAddressV6 => "SocketAddrV6",
    }
}
