//! A type of the fixture.

use std::any::type_name;

use ipc_runtime::{
    interface::{Fingerprint, TypeSchema},
    shape::IpcType,
};
use ipc_shape_tests::{comparison::read, encoding::Encoding, random::Random, value::Value};
use serde::{Serialize, de::DeserializeOwned};

use crate::sample::Sample;

/// What the tests need of a type.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub name: fn() -> &'static str,
    pub schema: fn() -> TypeSchema,
    pub fingerprint: fn() -> Fingerprint,
    /// What a sample is written as; the error is serde's.
    pub written: fn(&mut Random, Encoding) -> Result<Value, String>,
    /// Whether serde reads it; the error is serde's.
    pub read: fn(&Value, Encoding) -> Result<(), String>,
}

impl Case {
    pub(crate) const fn of<T: IpcType + Sample + Serialize + DeserializeOwned>() -> Self {
        Self {
            name: type_name::<T>,
            schema: TypeSchema::of::<T>,
            fingerprint: T::fingerprint,
            written: |random, encoding| encoding.tree(&T::sample(random)),
            read: read::<T>,
        }
    }
}
