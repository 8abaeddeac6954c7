//! A backend for stock socket.io clients, in a process of its own.
//!
//! `ipc-test-socket-io [--port N] [--path PATH] [--token TOKEN] [--allow ORIGIN] [--ping-interval MS] [--ping-timeout MS] [--upgrade-timeout MS] [--handshake-timeout MS] [--frame-timeout MS] [--max-payload BYTES] [--connections N] [--acknowledge node] [--recovery on] [--certificate FILE --key FILE]`
//! serves [`Arm`](ipc_tests::arm::Arm) and some functions on loopback, prints `ready http://…`, or
//! `https://…` with a certificate, and stops when its standard input ends.

use std::{env, error::Error, io::Write, time::Duration};

use ipc_runtime::{
    Backend, Bytes, CallContext, Limits,
    config::{Acknowledgement, OriginPolicy, SocketIo},
    tls::TlsIdentity,
};
use ipc_tests::{
    Anything,
    arm::{ArmHandler, ArmService},
};
use tokio::io::AsyncReadExt;

fn milliseconds(value: &str) -> Result<Duration, Box<dyn Error>> {
    Ok(Duration::from_millis(value.parse()?))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut socket_io = SocketIo::new().namespace("/tools");
    let mut builder = Backend::builder();
    let mut limits = Limits::default();
    let mut port = "0".to_owned();
    let (mut certificate, mut key) = (None, None);

    let mut arguments = env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} has no value"))?;
        match name.as_str() {
            "--port" => port = value,
            "--path" => socket_io = socket_io.path(value),
            "--token" => builder = builder.token(value.parse()?),
            "--allow" => builder = builder.origins(OriginPolicy::allow([value])),
            "--ping-interval" => socket_io = socket_io.ping_interval(milliseconds(&value)?),
            "--ping-timeout" => socket_io = socket_io.ping_timeout(milliseconds(&value)?),
            "--upgrade-timeout" => socket_io = socket_io.upgrade_timeout(milliseconds(&value)?),
            "--handshake-timeout" => limits.handshake_timeout = milliseconds(&value)?,
            "--frame-timeout" => limits.frame_timeout = Some(milliseconds(&value)?),
            "--max-payload" => socket_io = socket_io.max_payload(value.parse()?),
            "--connections" => limits.max_connections = value.parse()?,
            "--acknowledge" if value == "node" => {
                socket_io = socket_io.acknowledge(Acknowledgement::NodeStyle);
            }
            "--certificate" => certificate = Some(value),
            "--key" => key = Some(value),
            "--recovery" if value == "on" => {
                socket_io = socket_io.connection_state_recovery(true);
            }
            _ => return Err(format!("there is no option {name} {value}").into()),
        }
    }

    let mut scheme = "ws";
    if let Some((certificate, key)) = certificate.zip(key) {
        builder = builder.tls(TlsIdentity::from_pem_files(certificate, key)?);
        scheme = "wss";
    }
    let backend = builder.limits(limits).socket_io(socket_io).build();
    backend.register(ArmHandler::new(ArmService::new(backend.downgrade())))?;
    backend.expose("echo", async |(value,): (Anything,)| Ok::<_, String>(value))?;
    backend.expose_with("message", async |call: CallContext, args: Vec<Anything>| {
        let sent = call.peer().notify("message-back", &args).queued().await;
        sent.map_err(|error| error.to_string())
    })?;
    backend.expose("fail", async |(text,): (String,)| Err::<(), String>(text))?;
    backend.expose("length", async |(list,): (Vec<Anything>,)| list.len() as u64)?;
    backend.expose("bits", async |(count,): (usize,)| vec![Bytes::from(vec![1]); count])?;

    let endpoint = backend.listen(format!("{scheme}://127.0.0.1:{port}")).await?.to_string();
    writeln!(
        std::io::stdout(),
        "ready {}",
        endpoint.replacen("ws", "http", 1).trim_end_matches('/')
    )?;
    backend.run_until(async { tokio::io::stdin().read(&mut [0]).await.map(drop) }).await?;
    Ok(())
}
