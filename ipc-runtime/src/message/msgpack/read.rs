//! Reads envelopes of MessagePack, and what the runtimes say to each other.

use std::borrow::Cow;

use crate::message::{
    extension::RawExtension,
    id::Id,
    json::{
        item::ItemParams,
        scan::{Members, Method, Unusual},
    },
    msgpack::scan::{Fault, Scanner},
};

impl From<Fault> for Unusual {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Truncated => Self::Syntax("the message ends amid a value"),
            Fault::TooDeep => Self::Syntax("it is nested too deep"),
            Fault::Wrong(why) => Self::Syntax(why),
        }
    }
}

/// How deep a message may be nested whose limit isn't known here: as deep as it may be at most.
const MAX_DEPTH: usize = 128;

/// The members of a whole message, which may be nested so deep.
pub(in crate::message) fn members(frame: &[u8], max_depth: usize) -> Result<Members<'_>, Unusual> {
    let mut members = Members::default();
    // The message's own map is one level. Stepping over values is recursive.
    let inside = max_depth.min(MAX_DEPTH).saturating_sub(1);
    let mut scanner = Scanner::new(frame, inside);
    let filled = fill(&mut scanner, &mut members);
    if matches!(filled, Ok(()) | Err(Unusual::NotAnObject)) && !scanner.rest().is_empty() {
        return Err(Unusual::Syntax("there is more behind the message"));
    }
    filled.map(|()| members)
}

/// The members that lie whole in the first bytes of a message.
pub(in crate::message) fn members_of_prefix(prefix: &[u8]) -> Members<'_> {
    let mut members = Members::default();
    // Every way out of the walk is the same here: what was found until then is the answer.
    let _ = fill(&mut Scanner::new(prefix, MAX_DEPTH), &mut members);
    members
}

/// Fills in the members on the way, so that a prefix yields what it holds.
fn fill<'a>(scanner: &mut Scanner<'a>, members: &mut Members<'a>) -> Result<(), Unusual> {
    let Some(count) = scanner.map()? else {
        // Whether it is a value at all.
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

/// As it would stand in JSON, which is what the version is compared as.
fn version(value: &[u8]) -> &[u8] {
    match Scanner::new(value, MAX_DEPTH).string() {
        Ok(Some(b"2.0")) => b"\"2.0\"",
        _ => value,
    }
}

fn method(value: &[u8]) -> Result<Method<'_>, Unusual> {
    let Some(name) = Scanner::new(value, MAX_DEPTH).string()? else {
        return Ok(Method::NotAString);
    };
    match std::str::from_utf8(name) {
        Ok(name) => Ok(Method::Name(Cow::Borrowed(name))),
        Err(_) => Err(Unusual::Syntax("the method's name is not UTF-8")),
    }
}

/// The entries of a map whose keys are strings.
struct Entries<'a> {
    scanner: Scanner<'a>,
    left: usize,
}

fn entries(map: &[u8]) -> Option<Entries<'_>> {
    let mut scanner = Scanner::new(map, MAX_DEPTH);
    let left = scanner.map().ok()??;
    Some(Entries { scanner, left })
}

impl<'a> Iterator for Entries<'a> {
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

/// The members of a request's `ipc`.
pub(in crate::message) fn extension(map: &[u8]) -> Option<RawExtension<'_>> {
    let mut extension = RawExtension::default();
    for (key, value) in entries(map)? {
        match key {
            b"timeoutMs" => extension.timeout_ms = Some(value),
            b"progress" => extension.progress = Some(value),
            b"depth" => extension.depth = Some(value),
            b"resume" => extension.resume = Some(value),
            b"window" => extension.window = Some(value),
            _ => {}
        }
    }
    Some(extension)
}

/// What a notification of a subscription or a stream argument says.
pub(in crate::message) fn item_params(map: &[u8]) -> Option<ItemParams<'_>> {
    let number = |value| rmp_serde::from_slice::<u64>(value).ok();
    let truth = |value| rmp_serde::from_slice::<bool>(value).unwrap_or_default();
    let mut params = ItemParams::default();
    for (key, value) in entries(map)? {
        match key {
            b"subscription" => params.subscription = Id::of_msgpack(value).ok(),
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

/// An item, how long it is, and its place, of so many members behind it: as this project writes
/// them, and nothing else.
pub(in crate::message) fn item_and_place(
    bytes: &[u8],
    members: u8,
    max_depth: usize,
) -> Option<(usize, Option<u64>, Option<u64>)> {
    let length = match *bytes.first()? {
        // What has no inside needs no walk.
        0..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => 1,
        0xcc | 0xd0 => 2,
        0xcd | 0xd1 => 3,
        0xca | 0xce | 0xd2 => 5,
        0xcb | 0xcf | 0xd3 => 9,
        // Those that are looked at in another way have less room.
        _ => Scanner::new(bytes, max_depth.min(MAX_DEPTH - 2)).value().ok()?.len(),
    };
    let mut rest = bytes.get(length..)?;
    let (mut seq, mut epoch) = (None, None);
    if members > 0 {
        let (number, behind) = unsigned(rest.strip_prefix(b"\xa3seq")?)?;
        (seq, rest) = (Some(number), behind);
    }
    if members > 1 {
        let (number, behind) = unsigned(rest.strip_prefix(b"\xa5epoch")?)?;
        (epoch, rest) = (Some(number), behind);
    }
    rest.is_empty().then_some((length, seq, epoch))
}

/// A number, as this project writes it, and what is behind.
fn unsigned(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    Some(match *first {
        number @ 0..=0x7f => (number.into(), rest),
        0xcc => rest.split_first().map(|(number, rest)| (u64::from(*number), rest))?,
        0xcd => {
            let (number, rest) = rest.split_first_chunk()?;
            (u16::from_be_bytes(*number).into(), rest)
        }
        0xce => {
            let (number, rest) = rest.split_first_chunk()?;
            (u32::from_be_bytes(*number).into(), rest)
        }
        0xcf => {
            let (number, rest) = rest.split_first_chunk()?;
            (u64::from_be_bytes(*number), rest)
        }
        _ => return None,
    })
}

/// Params of these names, by name or by position.
fn params_of<'a, const N: usize>(params: &'a [u8], names: [&[u8]; N]) -> Option<[&'a [u8]; N]> {
    let mut found = [None; N];
    if let Some(entries) = entries(params) {
        for (key, value) in entries {
            if let Some(place) = names.iter().position(|name| *name == key) {
                found[place] = Some(value);
            }
        }
    } else {
        let mut values = Scanner::new(params, MAX_DEPTH);
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

/// The token and the value of a `$/progress`.
pub(in crate::message) fn progress(params: &[u8]) -> Option<(Id, &[u8])> {
    let [token, value] = params_of(params, [b"token", b"value"])?;
    Some((Id::of_msgpack(token).ok()?, value))
}

/// The id in the params of a `$/cancelRequest`.
pub(in crate::message) fn cancelled(params: &[u8]) -> Option<Id> {
    let [cancelled] = params_of(params, [b"id"])?;
    Id::of_msgpack(cancelled).ok()
}
