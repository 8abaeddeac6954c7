//! The page's types are those of the traits.

use ipc_runtime::typescript::{Bindings, BindingsError};
use machine_panel_interface::{MachineClient, PanelClient};

/// `IPC_BINDINGS=write cargo test -p machine-panel-interface bindings` renews the file.
#[test]
fn bindings_of_the_page_are_those_of_the_interfaces() -> Result<(), BindingsError> {
    Bindings::new()
        .interface::<MachineClient>()
        .implemented::<PanelClient>()
        .check("../page/src/ipc.ts")
}
