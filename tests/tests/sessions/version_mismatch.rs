//! What a frontend is told whose interface does not fit that of its backend, or is not there.

use ipc_runtime::{Backend, ErrorKind, IpcError, interface::Compat};
use ipc_tests::{Gates, SlowClient, SlowHandler, TestCarrier, on_every_carrier};

use super::{
    shop,
    versioned_interface::{v1_0_0, v1_2_0},
};

on_every_carrier! {
    a_changed_interface_of_the_same_version_is_refused_and_explained,
    an_unknown_channel_is_told_with_those_that_there_are,
    an_unchecked_client_reports_the_mismatch_with_its_first_call,
}

async fn mismatch(carrier: &TestCarrier) -> IpcError {
    let backend = Backend::new();
    backend.register(shop::new::ShopHandler::new(shop::new::Corner)).unwrap();
    let frontend = carrier.connect(&backend).await;
    frontend.open::<shop::old::ShopClient>().await.unwrap_err()
}

async fn a_changed_interface_of_the_same_version_is_refused_and_explained(carrier: TestCarrier) {
    let error = mismatch(&carrier).await;
    assert_eq!((error.kind(), error.method()), (ErrorKind::VersionMismatch, "test.shop"));
    let mismatch = error.version_mismatch().unwrap();
    assert_eq!((mismatch.our_version, &*mismatch.their_version), ("1.0.0", "1.0.0"));
    assert_eq!(mismatch.compat, Compat::Semver);
    assert_ne!(mismatch.our_fingerprint, mismatch.their_fingerprint);

    let names: Vec<_> = mismatch.methods.iter().map(|method| &*method.name).collect();
    assert!(!names.contains(&"untouched"), "{names:?}");
    let method = |name: &str| {
        let method = mismatch.methods.iter().find(|method| method.name == name);
        method.unwrap_or_else(|| panic!("{name} is missing in {names:?}")).clone()
    };
    let buy = method("buy");
    assert!(buy.ours.as_ref().is_some_and(|ours| ours.contains("u32")), "{buy:?}");
    assert!(buy.theirs.as_ref().is_some_and(|theirs| theirs.contains("u64")), "{buy:?}");
    let opened = method("opened");
    assert!(opened.ours.is_some() && opened.theirs.is_none(), "{opened:?}");
    let closed = method("closed");
    assert!(closed.ours.is_none() && closed.theirs.is_some(), "{closed:?}");
    let items = method("items");
    assert_eq!(items.ours, items.theirs, "it differs by its types alone");
    assert_eq!(names.len(), 4, "{names:?}");

    let kind = |name: &str| {
        let kind = mismatch.types.iter().find(|kind| kind.name == name);
        kind.unwrap_or_else(|| panic!("{name} is missing in {:?}", mismatch.types)).clone()
    };
    let item = kind("Item");
    assert_eq!(item.ours.as_deref(), Some("struct { name: String, wrapping: Wrapping }"));
    let theirs = "struct { name: String, wrapping: Wrapping, price: u64 }";
    assert_eq!(item.theirs.as_deref(), Some(theirs));
    let wrapping = kind("Wrapping");
    assert!(!wrapping.ours.unwrap().contains("Bare"));
    assert!(wrapping.theirs.unwrap().contains("Bare"));
    assert_eq!(mismatch.types.len(), 2);

    let text = mismatch.to_string();
    for part in ["test.shop", "1.0.0", "buy", "u32", "u64", "opened", "closed", "price", "Bare"] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
    // What `main` prints of the error that it returns.
    let returned: Box<dyn std::error::Error> = Box::new(error);
    assert_eq!(format!("{returned:?}"), text);
}

async fn an_unknown_channel_is_told_with_those_that_there_are(carrier: TestCarrier) {
    let backend = Backend::new();
    let frontend = carrier.connect(&backend).await;
    let failed = frontend.open::<shop::old::ShopClient>().await;
    match failed {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let (method, message) = (error.method(), error.message().unwrap());
            assert_eq!(method, "test.shop");
            assert!(message.contains("nothing is registered"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    backend.register(SlowHandler::new(Gates::new())).unwrap();
    backend.register(v1_0_0::VersionedHandler::new(v1_0_0::Named)).unwrap();
    match frontend.open::<shop::old::ShopClient>().await {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text = error.to_string();
            assert!(text.contains("test.slow") && text.contains("test.versions"), "{text}");
            assert!(text.contains("test.shop"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    assert!(frontend.open::<SlowClient>().await.is_ok(), "the others are served");
}

async fn an_unchecked_client_reports_the_mismatch_with_its_first_call(carrier: TestCarrier) {
    let backend = Backend::new();
    let frontend = carrier.connect(&backend).await;
    let shop: shop::old::ShopClient = frontend.client();
    assert!(matches!(&shop.opened().await, Err(error) if error.kind() == ErrorKind::NotFound));
    let registration = backend.register(shop::new::ShopHandler::new(shop::new::Corner)).unwrap();
    for _ in 0..2 {
        let failed = shop.untouched(None).await;
        assert!(
            matches!(&failed, Err(error) if error.kind() == ErrorKind::VersionMismatch),
            "{failed:?}"
        );
    }
    registration.remove();

    // It asks again with each call, until both fit.
    let versioned: v1_0_0::VersionedClient = frontend.client();
    assert!(versioned.name().await.is_err());
    backend.register(v1_2_0::VersionedHandler::new(v1_2_0::Named)).unwrap();
    let many: Vec<_> = (0..20).map(|_| tokio::spawn(versioned.name())).collect();
    for call in many {
        assert_eq!(call.await.unwrap().unwrap(), "1.2.0");
    }
}

#[tokio::test]
async fn an_unchecked_client_checks_once_for_all_its_clones() {
    let backend = Backend::new();
    let registration = backend.register(v1_0_0::VersionedHandler::new(v1_0_0::Named)).unwrap();
    let frontend = TestCarrier::memory().connect(&backend).await;
    let first: v1_0_0::VersionedClient = frontend.client();
    let clone = first.clone();
    assert_eq!(first.name().await.unwrap(), "1.0.0");
    registration.remove();
    // Checked before, so it's the call itself that finds nobody.
    match clone.name().await {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert_eq!(error.method(), "test.versions.name")
        }
        other => panic!("{other:?}"),
    }
}
