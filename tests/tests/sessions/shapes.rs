//! What a frontend is told of an interface whose types have changed: where, and from what to what.

#![allow(dead_code, reason = "no value of some of these types is made")]

use ipc_runtime::{Backend, Client, Frontend, IpcError, interface::Schema};
use ipc_tests::{
    Frames, LocalListener, Scratch, TestCarrier, endpoint_of, in_time, on_every_carrier,
};
use serde_json::{Value, json};

/// An interface whose types differ only behind an alias, in a constant, and deep inside.
macro_rules! robots {
    ($module:ident, $version:literal, $angle:ty, $axes:literal, $limit:ty, $robot:ident) => {
        pub(crate) mod $module {
            use ipc_runtime::{ipc_interface, ipc_type};

            pub(crate) type Angle = $angle;
            pub(crate) const AXES: usize = $axes;
            pub(crate) type Readings<T> = Vec<(T, $limit)>;

            #[ipc_type]
            #[derive(Debug)]
            pub(crate) struct Pose {
                pub angle: Angle,
                pub axes: [u8; AXES],
                pub readings: Readings<bool>,
            }

            #[ipc_type]
            #[derive(Debug)]
            pub(crate) struct Fleet {
                pub robots: Vec<$robot>,
            }

            #[ipc_type]
            #[derive(Debug)]
            pub(crate) struct $robot {
                pub tool: Option<Tool>,
                pub follows: Option<Box<$robot>>,
            }

            #[ipc_type]
            #[derive(Debug)]
            pub(crate) enum Tool {
                Gripper { limit: $limit },
                Camera,
            }

            #[ipc_interface(channel = "test.robots", version = $version)]
            pub(crate) trait Robots {
                async fn pose(&self) -> Pose;
                async fn fleet(&self) -> Fleet;
                async fn same(&self, fleet: Fleet) -> u8;
            }

            #[derive(Debug)]
            pub(crate) struct Hall;

            impl Robots for Hall {
                async fn pose(&self) -> Pose {
                    Pose { angle: Angle::default(), axes: [0; AXES], readings: Vec::new() }
                }

                async fn fleet(&self) -> Fleet {
                    Fleet { robots: Vec::new() }
                }

                async fn same(&self, _: Fleet) -> u8 {
                    0
                }
            }
        }
    };
}

robots!(old, "1.0.0", u32, 3, u32, Robot);
robots!(new, "2.0.0", f32, 4, f32, Machine);
robots!(changed, "1.0.0", f32, 4, f32, Robot);

on_every_carrier! {
    what_differs_is_told_by_its_node,
    equal_versions_are_told_as_here_and_there,
}

async fn refused(carrier: &TestCarrier) -> IpcError {
    let backend = Backend::new();
    backend.register(new::RobotsHandler::new(new::Hall)).unwrap();
    let frontend = carrier.connect(&backend).await;
    frontend.open::<old::RobotsClient>().await.unwrap_err()
}

async fn what_differs_is_told_by_its_node(carrier: TestCarrier) {
    let error = refused(&carrier).await;
    let mismatch = error.version_mismatch().unwrap();
    let text = mismatch.to_string();
    let told: Vec<&str> = text.lines().map(str::trim).collect();
    assert_eq!(
        told[1..told.len() - 1],
        [
            "type Pose, field angle: was u32, is f32",
            "type Pose, field axes, length: was 3, is 4",
            "type Pose, field readings, each item, element 2: was u32, is f32",
            "type Tool, variant Gripper, content, field limit: was u32, is f32",
        ],
        "{text}"
    );
    let types: Vec<&str> = mismatch.types.iter().map(|one| &*one.name).collect();
    assert_eq!(types, ["Pose", "Tool"]);
    assert_eq!(mismatch.differences.len(), 4);
    assert_eq!(mismatch.differences[0].place, "type Pose, field angle");
}

async fn equal_versions_are_told_as_here_and_there(carrier: TestCarrier) {
    let backend = Backend::new();
    backend.register(old::RobotsHandler::new(old::Hall)).unwrap();
    let frontend = carrier.connect(&backend).await;
    let error = frontend.open::<changed::RobotsClient>().await.unwrap_err();
    let text = error.version_mismatch().unwrap().to_string();
    assert!(text.contains("type Pose, field angle: here f32, there u32"), "{text}");
}

/// What a frontend says to a backend of another make, which describes its interface like this.
async fn told(change: impl FnOnce(&mut Value)) -> String {
    let schema = Schema::of(new::RobotsClient::INTERFACE);
    let mut described = json!({
        "channel": "test.robots",
        "version": "2.0.0",
        "fingerprint": "2:0000000000000001",
        "methods": {
            "pose": { "signature": "pose() -> Pose", "fingerprint": "2:0000000000000002" },
        },
        "types": { "Pose": "struct { angle: f32 }" },
        "shapes": schema.to_string(),
    });
    change(&mut described);
    let verdict = json!({
        "channel": "test.robots",
        "error": { "code": -32003, "message": "no", "data": described },
    });
    let directory = Scratch::new();
    let listener = LocalListener::bind(directory.socket("s")).unwrap();
    let endpoint = endpoint_of(&directory.socket("s"));
    let opening = tokio::spawn(async move {
        let frontend = Frontend::connect(endpoint).await.unwrap();
        frontend.open::<old::RobotsClient>().await.map(drop)
    });
    let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
    for uses in [json!([]), json!([verdict])] {
        let hello = raw.next().await;
        let result = json!({ "protocol": 1, "uses": uses });
        raw.send(json!({ "jsonrpc": "2.0", "id": hello["id"], "result": result }).to_string())
            .await;
    }
    let error = in_time(opening).await.unwrap().unwrap_err();
    error.version_mismatch().unwrap().to_string()
}

#[tokio::test]
async fn without_shapes_or_with_broken_ones_signatures_and_texts_are_told() {
    let with = told(|_| {}).await;
    assert!(with.contains("type Pose, field angle: was u32, is f32"), "{with}");
    for broken in [None, Some(json!("channel")), Some(json!(7)), Some(json!({ "a": [1] }))] {
        let text = told(|described| match broken {
            None => drop(described.as_object_mut().unwrap().remove("shapes")),
            Some(broken) => described["shapes"] = broken,
        });
        let text = text.await;
        assert!(text.contains("type `Pose` differs"), "{text}");
        assert!(text.contains("there: struct { angle: f32 }"), "{text}");
        assert!(text.contains("method `fleet` is missing there"), "{text}");
    }
}
