//! Namespaces: several peers on one session.

use ipc_runtime::{Backend, Limits, config::SocketIo};
use ipc_tests::in_time;
use serde_json::json;

use crate::client::{Client, served, served_by};

#[tokio::test]
async fn a_channel_is_a_namespace_where_its_methods_have_short_names() {
    let served = served().await;
    let mut client = Client::connect(&served).await;
    let head = "0/test.everything,";
    assert!(client.asks(head, head).await["sid"].is_string());
    assert_eq!(&**served.peer().endpoint(), "socket.io:/test.everything");
    let sum = client.asks("2/test.everything,5[\"add\",2,3]", "3/test.everything,5").await;
    assert_eq!(sum, json!([5]));
    served.peer().notify("test.everything.changed", &(1,)).await.unwrap();
    assert_eq!(client.hear().await, "2/test.everything,[\"changed\",1]");
    served.peer().notify("other", &(1,)).await.unwrap();
    assert_eq!(client.hear().await, "2/test.everything,[\"other\",1]");
}

#[tokio::test]
async fn each_namespace_is_a_peer_and_ends_alone() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    let root = served.peer();
    let head = "0/test.slow,";
    assert!(client.asks(head, head).await["sid"].is_string());
    served.has_peers(2).await;
    let group = served.backend.group("all");
    for peer in &served.backend.peers() {
        group.join(peer);
    }
    group.peers().notify("hello", &()).await;
    assert_eq!(client.hear().await, "2[\"hello\"]");
    assert_eq!(client.hear().await, "2/test.slow,[\"hello\"]");
    client.say("1/test.slow,").await;
    served.has_peers(1).await;
    assert!(served.peer() == root);
    client.say("2/test.slow,7[\"ping\"]").await;
    client.is_served().await;
    assert!(client.asks(head, head).await["sid"].is_string());
    assert!(client.asks("2/test.slow,7[\"ping\"]", "3/test.slow,7").await.is_array());
}

#[tokio::test]
async fn a_declared_namespace_has_the_exposed_functions() {
    let socket_io = SocketIo::new().namespace("/admin");
    let served = served_by(Backend::builder().socket_io(socket_io)).await;
    served.backend.expose("double", |(n,): (i64,)| async move { n * 2 }).unwrap();
    let mut client = Client::connect(&served).await;
    assert!(client.asks("0/admin,", "0/admin,").await["sid"].is_string());
    assert_eq!(client.asks("2/admin,1[\"double\",4]", "3/admin,1").await, json!([8]));
}

#[tokio::test]
async fn further_namespaces_count_as_connections() {
    let mut limits = Limits::default();
    limits.max_connections = 1;
    let served = served_by(Backend::builder().limits(limits).socket_io(SocketIo::new())).await;
    let mut client = Client::joined(&served).await;
    let refused = client.asks("0/test.slow,", "4/test.slow,").await;
    assert_eq!(refused["data"]["code"], -32009, "{refused}");
    assert_eq!(refused["data"]["limit"], "maxConnections");
    client.is_served().await;
}

#[tokio::test]
async fn all_peers_of_a_session_end_with_it() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    client.asks("0/test.slow,", "0/test.slow,").await;
    let peers: Vec<_> = served.backend.peers().into_iter().collect();
    assert_eq!(peers.len(), 2);
    drop(client);
    for peer in peers {
        in_time(peer.closed()).await;
    }
    served.has_peers(0).await;
}
