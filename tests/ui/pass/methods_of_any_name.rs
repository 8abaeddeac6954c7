//! A client has no inherent functions but the interface's, so these are free.
use std::sync::Arc;

use ipc_runtime::{Client, ipc_interface};

#[ipc_interface(channel = "demo.names", version = "1.0.0")]
trait Names {
    async fn open(&self) -> u8;
    async fn register(&self) -> u8;
    async fn new(&self) -> u8;
    async fn clone(&self) -> u8;
    async fn call(&self, call: u8) -> u8;
    async fn from_caller(&self, caller: u8) -> u8;
    async fn caller(&self) -> u8;
    async fn interface(&self) -> u8;
    async fn value(&self, value: u8, context: u8, responder: u8, handler: u8) -> u8;
    async fn later(&self, argument_0: u8, incoming: u8, outcome: u8, result: u8) -> u8;
    async fn fmt(&self, f: u8) -> u8;
    async fn drop(&self, this: u8) -> u8;
    async fn decode(&self, method: u8, table: u8) -> u8;
}

struct All;

impl Names for All {
    async fn open(&self) -> u8 {
        1
    }
    async fn register(&self) -> u8 {
        2
    }
    async fn new(&self) -> u8 {
        3
    }
    async fn clone(&self) -> u8 {
        4
    }
    async fn call(&self, call: u8) -> u8 {
        call
    }
    async fn from_caller(&self, caller: u8) -> u8 {
        caller
    }
    async fn caller(&self) -> u8 {
        5
    }
    async fn interface(&self) -> u8 {
        6
    }
    async fn value(&self, value: u8, context: u8, responder: u8, handler: u8) -> u8 {
        value + context + responder + handler
    }
    async fn later(&self, argument_0: u8, incoming: u8, outcome: u8, result: u8) -> u8 {
        argument_0 + incoming + outcome + result
    }
    async fn fmt(&self, f: u8) -> u8 {
        f
    }
    async fn drop(&self, this: u8) -> u8 {
        this
    }
    async fn decode(&self, method: u8, table: u8) -> u8 {
        method + table
    }
}

fn calls(client: &NamesClient) {
    let _ = (client.open(), client.register(), client.new(), client.clone(), client.call(1));
    let _ = (client.from_caller(1), client.caller(), client.interface(), client.fmt(1));
    let _ = (client.value(1, 2, 3, 4), client.later(1, 2, 3, 4), client.decode(1, 2));
    let _: NamesClient = Clone::clone(client);
}

fn main() {
    let _ = calls;
    let _ = NamesHandler::new(All);
    let _ = NamesHandler::new(Arc::new(All));
    assert_eq!(NamesClient::INTERFACE.methods.len(), 13);
}
