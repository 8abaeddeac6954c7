//! What an app sends means the same in each encoding.

use std::{collections::BTreeMap, fmt::Debug, net::IpAddr};

use futures_util::{StreamExt, stream};
use ipc_runtime::{
    Backend, Bytes, CallError, Encoding, ErrorKind, Frontend, IpcError, Stream, Streaming,
    error::ErrorObject, impl_ipc_type, ipc_interface, ipc_type,
};
use ipc_tests::in_time;
use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned, ser::SerializeSeq};
use serde_json::{Value, json};

const BOTH: [Encoding; 2] = [Encoding::Json, Encoding::MessagePack];

/// A backend, and a frontend that speaks this encoding with it.
async fn pair(name: &str, encoding: Encoding) -> (Backend, Frontend) {
    let backend = Backend::new();
    let endpoint = format!("memory:encodings-{name}-{encoding:?}");
    backend.listen(endpoint.as_str()).await.unwrap();
    let connecting = Frontend::builder().encoding(encoding).connect(endpoint.as_str());
    (backend, in_time(connecting).await.unwrap())
}

async fn travels<T>(name: &str, value: T)
where
    T: Serialize + DeserializeOwned + PartialEq + Debug + Clone + Send + Sync + 'static,
{
    for encoding in BOTH {
        let (backend, frontend) = pair(name, encoding).await;
        backend.expose("same", async |(value,): (T,)| Ok::<T, String>(value)).unwrap();
        let same = in_time(frontend.call::<T>("same", &(value.clone(),))).await;
        assert_eq!(same.unwrap(), value, "{name}, {encoding:?}");
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Host {
    ip: IpAddr,
    key: Bytes,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Flat {
    name: String,
    #[serde(flatten)]
    host: Host,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Nothing,
    Host(Host),
    Named { host: Host, unit: Unit },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "what")]
enum Adjacent {
    Nothing,
    Two(IpAddr, Bytes),
    Host { host: Host },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Ip(IpAddr),
    Host(Host),
    Unit(Unit),
}

#[tokio::test]
async fn values_travel_wherever_serde_gathers_them_first() {
    let host = Host { ip: "10.0.0.1".parse().unwrap(), key: Bytes::from(vec![0, 255, 7]) };
    let more = BTreeMap::from([("z".to_owned(), json!({ "q": [1, null, 1.5, "x"] }))]);
    travels("flat", Flat { name: "a".into(), host: host.clone(), more }).await;
    travels("plain", (host.clone(), vec![host.key.clone()], None::<u8>)).await;
    travels("tagged", [Tagged::Nothing, Tagged::Host(host.clone())]).await;
    travels("named", Tagged::Named { host: host.clone(), unit: Unit }).await;
    travels("adjacent", [Adjacent::Nothing, Adjacent::Two(host.ip, host.key.clone())]).await;
    travels("content", Adjacent::Host { host: host.clone() }).await;
    travels(
        "untagged",
        [Untagged::Ip(host.ip), Untagged::Host(host.clone()), Untagged::Unit(Unit)],
    )
    .await;
    travels("keys", BTreeMap::from([(host.ip, host.key.clone())])).await;
}

#[tokio::test]
async fn an_option_of_a_unit_is_none_in_both() {
    for encoding in BOTH {
        let (backend, frontend) = pair("unit", encoding).await;
        backend.expose("is_some", async |(unit,): (Option<Unit>,)| unit.is_some()).unwrap();
        let is_some = in_time(frontend.call::<bool>("is_some", &(Some(Unit),))).await;
        assert!(!is_some.unwrap(), "{encoding:?}");
    }
}

#[tokio::test]
async fn bytes_are_raw_in_message_pack_and_may_come_as_base64() {
    for encoding in BOTH {
        let (backend, frontend) = pair("bytes", encoding).await;
        backend.expose("length", async |(bytes,): (Bytes,)| bytes.len()).unwrap();
        let text = in_time(frontend.call::<usize>("length", &("AP8H",))).await;
        assert_eq!(text.unwrap(), 3, "{encoding:?}");
    }
}

#[tokio::test]
async fn an_error_object_is_a_value_too() {
    for encoding in BOTH {
        let (backend, frontend) = pair("object", encoding).await;
        let data = json!({ "a": [1, -1, 1.5, null, "x"] });
        let object = ErrorObject::new(7, "seven").with_data(&data);
        backend
            .expose("errors", async move |()| {
                let object = ErrorObject::new(7, "seven")
                    .with_data(&json!({ "a": [1, -1, 1.5, null, "x"] }));
                Ok::<_, String>(vec![object])
            })
            .unwrap();
        let errors = in_time(frontend.call::<Vec<ErrorObject>>("errors", &())).await.unwrap();
        let seen = errors[0].data.as_ref().unwrap().get();
        assert_eq!(serde_json::from_str::<Value>(seen).unwrap(), data, "{encoding:?}");
        assert_eq!((errors[0].code, &*errors[0].message), (object.code, &*object.message));
    }
}

#[test]
fn details_that_are_not_finite_are_left_out() {
    assert!(ErrorObject::new(5, "x").with_data(&f64::NAN).data.is_none());
    assert!(ErrorObject::new(5, "x").with_data(&[1.0, f64::INFINITY]).data.is_none());
}

/// Says that it has another length than it has.
#[derive(Debug, Clone)]
struct Liar(i32);

impl Serialize for Liar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(usize::try_from(3 + self.0).ok())?;
        for number in 0..3 {
            sequence.serialize_element(&number)?;
        }
        sequence.end()
    }
}

impl<'de> Deserialize<'de> for Liar {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <[u8; 3]>::deserialize(deserializer).map(|_| Self(0))
    }
}

impl_ipc_type!(Liar as Value);

/// An error that is as deep as it is told to be.
#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("deep")]
struct Deep(Value);

impl_ipc_type!(Deep as Value);

/// Number keys where serde gathers a value before it knows what is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Flattened {
    name: String,
    #[serde(flatten)]
    sizes: BTreeMap<u32, u8>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum TaggedKeys {
    Sizes { sizes: BTreeMap<i64, u8> },
}

impl_ipc_type!(Flattened as Value);

impl_ipc_type!(TaggedKeys as Value);

#[ipc_interface(channel = "test.encodings", version = "1.0.0")]
trait Encodings {
    fn flattened(&self, before: u8, sizes: Flattened) -> usize;
    fn tagged(&self, sizes: TaggedKeys) -> usize;
    fn flattened_back(&self) -> Flattened;
    fn hear(&self, liar: Liar);
    fn tell(&self, by: i32) -> Liar;
    #[ipc(subscription)]
    fn list(&self, by: i32) -> impl Stream<Item = Liar>;
    async fn upload(&self, liars: Streaming<Liar>) -> u32;
    fn fail(&self, levels: u32) -> Result<(), Deep>;
}

struct Handler;

impl Encodings for Handler {
    fn flattened(&self, before: u8, sizes: Flattened) -> usize {
        usize::from(before) + sizes.sizes.len()
    }

    fn tagged(&self, sizes: TaggedKeys) -> usize {
        let TaggedKeys::Sizes { sizes } = sizes;
        sizes.len()
    }

    fn flattened_back(&self) -> Flattened {
        Flattened { name: "a".into(), sizes: BTreeMap::from([(7, 1)]) }
    }

    fn hear(&self, _liar: Liar) {}

    fn tell(&self, by: i32) -> Liar {
        Liar(by)
    }

    fn list(&self, by: i32) -> impl Stream<Item = Liar> {
        stream::iter([Liar(0), Liar(by), Liar(0)])
    }

    async fn upload(&self, mut liars: Streaming<Liar>) -> u32 {
        let mut count = 0;
        while let Some(Ok(_)) = liars.next().await {
            count += 1;
        }
        count
    }

    fn fail(&self, levels: u32) -> Result<(), Deep> {
        Err(Deep((0..levels).fold(json!(7), |value, _| json!([value]))))
    }
}

async fn client(name: &str, encoding: Encoding) -> (Backend, EncodingsClient) {
    let (backend, frontend) = pair(name, encoding).await;
    backend.register(EncodingsHandler::new(Handler)).unwrap();
    (backend, in_time(frontend.open()).await.unwrap())
}

#[tokio::test]
async fn a_serialize_that_miscounts_is_an_error_of_its_side() {
    let (_backend, client) = client("liar", Encoding::MessagePack).await;
    for by in [-1, 1, 5] {
        match in_time(client.hear(Liar(by))).await {
            Err(error) if error.kind() == ErrorKind::Encode => {
                let message = error.message().unwrap();
                assert!(message.contains("wrote 3"), "{message}");
            }
            other => panic!("{by}: {other:?}"),
        }
        match in_time(client.tell(by)).await {
            Err(error) if error.kind() == ErrorKind::HandlerFailed => {
                let message = error.message().unwrap();
                assert!(message.contains("wrote 3"), "{message}");
            }
            other => panic!("{by}: {other:?}"),
        }
        let items: Vec<_> = in_time(client.list(by)).await.unwrap().collect().await;
        let failed = matches!(&items[..], [Ok(_), Err(e)] if e.kind() == ErrorKind::HandlerFailed);
        assert!(failed, "{items:?}");
        let liars = Streaming::from(vec![Liar(0), Liar(by), Liar(0)]);
        assert_eq!(in_time(client.upload(liars)).await.unwrap(), 1);
        in_time(client.hear(Liar(0))).await.unwrap();
    }
}

#[tokio::test]
async fn number_keys_that_json_can_not_carry_are_told_with_method_argument_and_key() {
    let flattened = || Flattened { name: "a".into(), sizes: BTreeMap::from([(7, 1)]) };
    let tagged = || TaggedKeys::Sizes { sizes: BTreeMap::from([(-7, 1)]) };

    let (_backend, packed) = client("keys", Encoding::MessagePack).await;
    assert_eq!(in_time(packed.flattened(1, flattened())).await.unwrap(), 2);
    assert_eq!(in_time(packed.tagged(tagged())).await.unwrap(), 1);
    assert_eq!(in_time(packed.flattened_back()).await.unwrap(), flattened());

    let (_backend, json) = client("keys", Encoding::Json).await;
    let tells = |error: IpcError, words: &[&str]| {
        let text = error.to_string();
        let remedy = ["is text in JSON", "keys of type String"];
        assert!(words.iter().chain(&remedy).all(|word| text.contains(word)), "{text}");
    };
    let error = in_time(json.flattened(1, flattened())).await.unwrap_err();
    tells(error, &["test.encodings.flattened ", "`sizes` (2 of 2)", "\"7\""]);
    let error = in_time(json.tagged(tagged())).await.unwrap_err();
    tells(error, &["test.encodings.tagged ", "`sizes` (1 of 1)", "\"-7\""]);
    let error = in_time(json.flattened_back()).await.unwrap_err();
    tells(error, &["test.encodings.flattened_back ", "\"7\""]);
}

#[tokio::test]
async fn an_error_of_any_depth_ends_its_call_alone() {
    for encoding in BOTH {
        let (_backend, client) = client("deep", encoding).await;
        for levels in [100, 126, 127, 128, 200, 1000] {
            let failed = in_time(client.fail(levels)).await.unwrap_err();
            // What is deeper than anybody reads may lack its data, or be no reply that is taken.
            assert!(levels > 100 || failed.to_string() == "deep", "{encoding:?}: {failed}");
            in_time(client.hear(Liar(0))).await.unwrap();
        }
    }
}

/// An error that may be as deep as it likes, and that null is one of.
#[ipc_type]
#[derive(Debug, PartialEq)]
struct Odd(Value);

impl std::fmt::Display for Odd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("odd")
    }
}

#[ipc_interface(channel = "test.odds_and_ends", version = "1.0.0")]
trait OddsAndEnds {
    fn fail(&self, depth: u32) -> Result<(), Odd>;
}

struct Ends;

impl OddsAndEnds for Ends {
    fn fail(&self, depth: u32) -> Result<(), Odd> {
        Err(Odd((0..depth).fold(Value::Null, |inner, _| json!([inner]))))
    }
}

#[tokio::test]
async fn no_error_is_taken_for_another_one_that_the_method_may_have() {
    for encoding in BOTH {
        let (backend, frontend) = pair("odd", encoding).await;
        backend.register(OddsAndEndsHandler::new(Ends)).unwrap();
        let client: OddsAndEndsClient = in_time(frontend.open()).await.unwrap();
        for depth in [0, 1, 50] {
            let failed = in_time(client.fail(depth)).await.unwrap_err();
            let same =
                matches!(&failed, CallError::Method(own) if Err(own) == Ends.fail(depth).as_ref());
            assert!(same, "{encoding:?}, {depth}: {failed}");
        }
        // Deeper than either side reads: its data doesn't travel.
        let Err(CallError::Ipc(error)) = in_time(client.fail(500)).await else {
            panic!("{encoding:?}: it came as another error of the method");
        };
        assert!(matches!(error.kind(), ErrorKind::Remote | ErrorKind::Decode), "{error}");
        assert!(error.may_have_run());
    }
}
