//! The types that were found to be compared.

use crate::{
    compatibility::{changes::Changes, fields, reads, variants},
    shape::node::NodeKind,
};

/// Compares the pairs of types that were found, and those that they lead to.
pub(crate) const fn compare_found(changes: &mut Changes<'_, '_>) {
    while let Some(pair) = changes.next() {
        let (reader, writer) = (pair.reader, pair.writer);
        match (reader.kind(), writer.kind()) {
            (NodeKind::Struct, NodeKind::Struct) => fields::compare(&pair, changes),
            (NodeKind::Enum, NodeKind::Enum) => variants::compare(&pair, changes),
            _ => {
                let both = (reader, writer);
                let shown = if pair.roles.is_reader_newer { (both.1, both.0) } else { both };
                let place = pair.within();
                reads::nodes(reader, writer, shown, pair.roles, &place, pair.route, changes);
            }
        }
    }
}
