//! Methods and functions, as OpenRPC's Method Objects.

use crate::{
    interface::{
        InterfaceInfo, MethodInfo, MethodKind, Timeout,
        schema::{SchemaMethod, type_schema::TypeSchema},
    },
    message::error_object::code,
    notation::{
        function_form::{self, FunctionArguments},
        object_form::PropertyForm,
        type_form::{Direction, TypeForm},
    },
    openrpc::{
        doc_text,
        function_types::FunctionTypes,
        json_schema::{anything, whole_number},
        json_tree::{JsonMembers, JsonTree},
        schema_model::Schemas,
    },
    shape::{
        name::Docs,
        nodes::{Shape, Struct},
        scalar::Integer,
    },
};

/// What `params` are sent as, and what comes back: the side that has the document calls.
const ARGUMENTS: TypeForm = TypeForm::SENT;
const RESULTS: TypeForm = TypeForm::RECEIVED;

/// How many names are followed to what a function takes.
const MAX_NAMES: usize = 100;

/// A method of an interface.
pub(super) fn method(
    schemas: &mut Schemas<'_>,
    interface: &InterfaceInfo,
    info: &MethodInfo,
) -> JsonTree {
    let method = schemas.model.named.method(info);
    let params = params(schemas, &method);
    let result = match method.kind {
        MethodKind::Notification => None,
        MethodKind::Request => Some(result(schemas, &method.value)),
        // Its items come in notifications that name it by this number.
        MethodKind::Subscription => {
            Some(content("subscription", whole_number(Integer::new(false, 64, true))))
        }
    };
    let idempotent = (info.idempotent && method.kind == MethodKind::Request).then_some(true);
    JsonMembers::new()
        .with("name", info.full_name)
        .and(doc_text::members(info.docs))
        .with("tags", vec![tag(interface)])
        .with("params", params)
        .with_some("result", result)
        .with_some("errors", method.error.as_ref().map(|error| errors(schemas, error)))
        .with_some("x-ipc-subscription", subscription(schemas, &method))
        .with_some("x-ipc-progress", received(schemas, method.progress.as_ref()))
        .with_some("x-ipc-timeout-ms", timeout(info.timeout))
        .with_some("x-ipc-idempotent", idempotent)
        .with("x-ipc-interface", origin(interface))
        .into()
}

/// A function by name. Of one whose types aren't known, nothing but that is told.
pub(super) fn function(
    schemas: &mut Schemas<'_>,
    name: &str,
    types: Option<FunctionTypes>,
) -> JsonTree {
    let method = JsonMembers::new().with("name", name);
    let Some(FunctionTypes { arguments, output }) = types else {
        return method
            .with("params", Vec::new())
            .with("result", content("result", anything()))
            .with("x-ipc-untyped", true)
            .into();
    };
    let (arguments, output) =
        (schemas.model.named.shape(arguments), schemas.model.named.shape(output));
    let (value, error) = function_form::output(&output);
    let method = method.and(function_params(schemas, &arguments));
    method
        .with("result", result(schemas, value))
        .with_some("errors", error.map(|error| errors(schemas, error)))
        .into()
}

/// The arguments of a method. Those at the end that may be left out aren't required.
fn params(schemas: &mut Schemas<'_>, method: &SchemaMethod) -> Vec<JsonTree> {
    let arguments = &method.arguments;
    let schema = &schemas.model.schema;
    let optional = arguments.iter().rev();
    let optional =
        optional.take_while(|one| !one.is_stream && schema.is_optional(&one.shape)).count();
    let required = arguments.len() - optional;
    let params = arguments.iter().enumerate().map(|(at, argument)| {
        let of = schemas.schema(&argument.shape, ARGUMENTS);
        // The items of a stream may stand in the place of its number.
        let (schema, item) = if argument.is_stream {
            let list = JsonMembers::new().with("type", "array").with("items", of.clone());
            (list.into(), Some(of))
        } else {
            (of, None)
        };
        param(&argument.name, at < required, schema, Docs::NONE, item)
    });
    params.collect()
}

fn param(
    name: &str,
    is_required: bool,
    schema: JsonTree,
    docs: Docs,
    stream: Option<JsonTree>,
) -> JsonTree {
    JsonMembers::new()
        .with("name", name)
        .and(doc_text::members(docs))
        .with("required", is_required)
        .with("schema", schema)
        .with_some("x-ipc-stream", stream)
        .into()
}

/// The arguments of a function: by position, by name, or neither, for what `params` are as a whole.
fn function_params(schemas: &mut Schemas<'_>, arguments: &Shape) -> JsonMembers {
    let FunctionArguments { shapes, is_whole } = FunctionArguments::of(arguments);
    if !is_whole {
        let params = shapes.iter().enumerate().map(|(at, shape)| {
            param(&format!("arg{at}"), true, schemas.schema(shape, ARGUMENTS), Docs::NONE, None)
        });
        let params: Vec<JsonTree> = params.collect();
        return JsonMembers::new().with("paramStructure", "by-position").with("params", params);
    }
    let model = schemas.model;
    if let Some(of) = structure(&model.schema, arguments) {
        let object = schemas.object(of, ARGUMENTS);
        if object.rest.is_empty() && object.others.is_empty() {
            let params = object.members.into_iter().map(|member| {
                let PropertyForm { name, is_optional, ty, docs, .. } = member;
                param(&name, !is_optional, ty, docs, None)
            });
            let params: Vec<JsonTree> = params.collect();
            return JsonMembers::new().with("paramStructure", "by-name").with("params", params);
        }
    }
    let whole = schemas.schema(arguments, ARGUMENTS);
    JsonMembers::new().with("params", Vec::new()).with("x-ipc-params", whole)
}

/// The struct that arguments are, if they are one.
fn structure<'a>(schema: &'a TypeSchema, mut shape: &'a Shape) -> Option<&'a Struct> {
    for _ in 0..MAX_NAMES {
        shape = match shape {
            Shape::Struct(of) => return Some(of),
            Shape::Newtype(inner) => inner,
            Shape::Asymmetric { sent, received } => match ARGUMENTS.direction {
                Direction::FromRust => sent,
                Direction::ToRust => received,
            },
            Shape::Reference(name) => &schema.get(name)?.shape,
            _ => return None,
        };
    }
    None
}

/// A Content Descriptor.
fn content(name: &str, schema: JsonTree) -> JsonMembers {
    JsonMembers::new().with("name", name).with("schema", schema)
}

fn result(schemas: &mut Schemas<'_>, value: &Shape) -> JsonMembers {
    content("result", schemas.schema(value, RESULTS))
}

fn received(schemas: &mut Schemas<'_>, shape: Option<&Shape>) -> Option<JsonTree> {
    shape.map(|shape| schemas.schema(shape, RESULTS))
}

/// The method's own error. An Error Object has no place for a schema but in its `data`.
fn errors(schemas: &mut Schemas<'_>, error: &Shape) -> Vec<JsonTree> {
    let data = JsonMembers::new().with("x-ipc-schema", schemas.schema(error, RESULTS));
    let error = JsonMembers::new()
        .with("code", code::METHOD_ERROR)
        .with("message", "The method's own error; its data has this schema.")
        .with("data", data);
    vec![error.into()]
}

/// The items of a subscription, and the error that may end it.
fn subscription(schemas: &mut Schemas<'_>, method: &SchemaMethod) -> Option<JsonMembers> {
    let item = received(schemas, method.item.as_ref())?;
    let error = received(schemas, method.item_error.as_ref());
    Some(JsonMembers::new().with("item", item).with_some("error", error))
}

/// In milliseconds, or null for a method without a deadline.
fn timeout(timeout: Timeout) -> Option<JsonTree> {
    match timeout {
        Timeout::Default => None,
        Timeout::Never => Some(JsonTree::Null),
        // One that is shorter than a millisecond isn't none.
        Timeout::After(time) => {
            Some(u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1).into())
        }
    }
}

fn tag(interface: &InterfaceInfo) -> JsonTree {
    JsonMembers::new()
        .with("name", interface.channel)
        .with_some("description", doc_text::description(interface.docs))
        .into()
}

fn origin(interface: &InterfaceInfo) -> JsonMembers {
    JsonMembers::new()
        .with("channel", interface.channel)
        .with("version", interface.version)
        .with("fingerprint", interface.fingerprint().to_string())
}
