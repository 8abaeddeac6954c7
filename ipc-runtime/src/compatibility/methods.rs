//! Whether whom one calls serves the calls that one makes.

use crate::{
    compatibility::{
        changes::Changes,
        const_text::same,
        method_view::{MethodView, OutputPart},
        place::{Place, Route},
        reads::reads,
        roles::Roles,
        table_method::TableMethod,
        type_pairs::compare_found,
    },
    interface::{MethodInfo, MethodKind},
    shape::{node::NodeKind, table::ShapeTable},
};

/// The methods of one side.
#[derive(Clone, Copy)]
pub(crate) enum Methods<'a> {
    Info(&'a [MethodInfo]),
    Table(&'a [TableMethod<'a>], &'a ShapeTable<'a>),
}

impl<'a> Methods<'a> {
    const fn len(self) -> usize {
        match self {
            Self::Info(methods) => methods.len(),
            Self::Table(methods, _) => methods.len(),
        }
    }

    pub(crate) const fn get(self, at: usize) -> MethodView<'a> {
        match self {
            Self::Info(methods) => MethodView::Info(&methods[at]),
            Self::Table(methods, table) => MethodView::Table(&methods[at], table),
        }
    }

    /// The method of this name, which probably stands at this place.
    const fn named(self, name: &str, probably: usize) -> Option<MethodView<'a>> {
        let len = self.len();
        let mut tried = 0;
        while tried < len {
            let method = self.get((probably + tried) % len);
            if same(method.name(), name) {
                return Some(method);
            }
            tried += 1;
        }
        None
    }

    /// The method that is called by this name, and which probably stands at this place.
    pub(crate) const fn called(self, name: &str, probably: usize) -> Option<MethodView<'a>> {
        if let Some(method) = self.named(name, probably) {
            return Some(method);
        }
        let mut at = 0;
        while at < self.len() {
            let method = self.get(at);
            let mut next = 0;
            while let Some(alias) = method.alias(next) {
                if same(alias, name) {
                    return Some(method);
                }
                next += 1;
            }
            at += 1;
        }
        None
    }
}

/// Which side is of the later version.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Later {
    Caller,
    Callee,
}

/// Compares all methods that the caller knows with those of whom it calls, and tells of the others.
pub(crate) const fn compare<'a>(
    caller: Methods<'a>,
    callee: Methods<'a>,
    later: Later,
    changes: &mut Changes<'_, 'a>,
) {
    let mut at = 0;
    while at < callee.len() {
        let method = callee.get(at);
        if caller.named(method.name(), at).is_none() {
            tell_unknown(method, caller, later, changes);
        }
        at += 1;
    }
    compare_calls(caller, callee, later, changes);
}

/// Compares all methods that the caller knows with those of whom it calls.
pub(crate) const fn compare_calls<'a>(
    caller: Methods<'a>,
    callee: Methods<'a>,
    later: Later,
    changes: &mut Changes<'_, 'a>,
) {
    let mut at = 0;
    while at < caller.len() {
        let method = caller.get(at);
        compare_method(method, callee.called(method.name(), at), later, changes);
        at += 1;
    }
}

/// A method that callers don't call by this name.
const fn tell_unknown<'a>(
    method: MethodView<'a>,
    caller: Methods<'a>,
    later: Later,
    changes: &mut Changes<'_, 'a>,
) {
    let place = of_method(method);
    let mut next = 0;
    while let Some(alias) = method.alias(next) {
        if caller.named(alias, 0).is_some() {
            return changes.tell(false, &place, &["is the new name of `", alias, "`"]);
        }
        next += 1;
    }
    let what = match later {
        Later::Callee => "is new",
        Later::Caller => "was removed",
    };
    changes.tell(false, &place, &[what]);
}

const fn of_method(method: MethodView<'_>) -> Place<'_> {
    Place { up: None, what: "method", name: method.name().as_bytes(), route: None }
}

/// Compares one method, and the types that it reaches.
pub(crate) const fn compare_method<'a>(
    caller: MethodView<'a>,
    callee: Option<MethodView<'a>>,
    later: Later,
    changes: &mut Changes<'_, 'a>,
) {
    let place = of_method(caller);
    let Some(callee) = callee else {
        let what = match later {
            Later::Callee => {
                "was removed (a renamed method keeps its old name by `#[ipc(alias = \
                              \"…\")]`)"
            }
            Later::Caller => "is new, and isn't served",
        };
        return changes.tell(true, &place, &[what]);
    };
    if !kinds_fit(caller, callee, &place, later, changes) {
        return;
    }
    match (caller.is_idempotent(), callee.is_idempotent()) {
        // It is sent again after a loss, and would run twice.
        (true, false) => {
            let what = match later {
                Later::Callee => "is no longer idempotent, and older callers repeat it",
                Later::Caller => "is idempotent now, and the older side may not run it twice",
            };
            changes.tell(true, &place, &[what]);
        }
        (false, true) => changes.tell(false, &place, &["is idempotent on the side that serves it"]),
        _ => {}
    }
    compare_arguments(caller, callee, &place, later, changes);
    let results = Roles {
        is_argument: false,
        is_reader_newer: matches!(later, Later::Caller),
        is_error: false,
        is_key: false,
    };
    let here = place.within("result", b"");
    reads(
        caller.value(),
        callee.value(),
        results,
        &here,
        Route { part: "result", name: "", method: caller.name() },
        changes,
    );
    let mut at = 0;
    while at < OutputPart::ALL.len() {
        let part = OutputPart::ALL[at];
        at += 1;
        let here = place.within(part.name(), b"");
        let is_error = matches!(part, OutputPart::Error | OutputPart::ItemError);
        match (caller.part(part), callee.part(part)) {
            (Some(reader), Some(writer)) => {
                let route = Route { part: part.name(), name: "", method: caller.name() };
                reads(reader, writer, Roles { is_error, ..results }, &here, route, changes);
            }
            (None, None) => {}
            (Some(_), None) => changes.tell(false, &here, &["never comes from whom is called"]),
            (None, Some(_)) => changes.tell(false, &here, &["isn't known to the caller"]),
        }
    }
    compare_found(changes);
}

/// Whether the kinds of both sides' methods work together.
const fn kinds_fit(
    caller: MethodView<'_>,
    callee: MethodView<'_>,
    place: &Place<'_>,
    later: Later,
    changes: &mut Changes<'_, '_>,
) -> bool {
    let (calls, serves) = (caller.kind(), callee.kind());
    if calls as u8 == serves as u8 {
        return true;
    }
    let (was, is) = match later {
        Later::Callee => (calls, serves),
        Later::Caller => (serves, calls),
    };
    // A notification's request gets null, and a request's notification runs unanswered.
    let is_unanswered = matches!(
        (calls, serves),
        (MethodKind::Request, MethodKind::Notification)
            | (MethodKind::Notification, MethodKind::Request)
    ) && returns_nothing(caller)
        && returns_nothing(callee);
    changes.tell(!is_unanswered, place, &["was a ", word(was), ", is a ", word(is)]);
    is_unanswered
}

const fn returns_nothing(method: MethodView<'_>) -> bool {
    let (value, _) = method.value().seen();
    matches!(value.kind(), NodeKind::Unit)
}

const fn word(kind: MethodKind) -> &'static str {
    match kind {
        MethodKind::Request => "request",
        MethodKind::Notification => "notification",
        MethodKind::Subscription => "subscription",
    }
}

const fn compare_arguments<'a>(
    caller: MethodView<'a>,
    callee: MethodView<'a>,
    place: &Place<'_>,
    later: Later,
    changes: &mut Changes<'_, 'a>,
) {
    let roles = Roles {
        is_argument: true,
        is_reader_newer: matches!(later, Later::Callee),
        is_error: false,
        is_key: false,
    };
    let (sent, read) = (caller.arguments(), callee.arguments());
    let mut at = 0;
    while at < sent && at < read {
        let (name, is_stream, writer) = caller.argument(at);
        let (served_name, serves_stream, reader) = callee.argument(at);
        let here = place.within("argument", name.as_bytes());
        at += 1;
        if !same(name, served_name) {
            let (was, is) = match later {
                Later::Callee => (name, served_name),
                Later::Caller => (served_name, name),
            };
            let here = place.within("argument", was.as_bytes());
            changes.tell(true, &here, &["is `", is, "` now: some callers send it by its name"]);
            continue;
        }
        if is_stream != serves_stream {
            changes.tell(true, &here, &["is a stream on one side only"]);
            continue;
        }
        let route = Route { part: "argument", name, method: caller.name() };
        reads(reader, writer, roles, &here, route, changes);
    }
    at = sent;
    while at < read {
        let (name, is_stream, reader) = callee.argument(at);
        let here = place.within("argument", name.as_bytes());
        at += 1;
        if is_stream || !reader.is_optional() {
            let what = match later {
                Later::Callee => "is new, and needed: make it an `Option`",
                Later::Caller => "was removed, and the older side needs it",
            };
            changes.tell(true, &here, &[what]);
        } else if sent == 1 && at == 2 && matches!(later, Later::Callee) {
            let what = "is new (who gives one object as the only argument has to name it now)";
            changes.tell(false, &here, &[what]);
        } else {
            let what = match later {
                Later::Callee => "is new",
                Later::Caller => "was removed",
            };
            changes.tell(false, &here, &[what]);
        }
    }
    at = read;
    while at < sent {
        let (name, _, _) = caller.argument(at);
        let here = place.within("argument", name.as_bytes());
        at += 1;
        let what = match later {
            Later::Callee => "was removed, and older callers send it",
            Later::Caller => "is new, and the older side refuses it",
        };
        changes.tell(true, &here, &[what]);
    }
}
