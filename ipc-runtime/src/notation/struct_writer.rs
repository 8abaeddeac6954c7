//! Structs as types of objects.

use crate::{
    notation::{
        Notation,
        object_form::{ObjectForm, PropertyForm},
        tag_content::TagContent,
        type_form::{Direction, TypeForm},
        type_writer::TypeWriter,
        unit_variants::has_units,
    },
    shape::nodes::{Enum, Shape, Struct, Tagging},
};

impl<N: Notation> TypeWriter<'_, N> {
    /// The object that a struct is.
    pub(crate) fn object(&mut self, of: &Struct, form: TypeForm) -> ObjectForm<N::Type> {
        let mut object = ObjectForm::default();
        self.fields(of, form, false, &mut Vec::new(), &mut object);
        object.is_exact = of.denies_unknown && form.direction == Direction::ToRust;
        object
    }

    /// Adds the fields of a struct. `above` are the names of the types that it is flattened into.
    fn fields(
        &mut self,
        of: &Struct,
        form: TypeForm,
        is_optional: bool,
        above: &mut Vec<String>,
        object: &mut ObjectForm<N::Type>,
    ) {
        for field in &of.fields {
            let Some(name) = form.direction.name_of(&field.name) else { continue };
            let may_be_absent = match form.direction {
                Direction::FromRust => field.may_be_omitted,
                Direction::ToRust => self.schema.may_be_missing(field),
            };
            if field.is_flattened {
                let is_optional = is_optional || may_be_absent;
                self.flattened(&field.shape, form, is_optional, above, object);
                continue;
            }
            let ty = self.part(&field.shape, form);
            object.add(PropertyForm::of(field, name, is_optional || may_be_absent, ty));
        }
    }

    /// Adds what stands in a flattened field's place.
    fn flattened(
        &mut self,
        shape: &Shape,
        form: TypeForm,
        is_optional: bool,
        above: &mut Vec<String>,
        object: &mut ObjectForm<N::Type>,
    ) {
        let schema = self.schema;
        match shape {
            Shape::Struct(of) => self.fields(of, form, is_optional, above, object),
            Shape::Option(inner) => self.flattened(inner, form, true, above, object),
            Shape::Newtype(inner) => self.flattened(inner, form, is_optional, above, object),
            Shape::Asymmetric { sent, received } => {
                let shape = if form.direction == Direction::FromRust { sent } else { received };
                self.flattened(shape, form, is_optional, above, object);
            }
            Shape::Reference(name) => match schema.get(name).map(|one| &one.shape) {
                // What contains itself by that has no end.
                Some(_) if above.contains(name) => {}
                Some(Shape::Enum(of)) => {
                    let ty = match has_units(of) {
                        true => self.flattened_variants(of, form.part()),
                        false => self.shape(shape, form.part()),
                    };
                    object.others.push(self.if_present(ty, is_optional, of, form));
                }
                None => object.others.push(self.notation.unknown()),
                Some(behind) => {
                    above.push(name.clone());
                    self.flattened(behind, form, is_optional, above, object);
                    above.pop();
                }
            },
            // Any other members.
            Shape::Map(_, value) => {
                let value = self.part(value, form);
                object.rest.push(value);
            }
            Shape::Any => object.rest.push(self.notation.json()),
            // A map of another crate, for all that is known.
            Shape::Foreign(_) | Shape::Unknown(_) => object.rest.push(self.notation.unknown()),
            Shape::Enum(of) => {
                let ty = self.flattened_variants(of, form.part());
                object.others.push(self.if_present(ty, is_optional, of, form));
            }
            // A unit has no members; of others nothing is known.
            _ => {}
        }
    }

    /// An enum that may be left out as a whole. What has a tag isn't left out: Rust would take a
    /// wrong one for nothing.
    fn if_present(&self, ty: N::Type, is_optional: bool, of: &Enum, form: TypeForm) -> N::Type {
        if !is_optional {
            return ty;
        }
        let tags: Vec<&str> = match &of.tagging {
            Tagging::Internal(tag) | Tagging::Adjacent { tag, .. } => vec![tag],
            Tagging::External => {
                let tagged = of.variants.iter().filter(|variant| !variant.is_untagged);
                tagged.filter_map(|variant| form.direction.name_of(&variant.name)).collect()
            }
            Tagging::Untagged => Vec::new(),
        };
        self.notation.union(vec![ty, self.notation.object_without(&tags)])
    }

    /// The content of a variant with its tag in it.
    pub(crate) fn tagged(
        &mut self,
        tag: &str,
        name: &str,
        content: &Shape,
        form: TypeForm,
    ) -> N::Type {
        let tag = ObjectForm::default().with(tag, false, self.notation.literal(name));
        let (schema, direction) = (self.schema, form.direction);
        if !(TagContent { schema, direction }).stands_beside_a_tag(content) {
            return self.within_object(tag, content, form, &mut Vec::new());
        }
        match content {
            Shape::Struct(of) => {
                let object = self.object(of, form);
                self.notation.object(tag.and(object), form)
            }
            content => {
                let content = self.shape(content, form.part());
                let tag = self.notation.object(tag, form);
                self.notation.intersection(vec![tag, content])
            }
        }
    }
}

impl<'a, N: Notation> TypeWriter<'a, N> {
    /// An object with what can't stand beside it. In an enum with tags each variant is written with
    /// the members of the object, which a map in it would take for its own.
    fn within_object(
        &mut self,
        mut object: ObjectForm<N::Type>,
        content: &Shape,
        form: TypeForm,
        above: &mut Vec<&'a str>,
    ) -> N::Type {
        let schema = self.schema;
        let behind = match content {
            Shape::Reference(name) => schema.types.iter().find(|one| one.name == *name),
            _ => None,
        };
        let variants = match behind.map(|one| (one, &one.shape)) {
            Some((one, Shape::Enum(of))) if !above.contains(&&*one.name) => {
                let has_untagged = of.variants.iter().any(|variant| variant.is_untagged);
                match &of.tagging {
                    Tagging::Internal(tag) if !has_untagged => {
                        Some((&*one.name, tag, &of.variants))
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        let Some((name, tag, variants)) = variants else {
            self.flattened(content, form, false, &mut Vec::new(), &mut object);
            return self.notation.object(object, form);
        };
        above.push(name);
        let mut types = Vec::new();
        for variant in variants {
            let Some(name) = form.direction.name_of(&variant.name) else { continue };
            let object = object.clone().with(tag, false, self.notation.literal(name));
            let content = variant.content.as_ref().unwrap_or(&Shape::Unit);
            types.push(self.within_object(object, content, form, above));
        }
        above.pop();
        self.notation.union(types)
    }
}
