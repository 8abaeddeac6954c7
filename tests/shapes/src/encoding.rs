//! The two encodings, as the runtime uses them.

use serde::{Serialize, de::DeserializeOwned};

use crate::value::Value;

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As serde_json writes them.
    Json,
    /// As rmp-serde writes them, with structs as maps and human-readable.
    MessagePack,
}

impl Encoding {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Json, Self::MessagePack];

    /// Writes a value. The error is serde's: a variant that is never sent can't be written.
    pub fn write<T: Serialize + ?Sized>(self, value: &T) -> Result<Vec<u8>, String> {
        match self {
            Self::Json => serde_json::to_vec(value).map_err(|error| error.to_string()),
            Self::MessagePack => {
                let mut out = Vec::new();
                let mut serializer =
                    rmp_serde::Serializer::new(&mut out).with_struct_map().with_human_readable();
                value.serialize(&mut serializer).map_err(|error| error.to_string())?;
                Ok(out)
            }
        }
    }

    /// Reads a value.
    pub fn read<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, String> {
        match self {
            Self::Json => serde_json::from_slice(bytes).map_err(|error| error.to_string()),
            Self::MessagePack => {
                let mut reader =
                    rmp_serde::Deserializer::from_read_ref(bytes).with_human_readable();
                T::deserialize(&mut reader).map_err(|error| error.to_string())
            }
        }
    }

    /// What a value is written as.
    pub fn tree<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, String> {
        self.read(&self.write(value)?)
    }
}
