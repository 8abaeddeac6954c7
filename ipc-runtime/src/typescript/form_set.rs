//! Which forms of a type look alike.

use crate::{
    interface::schema::type_schema::TypeSchema,
    shape::integers::Integers,
    typescript::{
        classes::{Template, classes},
        plan::Planner,
        same_values::SameValues,
        type_form::{Direction, TypeForm},
        type_text::TypeWriter,
    },
};

/// Stands for a type in a template.
const PLACE: &str = "$";

/// Which of its forms a type has.
#[derive(Debug, Clone, Copy)]
pub(super) struct FormSet {
    /// For each of [`TypeForm::ALL`], the first that looks like it.
    types: [usize; 4],
    /// Whether the plans for both directions are the same.
    has_one_plan: bool,
}

impl FormSet {
    /// The first form that looks like this one: it gives the name.
    pub(super) fn first(&self, form: TypeForm) -> TypeForm {
        let place = self.types.get(form.place()).copied().unwrap_or_default();
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
    let types = type_classes(schema, integers, same_values);
    let plans = plan_classes(schema, integers, same_values);
    let both = types.chunks(TypeForm::ALL.len()).zip(plans.chunks(2));
    let forms = both.map(|(types, plans)| {
        let first = |at: usize| types.iter().position(|class| Some(class) == types.get(at));
        FormSet {
            types: [0, 1, 2, 3].map(|at| first(at).unwrap_or(at)),
            has_one_plan: plans.first() == plans.last(),
        }
    });
    forms.collect()
}

fn type_classes(schema: &TypeSchema, integers: Integers, same_values: &SameValues) -> Vec<usize> {
    let mut templates = Vec::new();
    for (owner, one) in schema.types().iter().enumerate() {
        for form in TypeForm::ALL {
            let mut parts = Vec::new();
            let mut name = |name: &str, form: TypeForm| {
                let place = schema.places.get(name).copied().unwrap_or(usize::MAX / 8);
                parts.push(place * TypeForm::ALL.len() + form.place());
                PLACE.to_owned()
            };
            let within = vec![(one.name.clone(), form)];
            let mut writer = TypeWriter { schema, integers, same_values, within, name: &mut name };
            let text = writer.shape(&one.shape, form).text;
            templates.push(Template { owner, text, parts });
        }
    }
    classes(&templates)
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
