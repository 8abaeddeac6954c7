//! What differs in the methods.

use std::collections::HashMap;

use crate::interface::schema::{
    Schema, SchemaArgument, SchemaMethod,
    comparison::{Comparison, MAX_LENGTH, MISSING},
    excerpt::NameExcerpt,
    summary::summary,
    text::kind,
};

impl<'a> Comparison<'a> {
    pub(super) fn interfaces(&mut self, ours: &'a Schema, theirs: &'a Schema) {
        if !ours.unknown.is_empty() || !theirs.unknown.is_empty() {
            let text = |unknown: &[String]| match unknown {
                [] => "nothing".to_owned(),
                [one] => one.clone(),
                [one, others @ ..] => format!("{one}, and {} more", others.len()),
            };
            let (ours, theirs) = (text(&ours.unknown), text(&theirs.unknown));
            self.tell("what this release doesn't know", ours, theirs);
        }
        let mut others: HashMap<&str, &SchemaMethod> =
            theirs.methods.iter().map(|method| (&*method.name, method)).collect();
        for our in &ours.methods {
            if self.is_cut {
                return;
            }
            // One side's new name may be the other side's old one.
            let renamed = |their: &&SchemaMethod| {
                their.aliases.contains(&our.name) || our.aliases.contains(&their.name)
            };
            let their = others.remove(&*our.name).or_else(|| {
                let their = theirs.methods.iter().find(renamed)?;
                let is_free = ours.methods.iter().all(|one| one.name != their.name);
                if is_free { others.remove(&*their.name) } else { None }
            });
            match their {
                Some(their) => self.methods(our, their),
                None => self.only(our, true),
            }
        }
        for their in &theirs.methods {
            if self.is_cut {
                return;
            }
            if others.remove(&*their.name).is_some() {
                self.only(their, false);
            }
        }
    }

    fn only(&mut self, method: &SchemaMethod, is_ours: bool) {
        let arguments = method.arguments.iter();
        let arguments =
            arguments.map(|one| format!("{}: {}", NameExcerpt(&one.name), summary(&one.shape, 60)));
        let arguments = arguments.collect::<Vec<_>>().join(", ");
        let text = format!("{} {}({arguments})", kind(method.kind), NameExcerpt(&method.name));
        let (ours, theirs) = if is_ours { (&*text, MISSING) } else { (MISSING, &*text) };
        let place = format!("method {}", NameExcerpt(&method.name));
        self.push(&place, ours, theirs, true);
    }

    fn methods(&mut self, ours: &'a SchemaMethod, theirs: &'a SchemaMethod) {
        let place = format!("method {}", NameExcerpt(&ours.name));
        if ours.kind != theirs.kind {
            self.tell(&place, kind(ours.kind), kind(theirs.kind));
        }
        if ours.name != theirs.name {
            let name = |one: &SchemaMethod| NameExcerpt(&one.name).to_string();
            self.tell(&format!("{place}, name"), name(ours), name(theirs));
        }
        let aliases = |one: &SchemaMethod| {
            let mut all: Vec<_> =
                one.aliases.iter().map(|alias| NameExcerpt(alias).to_string()).collect();
            all.sort_unstable();
            if all.is_empty() { "none".to_owned() } else { all.join(", ") }
        };
        let (our_aliases, their_aliases) = (aliases(ours), aliases(theirs));
        if our_aliases != their_aliases {
            self.tell(&format!("{place}, aliases"), our_aliases, their_aliases);
        }
        self.tell_whether(&place, "idempotent", ours.idempotent, theirs.idempotent);
        self.arguments(&place, &ours.arguments, &theirs.arguments);
        self.shapes(&format!("{place}, result"), &ours.value, &theirs.value);
        for (what, ours, theirs) in [
            ("error", &ours.error, &theirs.error),
            ("each item", &ours.item, &theirs.item),
            ("error of the items", &ours.item_error, &theirs.item_error),
            ("progress", &ours.progress, &theirs.progress),
        ] {
            self.optional(&format!("{place}, {what}"), ours.as_ref(), theirs.as_ref());
        }
    }

    fn arguments(&mut self, place: &str, ours: &'a [SchemaArgument], theirs: &'a [SchemaArgument]) {
        let is_in = |one: &SchemaArgument, all: &[SchemaArgument]| {
            all.iter().any(|other| other.name == one.name)
        };
        let text = |one: Option<&SchemaArgument>| match one {
            Some(one) => summary(&one.shape, MAX_LENGTH),
            None => MISSING.to_owned(),
        };
        for (at, our) in ours.iter().enumerate() {
            let argument = format!("{place}, argument {}", NameExcerpt(&our.name));
            let same = theirs.iter().find(|their| their.name == our.name);
            // One that was renamed stands where it stood.
            let renamed = theirs.get(at).filter(|their| !is_in(their, ours));
            let their = match (same, renamed) {
                (Some(their), _) => their,
                (None, Some(their)) => {
                    let names =
                        (NameExcerpt(&our.name).to_string(), NameExcerpt(&their.name).to_string());
                    self.tell(&format!("{place}, argument {}, name", at + 1), names.0, names.1);
                    their
                }
                (None, None) => {
                    self.tell(&argument, text(Some(our)), text(None));
                    continue;
                }
            };
            self.tell_whether(&argument, "a stream", our.is_stream, their.is_stream);
            self.shapes(&argument, &our.shape, &their.shape);
        }
        for (at, their) in theirs.iter().enumerate() {
            let is_renamed = ours.get(at).is_some_and(|our| !is_in(our, theirs));
            if !is_in(their, ours) && !is_renamed {
                let argument = format!("{place}, argument {}", NameExcerpt(&their.name));
                self.tell(&argument, text(None), text(Some(their)));
            }
        }
        let common = |from: &[SchemaArgument], with: &[SchemaArgument]| -> Vec<String> {
            let both = from.iter().filter(|one| is_in(one, with));
            both.map(|one| NameExcerpt(&one.name).to_string()).collect()
        };
        let (our_order, their_order) = (common(ours, theirs), common(theirs, ours));
        if our_order != their_order {
            let place = format!("{place}, order of the arguments");
            self.tell(&place, our_order.join(", "), their_order.join(", "));
        }
    }
}
