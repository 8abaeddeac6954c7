//! `wss://`: WebSockets over TLS.

use std::{sync::Arc, time::Duration};

use ipc_runtime::{
    Backend, BackendBuilder, ConnectError, Endpoint, ErrorKind, Frontend, Limits, Token,
    error::ListenError,
    tls::{TlsError, TlsIdentity, TlsTrust},
};
use ipc_tests::{Gates, Scratch, SlowClient, SlowHandler, eventually, in_time};
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, pem::PemObject},
    },
};

/// Somebody who signs certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its key, as files hold them.
struct Papers {
    chain: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    fn trust(&self) -> TlsTrust {
        TlsTrust::nobody().and_pem(self.pem.as_bytes()).unwrap()
    }

    fn sign(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Papers {
        let mut params = params(names);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let chain = params.signed_by(&key, &self.issuer).unwrap().pem();
        Papers { chain, key: key.serialize_pem() }
    }

    fn local(&self) -> Papers {
        self.sign(&["127.0.0.1", "localhost", "::1"], |_| {})
    }

    /// Somebody who trusts it speaks TLS to this port, and believes to talk to `name`.
    async fn dial(&self, name: &'static str, port: u16) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tls = TlsConnector::from(Arc::new(config));
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        in_time(tls.connect(name.try_into().unwrap(), stream)).await.unwrap()
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

impl Papers {
    fn identity(&self) -> TlsIdentity {
        TlsIdentity::from_pem(self.chain.as_bytes(), self.key.as_bytes()).unwrap()
    }
}

fn self_signed(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Papers {
    let mut params = params(names);
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    Papers { chain: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

async fn served_by(builder: BackendBuilder, endpoint: &str) -> (Backend, Endpoint) {
    let backend = builder.build();
    backend.register(SlowHandler::new(Gates::new())).unwrap();
    let endpoint = backend.listen(endpoint).await.unwrap();
    (backend, endpoint)
}

async fn served(papers: &Papers) -> (Backend, Endpoint) {
    served_by(Backend::builder().tls(papers.identity()), "wss://127.0.0.1:0").await
}

fn port(endpoint: &Endpoint) -> u16 {
    match endpoint {
        Endpoint::WebSocket { port, .. } => *port,
        other => panic!("{other}"),
    }
}

async fn works(trust: TlsTrust, endpoint: &str) {
    let frontend = in_time(Frontend::builder().tls(trust).connect(endpoint)).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    assert_eq!(slow.ping().await.unwrap(), 7);
    assert_eq!(slow.fill(1_000_000).await.unwrap().len(), 1_000_000);
}

/// Why there is no connection.
async fn fails(trust: TlsTrust, endpoint: &str) -> String {
    match in_time(Frontend::builder().tls(trust).connect(endpoint)).await {
        Err(error @ ConnectError::Io { .. }) => {
            let text = error.to_string();
            assert!(text.contains(endpoint), "{text}");
            text
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_frontend_calls_by_address_and_by_name() {
    let authority = Authority::new();
    let (backend, endpoint) = served(&authority.local()).await;
    assert!(endpoint.to_string().starts_with("wss://127.0.0.1:"), "{endpoint}");
    works(authority.trust(), &endpoint.to_string()).await;
    works(authority.trust(), &format!("wss://localhost:{}/a/path", port(&endpoint))).await;
    eventually("nothing is left", || backend.usage().is_zero()).await;
}

#[tokio::test]
async fn a_certificate_of_ones_own_can_be_trusted_by_itself() {
    let papers = self_signed(&["127.0.0.1"], |_| {});
    let (_backend, endpoint) = served(&papers).await;
    let trust = TlsTrust::nobody().and_pem(papers.chain.as_bytes()).unwrap();
    works(trust, &endpoint.to_string()).await;
    let directory = Scratch::new();
    let file = directory.join("own.pem");
    std::fs::write(&file, &papers.chain).unwrap();
    works(TlsTrust::system().and_pem_file(&file).unwrap(), &endpoint.to_string()).await;
}

#[tokio::test]
async fn files_of_a_chain_and_a_key_are_taken() {
    let authority = Authority::new();
    let papers = authority.local();
    let directory = Scratch::new();
    let (chain, key) = (directory.join("chain.pem"), directory.join("key.pem"));
    // Behind the certificate, those that have signed it, and text that is none.
    std::fs::write(&chain, format!("# ours\n{}\n{}", papers.chain, authority.pem)).unwrap();
    std::fs::write(&key, &papers.key).unwrap();
    let identity = TlsIdentity::from_pem_files(&chain, &key).unwrap();
    let (_backend, endpoint) =
        served_by(Backend::builder().tls(identity), "wss://localhost:0").await;
    works(authority.trust(), &endpoint.to_string()).await;
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_told() {
    let (backend, endpoint) = served(&Authority::new().local()).await;
    let endpoint = endpoint.to_string();
    for trust in [Authority::new().trust(), TlsTrust::system(), TlsTrust::nobody()] {
        let why = fails(trust, &endpoint).await;
        assert!(why.contains("trusted") && why.contains("TlsTrust"), "{why}");
    }
    let why = Frontend::connect(endpoint.as_str()).await.unwrap_err().to_string();
    assert!(why.contains("trusted"), "{why}");
    eventually("nothing is left", || backend.usage().is_zero()).await;
}

#[tokio::test]
async fn a_certificate_for_another_name_is_told() {
    let authority = Authority::new();
    let (_backend, endpoint) = served(&authority.sign(&["panel.example"], |_| {})).await;
    let why = fails(authority.trust(), &endpoint.to_string()).await;
    assert!(why.contains("isn't for 127.0.0.1") && why.contains("panel.example"), "{why}");
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_told() {
    let authority = Authority::new();
    let past =
        authority.sign(&["127.0.0.1"], |params| params.not_after = date_time_ymd(2001, 1, 1));
    let (_backend, endpoint) = served(&past).await;
    let why = fails(authority.trust(), &endpoint.to_string()).await;
    assert!(why.contains("out of date"), "{why}");
    let future =
        authority.sign(&["127.0.0.1"], |params| params.not_before = date_time_ymd(3001, 1, 1));
    let (_backend, endpoint) = served(&future).await;
    let why = fails(authority.trust(), &endpoint.to_string()).await;
    assert!(why.contains("isn't valid yet"), "{why}");
}

#[tokio::test]
async fn an_authority_that_stands_for_itself_is_told() {
    // What `openssl req -x509` makes unless it is told otherwise.
    let papers = self_signed(&["127.0.0.1"], |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    let (_backend, endpoint) = served(&papers).await;
    let trust = TlsTrust::nobody().and_pem(papers.chain.as_bytes()).unwrap();
    let why = fails(trust, &endpoint.to_string()).await;
    assert!(why.contains("CA:FALSE"), "{why}");
}

#[tokio::test]
async fn whoever_speaks_no_tls_is_told_to() {
    let authority = Authority::new();
    let (backend, endpoint) = served(&authority.local()).await;
    let plain = format!("ws://127.0.0.1:{}", port(&endpoint));
    let why = Frontend::connect(plain.as_str()).await.unwrap_err().to_string();
    assert!(why.contains(&plain) && why.contains("wss://"), "{why}");

    let mut stream = TcpStream::connect(("127.0.0.1", port(&endpoint))).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    in_time(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("wss://"), "{answer}");
    works(authority.trust(), &endpoint.to_string()).await;
    eventually("nothing is left", || backend.usage().is_zero()).await;
}

#[tokio::test]
async fn whoever_speaks_tls_to_a_plain_port_is_told() {
    let (backend, endpoint) = served_by(Backend::builder(), "ws://127.0.0.1:0").await;
    let secure = format!("wss://127.0.0.1:{}", port(&endpoint));
    let why = fails(Authority::new().trust(), &secure).await;
    assert!(why.contains("doesn't seem to speak TLS") && why.contains("ws://"), "{why}");
    eventually("nothing is left", || backend.usage().is_zero()).await;
}

#[tokio::test]
async fn a_handshake_of_tls_that_is_not_finished_is_ended_in_time() {
    let authority = Authority::new();
    let mut limits = Limits::default();
    // Enough for a good one, also on a loaded machine.
    limits.handshake_timeout = Duration::from_secs(5);
    let builder = Backend::builder().tls(authority.local().identity()).limits(limits);
    let (backend, endpoint) = served_by(builder, "wss://127.0.0.1:0").await;
    let noise = [0x16, 0x03, 0x01, 0xff, 0xff, 0x00];
    let mut streams = Vec::new();
    for said in [&b""[..], &noise[..1], &noise, b"G", b"GET / HTTP/1.1\r\n"] {
        let mut stream = TcpStream::connect(("127.0.0.1", port(&endpoint))).await.unwrap();
        stream.write_all(said).await.unwrap();
        streams.push(stream);
    }
    works(authority.trust(), &endpoint.to_string()).await;
    for mut stream in streams {
        let mut answer = Vec::new();
        // A reset is an end too.
        let _ = in_time(stream.read_to_end(&mut answer)).await;
    }
    works(authority.trust(), &endpoint.to_string()).await;
    eventually("nothing is left", || backend.usage().is_zero()).await;
}

#[tokio::test]
async fn the_token_is_asked_for_there_too() {
    let (authority, token) = (Authority::new(), Token::generate().unwrap());
    let builder = Backend::builder().tls(authority.local().identity()).token(token.clone());
    let (_backend, endpoint) = served_by(builder, "wss://127.0.0.1:0").await;
    let frontend = Frontend::builder().tls(authority.trust());
    match frontend.clone().connect(endpoint.clone()).await {
        Err(ConnectError::Handshake(error)) if error.kind() == ErrorKind::Unauthorized => {}
        other => panic!("{other:?}"),
    }
    let frontend = frontend.token(token).connect(endpoint).await.unwrap();
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
}

/// As docs/security.md has it: a backend on all addresses, which its frontends know by a name.
#[tokio::test]
async fn a_backend_on_all_addresses_is_reached_by_the_name_of_its_certificate() {
    let (authority, token) = (Authority::new(), Token::generate().unwrap());
    let papers = authority.sign(&["localhost", "panel.example"], |_| {});
    let directory = Scratch::new();
    let (chain, key) = (directory.join("chain.pem"), directory.join("key.pem"));
    std::fs::write(&chain, &papers.chain).unwrap();
    std::fs::write(&key, &papers.key).unwrap();
    let identity = TlsIdentity::from_pem_files(&chain, &key).unwrap();
    let builder = Backend::builder().tls(identity).token(token.clone()).allow_remote(true);
    let (_backend, endpoint) = served_by(builder, "wss://0.0.0.0:0").await;
    let port = port(&endpoint);
    let own_authority = directory.join("own-authority.pem");
    std::fs::write(&own_authority, &authority.pem).unwrap();
    let trust = TlsTrust::system().and_pem_file(&own_authority).unwrap();
    let frontend = Frontend::builder().tls(trust).token(token.clone());
    let frontend = in_time(frontend.connect(format!("wss://localhost:{port}"))).await.unwrap();
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);

    // Nothing here resolves the other name: somebody who says it all the same.
    for (headers, status) in [
        ("", "101"),
        (
            &format!("Sec-WebSocket-Protocol: ipc.v1.json,ipc.token.{}\r\n", token.expose_secret()),
            "101",
        ),
        (&format!("Origin: https://panel.example:{port}\r\n"), "403"),
    ] {
        let mut stream = authority.dial("panel.example", port).await;
        let request = format!(
            "GET / HTTP/1.1\r\nHost: panel.example:{port}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = [0; 12];
        in_time(stream.read_exact(&mut head)).await.unwrap();
        assert_eq!(&head[9..], status.as_bytes(), "{headers}");
    }
}

#[tokio::test]
async fn pages_come_by_https() {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest};

    let authority = Authority::new();
    let (_backend, endpoint) = served(&authority.local()).await;
    let address = format!("127.0.0.1:{}", port(&endpoint));
    for (origin, is_upgraded, is_let_in) in [
        (format!("https://{address}"), true, true),
        // Told on the WebSocket why it isn't let in.
        (format!("http://{address}"), true, false),
        ("https://evil.example".into(), false, false),
    ] {
        let stream = authority.dial("127.0.0.1", port(&endpoint)).await;
        let mut request = endpoint.to_string().into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        match in_time(tokio_tungstenite::client_async(request, stream)).await {
            Ok((mut stream, _)) => {
                assert!(is_upgraded, "{origin}");
                stream
                    .send(Message::text(r#"{"jsonrpc":"2.0","id":1,"method":"none.none"}"#))
                    .await
                    .unwrap();
                let told = in_time(stream.next()).await.unwrap().unwrap();
                assert_eq!(told.is_text(), is_let_in, "{origin}");
                let code = match told {
                    Message::Close(Some(frame)) => Some(u16::from(frame.code)),
                    _ => None,
                };
                assert_eq!(code, (!is_let_in).then_some(4403), "{origin}");
            }
            Err(Error::Http(refused)) => {
                assert!(!is_upgraded && refused.status() == 403, "{origin}");
            }
            Err(error) => panic!("{origin}: {error}"),
        }
    }
}

#[tokio::test]
async fn what_is_missing_to_listen_is_told() {
    match Backend::new().listen("wss://127.0.0.1:0").await {
        Err(error @ ListenError::Io { .. }) => {
            let text = error.to_string();
            assert!(text.contains("wss://127.0.0.1:0") && text.contains("TlsIdentity"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    let identity = Authority::new().local().identity();
    let backend = Backend::builder().tls(identity).build();
    let why = backend.listen("wss://0.0.0.0:0").await.unwrap_err().to_string();
    assert!(why.contains("allow_remote"), "{why}");
}

#[tokio::test]
async fn papers_that_do_not_fit_are_told_and_never_quoted() {
    let authority = Authority::new();
    let (papers, other) = (authority.local(), authority.local());
    let (chain, key) = (papers.chain.as_bytes(), papers.key.as_bytes());
    let broken = papers.key.replace('A', "?");
    let secret = papers.key.lines().nth(1).unwrap();
    for (chain, key, told) in [
        (key, key, "a certificate"),
        (chain, chain, "the private key"),
        (b"", key, "a certificate"),
        (chain, b"nonsense", "the private key"),
        (chain, broken.as_bytes(), "the private key"),
        (chain, other.key.as_bytes(), "can't be used together"),
    ] {
        let error = TlsIdentity::from_pem(chain, key).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(told), "{text}");
        for text in [text, format!("{error:?}")] {
            assert!(!text.contains(secret) && !text.contains(&secret[..10]), "{text}");
        }
    }
    let missing = Scratch::new().join("none.pem");
    let error = TlsTrust::nobody().and_pem_file(&missing).unwrap_err();
    assert!(matches!(error, TlsError::File { .. }));
    assert!(error.to_string().contains("none.pem"), "{error}");
    assert!(TlsTrust::nobody().and_pem(b"").is_err());
    assert_eq!(format!("{:?}", papers.identity()), "TlsIdentity(…)");
}
