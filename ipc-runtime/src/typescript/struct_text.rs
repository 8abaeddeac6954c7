//! Structs as types of objects.

use crate::{
    shape::{
        name::Docs,
        nodes::{Enum, Shape, Struct, Tagging},
    },
    typescript::{
        doc_comment, identifier,
        tag_content::TagContent,
        type_data::{ObjectData, TypeData},
        type_form::{Direction, TypeForm},
        type_text::{TypeText, TypeWriter, format_note},
        unit_variants::has_units,
    },
};

/// An object's members, and what it is besides.
#[derive(Debug, Clone, Default)]
pub(super) struct ObjectText {
    members: Vec<PropertyText>,
    /// The values of all other members, where a map is flattened.
    rest: Vec<TypeText>,
    others: Vec<TypeText>,
    /// Whether other members are refused.
    is_exact: bool,
}

#[derive(Debug, Clone)]
struct PropertyText {
    name: String,
    is_optional: bool,
    ty: TypeText,
    docs: Docs,
    note: Option<String>,
}

impl ObjectText {
    /// Adds a member.
    pub(super) fn with(mut self, name: &str, is_optional: bool, ty: TypeText) -> Self {
        let (name, docs) = (name.to_owned(), Docs::NONE);
        self.members.push(PropertyText { name, is_optional, ty, docs, note: None });
        self
    }

    /// Adds what another has.
    pub(super) fn and(mut self, other: Self) -> Self {
        other.members.into_iter().for_each(|member| self.add(member));
        self.rest.extend(other.rest);
        self.others.extend(other.others);
        self.is_exact |= other.is_exact;
        self
    }

    /// There are no other members.
    pub(super) fn exact(self) -> Self {
        Self { is_exact: true, ..self }
    }

    /// Its members over several lines, unless it is more than these.
    pub(super) fn block(&self) -> Option<String> {
        if !self.others.is_empty() {
            return None;
        }
        if self.members.is_empty() && self.rest.is_empty() {
            return Some("{}".to_owned());
        }
        let mut text = String::from("{\n");
        for member in &self.members {
            text.push_str(&doc_comment::above(member.docs, member.note.as_deref(), "  "));
            text.push_str(&format!("  {};\n", member.text()));
        }
        text.extend(self.index().map(|index| format!("  {index};\n")));
        text.push('}');
        Some(text)
    }

    /// What stands for the members of flattened maps. TypeScript wants the members with names to be
    /// of its type too, so that it has theirs.
    fn index(&self) -> Option<String> {
        if self.rest.is_empty() {
            return None;
        }
        let own = self.members.iter().map(|one| one.ty.clone());
        let mut values: Vec<TypeText> = self.rest.iter().cloned().chain(own).collect();
        if self.members.iter().any(|one| one.is_optional) {
            values.push(TypeText::plain("undefined", "null"));
        }
        if !self.others.is_empty() {
            // The members of these aren't seen here.
            values.push(TypeText::unknown());
        }
        Some(format!("[key: string]: {}", TypeText::union(values).text))
    }

    /// Adds a member. JavaScript keeps the last one of a name.
    fn add(&mut self, member: PropertyText) {
        match self.members.iter_mut().find(|known| known.name == member.name) {
            Some(known) => *known = member,
            None => self.members.push(member),
        }
    }

    /// Its own members as data.
    fn data(&self) -> TypeData {
        let mut object = ObjectData { is_exact: self.is_exact, ..ObjectData::default() };
        for member in &self.members {
            let of = if member.is_optional { &mut object.optional } else { &mut object.required };
            of.push((member.name.clone(), member.ty.data.clone()));
        }
        if !self.rest.is_empty() {
            // The members of the others aren't seen here, and are in the map too.
            let rest = self.rest.iter().map(|one| one.data.clone()).collect();
            let rest =
                if self.others.is_empty() { TypeData::union(rest) } else { TypeData::word("any") };
            object.rest = Some(Box::new(rest));
        }
        TypeData::Object(object)
    }

    /// In one line.
    pub(super) fn into_type(self) -> TypeText {
        let data = self.data();
        let members = self.members.iter().map(|one| {
            let docs = doc_comment::inline(one.docs, one.note.as_deref());
            format!("{docs}{}", one.text())
        });
        let members: Vec<String> = members.chain(self.index()).collect();
        let mut parts = Vec::new();
        if !members.is_empty() {
            parts.push(TypeText::atom(format!("{{ {} }}", members.join("; ")), data));
        } else if self.others.is_empty() {
            return TypeText::atom("{}", data);
        }
        if self.others.is_empty() {
            return parts.pop().unwrap_or_else(TypeText::empty);
        }
        parts.extend(self.others);
        TypeText::intersection(parts)
    }
}

impl PropertyText {
    fn text(&self) -> String {
        let sign = if self.is_optional { "?" } else { "" };
        format!("{}{sign}: {}", identifier::member(&self.name), self.ty.text)
    }
}

impl TypeWriter<'_> {
    /// The object that a struct is.
    pub(super) fn object(&mut self, of: &Struct, form: TypeForm) -> ObjectText {
        let mut object = ObjectText::default();
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
        object: &mut ObjectText,
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
            object.add(PropertyText {
                name: name.to_owned(),
                is_optional: is_optional || may_be_absent,
                ty: self.part(&field.shape, form),
                docs: field.docs,
                note: format_note(&field.shape),
            });
        }
    }

    /// Adds what stands in a flattened field's place.
    fn flattened(
        &mut self,
        shape: &Shape,
        form: TypeForm,
        is_optional: bool,
        above: &mut Vec<String>,
        object: &mut ObjectText,
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
                Some(Shape::Enum(of)) if has_units(of) => {
                    let ty = self.flattened_variants(of, form);
                    object.others.push(if is_optional { or_nothing(ty, of, form) } else { ty });
                }
                Some(Shape::Enum(of)) => {
                    let ty = self.shape(shape, form);
                    object.others.push(if is_optional { or_nothing(ty, of, form) } else { ty });
                }
                None => object.others.push(TypeText::unknown()),
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
            Shape::Any => object.rest.push(TypeText::json()),
            // A map of another crate, for all that is known.
            Shape::Foreign(_) | Shape::Unknown(_) => object.rest.push(TypeText::unknown()),
            Shape::Enum(of) => {
                let ty = self.flattened_variants(of, form);
                object.others.push(if is_optional { or_nothing(ty, of, form) } else { ty });
            }
            // A unit has no members; of others nothing is known.
            _ => {}
        }
    }

    /// The content of a variant with its tag in it.
    pub(super) fn tagged(
        &mut self,
        tag: &str,
        name: &str,
        content: &Shape,
        form: TypeForm,
    ) -> TypeText {
        let tag = ObjectText::default().with(tag, false, TypeText::literal(name));
        let (schema, direction) = (self.schema, form.direction);
        if !(TagContent { schema, direction }).stands_beside_a_tag(content) {
            return self.within_object(tag, content, form, &mut Vec::new());
        }
        match content {
            Shape::Struct(of) => {
                let object = self.object(of, form);
                tag.and(object).into_type()
            }
            content => {
                let content = self.shape(content, form);
                TypeText::intersection(vec![tag.into_type(), content])
            }
        }
    }
}

impl<'a> TypeWriter<'a> {
    /// An object with what can't stand beside it. In an enum with tags each variant is written with
    /// the members of the object, which a map in it would take for its own.
    fn within_object(
        &mut self,
        mut object: ObjectText,
        content: &Shape,
        form: TypeForm,
        above: &mut Vec<&'a str>,
    ) -> TypeText {
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
            return object.into_type();
        };
        above.push(name);
        let mut types = Vec::new();
        for variant in variants {
            let Some(name) = form.direction.name_of(&variant.name) else { continue };
            let object = object.clone().with(tag, false, TypeText::literal(name));
            let content = variant.content.as_ref().unwrap_or(&Shape::Unit);
            types.push(self.within_object(object, content, form, above));
        }
        above.pop();
        TypeText::union(types)
    }
}

/// An enum that may be left out as a whole. What has a tag isn't left out: Rust would take a wrong
/// one for nothing.
fn or_nothing(ty: TypeText, of: &Enum, form: TypeForm) -> TypeText {
    let tags: Vec<&str> = match &of.tagging {
        Tagging::Internal(tag) | Tagging::Adjacent { tag, .. } => vec![tag],
        Tagging::External => {
            let tagged = of.variants.iter().filter(|variant| !variant.is_untagged);
            tagged.filter_map(|variant| form.direction.name_of(&variant.name)).collect()
        }
        Tagging::Untagged => Vec::new(),
    };
    let never = |tag: &str| (tag.to_owned(), TypeData::Union(Vec::new()));
    let optional = tags.into_iter().map(never).collect();
    let nothing = TypeData::Object(ObjectData { optional, ..ObjectData::default() });
    TypeText::union(vec![ty, TypeText::atom("{}", nothing)])
}
