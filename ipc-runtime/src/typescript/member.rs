//! Methods, functions and events: the type of each, and what the client knows of it at run time.

use std::collections::HashSet;

use crate::{
    interface::{MethodInfo, MethodKind, Timeout, schema::SchemaMethod},
    notation::{
        function_form::{self, FunctionArguments},
        type_form::{Direction, TypeForm},
        type_names::free,
    },
    shape::{fingerprint::Fingerprint, node::Node, nodes::Shape},
    typescript::{
        binding_source::Role,
        declarations::Declarations,
        identifier,
        plan_text::{or_zero, positions},
        type_data::TypeData,
        type_text::TypeText,
    },
};

/// A member of an interface.
#[derive(Debug)]
pub(super) struct MemberText {
    pub(super) name: String,
    pub(super) ty: String,
    pub(super) constant: String,
    /// What its values are, for checks.
    pub(super) data: String,
}

/// The members that an object has so far.
#[derive(Debug)]
pub(super) struct MemberNames {
    wire: HashSet<String>,
    taken: HashSet<String>,
}

impl MemberNames {
    /// For an object with the members of these names on the wire.
    pub(super) fn of(wire: impl Iterator<Item = String>) -> Self {
        Self { wire: wire.collect(), taken: HashSet::new() }
    }

    /// The member's name: that on the wire, except where the object would mean something by it.
    fn name(&mut self, wire: &str) -> String {
        let mut name = wire.to_owned();
        // An object with a method `then` is taken for a promise: `await` would wait for it for ever.
        if wire == "then" {
            // It gives way to what is called so, wherever that is declared.
            while self.wire.contains(&name) {
                name.push('_');
            }
        }
        free(&mut self.taken, name)
    }
}

/// A constant's members, as they are found.
struct Constant(Vec<String>);

impl Constant {
    fn add(&mut self, name: &str, value: Option<String>) {
        self.0.extend(value.map(|value| format!("{name}: {value}")));
    }

    fn text(self) -> String {
        if self.0.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", self.0.join(", ")) }
    }
}

/// A method of an interface.
pub(super) fn method(
    out: &mut Declarations<'_>,
    info: &MethodInfo,
    fingerprint: Fingerprint,
    role: Role,
    names: &mut MemberNames,
) -> MemberText {
    let method = &out.model().named.method(info);
    let name = names.name(&method.name);
    let mut data = Constant(Vec::new());
    let arguments = arguments(out, method, role.arguments(), &mut data);
    let mut received =
        |name: &str, shape: Option<&Shape>| value(out, name, shape?, role.results(), &mut data);
    // In the order of the type's arguments, which is that of the declarations.
    let ty = match method.kind {
        MethodKind::Notification => format!("$.Note<{arguments}>"),
        MethodKind::Request => {
            let parts = [
                received("r", Some(&method.value)),
                received("e", method.error.as_ref()),
                received("p", method.progress.as_ref()),
            ];
            generic("$.Request", arguments, parts)
        }
        MethodKind::Subscription => {
            let parts = [
                received("r", method.item.as_ref()),
                received("e", method.error.as_ref()),
                received("x", method.item_error.as_ref()),
            ];
            generic("$.Subscribe", arguments, parts)
        }
    };
    let mut constant = Constant(Vec::new());
    let count = method.arguments.len();
    constant.add("n", (count > 0).then(|| count.to_string()));
    constant.add(
        "k",
        match method.kind {
            MethodKind::Request => None,
            MethodKind::Notification => Some("\"note\"".to_owned()),
            MethodKind::Subscription => Some("$.subscribing".to_owned()),
        },
    );
    constant.add("up", has_streams(method).then(|| "$.uploading".to_owned()));
    constant.add("w", (name != method.name).then(|| identifier::quoted(&method.name)));
    let old = method.aliases.iter().map(|alias| identifier::quoted(alias)).collect::<Vec<_>>();
    constant.add("was", (!old.is_empty()).then(|| format!("[{}]", old.join(", "))));
    constant.add(
        "ms",
        match info.timeout {
            Timeout::Default => None,
            Timeout::Never => Some("null".to_owned()),
            // One that is shorter than a millisecond isn't none.
            Timeout::After(time) => Some(time.as_millis().max(1).to_string()),
        },
    );
    constant.add("retry", info.idempotent.then(|| "1".to_owned()));
    let keeps = method.kind == MethodKind::Request && !info.cancellable;
    constant.add("keep", keeps.then(|| "1".to_owned()));
    let plans = method.arguments.iter().map(|argument| {
        let plan = out.plan(&argument.shape, role.arguments().direction);
        if argument.is_stream { Some(format!("{{ stream: {} }}", or_zero(plan))) } else { plan }
    });
    constant.add("a", positions(plans));
    let mut plan = |name: &str, shape: Option<&Shape>| {
        constant.add(name, shape.and_then(|it| out.plan(it, role.results().direction)));
    };
    plan("r", Some(method.item.as_ref().unwrap_or(&method.value)));
    plan("e", method.error.as_ref());
    plan("p", method.progress.as_ref());
    plan("x", method.item_error.as_ref());
    constant.add("f", Some(format!("\"{:016x}\"", fingerprint.value())));
    MemberText { name, ty, constant: constant.text(), data: data.text() }
}

/// A value of a method as a type. Its data is under this name.
fn value(
    out: &mut Declarations<'_>,
    name: &str,
    shape: &Shape,
    form: TypeForm,
    data: &mut Constant,
) -> Option<String> {
    let ty = out.shape(shape, form);
    data.add(name, Some(out.data(&ty.data)));
    Some(ty.text)
}

/// Whether the method's constant names what the npm package calls it by.
pub(super) fn has_imports(method: &SchemaMethod) -> bool {
    method.kind == MethodKind::Subscription || has_streams(method)
}

fn has_streams(method: &SchemaMethod) -> bool {
    method.arguments.iter().any(|argument| argument.is_stream)
}

/// The arguments as a tuple with labels. Those at the end that may be left out are optional.
fn arguments(
    out: &mut Declarations<'_>,
    method: &SchemaMethod,
    form: TypeForm,
    data: &mut Constant,
) -> String {
    let arguments = &method.arguments;
    let model = out.model();
    let is_optional = |shape: &Shape| model.schema.is_optional(shape);
    let optional =
        arguments.iter().rev().take_while(|one| !one.is_stream && is_optional(&one.shape)).count();
    let required = arguments.len() - optional;
    let (mut texts, mut parts) = (Vec::new(), Vec::new());
    for (at, argument) in arguments.iter().enumerate() {
        let of = out.shape(&argument.shape, form);
        let (ty, of) = if argument.is_stream {
            (format!("$.StreamIn<{}>", of.text), TypeData::Stream(Box::new(of.data)))
        } else {
            (of.text, of.data)
        };
        parts.push(out.data(&of));
        let sign = if at < required { "" } else { "?" };
        texts.push(format!("{}{sign}: {ty}", identifier::label(&argument.name)));
    }
    data.add("a", list(&parts));
    format!("[{}]", texts.join(", "))
}

/// A list of texts, unless there are none.
fn list(parts: &[String]) -> Option<String> {
    (!parts.is_empty()).then(|| format!("[{}]", parts.join(", ")))
}

/// A type with its arguments, of which those at the end that are nothing are left out.
fn generic(name: &str, arguments: String, others: [Option<String>; 3]) -> String {
    let mut parts = vec![Some(arguments)];
    parts.extend(others);
    while let Some(None) = parts.last() {
        parts.pop();
    }
    let parts: Vec<String> =
        parts.into_iter().map(|part| part.unwrap_or_else(|| "never".to_owned())).collect();
    format!("{name}<{}>", parts.join(", "))
}

/// A function by name.
pub(super) fn function(
    out: &mut Declarations<'_>,
    wire: &str,
    arguments: &'static Node,
    output: &'static Node,
    names: &mut MemberNames,
) -> MemberText {
    let name = names.name(wire);
    let output = out.model().named.shape(output);
    let (own, error) = function_form::output(&output);
    let (mut constant, mut data) = (Constant(Vec::new()), Constant(Vec::new()));
    let types = parameters(out, arguments, TypeForm::SENT, &mut constant, &mut data);
    constant.add("w", (name != wire).then(|| identifier::quoted(wire)));
    let ty = {
        let own = value(out, "r", own, TypeForm::RECEIVED, &mut data);
        let error = error.and_then(|it| value(out, "e", it, TypeForm::RECEIVED, &mut data));
        generic("$.Request", types, [own, error, None])
    };
    constant.add("r", out.plan(own, Direction::FromRust));
    constant.add("e", error.and_then(|error| out.plan(error, Direction::FromRust)));
    MemberText { name, ty, constant: constant.text(), data: data.text() }
}

/// A notification by name.
pub(super) fn event(
    out: &mut Declarations<'_>,
    wire: &str,
    arguments: &'static Node,
    names: &mut MemberNames,
) -> MemberText {
    let name = names.name(wire);
    let (mut constant, mut data) = (Constant(Vec::new()), Constant(Vec::new()));
    let ty = parameters(out, arguments, TypeForm::RECEIVED, &mut constant, &mut data);
    constant.add("w", Some(identifier::quoted(wire)));
    MemberText { name, ty, constant: constant.text(), data: data.text() }
}

/// The arguments of a function or an event, whose type is that of `params`.
fn parameters(
    out: &mut Declarations<'_>,
    arguments: &'static Node,
    form: TypeForm,
    constant: &mut Constant,
    data: &mut Constant,
) -> String {
    let shape = out.model().named.shape(arguments);
    let FunctionArguments { shapes: parts, is_whole } = FunctionArguments::of(&shape);
    constant.add("n", (!parts.is_empty()).then(|| parts.len().to_string()));
    let plans = parts.iter().map(|shape| out.plan(shape, form.direction));
    let plans = positions(plans.collect::<Vec<_>>().into_iter());
    constant.add("a", plans);
    constant.add("o", is_whole.then(|| "1".to_owned()));
    let types: Vec<TypeText> = parts.iter().map(|shape| out.shape(shape, form)).collect();
    let of: Vec<String> = types.iter().map(|ty| out.data(&ty.data)).collect();
    data.add("a", list(&of));
    let texts: Vec<String> = types.into_iter().map(|ty| ty.text).collect();
    format!("[{}]", texts.join(", "))
}
