//! Messages of the wire protocol, as values of JSON.

use serde_json::{Value, json};

/// A request.
pub fn request(id: impl Into<Value>, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params })
}

/// A notification.
pub fn notification(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

/// The reply to a request that went well.
pub fn result(id: impl Into<Value>, result: impl Into<Value>) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "result": result.into() })
}

/// An item of a subscription.
pub fn item(method: &str, subscription: &Value, item: Value) -> Value {
    notification(method, json!({ "subscription": subscription, "result": item }))
}

/// The end of a subscription.
pub fn done(method: &str, subscription: &Value) -> Value {
    notification(method, json!({ "subscription": subscription, "done": true }))
}

/// The answer to a handshake that serves whatever it asks for.
pub fn handshake_answer(hello: &Value) -> Value {
    assert_eq!(hello["method"], "rpc.handshake", "{hello}");
    result(hello["id"].clone(), json!({ "protocol": 1, "uses": hello["params"]["uses"] }))
}
