//! Which forms of a type look alike.

use crate::{
    interface::schema::type_schema::TypeSchema,
    notation::{
        classes::{Template, classes},
        same_values::SameValues,
        type_form::{Direction, TypeForm},
        type_writer::TypeWriter,
    },
    shape::integers::Integers,
    typescript::{
        planner::Planner,
        type_data::TypeData,
        type_text::{TypeScript, TypeText},
    },
};

/// All forms; of those that look alike, the first gives the name. TypeScript doesn't tell a part of
/// an object from a whole one.
pub(super) const FORMS: [TypeForm; 4] =
    [TypeForm::RECEIVED, TypeForm::SENT, TypeForm::RECEIVED.raw(), TypeForm::SENT.raw()];

/// The place of a form in [`FORMS`].
pub(super) fn place(form: TypeForm) -> usize {
    usize::from(form.direction == Direction::ToRust) + 2 * usize::from(form.is_raw)
}

/// What the name of a form ends with, if it isn't like a form before it.
pub(super) fn suffix(form: TypeForm) -> &'static str {
    match (form.direction, form.is_raw) {
        (Direction::FromRust, false) => "",
        (Direction::ToRust, false) => "Input",
        (Direction::FromRust, true) => "Raw",
        (Direction::ToRust, true) => "RawInput",
    }
}

/// Stands for a type in a template.
const PLACE: &str = "$";

/// Which of its forms a type has.
#[derive(Debug, Clone, Copy)]
pub(super) struct FormSet {
    /// For each of [`FORMS`], the first that looks like it.
    types: [usize; 4],
    /// The same, where what is checked tells them apart too.
    data: [usize; 4],
    /// Whether the plans for both directions are the same.
    has_one_plan: bool,
}

impl FormSet {
    /// The first form that looks like this one: it gives the name.
    pub(super) fn first(&self, form: TypeForm) -> TypeForm {
        let first = self.types.get(place(form)).copied().unwrap_or_default();
        FORMS.get(first).copied().unwrap_or(form)
    }

    /// The first form that is checked as this one.
    pub(super) fn first_data(&self, form: TypeForm) -> TypeForm {
        let first = self.data.get(place(form)).copied().unwrap_or_default();
        FORMS.get(first).copied().unwrap_or(form)
    }

    /// The form that gives the name of the plan for this direction.
    pub(super) fn of_plan(&self, direction: Direction) -> TypeForm {
        match direction {
            Direction::ToRust if !self.has_one_plan => TypeForm::SENT,
            _ => TypeForm::RECEIVED,
        }
    }
}

/// The forms of each type of a schema.
pub(super) fn forms(
    schema: &TypeSchema,
    integers: Integers,
    same_values: &SameValues,
) -> Vec<FormSet> {
    let [types, data] = type_classes(schema, integers, same_values);
    let plans = plan_classes(schema, integers, same_values);
    let count = FORMS.len();
    let forms = types.chunks(count).zip(data.chunks(count)).zip(plans.chunks(2));
    let forms = forms.map(|((types, data), plans)| {
        let first = |of: &[usize], at: usize| {
            of.iter().position(|class| Some(class) == of.get(at)).unwrap_or(at)
        };
        FormSet {
            types: [0, 1, 2, 3].map(|at| first(types, at)),
            data: [0, 1, 2, 3].map(|at| first(data, at)),
            has_one_plan: plans.first() == plans.last(),
        }
    });
    forms.collect()
}

/// By what the types are in TypeScript, and by that and what is checked.
fn type_classes(
    schema: &TypeSchema,
    integers: Integers,
    same_values: &SameValues,
) -> [Vec<usize>; 2] {
    let (mut types, mut checked) = (Vec::new(), Vec::new());
    for (owner, one) in schema.types().iter().enumerate() {
        for form in FORMS {
            let mut parts = Vec::new();
            let mut name = |name: &str, form: TypeForm| {
                let at = schema.places.get(name).copied().unwrap_or(usize::MAX / 8);
                parts.push(at * FORMS.len() + place(form));
                TypeText::atom(PLACE, TypeData::word(PLACE))
            };
            let within = vec![(one.name.clone(), form)];
            let notation = TypeScript { integers, name: &mut name };
            let mut writer = TypeWriter { schema, same_values, within, notation };
            let TypeText { text, data, .. } = writer.shape(&one.shape, form);
            let both = format!("{text} {}", data.text(&|_, _| PLACE.to_owned()));
            types.push(Template { owner, text, parts: parts.clone() });
            checked.push(Template { owner, text: both, parts });
        }
    }
    [types, checked].map(|templates| classes(&templates))
}

fn plan_classes(schema: &TypeSchema, integers: Integers, same_values: &SameValues) -> Vec<usize> {
    let mut templates = Vec::new();
    for (owner, one) in schema.types().iter().enumerate() {
        for direction in [Direction::FromRust, Direction::ToRust] {
            let mut parts = Vec::new();
            let mut of_type = |name: &str| {
                let place = schema.places.get(name).copied().unwrap_or(usize::MAX / 8);
                parts.push(place * 2 + usize::from(direction == Direction::ToRust));
                Some(PLACE.to_owned())
            };
            let planner = Planner::new(schema, integers, same_values, direction);
            let text = planner.of_type(one).text(&mut of_type).unwrap_or_default();
            templates.push(Template { owner, text, parts });
        }
    }
    classes(&templates)
}
