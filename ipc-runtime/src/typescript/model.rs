//! What is known of all types of a file.

use std::collections::HashSet;

use crate::{
    interface::schema::{SchemaType, builder::NamedTypes, type_schema::TypeSchema},
    notation::{
        same_values::SameValues,
        type_form::{Direction, TypeForm},
    },
    shape::{integers::Integers, ipc_type::IpcType, node::Node, nodes::Shape},
    typescript::{
        binding_source::BindingSource,
        constants::ConstantNames,
        form_set::{FormSet, forms, suffix},
        names::DeclaredNames,
        plan::Plan,
        planner::Planner,
        type_data::TypeData,
        type_text::TypeText,
    },
};

/// The types that some sources reach, with all that their text depends on.
pub(super) struct Model {
    pub(super) named: NamedTypes,
    pub(super) schema: TypeSchema,
    pub(super) integers: Integers,
    pub(super) same_values: SameValues,
    pub(super) constants: ConstantNames,
    forms: Vec<FormSet>,
    names: DeclaredNames,
    /// The types whose values differ from their JSON.
    planned: [HashSet<String>; 2],
    /// By source, the names of the types that hold the methods of interfaces.
    methods: Vec<String>,
}

impl Model {
    pub(super) fn of(sources: &[BindingSource], integers: Integers) -> Self {
        let named = NamedTypes::of(sources.iter().flat_map(BindingSource::nodes));
        let schema = named.schema_of(NOTHING);
        let same_values = SameValues::of(&schema);
        let forms = forms(&schema, integers, &same_values);
        let mut names = DeclaredNames::of(&schema, &forms);
        let constants = ConstantNames::of(sources);
        let mut order: Vec<usize> = (0..sources.len()).collect();
        order.sort_by_key(|at| constants.get(*at));
        let mut methods = vec![String::new(); sources.len()];
        for at in order {
            if let (Some(BindingSource::Interface { .. }), Some(of)) =
                (sources.get(at), methods.get_mut(at))
            {
                *of = names.take(format!("{}Methods", constants.get(at)));
            }
        }
        let planned = [Direction::FromRust, Direction::ToRust]
            .map(|direction| planned(Planner::new(&schema, integers, &same_values, direction)));
        Self { named, schema, integers, same_values, constants, forms, names, planned, methods }
    }

    pub(super) fn type_at(&self, place: usize) -> Option<&SchemaType> {
        self.schema.types().get(place)
    }

    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.schema.places.get(name).copied()
    }

    /// The first form of a type that looks like this.
    pub(super) fn first_form(&self, place: usize, form: TypeForm) -> TypeForm {
        self.forms.get(place).map_or(form, |forms| forms.first(form))
    }

    /// The name of a type's form.
    pub(super) fn type_name(&self, place: usize, form: TypeForm) -> &str {
        self.names.get(place, form)
    }

    /// A type's form, where it is mentioned.
    pub(super) fn type_text(&self, place: usize, form: TypeForm) -> TypeText {
        let checked = self.forms.get(place).map_or(form, |forms| forms.first_data(form));
        TypeText::atom(self.type_name(place, form), TypeData::Type(place, checked))
    }

    /// The name of a type's form as data. Forms that are one type in TypeScript may be two here.
    pub(super) fn data_name(&self, place: usize, form: TypeForm) -> String {
        let name = self.type_name(place, form);
        if self.first_form(place, form) == form {
            name.to_owned()
        } else {
            format!("{name}/{}", suffix(form))
        }
    }

    /// The name of the type that holds the methods of an interface.
    pub(super) fn methods_name(&self, source: usize) -> &str {
        self.methods.get(source).map_or("", |name| name)
    }

    /// The name of the constant of a type's plan, if there is something in it.
    pub(super) fn plan_name(&self, name: &str, direction: Direction) -> Option<String> {
        let planned = match direction {
            Direction::FromRust => &self.planned[0],
            Direction::ToRust => &self.planned[1],
        };
        let place = self.place(name).filter(|_| planned.contains(name))?;
        Some(self.names.plan(place, direction).to_owned())
    }

    pub(super) fn plan(&self, shape: &Shape, direction: Direction) -> Plan {
        self.planner(direction).shape(shape)
    }

    pub(super) fn planner(&self, direction: Direction) -> Planner<'_> {
        Planner::new(&self.schema, self.integers, &self.same_values, direction)
    }
}

const NOTHING: &Node = <() as IpcType>::NODE;

/// The types with something in their plan: those with a leaf, and those that hold such a type.
fn planned(planner: Planner<'_>) -> HashSet<String> {
    let types = planner.schema.types().iter();
    let plans: Vec<(&str, Plan)> = types.map(|one| (&*one.name, planner.of_type(one))).collect();
    let mut planned = HashSet::new();
    loop {
        let count = planned.len();
        for (name, plan) in &plans {
            if !planned.contains(*name) && plan.is_needed(&|name| planned.contains(name)) {
                planned.insert((*name).to_owned());
            }
        }
        if planned.len() == count {
            return planned;
        }
    }
}
