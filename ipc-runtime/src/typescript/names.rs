//! The names that a file declares: of types in each of their forms, and of plans.

use std::collections::{BTreeMap, HashSet};

use crate::{
    interface::schema::type_schema::TypeSchema,
    notation::{
        type_form::{Direction, TypeForm},
        type_names::{free, type_names},
    },
    typescript::form_set::{FORMS, FormSet, place, suffix},
};

/// The names of the types of a schema.
#[derive(Debug)]
pub(super) struct DeclaredNames {
    /// By type, of each form.
    names: Vec<[String; 4]>,
    /// By type, of the constants of its plans: from Rust, and to Rust.
    plans: Vec<[String; 2]>,
    taken: HashSet<String>,
}

impl DeclaredNames {
    /// A type has the name that its author has chosen, or else its own. Types of one name both get
    /// the shortest end of their module's path that tells them apart. Names that are made of a
    /// type's name give way to those that are written.
    pub(super) fn of(schema: &TypeSchema, forms: &[FormSet]) -> Self {
        let bases = type_names(schema);
        let mut taken: HashSet<String> = bases.iter().cloned().collect();
        let mut names = vec![[const { String::new() }; 4]; bases.len()];
        let by_name: BTreeMap<&str, usize> =
            bases.iter().zip(0..).map(|(name, at)| (&**name, at)).collect();
        for (base, at) in &by_name {
            let (base, at) = (*base, *at);
            let (Some(names), Some(forms)) = (names.get_mut(at), forms.get(at)) else { continue };
            for form in FORMS {
                let first = forms.first(form);
                let name = if first != form {
                    names.get(place(first)).cloned().unwrap_or_default()
                } else if form == TypeForm::RECEIVED {
                    base.to_owned()
                } else {
                    free(&mut taken, format!("{base}{}", suffix(form)))
                };
                if let Some(of_form) = names.get_mut(place(form)) {
                    *of_form = name;
                }
            }
        }
        let plans = plan_names(&names, forms, &by_name.into_values().collect::<Vec<_>>());
        Self { names, plans, taken }
    }

    /// The name of a type's form.
    pub(super) fn get(&self, at: usize, form: TypeForm) -> &str {
        self.names.get(at).and_then(|names| names.get(place(form))).map_or("unknown", |one| one)
    }

    /// The name of the constant of a type's plan.
    pub(super) fn plan(&self, at: usize, direction: Direction) -> &str {
        let names = self.plans.get(at);
        names.map_or("", |[from, to]| if direction == Direction::FromRust { from } else { to })
    }

    /// Takes the name of a type that isn't one of Rust's.
    pub(super) fn take(&mut self, name: String) -> String {
        free(&mut self.taken, name)
    }
}

/// The names of the constants of plans, in this order of the types. Types may look alike where
/// their plans don't, so that they have one name where the plans need two.
fn plan_names(names: &[[String; 4]], forms: &[FormSet], order: &[usize]) -> Vec<[String; 2]> {
    let name = |at: usize, form: TypeForm| {
        names.get(at).and_then(|names| names.get(place(form))).map_or("", |name| name)
    };
    let mut taken = HashSet::new();
    let mut plans = vec![[const { String::new() }; 2]; names.len()];
    for at in order.iter().copied() {
        if let Some([from, to]) = plans.get_mut(at) {
            *from = free(&mut taken, plan_name(name(at, TypeForm::RECEIVED)));
            to.clone_from(from);
        }
    }
    for at in order.iter().copied() {
        let form = forms.get(at).map(|forms| forms.of_plan(Direction::ToRust));
        if let (Some(TypeForm::SENT), Some([_, to])) = (form, plans.get_mut(at)) {
            let mut own = name(at, TypeForm::SENT).to_owned();
            if own == name(at, TypeForm::RECEIVED) {
                own.push_str(suffix(TypeForm::SENT));
            }
            *to = free(&mut taken, plan_name(&own));
        }
    }
    plans
}

fn plan_name(of_type: &str) -> String {
    let mut chars = of_type.chars();
    match chars.next() {
        // One that has a small letter already may stand beside one that hadn't.
        Some(first) if first.is_uppercase() => {
            format!("${}{}", first.to_lowercase(), chars.as_str())
        }
        _ => format!("$${of_type}"),
    }
}
