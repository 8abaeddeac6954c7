//! `add` with tonic; its other methods are those of the benchmark's service.

use std::error::Error;

use tokio::net::UnixListener;
use tokio_stream::{Empty, wrappers::UnixListenerStream};
use tonic::{Request, Response, Status, transport::Endpoint};

mod generated {
    tonic::include_proto!("bench");
}

use generated::{
    AddReply, AddRequest, Bytes, Event, EventsRequest, Record,
    bench_client::BenchClient,
    bench_server::{Bench, BenchServer},
};

struct Server;

#[tonic::async_trait]
impl Bench for Server {
    async fn add(&self, request: Request<AddRequest>) -> Result<Response<AddReply>, Status> {
        let AddRequest { a, b } = request.into_inner();
        Ok(Response::new(AddReply { sum: a + b }))
    }

    async fn echo(&self, request: Request<Record>) -> Result<Response<Record>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn blob(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    type EventsStream = Empty<Result<Event, Status>>;

    async fn events(
        &self,
        _: Request<EventsRequest>,
    ) -> Result<Response<Self::EventsStream>, Status> {
        Ok(Response::new(tokio_stream::empty()))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join("ipc-bench-minimal-tonic");
    let _ = std::fs::remove_file(&path);
    let incoming = UnixListenerStream::new(UnixListener::bind(&path)?);
    let server = tonic::transport::Server::builder().add_service(BenchServer::new(Server));
    tokio::spawn(server.serve_with_incoming(incoming));
    let channel = Endpoint::from_shared(format!("unix:{}", path.display()))?.connect().await?;
    let reply = BenchClient::new(channel).add(AddRequest { a: 1, b: 2 }).await?;
    println!("{}", reply.into_inner().sum);
    Ok(())
}
