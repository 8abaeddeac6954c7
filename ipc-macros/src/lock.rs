//! The file in which the releases of interfaces are written down, as the macro reads it.

pub(crate) mod fact_cursor;
pub(crate) mod lock_file;
pub(crate) mod locked_node;
pub(crate) mod node_list;
pub(crate) mod release_table;
pub(crate) mod served_releases;
pub(crate) mod shape_hash;
pub(crate) mod shape_reader;
pub(crate) mod table_bytes;
