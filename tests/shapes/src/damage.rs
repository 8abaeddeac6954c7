//! Values that were damaged at one place.

use crate::value::Value;

type Entry = (Value, Value);

/// Each value that differs from this one at one place, in one of the ways in which values go wrong.
///
/// `names` are those of the type and its parts, so that a field can get the name of another, an
/// alias, or a tag that of another variant.
pub fn damaged(value: &Value, names: &[String], is_json: bool) -> Vec<Value> {
    let mut all = Vec::new();
    at_each_place(value, &mut |part| Of { part, names, is_json }.all(), &mut |one| all.push(one));
    all
}

/// Calls `done` with the value for each replacement at each place.
fn at_each_place(
    value: &Value,
    replace: &mut dyn FnMut(&Value) -> Vec<Value>,
    done: &mut dyn FnMut(Value),
) {
    replace(value).into_iter().for_each(&mut *done);
    match value {
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                at_each_place(item, replace, &mut |one| {
                    let mut items = items.clone();
                    items[at] = one;
                    done(Value::List(items));
                });
            }
        }
        Value::Map(entries) => {
            for (at, (_, value)) in entries.iter().enumerate() {
                at_each_place(value, replace, &mut |one| {
                    let mut entries = entries.clone();
                    entries[at].1 = one;
                    done(Value::Map(entries));
                });
            }
        }
        _ => {}
    }
}

struct Of<'a> {
    part: &'a Value,
    names: &'a [String],
    is_json: bool,
}

impl Of<'_> {
    /// Everything that can stand at the place of the part instead.
    fn all(&self) -> Vec<Value> {
        let mut all = vec![
            Value::Null,
            Value::Bool(true),
            Value::Int(0),
            Value::Int(-1),
            Value::Float(1.5),
            Value::text(""),
            Value::text("é"),
            Value::text("7"),
            Value::List(Vec::new()),
            Value::List(vec![Value::Int(1)]),
            Value::Map(Vec::new()),
            Value::Map(vec![(Value::text("other"), Value::Int(1))]),
        ];
        if !self.is_json {
            all.push(Value::Bytes(vec![1, 2, 0xff]));
        }
        match self.part {
            Value::Int(_) => all.extend(out_of_range().map(Value::Int)),
            Value::Text(_) => all.extend(self.names.iter().map(|name| Value::text(name))),
            Value::List(items) => lists(items, &mut all),
            Value::Map(entries) => self.maps(entries, &mut all),
            _ => {}
        }
        all.retain(|one| one != self.part);
        all
    }

    fn maps(&self, entries: &[(Value, Value)], all: &mut Vec<Value>) {
        let mut push = |change: &dyn Fn(&mut Vec<Entry>)| {
            let mut entries = entries.to_vec();
            change(&mut entries);
            all.push(Value::Map(entries));
        };
        for at in 0..entries.len() {
            push(&|entries| drop(entries.remove(at)));
            // A field that isn't a map's key twice is an error to serde.
            push(&|entries| entries.push(entries[at].clone()));
            // What a tag decides may stand in front of it.
            push(&|entries| entries[..=at].rotate_right(1));
        }
        for name in self.names.iter().map(String::as_str).chain(["unknown"]) {
            for at in 0..entries.len() {
                push(&|entries| entries[at].0 = Value::text(name));
            }
            for extra in [Value::Int(1), Value::Null, Value::Map(Vec::new())] {
                push(&|entries| entries.push((Value::text(name), extra.clone())));
            }
        }
    }
}

/// The numbers beside the ends of each range.
fn out_of_range() -> impl Iterator<Item = i128> {
    let ends = [7_u32, 8, 15, 16, 31, 32, 63].map(|bits| 1_i128 << bits);
    ends.into_iter().flat_map(|end| [end - 1, end, -end, -end - 1]).filter(|one| {
        // Larger ones have no form in MessagePack.
        i64::try_from(*one).is_ok() || u64::try_from(*one).is_ok()
    })
}

fn lists(items: &[Value], all: &mut Vec<Value>) {
    for at in 0..items.len() {
        let mut shorter = items.to_vec();
        shorter.remove(at);
        all.push(Value::List(shorter));
    }
    let last = items.last().cloned().unwrap_or(Value::Null);
    for more in [last, Value::Int(1), Value::Null] {
        let mut longer = items.to_vec();
        longer.push(more);
        all.push(Value::List(longer));
    }
}
