//! The types and plans of a file, declared before what reaches them.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    notation::{
        Notation,
        object_form::text_format,
        type_form::{Direction, TypeForm},
        type_writer::TypeWriter,
    },
    shape::nodes::Shape,
    typescript::{
        doc_comment, identifier,
        model::Model,
        object_text,
        plan::Plan,
        type_data::TypeData,
        type_text::{TypeScript, TypeText, format_note},
    },
};

/// Longer unions have a line for each of their parts.
const MAX_LINE: usize = 100;

/// The text of a file as it grows: types come before what reaches them first, and plans before what
/// holds them.
pub(super) struct Declarations<'a> {
    model: &'a Model,
    text: String,
    /// Types that were mentioned since the last declaration, in order.
    mentioned: Vec<(usize, TypeForm)>,
    declared: HashSet<(usize, TypeForm)>,
    /// By the name of its constant, whether a plan is complete.
    plans: HashMap<String, bool>,
    plan_lines: String,
    /// The types that are mentioned as data.
    in_data: Vec<(usize, TypeForm)>,
}

impl<'a> Declarations<'a> {
    /// The text begins with this.
    pub(super) fn new(model: &'a Model, text: String) -> Self {
        Self {
            model,
            text,
            mentioned: Vec::new(),
            declared: HashSet::new(),
            plans: HashMap::new(),
            plan_lines: String::new(),
            in_data: Vec::new(),
        }
    }

    /// Adds a text.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// What is known of the types.
    pub(super) fn model(&self) -> &'a Model {
        self.model
    }

    /// A shape as a type. The types in it are declared by the next [`declare`](Self::declare).
    pub(super) fn shape(&mut self, shape: &Shape, form: TypeForm) -> TypeText {
        self.write(Vec::new(), |writer| writer.shape(shape, form))
    }

    fn write<T>(
        &mut self,
        within: Vec<(String, TypeForm)>,
        write: impl FnOnce(&mut TypeWriter<'_, TypeScript<'_>>) -> T,
    ) -> T {
        let model = self.model;
        let mut reached = Vec::new();
        let mut name = |name: &str, form: TypeForm| {
            let Some(place) = model.place(name) else { return TypeText::unknown() };
            reached.push((place, model.first_form(place, form)));
            model.type_text(place, form)
        };
        let notation = TypeScript { integers: model.integers, name: &mut name };
        let (schema, same_values) = (&model.schema, &model.same_values);
        let mut writer = TypeWriter { schema, same_values, within, notation };
        let written = write(&mut writer);
        self.mentioned.append(&mut reached);
        written
    }

    /// Declares the types that were mentioned, and those that they reach, each before what it
    /// mentions.
    pub(super) fn declare(&mut self) {
        let mut next = Vec::new();
        loop {
            next.extend(self.mentioned.drain(..).rev());
            let Some((place, form)) = next.pop() else { return };
            if self.declared.insert((place, form)) {
                let text = self.declaration(place, form).unwrap_or_default();
                self.text.push_str(&text);
            }
        }
    }

    fn declaration(&mut self, place: usize, form: TypeForm) -> Option<String> {
        let model = self.model;
        let one = model.type_at(place)?;
        let name = model.type_name(place, form);
        let docs = doc_comment::above(
            one.docs,
            format_note(text_format(&one.shape).as_deref()).as_deref(),
            "",
        );
        let within = vec![(one.name.clone(), form)];
        if let Shape::Struct(of) = &one.shape {
            return Some(self.write(within, |writer| {
                let object = writer.object(of, form);
                match object_text::block(&object) {
                    Some(block) => format!("\n{docs}export interface {name} {block}\n"),
                    None => {
                        let ty = writer.notation.object(object, form).text;
                        format!("\n{docs}export type {name} = {ty};\n")
                    }
                }
            }));
        }
        if let Shape::Enum(of) = &one.shape {
            let variants = self.write(within, |writer| writer.variants(of, form));
            let has_docs = variants.iter().any(|one| !doc_comment::is_empty(one.docs));
            let parts: Vec<TypeText> = variants.iter().map(|one| one.ty.clone()).collect();
            let line = format!("export type {name} = {};", TypeText::union(parts).text);
            if variants.is_empty() || (!has_docs && line.len() <= MAX_LINE) {
                return Some(format!("\n{docs}{line}\n"));
            }
            let parts = variants.iter().map(|one| {
                let docs = doc_comment::above(one.docs, None, "  ");
                format!("\n{docs}  | {}", one.ty.as_part_of_union())
            });
            let parts = parts.collect::<String>();
            return Some(format!("\n{docs}export type {name} ={parts};\n"));
        }
        let ty = self.write(within, |writer| writer.shape(&one.shape, form)).text;
        Some(format!("\n{docs}export type {name} = {ty};\n"))
    }

    /// The plan of a shape, if there is something in it. Those of the types in it are printed by
    /// the next [`print_plans`](Self::print_plans).
    pub(super) fn plan(&mut self, shape: &Shape, direction: Direction) -> Option<String> {
        let plan = self.model.plan(shape, direction);
        self.plan_text(&plan, direction)
    }

    fn plan_text(&mut self, plan: &Plan, direction: Direction) -> Option<String> {
        plan.text(&mut |name| self.plan_of_type(name, direction))
    }

    fn plan_of_type(&mut self, name: &str, direction: Direction) -> Option<String> {
        let model = self.model;
        let constant = model.plan_name(name, direction)?;
        match self.plans.get(&constant) {
            Some(true) => Some(constant),
            // It is within itself.
            Some(false) => Some(format!("() => {constant}")),
            None => {
                self.plans.insert(constant.clone(), false);
                let plan = model.planner(direction).of_type(model.schema.get(name)?);
                let plan = self.plan_text(&plan, direction)?;
                self.plan_lines.push_str(&format!("const {constant}: $.Plan = {plan};\n"));
                self.plans.insert(constant.clone(), true);
                Some(constant)
            }
        }
    }

    /// Prints the plans that were asked for and aren't printed yet.
    pub(super) fn print_plans(&mut self) {
        let lines = std::mem::take(&mut self.plan_lines);
        if !lines.is_empty() {
            self.text.push('\n');
            self.text.push_str(&lines);
        }
    }

    /// The text of a type as data. The types in it are among the next
    /// [`data_of_types`](Self::data_of_types).
    pub(super) fn data(&mut self, data: &TypeData) -> String {
        let model = self.model;
        data.for_each_type(&mut |place, form| self.in_data.push((place, form)));
        data.text(&|place, form| model.data_name(place, form))
    }

    /// The types that were mentioned as data, and those that they reach, in the order of their
    /// names.
    pub(super) fn data_of_types(&mut self) -> Vec<String> {
        let model = self.model;
        let mut texts = BTreeMap::new();
        while let Some((place, form)) = self.in_data.pop() {
            let name = model.data_name(place, form);
            let Some(one) = model.type_at(place).filter(|_| !texts.contains_key(&name)) else {
                continue;
            };
            let within = vec![(one.name.clone(), form)];
            let data = self.write(within, |writer| writer.shape(&one.shape, form)).data;
            texts.insert(name, self.data(&data));
        }
        // All of them are declared.
        self.mentioned.clear();
        let entries = texts.iter().map(|(name, text)| identifier::constant_entry(name, text));
        entries.map(|entry| format!("{entry},")).collect()
    }
}
