//! The interface for frontends in TypeScript.

use std::{error::Error, path::Path};

use ipc_runtime::typescript::Bindings;

use crate::{interface::FilesClient, screen::Screen};

/// The name of the file.
const FILE: &str = "ipc.ts";

fn bindings() -> Bindings {
    Bindings::new().interface::<FilesClient>()
}

/// Writes the file into a directory.
pub(crate) fn write(screen: &Screen, dir: &Path) -> Result<(), Box<dyn Error>> {
    let (path, bindings) = (dir.join(FILE), bindings());
    let is_new = bindings.write(&path)?;
    let did = if is_new { "wrote" } else { "up to date" };
    screen.row(did, path.display());
    for hint in bindings.hints() {
        screen.row("hint", hint);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ipc_runtime::typescript::BindingsError;

    /// `IPC_BINDINGS=write cargo test -p quickstart bindings` renews the file.
    #[test]
    fn bindings_in_the_repository_are_those_of_the_interface() -> Result<(), BindingsError> {
        super::bindings().check("web/ipc.ts")
    }
}
