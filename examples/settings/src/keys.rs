//! What can be set, by name and type: both sides are built from it.

use ipc_runtime::store::Key;

/// How everything looks.
pub const THEME: Key<String> = Key::new("theme");
/// In points.
pub const FONT_SIZE: Key<u32> = Key::new("font.size");
/// Whether files are saved without being asked for.
pub const AUTOSAVE: Key<bool> = Key::new("files.autosave");
