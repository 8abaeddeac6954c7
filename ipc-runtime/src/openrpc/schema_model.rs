//! What is known of all types of a document.

use std::collections::{BTreeMap, HashSet};

use crate::{
    interface::schema::{builder::NamedTypes, type_schema::TypeSchema},
    notation::{
        Notation,
        classes::{Template, classes},
        object_form::ObjectForm,
        same_values::SameValues,
        type_form::{Direction, TypeForm},
        type_names::{free, type_names},
        type_writer::TypeWriter,
    },
    openrpc::{
        document_source::DocumentSource,
        json_schema::{JsonSchema, anything},
        json_tree::{JsonMembers, JsonTree},
    },
    shape::{
        ipc_type::IpcType,
        node::Node,
        nodes::{Shape, Struct},
    },
};

/// All forms; of those that look alike, the first gives the name. A schema is of what is on the
/// wire, so that nothing else is raw.
const FORMS: [TypeForm; 4] =
    [TypeForm::RECEIVED, TypeForm::SENT, TypeForm::RECEIVED.part(), TypeForm::SENT.part()];

/// What the name of each form ends with, if it isn't like a form before it.
const SUFFIXES: [&str; 4] = ["", "Input", "Part", "InputPart"];

/// Where the schemas of types stand.
const SCHEMAS: &str = "#/components/schemas/";

const NOTHING: &Node = <() as IpcType>::NODE;

/// The types that some sources reach, with all that their schemas depend on.
pub(super) struct SchemaModel {
    pub(super) named: NamedTypes,
    pub(super) schema: TypeSchema,
    same_values: SameValues,
    /// By type, for each form the first that looks like it.
    forms: Vec<[usize; 4]>,
    /// By type, the name of each form.
    names: Vec<[String; 4]>,
}

impl SchemaModel {
    pub(super) fn of(sources: &[DocumentSource]) -> Self {
        let named = NamedTypes::of(sources.iter().flat_map(DocumentSource::nodes));
        let schema = named.schema_of(NOTHING);
        let same_values = SameValues::of(&schema);
        let forms = forms(&schema, &same_values);
        let names = names(&schema, &forms);
        Self { named, schema, same_values, forms, names }
    }

    /// The first form of a type that looks like this, if there is such a type.
    fn first_form(&self, name: &str, form: TypeForm) -> Option<(usize, usize)> {
        let at = *self.schema.places.get(name)?;
        let first = self.forms.get(at)?.get(place(form)).copied()?;
        Some((at, first))
    }

    fn name(&self, at: usize, form: usize) -> &str {
        self.names.get(at).and_then(|names| names.get(form)).map_or("", |name| name)
    }
}

/// The place of a form in [`FORMS`].
fn place(form: TypeForm) -> usize {
    usize::from(form.direction == Direction::ToRust) + 2 * usize::from(form.is_part)
}

fn forms(schema: &TypeSchema, same_values: &SameValues) -> Vec<[usize; 4]> {
    let mut templates = Vec::new();
    for (owner, one) in schema.types().iter().enumerate() {
        for form in FORMS {
            let mut parts = Vec::new();
            let mut reference = |name: &str, form: TypeForm| {
                let at = schema.places.get(name).copied().unwrap_or(usize::MAX / 8);
                parts.push(at * FORMS.len() + place(form));
                // With another text than what a type may hold itself.
                JsonMembers::new().with("$ref", SCHEMAS).into()
            };
            let within = vec![(one.name.clone(), form)];
            let notation = JsonSchema { reference: &mut reference };
            let mut writer = TypeWriter { schema, same_values, within, notation };
            let text = format!("{:?}", writer.shape(&one.shape, form));
            templates.push(Template { owner, text, parts });
        }
    }
    let classes = classes(&templates);
    let first = |of: &[usize], at: usize| {
        of.iter().position(|class| Some(class) == of.get(at)).unwrap_or(at)
    };
    classes.chunks(FORMS.len()).map(|of| [0, 1, 2, 3].map(|at| first(of, at))).collect()
}

fn names(schema: &TypeSchema, forms: &[[usize; 4]]) -> Vec<[String; 4]> {
    let bases = type_names(schema);
    let by_name: BTreeMap<&str, usize> =
        bases.iter().zip(0..).map(|(name, at)| (&**name, at)).collect();
    // Names that are made of others give way to those that are written.
    let mut taken: HashSet<String> = bases.iter().filter(|name| name.is_ascii()).cloned().collect();
    let mut names = vec![[const { String::new() }; 4]; bases.len()];
    for (base, at) in by_name {
        let (Some(names), Some(forms)) = (names.get_mut(at), forms.get(at)) else { continue };
        let own = if base.is_ascii() { base.to_owned() } else { free(&mut taken, ascii(base)) };
        for (form, suffix) in SUFFIXES.iter().enumerate() {
            let first = forms.get(form).copied().unwrap_or(form);
            let name = match form {
                0 => own.clone(),
                _ if first != form => names.get(first).cloned().unwrap_or_default(),
                _ => free(&mut taken, format!("{own}{suffix}")),
            };
            if let Some(of_form) = names.get_mut(form) {
                *of_form = name;
            }
        }
    }
    names
}

/// A name as OpenRPC allows it.
fn ascii(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect()
}

/// Writes schemas, and keeps in mind which types they mention.
pub(super) struct Schemas<'a> {
    pub(super) model: &'a SchemaModel,
    /// The forms of types that were mentioned, each once, in order.
    mentioned: Vec<(usize, usize)>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(model: &'a SchemaModel) -> Self {
        Self { model, mentioned: Vec::new() }
    }

    /// The schema of a shape.
    pub(super) fn schema(&mut self, shape: &Shape, form: TypeForm) -> JsonTree {
        self.write(Vec::new(), |writer| writer.shape(shape, form))
    }

    /// The members of a struct.
    pub(super) fn object(&mut self, of: &Struct, form: TypeForm) -> ObjectForm<JsonTree> {
        self.write(Vec::new(), |writer| writer.object(of, form))
    }

    fn write<T>(
        &mut self,
        within: Vec<(String, TypeForm)>,
        write: impl FnOnce(&mut TypeWriter<'_, JsonSchema<'_>>) -> T,
    ) -> T {
        let Self { model, mentioned } = self;
        let mut reference = |name: &str, form: TypeForm| {
            let Some(first) = model.first_form(name, form) else { return anything() };
            if !mentioned.contains(&first) {
                mentioned.push(first);
            }
            let (at, form) = first;
            JsonMembers::new().with("$ref", format!("{SCHEMAS}{}", model.name(at, form))).into()
        };
        let (schema, same_values) = (&model.schema, &model.same_values);
        let notation = JsonSchema { reference: &mut reference };
        write(&mut TypeWriter { schema, same_values, within, notation })
    }

    /// The schemas of the types that were mentioned, and of those that they reach.
    pub(super) fn components(mut self) -> JsonMembers {
        let mut all = JsonMembers::new();
        let mut at = 0;
        while let Some((ty, form)) = self.mentioned.get(at).copied() {
            at += 1;
            let (Some(one), Some(of)) = (self.model.schema.types().get(ty), FORMS.get(form)) else {
                continue;
            };
            let within = vec![(one.name.clone(), *of)];
            let schema = self.write(within, |writer| {
                let schema = writer.shape(&one.shape, *of);
                writer.notation.documented(schema, one.docs)
            });
            all = all.with(self.model.name(ty, form), schema);
        }
        all
    }
}
