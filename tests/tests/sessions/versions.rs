//! Which versions of an interface fit which.

use ipc_runtime::{Backend, CallContext, CallError, Client, Encoding, ErrorKind, Frontend, Stream};
use ipc_tests::TestCarrier;

use super::versioned_interface::{
    build_a, build_b, exact_1_2_0, exact_1_2_3, exact_build_a, exact_build_b, pre_1, pre_2, v0_0_1,
    v0_0_2, v0_1_0, v0_1_5, v0_2_0, v1_0_0, v1_2_0, v1_2_3, v2_0_0,
};

/// Connects a frontend of one version with a backend of another.
macro_rules! fits {
    ($frontend:ident with $backend:ident) => {{
        let backend = Backend::new();
        let handler = $backend::VersionedHandler::new($backend::Named);
        backend.register(handler).unwrap();
        let frontend = TestCarrier::memory().connect(&backend).await;
        let opened = frontend.open::<$frontend::VersionedClient>().await;
        let later: $frontend::VersionedClient = frontend.client();
        let called = later.name().await;
        match (opened, called) {
            (Ok(_), Ok(name)) => {
                assert_eq!(name, $backend::VersionedClient::INTERFACE.version);
                true
            }
            (Err(opened), Err(called)) => {
                assert_eq!(opened.to_string(), called.to_string());
                let opened = opened.version_mismatch().unwrap();
                let ours = $frontend::VersionedClient::INTERFACE.version;
                let theirs = $backend::VersionedClient::INTERFACE.version;
                assert_eq!((opened.our_version, &*opened.their_version), (ours, theirs));
                let text = opened.to_string();
                assert!(text.contains(ours) && text.contains(theirs), "{text}");
                assert!(text.contains("test.versions") && text.contains("memory:"), "{text}");
                false
            }
            (opened, called) => panic!("{opened:?}, {called:?}"),
        }
    }};
}

#[tokio::test]
async fn a_newer_backend_serves_an_older_frontend() {
    assert!(fits!(v1_2_0 with v1_2_0));
    assert!(fits!(v1_0_0 with v1_2_0));
    assert!(fits!(v1_2_0 with v1_2_3));
    assert!(fits!(v0_1_0 with v0_1_5));
    assert!(fits!(v0_0_1 with v0_0_1));
    assert!(fits!(pre_1 with pre_1));
    assert!(fits!(pre_1 with pre_2));
}

/// An interface whose newer minor version has one more error.
macro_rules! shelf {
    ($name:ident, $version:literal, $($more:ident)?) => {
        mod $name {
            use ipc_runtime::{CallContext, Stream, ipc_interface, ipc_type};

            #[ipc_type]
            #[derive(Debug)]
            pub(super) enum ShelfError {
                Empty,
                $($more { until: u32 },)?
            }

            impl std::fmt::Display for ShelfError {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    match self {
                        Self::Empty => f.write_str("the shelf is empty"),
                        $(Self::$more { until } => write!(f, "the shelf is locked until {until}"),)?
                    }
                }
            }

            #[ipc_interface(channel = "test.shelf", version = $version)]
            pub(super) trait Shelf {
                async fn take(&self) -> Result<u32, ShelfError>;
                async fn sort(
                    &self,
                    #[ipc(context)] call: &CallContext<u32>,
                ) -> Result<u32, ShelfError>;
                #[ipc(subscription)]
                async fn open(&self) -> Result<impl Stream<Item = u32>, ShelfError>;
                #[ipc(subscription)]
                async fn read(&self) -> impl Stream<Item = Result<u32, ShelfError>>;
            }
        }
    };
}

shelf!(shelf_1_0, "1.0.0",);
shelf!(shelf_1_1, "1.1.0", Locked);

struct Locked;

const LOCKED: shelf_1_1::ShelfError = shelf_1_1::ShelfError::Locked { until: 7 };

impl shelf_1_1::Shelf for Locked {
    async fn take(&self) -> Result<u32, shelf_1_1::ShelfError> {
        Err(LOCKED)
    }

    async fn sort(&self, call: &CallContext<u32>) -> Result<u32, shelf_1_1::ShelfError> {
        call.progress(&50);
        Err(LOCKED)
    }

    async fn open(&self) -> Result<impl Stream<Item = u32>, shelf_1_1::ShelfError> {
        Err::<futures_util::stream::Empty<u32>, _>(LOCKED)
    }

    async fn read(&self) -> impl Stream<Item = Result<u32, shelf_1_1::ShelfError>> {
        futures_util::stream::iter([Ok(1), Err(LOCKED)])
    }
}

#[tokio::test]
async fn an_error_that_an_older_frontend_does_not_know_keeps_its_message_and_data() {
    let backend = Backend::new();
    backend.register(shelf_1_1::ShelfHandler::new(Locked)).unwrap();
    for carrier in [TestCarrier::memory(), TestCarrier::local()] {
        let endpoint = carrier.listen(&backend).await;
        for encoding in [Encoding::Json, Encoding::MessagePack] {
            let builder = Frontend::builder().encoding(encoding);
            let frontend = builder.connect(endpoint.clone()).await.unwrap();
            let shelf: shelf_1_0::ShelfClient = frontend.open().await.unwrap();
            keeps_all("test.shelf.take", shelf.take().await.unwrap_err());
            let mut reports = Vec::new();
            let sorted = shelf.sort().with_progress(|percent| reports.push(percent)).await;
            keeps_all("test.shelf.sort", sorted.unwrap_err());
            assert_eq!(reports, [50]);
            keeps_all("test.shelf.open", shelf.open().await.unwrap_err());
            let mut read = shelf.read().await.unwrap();
            assert_eq!(read.next().await.unwrap().unwrap(), 1);
            keeps_all("test.shelf.read", read.next().await.unwrap().unwrap_err());
            assert!(read.next().await.is_none());
        }
    }
}

/// Whether the error that only the backend knows has come with all that the backend has sent.
fn keeps_all(method: &str, error: CallError<shelf_1_0::ShelfError>) {
    let CallError::Ipc(error) = error else { panic!("{method}: it is known: {error:?}") };
    assert_eq!((error.kind(), error.method()), (ErrorKind::Remote, method));
    assert!(error.may_have_run());
    assert_eq!(error.message(), Some("the shelf is locked until 7"));
    let object = error.error_object().unwrap();
    assert_eq!(object.code, 1);
    assert_eq!(object.data.as_ref().unwrap().get(), r#"{"Locked":{"until":7}}"#);
    let text = error.to_string();
    let why = "its data isn't an error that this side knows (unknown variant `Locked`, expected";
    assert!(text.contains("the shelf is locked until 7") && text.contains(why), "{text}");
}

#[tokio::test]
async fn an_older_backend_does_not_serve_a_newer_frontend() {
    assert!(!fits!(v1_2_0 with v1_0_0));
    assert!(!fits!(v1_2_3 with v1_2_0));
    assert!(!fits!(v0_1_5 with v0_1_0));
    assert!(!fits!(pre_2 with pre_1));
}

#[tokio::test]
async fn another_major_does_not_fit_and_before_one_the_minor_counts_as_that() {
    assert!(!fits!(v1_2_0 with v2_0_0));
    assert!(!fits!(v2_0_0 with v1_2_0));
    assert!(!fits!(v0_1_0 with v0_2_0));
    assert!(!fits!(v0_2_0 with v0_1_5));
    assert!(!fits!(v0_0_1 with v0_0_2));
    assert!(!fits!(v0_1_0 with v1_0_0));
}

#[tokio::test]
async fn exact_versions_must_be_equal_whichever_side_asks_for_it() {
    assert!(fits!(exact_1_2_0 with exact_1_2_0));
    assert!(!fits!(exact_1_2_0 with exact_1_2_3));
    assert!(!fits!(exact_1_2_0 with v1_2_3), "the frontend's rule");
    assert!(!fits!(v1_2_0 with exact_1_2_3), "the backend's rule");
    assert!(fits!(v1_2_0 with exact_1_2_0));
}

#[tokio::test]
async fn build_metadata_does_not_count() {
    assert!(fits!(build_a with build_b));
    assert!(fits!(build_b with build_a));
    assert!(fits!(v1_2_0 with build_a));
    assert!(fits!(build_a with v1_2_0));
    assert!(fits!(build_b with v1_2_3));
    assert!(!fits!(v1_2_3 with build_a));
    assert!(fits!(exact_build_a with exact_build_b));
    assert!(fits!(exact_build_b with exact_build_a));
    assert!(fits!(exact_1_2_0 with exact_build_a));
    assert!(!fits!(exact_build_a with exact_1_2_3));
}
