//! The TLS settings of both sides of `wss://`: a backend's identity, and whom a frontend trusts.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::sync::OnceCell;
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
};

use crate::support::{error_report::debug_as_text, rt::spawn_blocking};

/// A backend's identity on `wss://`: its certificate, the certificates that signed it, and its
/// private key. See [`BackendBuilder::tls`](crate::BackendBuilder::tls).
///
/// Its `Debug` output shows none of these.
#[derive(Clone)]
pub struct TlsIdentity(Arc<ServerConfig>);

/// The certificates that a frontend trusts on `wss://`: a backend's certificate must be one of them
/// or be signed by one. See [`FrontendBuilder::tls`](crate::FrontendBuilder::tls).
///
/// The default is [`TlsTrust::system`].
#[derive(Clone)]
pub struct TlsTrust {
    system: bool,
    certificates: Vec<CertificateDer<'static>>,
    /// Created when it is first needed, since a system has many certificates.
    config: Arc<OnceCell<Arc<ClientConfig>>>,
}

/// The error for certificates or keys that can't be used.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file can't be read.
    #[error("can't read {}: {error}", .path.display())]
    #[non_exhaustive]
    File {
        /// The file.
        path: PathBuf,
        /// Why it can't be read.
        #[source]
        error: io::Error,
    },
    /// The text isn't PEM, or doesn't hold what it should.
    #[error("{what} is to be PEM, as in `-----BEGIN {label}-----`: {why}")]
    #[non_exhaustive]
    Pem {
        /// What the text should have been.
        what: &'static str,
        /// The PEM label for that.
        label: &'static str,
        /// What is wrong with the text.
        why: String,
    },
    /// The certificate and the key can be read but not used, for example because the key belongs to
    /// another certificate.
    #[error("this certificate and key can't be used together: {why}")]
    #[non_exhaustive]
    Unusable {
        /// What is wrong.
        why: String,
    },
}

debug_as_text! { TlsError }

impl TlsIdentity {
    /// Reads PEM files, as certificate authorities and tools like `mkcert` write them.
    ///
    /// `chain` holds the certificate, followed by those that signed it. `key` holds the private key
    /// (PKCS #8, PKCS #1 or SEC 1, without a password).
    ///
    /// # Errors
    ///
    /// [`TlsError`] if a file can't be read, if it holds something else, or if the two don't fit.
    pub fn from_pem_files(
        chain: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Self, TlsError> {
        Self::from_pem(&read(chain.as_ref())?, &read(key.as_ref())?)
    }

    /// Like [`from_pem_files`](Self::from_pem_files), with the contents of the files.
    ///
    /// # Errors
    ///
    /// [`TlsError`] if they hold something else, or don't fit.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = certificates(chain)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| {
            let why = match error {
                pem::Error::NoItemsFound => "there is no private key in it".to_owned(),
                // The error could quote a part of the key.
                _ => "it can't be read".to_owned(),
            };
            TlsError::Pem { what: "the private key", label: "PRIVATE KEY", why }
        })?;
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key));
        let config = config.map_err(|error| TlsError::Unusable { why: error.to_string() })?;
        Ok(Self(config.into()))
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.0.clone()
    }
}

impl TlsTrust {
    /// Trusts what the operating system trusts, including a company's own authority, or one that
    /// `mkcert` has installed. This is the default.
    pub fn system() -> Self {
        Self { system: true, ..Self::nobody() }
    }

    /// Trusts nobody. Add certificates to trust only those: without any, connecting fails.
    pub fn nobody() -> Self {
        Self { system: false, certificates: Vec::new(), config: Arc::default() }
    }

    /// Also trusts these certificates, given as PEM: an authority's, or the backend's own. The
    /// latter must say that it is no authority (`CA:FALSE`).
    ///
    /// # Errors
    ///
    /// [`TlsError`] if the text holds no certificate.
    pub fn and_pem(mut self, pem: &[u8]) -> Result<Self, TlsError> {
        self.certificates.extend(certificates(pem)?);
        self.config = Arc::default();
        Ok(self)
    }

    /// Like [`and_pem`](Self::and_pem), from a file.
    ///
    /// # Errors
    ///
    /// [`TlsError`] if the file can't be read or holds no certificate.
    pub fn and_pem_file(self, path: impl AsRef<Path>) -> Result<Self, TlsError> {
        self.and_pem(&read(path.as_ref())?)
    }

    pub(crate) async fn config(&self) -> io::Result<Arc<ClientConfig>> {
        let made = self.config.get_or_try_init(|| async {
            let trust = self.clone();
            // The system's certificates are read from files, which blocks.
            let made = spawn_blocking(move || trust.make_config()).await;
            made.map_err(io::Error::other)?
        });
        made.await.cloned()
    }

    fn make_config(&self) -> io::Result<Arc<ClientConfig>> {
        let mut roots = RootCertStore::empty();
        let mut why = String::new();
        if self.system {
            let found = rustls_native_certs::load_native_certs();
            // Skips certificates that rustls can't parse: systems keep some that are out of use.
            roots.add_parsable_certificates(found.certs);
            why = found.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        }
        for certificate in &self.certificates {
            roots.add(certificate.clone()).map_err(|error| {
                let message = format!("a certificate that is to be trusted can't be: {error}");
                io::Error::new(io::ErrorKind::InvalidInput, message)
            })?;
        }
        if roots.is_empty() {
            let message = format!(
                "there is no certificate that is trusted{why}: give some by \
                 Frontend::builder().tls(TlsTrust::system().and_pem(…)?)"
            );
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(config.into())
    }
}

impl Default for TlsTrust {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsIdentity(…)")
    }
}

impl fmt::Debug for TlsTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTrust")
            .field("system", &self.system)
            .field("certificates", &self.certificates.len())
            .finish_non_exhaustive()
    }
}

/// Chosen explicitly, so that the provider that the app has installed for its process doesn't
/// matter.
fn provider() -> Arc<CryptoProvider> {
    ring::default_provider().into()
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::File { path: path.to_owned(), error })
}

fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |why: String| TlsError::Pem { what: "a certificate", label: "CERTIFICATE", why };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => {
            Err(wrong("there is no certificate in it".to_owned()))
        }
        Ok(certificates) => Ok(certificates),
        // A key may have been passed by mistake, which must not be quoted.
        Err(_) => Err(wrong("it can't be read".to_owned())),
    }
}
