//! The page's types are those of the trait.

use ipc_runtime::typescript::{Bindings, BindingsError};
use notes_interface::{DRAFT, INDEX, NotesClient, PINNED};

/// `IPC_BINDINGS=write cargo test -p notes-interface bindings` renews the file.
#[test]
fn bindings_of_the_page_are_those_of_the_interface() -> Result<(), BindingsError> {
    Bindings::new()
        .interface::<NotesClient>()
        .key(&PINNED)
        .key(&DRAFT)
        .key(&INDEX)
        .check("../page/src/ipc.ts")
}
