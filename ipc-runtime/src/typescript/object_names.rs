//! The names that something may have on an object that it shares with others.

use crate::{
    notation::tag_content::TagContent,
    shape::nodes::{Enum, Shape, Tagging},
};

impl<'a> TagContent<'a> {
    /// Adds the names that this may have on the object that it is flattened into.
    pub(super) fn names(&self, shape: &'a Shape, names: &mut Vec<&'a str>) {
        self.add_names(shape, names, &mut Vec::new());
    }

    fn add_names(&self, shape: &'a Shape, names: &mut Vec<&'a str>, above: &mut Vec<&'a str>) {
        match shape {
            Shape::Struct(of) => {
                for field in &of.fields {
                    if field.is_flattened {
                        self.add_names(&field.shape, names, above);
                    } else {
                        names.extend(self.direction.name_of(&field.name));
                    }
                }
            }
            Shape::Enum(of) => self.add_names_of_variants(of, names, above),
            Shape::Option(inner) | Shape::Newtype(inner) => self.add_names(inner, names, above),
            Shape::Asymmetric { sent, received } => {
                self.add_names(self.one_of(sent, received), names, above);
            }
            Shape::Reference(name) => {
                self.behind(name, above, (), |shape, above| self.add_names(shape, names, above));
            }
            _ => {}
        }
    }

    fn add_names_of_variants(
        &self,
        of: &'a Enum,
        names: &mut Vec<&'a str>,
        above: &mut Vec<&'a str>,
    ) {
        match &of.tagging {
            Tagging::Internal(tag) => names.push(tag),
            Tagging::Adjacent { tag, content } => names.extend([&**tag, &**content]),
            Tagging::External | Tagging::Untagged => {}
        }
        for variant in &of.variants {
            let is_whole = variant.is_untagged
                || matches!(of.tagging, Tagging::Internal(_) | Tagging::Untagged);
            match &variant.content {
                Some(content) if is_whole => self.add_names(content, names, above),
                _ if of.tagging == Tagging::External => {
                    names.extend(self.direction.name_of(&variant.name));
                }
                _ => {}
            }
        }
    }
}
