//! The bindings that the tests of the npm package have.

use ipc_runtime::typescript::{Bindings, BindingsError, Integers};

use crate::interface::{EverythingApiClient, Named, WindowClient};

fn everything(integers: Integers) -> Bindings {
    Bindings::new()
        .checkable()
        .integers(integers)
        .interface::<EverythingApiClient>()
        .implemented::<WindowClient>()
        .function::<(i64, i64), i64>("add")
        .function::<Named, usize>("length")
}

#[test]
fn bindings() -> Result<(), BindingsError> {
    everything(Integers::Number).check("../tests/support/everything.ts")?;
    everything(Integers::BigInt).check("../tests/support/everything-bigint.ts")
}
