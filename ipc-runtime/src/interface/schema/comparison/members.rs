//! What differs in the fields of structs and in the variants of enums.

use std::mem::discriminant;

use crate::{
    interface::schema::{
        comparison::{Comparison, MAX_LENGTH, MISSING, pairs::Pairs},
        digests::{Digests, accepted, names},
        excerpt::{NameExcerpt, excerpt},
        summary::summary,
    },
    shape::{
        hash::{mix, ordered, text},
        name::WireName,
        nodes::{Enum, Field, Shape, Struct, Tagging, Variant},
    },
};

const KNOWN_ONLY: &str = "refusing unknown fields";

impl<'a> Comparison<'a> {
    pub(super) fn structures(&mut self, place: &str, ours: &'a Struct, theirs: &'a Struct) {
        self.tell_whether(place, KNOWN_ONLY, ours.denies_unknown, theirs.denies_unknown);
        let (our_fields, their_fields) = (all(&ours.fields), all(&theirs.fields));
        let both = (&*our_fields, &*their_fields);
        let mut pairs = Pairs::new(our_fields.len(), their_fields.len());
        self.find(&mut pairs, both, &|digests, field| Some(digests.field(field)));
        self.find(&mut pairs, both, &|_, field| (!field.is_flattened).then(|| names(&field.name)));
        self.find(&mut pairs, both, &|digests, field| {
            field.is_flattened.then(|| digests.shape(&field.shape))
        });
        self.find(&mut pairs, both, &|_, field| {
            Some(ordered(text(field.name.shown()), &[field.is_flattened.into()]))
        });
        self.find(&mut pairs, both, &|_, field| Some(text(field.name.shown())));
        let named = |fields: &[&'a Field]| {
            let name = |field: &&'a Field| (!field.is_flattened).then_some(&field.name);
            fields.iter().map(name).collect::<Vec<_>>()
        };
        pairs.find_by_alias(&named(&our_fields), &named(&their_fields));
        self.find(&mut pairs, both, &|_, field| field.is_flattened.then_some(0));
        for (ours, theirs) in pairs.finish() {
            if self.is_cut {
                return;
            }
            match (element(&our_fields, ours), element(&their_fields, theirs)) {
                (Some(ours), Some(theirs)) => self.fields(place, ours, theirs),
                (Some(only), None) | (None, Some(only)) => {
                    let text = summary(&only.shape, MAX_LENGTH);
                    let place = format!("{place}, field {}", NameExcerpt(only.name.shown()));
                    self.tell_only(&place, ours.is_some(), text);
                }
                (None, None) => {}
            }
        }
        self.flattened(place, ours, theirs);
    }

    /// Flattened fields take what is theirs one after another.
    fn flattened(&mut self, place: &str, ours: &'a Struct, theirs: &'a Struct) {
        let flattened = |digests: &Digests<'a>, of: &'a Struct| -> Vec<(u64, &'a str)> {
            let fields = of.fields.iter().filter(|field| field.is_flattened);
            fields.map(|field| (digests.field(field), field.name.shown())).collect()
        };
        let (ours, theirs) = (flattened(&self.ours, ours), flattened(&self.theirs, theirs));
        let digests = |of: &[(u64, &str)]| of.iter().map(|one| one.0).collect::<Vec<_>>();
        let in_any_order =
            |of: &[(u64, &str)]| of.iter().map(|one| mix(one.0)).fold(0, u64::wrapping_add);
        if in_any_order(&ours) == in_any_order(&theirs) && digests(&ours) != digests(&theirs) {
            let shown = |of: &[(u64, &str)]| {
                let names = of.iter().map(|(_, name)| NameExcerpt(name).to_string());
                excerpt(names.collect::<Vec<_>>().join(", "), MAX_LENGTH)
            };
            let (mut ours, mut theirs) = (shown(&ours), shown(&theirs));
            if ours == theirs {
                (ours, theirs) = ("one".to_owned(), "another".to_owned());
            }
            self.tell(&format!("{place}, order of the flattened fields"), ours, theirs);
        }
    }

    fn tell_only(&mut self, place: &str, is_ours: bool, text: String) {
        if is_ours { self.tell(place, text, MISSING) } else { self.tell(place, MISSING, text) }
    }

    fn fields(&mut self, place: &str, ours: &'a Field, theirs: &'a Field) {
        let place = format!("{place}, field {}", NameExcerpt(ours.name.shown()));
        self.tell_whether(&place, "flattened", ours.is_flattened, theirs.is_flattened);
        if !ours.is_flattened && !theirs.is_flattened {
            self.names(&place, &ours.name, &theirs.name);
        } else {
            let (ours, theirs) = (&ours.name, &theirs.name);
            self.tell_whether(&place, "sent", ours.sent.is_some(), theirs.sent.is_some());
            let (ours, theirs) = (ours.received.is_some(), theirs.received.is_some());
            self.tell_whether(&place, "read", ours, theirs);
        }
        let missing = |digests: &Digests<'_>, field: &Field| {
            field.name.received.is_some() && digests.may_be_missing(field)
        };
        let (ours_missing, theirs_missing) =
            (missing(&self.ours, ours), missing(&self.theirs, theirs));
        // That one is an `Option` is told of its shape.
        let is_by_shape = ours.has_default == theirs.has_default
            && ours.name.received.is_some() == theirs.name.received.is_some()
            && self.are_of_two_kinds(&ours.shape, &theirs.shape);
        if !is_by_shape {
            self.tell_missing(&place, ours_missing, theirs_missing);
        }
        let omitted = |field: &Field| field.name.sent.is_some() && field.may_be_omitted;
        self.tell_whether(&place, "left out at times", omitted(ours), omitted(theirs));
        self.shapes(&place, &ours.shape, &theirs.shape);
    }

    fn are_of_two_kinds(&self, ours: &'a Shape, theirs: &'a Shape) -> bool {
        let kind = |digests: &Digests<'a>, shape: &'a Shape| {
            digests.follow(shape).map(|(shape, _)| discriminant(shape))
        };
        kind(&self.ours, ours) != kind(&self.theirs, theirs)
    }

    /// Tells whether something may be missing where it is read.
    fn tell_missing(&mut self, place: &str, ours: bool, theirs: bool) {
        if ours != theirs {
            let text =
                |optional| if optional { "optional when read" } else { "required when read" };
            self.tell(place, text(ours), text(theirs));
        }
    }

    /// The names under which something is sent and read.
    fn names(&mut self, place: &str, ours: &WireName, theirs: &WireName) {
        if ours.sent != theirs.sent {
            let text = |name: &WireName| match &name.sent {
                Some(sent) => NameExcerpt(sent).to_string(),
                None => "never sent".to_owned(),
            };
            self.tell(&format!("{place}, name when sent"), text(ours), text(theirs));
        }
        if accepted(ours) != accepted(theirs) {
            let text = |name: &WireName| {
                let all: Vec<String> =
                    accepted(name).into_iter().map(|one| NameExcerpt(one).to_string()).collect();
                if all.is_empty() { "never read".to_owned() } else { all.join(" or ") }
            };
            self.tell(&format!("{place}, name when read"), text(ours), text(theirs));
        }
    }

    pub(super) fn enums(&mut self, place: &str, ours: &'a Enum, theirs: &'a Enum) {
        self.tell_whether(place, KNOWN_ONLY, ours.denies_unknown, theirs.denies_unknown);
        if ours.tagging != theirs.tagging {
            self.tell(&format!("{place}, tag"), tagging(&ours.tagging), tagging(&theirs.tagging));
        }
        let (our_tagged, our_untagged) = split(ours);
        let (their_tagged, their_untagged) = split(theirs);
        let both = (&*our_tagged, &*their_tagged);
        let mut pairs = Pairs::new(our_tagged.len(), their_tagged.len());
        let is_adjacent = |of: &Enum| matches!(of.tagging, Tagging::Adjacent { .. });
        let is_adjacent = is_adjacent(ours) && is_adjacent(theirs);
        self.find(&mut pairs, both, &|digests, variant| Some(digests.tagged(variant, is_adjacent)));
        self.find(&mut pairs, both, &|_, variant| Some(names(&variant.name)));
        self.find(&mut pairs, both, &|_, variant| Some(text(variant.name.shown())));
        let named = |variants: &[&'a Variant]| {
            variants.iter().map(|variant| Some(&variant.name)).collect::<Vec<_>>()
        };
        pairs.find_by_alias(&named(&our_tagged), &named(&their_tagged));
        for (ours, theirs) in pairs.finish() {
            if self.is_cut {
                return;
            }
            let (ours, theirs) = (element(&our_tagged, ours), element(&their_tagged, theirs));
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                let place = format!("{place}, variant {}", NameExcerpt(ours.name.shown()));
                self.names(&place, &ours.name, &theirs.name);
                self.tell_whether(&place, "for every unknown name", ours.is_other, theirs.is_other);
                self.contents(&place, ours, theirs);
                if is_adjacent {
                    self.missing_content(&place, ours, theirs);
                }
            } else {
                self.only_variant(place, ours, theirs);
            }
        }
        self.in_order(place, &our_untagged, &their_untagged);
    }

    /// Compares whether the content may be missing beside the tag.
    fn missing_content(&mut self, place: &str, ours: &'a Variant, theirs: &'a Variant) {
        let (Some(our_content), Some(their_content)) = (&ours.content, &theirs.content) else {
            return;
        };
        let is_by_shape = ours.name.received.is_some() != theirs.name.received.is_some()
            || self.are_of_two_kinds(our_content, their_content);
        if !is_by_shape {
            let ours = self.ours.content_may_be_missing(ours);
            let theirs = self.theirs.content_may_be_missing(theirs);
            self.tell_missing(&format!("{place}, content"), ours, theirs);
        }
    }

    fn only_variant(&mut self, place: &str, ours: Option<&Variant>, theirs: Option<&Variant>) {
        let Some(only) = ours.or(theirs) else { return };
        let text = match &only.content {
            Some(content) => summary(content, MAX_LENGTH),
            None => "a unit variant".to_owned(),
        };
        let place = format!("{place}, variant {}", NameExcerpt(only.name.shown()));
        self.tell_only(&place, ours.is_some(), text);
    }

    /// Compares variants that are tried one after another.
    fn in_order(&mut self, place: &str, ours: &[&'a Variant], theirs: &[&'a Variant]) {
        let alike = |comparison: &Self, ours: &Variant, theirs: &Variant| {
            comparison.ours.untagged(ours) == comparison.theirs.untagged(theirs)
        };
        let at_start = ours.iter().zip(theirs).take_while(|(a, b)| alike(self, a, b)).count();
        let (our_rest, their_rest) =
            (ours.get(at_start..).unwrap_or_default(), theirs.get(at_start..).unwrap_or_default());
        let ends = our_rest.iter().rev().zip(their_rest.iter().rev());
        let at_end = ends.take_while(|(a, b)| alike(self, a, b)).count();
        let start = ours.iter().zip(theirs).take(at_start);
        let end = our_rest.iter().rev().zip(their_rest.iter().rev()).take(at_end);
        for (ours, theirs) in start.chain(end) {
            let place = format!("{place}, variant {}", NameExcerpt(ours.name.shown()));
            self.contents(&place, ours, theirs);
        }
        let ours = our_rest.get(..our_rest.len() - at_end).unwrap_or_default();
        let theirs = their_rest.get(..their_rest.len() - at_end).unwrap_or_default();
        if ours.is_empty() && theirs.is_empty() {
            return;
        }
        let shown = |variants: &[&Variant]| {
            let names =
                variants.iter().map(|variant| NameExcerpt(variant.name.shown()).to_string());
            names.collect::<Vec<_>>().join(", ")
        };
        if ours.len() == theirs.len() && shown(ours) == shown(theirs) {
            for (ours, theirs) in ours.iter().zip(theirs) {
                let place = format!("{place}, variant {}", NameExcerpt(ours.name.shown()));
                self.contents(&place, ours, theirs);
            }
            return;
        }
        let mut pairs = Pairs::new(ours.len(), theirs.len());
        let both = (ours, theirs);
        self.find(&mut pairs, both, &|_, variant| Some(text(variant.name.shown())));
        self.find(&mut pairs, both, &|digests, variant| Some(digests.untagged(variant)));
        let mut is_told = false;
        for (one, other) in pairs.finish() {
            if self.is_cut {
                return;
            }
            let (ours, theirs) = (element(ours, one), element(theirs, other));
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                let place = format!("{place}, variant {}", NameExcerpt(ours.name.shown()));
                self.contents(&place, ours, theirs);
            } else {
                is_told = true;
                self.only_variant(place, ours, theirs);
            }
        }
        if !is_told {
            let place = format!("{place}, order of the variants");
            self.tell(&place, excerpt(shown(ours), MAX_LENGTH), excerpt(shown(theirs), MAX_LENGTH));
        }
    }

    fn contents(&mut self, place: &str, ours: &'a Variant, theirs: &'a Variant) {
        let directions = |variant: &Variant| match (&variant.name.sent, &variant.name.received) {
            (Some(_), Some(_)) => "sent and read",
            (Some(_), None) => "only sent",
            (None, Some(_)) => "only read",
            (None, None) => "neither sent nor read",
        };
        if directions(ours) != directions(theirs) {
            self.tell(place, directions(ours), directions(theirs));
        }
        let content = |variant: &'a Variant| variant.content.as_ref();
        self.optional(&format!("{place}, content"), content(ours), content(theirs));
    }
}

fn tagging(tagging: &Tagging) -> String {
    match tagging {
        Tagging::External => "the variant's name as the key".to_owned(),
        Tagging::Internal(tag) => format!("in the field {}", NameExcerpt(tag)),
        Tagging::Adjacent { tag, content } => {
            format!("in the field {}, beside {}", NameExcerpt(tag), NameExcerpt(content))
        }
        Tagging::Untagged => "untagged".to_owned(),
    }
}

/// The variants with a tag, and those without.
fn split(of: &Enum) -> (Vec<&Variant>, Vec<&Variant>) {
    of.variants.iter().partition(|one| of.tagging != Tagging::Untagged && !one.is_untagged)
}

fn all<T>(of: &[T]) -> Vec<&T> {
    of.iter().collect()
}

fn element<'a, T>(of: &[&'a T], at: Option<usize>) -> Option<&'a T> {
    of.get(at?).copied()
}
