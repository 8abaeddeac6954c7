//! Which forms of a type look alike.

use crate::{
    interface::schema::type_schema::TypeSchema,
    shape::integers::Integers,
    typescript::{
        classes::{Template, classes},
        planner::Planner,
        same_values::SameValues,
        type_data::TypeData,
        type_form::{Direction, TypeForm},
        type_text::{TypeText, TypeWriter},
    },
};

/// Stands for a type in a template.
const PLACE: &str = "$";

/// Which of its forms a type has.
#[derive(Debug, Clone, Copy)]
pub(super) struct FormSet {
    /// For each of [`TypeForm::ALL`], the first that looks like it.
    types: [usize; 4],
    /// The same, where what is checked tells them apart too.
    data: [usize; 4],
    /// Whether the plans for both directions are the same.
    has_one_plan: bool,
}

impl FormSet {
    /// The first form that looks like this one: it gives the name.
    pub(super) fn first(&self, form: TypeForm) -> TypeForm {
        let place = self.types.get(form.place()).copied().unwrap_or_default();
        TypeForm::ALL.get(place).copied().unwrap_or(form)
    }

    /// The first form that is checked as this one.
    pub(super) fn first_data(&self, form: TypeForm) -> TypeForm {
        let place = self.data.get(form.place()).copied().unwrap_or_default();
        TypeForm::ALL.get(place).copied().unwrap_or(form)
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
    let count = TypeForm::ALL.len();
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
        for form in TypeForm::ALL {
            let mut parts = Vec::new();
            let mut name = |name: &str, form: TypeForm| {
                let place = schema.places.get(name).copied().unwrap_or(usize::MAX / 8);
                parts.push(place * TypeForm::ALL.len() + form.place());
                TypeText::atom(PLACE, TypeData::word(PLACE))
            };
            let within = vec![(one.name.clone(), form)];
            let mut writer = TypeWriter { schema, integers, same_values, within, name: &mut name };
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
