//! TLS below a WebSocket, with `rustls`.

use std::{io, sync::Arc};

use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor, TlsConnector, client,
    rustls::{CertificateError, ClientConfig, Error, ServerConfig, pki_types::ServerName},
    server,
};

use crate::transport::{byte_stream::Io, websocket::http_refusal::HttpRefusal};

/// The first byte of every TLS connection: the type of a handshake record.
const HANDSHAKE_RECORD: u8 = 0x16;

impl Io for client::TlsStream<TcpStream> {}
impl Io for server::TlsStream<TcpStream> {}

/// Opens the connecting side.
pub(super) async fn connect(
    stream: TcpStream,
    host: &str,
    config: Arc<ClientConfig>,
) -> io::Result<Box<dyn Io>> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| {
        let message = format!("{host} can't be the name of a certificate");
        io::Error::new(io::ErrorKind::InvalidInput, message)
    })?;
    let stream = TlsConnector::from(config).connect(name, stream).await;
    match stream {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(io::Error::new(error.kind(), explain(&error, host))),
    }
}

/// Opens the listening side.
pub(super) async fn accept(
    stream: TcpStream,
    config: Arc<ServerConfig>,
) -> io::Result<Box<dyn Io>> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if first != [HANDSHAKE_RECORD] {
        HttpRefusal::bad("TLS is spoken here: connect by wss://").send(stream).await?;
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the other side spoke no TLS"));
    }
    Ok(Box::new(TlsAcceptor::from(config).accept(stream).await?))
}

/// What went wrong, and what to do about it.
fn explain(error: &io::Error, host: &str) -> String {
    const NO_TLS: &str = "whoever listens there doesn't seem to speak TLS: without, it is ws://";
    let fault = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let certificate = match fault {
        Some(Error::InvalidCertificate(certificate)) => certificate,
        Some(Error::InvalidMessage(_)) => return NO_TLS.into(),
        Some(fault) => return format!("no TLS could be agreed on: {fault}"),
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => return NO_TLS.into(),
            _ => return error.to_string(),
        },
    };
    match certificate {
        // `BadSignature`: the issuer only has the name of somebody who is trusted.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is signed by nobody who is trusted here; to trust one's own: \
             Frontend::builder().tls(TlsTrust::system().and_pem_file(…)?)"
                .into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("its certificate isn't for {host}: {certificate}")
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("its certificate is out of date: {certificate}")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("its certificate isn't valid yet, or this clock is wrong: {certificate}")
        }
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "its certificate is that of an authority, which can't stand for a backend itself: sign \
             another one by it, or make it with basicConstraints=CA:FALSE"
                .into()
        }
        other => format!("its certificate can't be accepted: {other}"),
    }
}
