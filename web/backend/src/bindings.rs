//! The bindings that the tests of the npm package have.

use ipc_runtime::typescript::{Bindings, BindingsError, Integers};

use crate::{
    interface::{EverythingApiClient, Named, WindowClient},
    settings::{self, SettingsApiClient},
    survivor::{SurvivorClient, later::LaterClient},
};

fn everything(integers: Integers) -> Bindings {
    Bindings::new()
        .checkable()
        .integers(integers)
        .interface::<EverythingApiClient>()
        .implemented::<WindowClient>()
        .function::<(i64, i64), i64>("add")
        .function::<Named, usize>("length")
}

fn keys() -> Bindings {
    Bindings::new()
        .interface::<SettingsApiClient>()
        .key(&settings::THEME)
        .key(&settings::COUNT)
        .key(&settings::NOTHING)
        .key(&settings::ANY)
        .key(&settings::RATIO)
        .key(&settings::WIDE)
        .key(&settings::BLOB)
        .key(&settings::SIZES)
        .key(&settings::PAIR)
        .key(&settings::LAYOUT)
}

#[test]
fn bindings() -> Result<(), BindingsError> {
    everything(Integers::Number).check("../tests/support/everything.ts")?;
    everything(Integers::BigInt).check("../tests/support/everything-bigint.ts")?;
    keys().check("../tests/support/settings.ts")?;
    let survivor = Bindings::new().interface::<SurvivorClient>();
    survivor.check("../tests/support/survivor.ts")?;
    Bindings::new().interface::<LaterClient>().check("../tests/support/later.ts")
}
