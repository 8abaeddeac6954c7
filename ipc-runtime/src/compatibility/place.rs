//! Where a change is, for people to read.

use crate::compatibility::{const_text::ConstText, member_name::NameBytes};

/// Where a change is: within a method, or within a type that a method reaches.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) up: Option<&'p Place<'p>>,
    /// `field`, `each item`.
    pub(crate) what: &'static str,
    /// Empty where there is none.
    pub(crate) name: NameBytes<'p>,
    /// The method and its part by which a type is reached.
    pub(crate) route: Option<Route<'p>>,
}

/// What reaches a type: `(result of list)`.
#[derive(Clone, Copy)]
pub(crate) struct Route<'a> {
    pub(crate) part: &'static str,
    /// The name of an argument.
    pub(crate) name: &'a str,
    /// Empty where a type is compared alone.
    pub(crate) method: &'a str,
}

impl<'p> Place<'p> {
    pub(crate) const fn within(&'p self, what: &'static str, name: NameBytes<'p>) -> Self {
        Self { up: Some(self), what, name, route: None }
    }

    pub(crate) const fn write(&self, out: &mut ConstText) {
        if let Some(up) = self.up {
            up.write(out);
            out.push(", ");
        }
        if self.what.is_empty() {
            // A text that was put together before.
            return out.push(text(self.name));
        }
        out.push(self.what);
        if !self.name.is_empty() {
            out.push_all(&[" `", text(self.name), "`"]);
        }
    }

    /// The same as a text of its own, without the route.
    pub(crate) const fn as_text(&self) -> PlaceText {
        let mut out = ConstText::new();
        self.write(&mut out);
        let mut text = PlaceText::NONE;
        let written = out.as_str().as_bytes();
        while text.length < written.len() && text.length < PlaceText::MAX {
            text.bytes[text.length] = written[text.length];
            text.length += 1;
        }
        text
    }

    pub(crate) const fn write_route(&self, out: &mut ConstText) {
        let mut place = self;
        while let Some(up) = place.up {
            place = up;
        }
        let Some(route) = place.route else { return };
        if route.method.is_empty() {
            return;
        }
        out.push_all(&[" (", route.part]);
        if !route.name.is_empty() {
            out.push_all(&[" `", route.name, "`"]);
        }
        out.push_all(&[" of `", route.method, "`)"]);
    }
}

/// A name as text.
const fn text(name: NameBytes<'_>) -> &str {
    match std::str::from_utf8(name) {
        Ok(text) => text,
        Err(_) => "?",
    }
}

/// A place that is kept, up to a length. A name that isn't ASCII may be cut within a letter; then
/// it is shown as `?`.
#[derive(Clone, Copy)]
pub(crate) struct PlaceText {
    bytes: [u8; PlaceText::MAX],
    length: usize,
}

impl PlaceText {
    const MAX: usize = 160;

    pub(crate) const NONE: Self = Self { bytes: [0; Self::MAX], length: 0 };

    pub(crate) const fn bytes(&self) -> &[u8] {
        self.bytes.split_at(self.length).0
    }
}
