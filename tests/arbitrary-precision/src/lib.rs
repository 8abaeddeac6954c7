//! An app may turn on serde_json's feature `arbitrary_precision`, by any crate that it is made of.
//! What this project writes by itself stays what it is.

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use ipc_runtime::{
        Backend, Encoding, ErrorKind, Frontend,
        error::ErrorObject,
        middleware::{CallInfo, Middleware},
        store::{Key, Store, StoreReplica},
    };
    use serde::{Deserialize, Serialize};
    use serde_json::{Value, json};

    #[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
    #[error("full")]
    struct Full {
        limit: u64,
        ratio: f64,
    }

    #[derive(Deserialize)]
    struct Document {
        methods: Vec<Method>,
    }

    #[derive(Deserialize)]
    struct Method {
        name: String,
        params: Vec<Param>,
    }

    #[derive(Deserialize)]
    struct Param {
        schema: Bounds,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Bounds {
        minimum: Option<f64>,
        maximum: Option<i64>,
        #[serde(rename = "exclusiveMaximum")]
        above: Option<f64>,
    }

    #[derive(Clone, Default)]
    struct Seen(Arc<Mutex<Vec<Value>>>);

    impl Middleware for Seen {
        fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
            self.0.lock().unwrap().extend(call.params());
            Ok(())
        }
    }

    #[tokio::test]
    async fn numbers_are_numbers_in_both_encodings() {
        for encoding in [Encoding::Json, Encoding::MessagePack] {
            let seen = Seen::default();
            let backend = Backend::builder().middleware(seen.clone()).discover(true).build();
            let fail = async |(limit,): (u64,)| Err::<u8, _>(Full { limit, ratio: 1.5 });
            backend.expose("fail", fail).unwrap();
            backend.expose_typed("wide", async |(wide,): (i128,)| wide).unwrap();
            backend.expose_typed("signed", async |(signed,): (i64,)| signed).unwrap();
            let store = Store::new();
            store.serve(&backend).unwrap();
            let endpoint = format!("memory:precision-{encoding:?}");
            backend.listen(endpoint.as_str()).await.unwrap();
            let connecting = Frontend::builder().encoding(encoding).connect(endpoint.as_str());
            let frontend = connecting.await.unwrap();

            match frontend.call::<u8>("fail", &(7_u64,)).await {
                Err(error) if error.kind() == ErrorKind::Remote => {
                    let error = error.error_object().unwrap();
                    let data = error.data.as_ref().unwrap();
                    assert_eq!(data.get(), r#"{"limit":7,"ratio":1.5}"#, "{encoding:?}");
                }
                other => panic!("{encoding:?}: {other:?}"),
            }
            assert_eq!(seen.0.lock().unwrap().first(), Some(&json!([7])), "{encoding:?}");

            // Read into numbers: a `Value` would take serde_json's own struct for one.
            let document: Document = frontend.call("rpc.discover", &()).await.unwrap();
            let power = |exponent| 2f64.powi(exponent);
            let bounds =
                |minimum, maximum, above| Bounds { minimum: Some(minimum), maximum, above };
            let signed = bounds(-power(63), Some(i64::MAX), None);
            let wide = bounds(-power(127), None, Some(power(127)));
            for (name, expected) in [("signed", signed), ("wide", wide)] {
                let method = document.methods.iter().find(|of| of.name == name).unwrap();
                assert_eq!(method.params[0].schema, expected, "{encoding:?}: {name}");
            }

            let zoom: Key<f64, &str> = Key::new("zoom");
            store.set(&zoom, &1.5).unwrap();
            let replica = StoreReplica::open(&frontend).await.unwrap();
            assert_eq!(replica.get(&zoom).unwrap(), Some(1.5), "{encoding:?}");
            replica.set(&zoom, &2.5).await.unwrap();
            assert_eq!(store.get(&zoom).unwrap(), Some(2.5), "{encoding:?}");
        }
    }
}
