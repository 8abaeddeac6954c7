//! Reads MessagePack envelopes, and the runtime's own params and members in them.

use std::borrow::Cow;

use crate::message::{
    extension::RawExtension,
    id::Id,
    item::ItemParams,
    members::{EnvelopeMembers, Method, Unusual},
    msgpack::{
        id,
        scan::{Fault, PackedScanner},
    },
};

impl From<Fault> for Unusual {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Truncated => Self::Syntax("the message ends inside a value"),
            Fault::TooDeep => Self::Syntax("it is nested too deep"),
            Fault::Wrong(why) => Self::Syntax(why),
        }
    }
}

/// The depth limit where the connection's own isn't known: the largest possible one.
pub(crate) const MAX_DEPTH: usize = 128;

/// The members of a whole message, which may be nested `max_depth` levels deep.
pub(crate) fn members(frame: &[u8], max_depth: usize) -> Result<EnvelopeMembers<'_>, Unusual> {
    let mut members = EnvelopeMembers::default();
    // The message's own map is one level. Skipping values recurses, hence the cap.
    let inside = max_depth.min(MAX_DEPTH).saturating_sub(1);
    let mut scanner = PackedScanner::new(frame, inside);
    let filled = fill(&mut scanner, &mut members);
    if matches!(filled, Ok(()) | Err(Unusual::NotAnObject)) && !scanner.rest().is_empty() {
        return Err(Unusual::Syntax("there is more behind the message"));
    }
    filled.map(|()| members)
}

/// The members that are complete in the first bytes of a message.
pub(crate) fn members_of_prefix(prefix: &[u8]) -> EnvelopeMembers<'_> {
    let mut members = EnvelopeMembers::default();
    // However the walk ends, the members found so far are the answer.
    let _ = fill(&mut PackedScanner::new(prefix, MAX_DEPTH), &mut members);
    members
}

/// Fills in the members on the way, so that a prefix yields what it holds.
fn fill<'a>(
    scanner: &mut PackedScanner<'a>,
    members: &mut EnvelopeMembers<'a>,
) -> Result<(), Unusual> {
    let Some(count) = scanner.map()? else {
        // Find out whether it is a value at all.
        scanner.deep_value()?;
        return Err(Unusual::NotAnObject);
    };
    for _ in 0..count {
        let key = scanner.string()?;
        let start = scanner.rest();
        let stepped = match scanner.value() {
            Err(Fault::TooDeep) => scanner.deep_value().map(|(value, depth)| {
                members.too_deep = members.too_deep.max(Some(depth.saturating_add(1)));
                value
            }),
            stepped => stepped,
        };
        let value = match stepped {
            Ok(value) => value,
            Err(fault) => {
                if key == Some(b"params") {
                    members.open_params = Some(start);
                }
                return Err(fault.into());
            }
        };
        match key {
            Some(b"jsonrpc") => members.version = Some(version(value)),
            Some(b"id") => members.id = Some(value),
            Some(b"method") => members.method = Some(method(value)?),
            Some(b"params") => members.params = Some(value),
            Some(b"result") => members.result = Some(value),
            Some(b"error") => members.error = Some(value),
            Some(b"ipc") => members.extension = Some(value),
            Some(b"subscription") => members.subscription = Some(value),
            Some(b"stream") => members.stream = Some(value),
            _ => {}
        }
    }
    Ok(())
}

/// The version as JSON has it, since it is compared in that form.
fn version(value: &[u8]) -> &[u8] {
    match PackedScanner::new(value, MAX_DEPTH).string() {
        Ok(Some(b"2.0")) => b"\"2.0\"",
        _ => value,
    }
}

fn method(value: &[u8]) -> Result<Method<'_>, Unusual> {
    let Some(name) = PackedScanner::new(value, MAX_DEPTH).string()? else {
        return Ok(Method::NotAString);
    };
    match std::str::from_utf8(name) {
        Ok(name) => Ok(Method::Name(Cow::Borrowed(name))),
        Err(_) => Err(Unusual::Syntax("the method's name is not UTF-8")),
    }
}

/// The entries of a map whose keys are strings.
struct MapEntries<'a> {
    scanner: PackedScanner<'a>,
    left: usize,
}

fn entries(map: &[u8]) -> Option<MapEntries<'_>> {
    let mut scanner = PackedScanner::new(map, MAX_DEPTH);
    let left = scanner.map().ok()??;
    Some(MapEntries { scanner, left })
}

impl<'a> Iterator for MapEntries<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while self.left > 0 {
            self.left -= 1;
            let key = self.scanner.string().ok()?;
            let value = self.scanner.value().ok()?;
            if let Some(key) = key {
                return Some((key, value));
            }
        }
        None
    }
}

/// Reads the members of a request's `ipc`.
pub(crate) fn extension(map: &[u8]) -> Option<RawExtension<'_>> {
    let mut extension = RawExtension::default();
    for (key, value) in entries(map)? {
        match key {
            b"timeoutMs" => extension.timeout_ms = Some(value),
            b"progress" => extension.progress = Some(value),
            b"depth" => extension.depth = Some(value),
            b"resume" => extension.resume = Some(value),
            b"window" => extension.window = Some(value),
            b"subscription" => extension.subscription = Some(value),
            _ => {}
        }
    }
    Some(extension)
}

/// Reads the params of a subscription's notification or of a `$/stream`.
pub(crate) fn item_params(map: &[u8]) -> Option<ItemParams<'_>> {
    let number = |value| rmp_serde::from_slice::<u64>(value).ok();
    let truth = |value| rmp_serde::from_slice::<bool>(value).unwrap_or_default();
    let mut params = ItemParams::default();
    for (key, value) in entries(map)? {
        match key {
            b"subscription" => params.subscription = id::read(value).ok(),
            b"stream" => params.stream = number(value),
            b"result" => params.spoken.result = Some(value),
            b"item" => params.spoken.item = Some(value),
            b"error" if value != b"\xc0" => params.spoken.error = Some(value),
            b"done" => params.spoken.done = truth(value),
            b"lagged" => params.spoken.lagged = number(value),
            b"gap" => params.spoken.gap = truth(value),
            b"seq" => params.seq = number(value),
            b"epoch" => params.epoch = number(value),
            _ => {}
        }
    }
    Some(params)
}

/// The values of the params with these names, given by name or by position.
fn params_of<'a, const N: usize>(params: &'a [u8], names: [&[u8]; N]) -> Option<[&'a [u8]; N]> {
    let mut found = [None; N];
    if let Some(entries) = entries(params) {
        for (key, value) in entries {
            if let Some(place) = names.iter().position(|name| *name == key) {
                found[place] = Some(value);
            }
        }
    } else {
        let mut values = PackedScanner::new(params, MAX_DEPTH);
        if values.array().ok()?? != N {
            return None;
        }
        for place in &mut found {
            *place = Some(values.value().ok()?);
        }
    }
    let mut values = [params; N];
    for (value, found) in values.iter_mut().zip(found) {
        *value = found?;
    }
    Some(values)
}

/// Reads the token and the value of a `$/progress`.
pub(crate) fn progress(params: &[u8]) -> Option<(Id, &[u8])> {
    let [token, value] = params_of(params, [b"token", b"value"])?;
    Some((id::read(token).ok()?, value))
}

/// Reads the id in the params of a `$/cancelRequest`.
pub(crate) fn cancelled(params: &[u8]) -> Option<Id> {
    let [cancelled] = params_of(params, [b"id"])?;
    id::read(cancelled).ok()
}
