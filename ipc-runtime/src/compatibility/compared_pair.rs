//! Two structs or enums that are to be compared.

use crate::compatibility::{
    place::{Place, PlaceText, Route},
    roles::Roles,
    view::View,
};

/// Two structs, or two enums, that are to be compared.
#[derive(Clone, Copy)]
pub(crate) struct ComparedPair<'a> {
    pub(crate) reader: View<'a>,
    pub(crate) writer: View<'a>,
    pub(crate) roles: Roles,
    /// The name of the later side's type: empty if it has none.
    pub(crate) name: &'a str,
    /// Where it is, if it has no name.
    pub(crate) place: PlaceText,
    pub(crate) route: Route<'a>,
}

impl ComparedPair<'_> {
    /// What fills a place that isn't used.
    pub(crate) const NOTHING: ComparedPair<'static> = ComparedPair {
        reader: View::NOTHING,
        writer: View::NOTHING,
        roles: Roles { is_argument: false, is_reader_newer: false, is_error: false, is_key: false },
        name: "",
        place: PlaceText::NONE,
        route: Route { part: "", name: "", method: "" },
    };

    /// Where it is, for people to read.
    pub(crate) const fn within(&self) -> Place<'_> {
        let (what, name) = match self.name.is_empty() {
            true => ("", self.place.bytes()),
            false => ("type", self.name.as_bytes()),
        };
        Place { up: None, what, name, route: Some(self.route) }
    }
}
