//! What both sides of `wss://` are set up with: who a backend is, and whom a frontend believes.

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

/// By what a backend proves who it is on `wss://`: a certificate, those that it was signed by, and
/// its private key. See [`BackendBuilder::tls`](crate::BackendBuilder::tls).
///
/// Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct TlsIdentity(Arc<ServerConfig>);

/// By whom a backend's certificate may be signed, for a frontend to connect to it on `wss://`. See
/// [`FrontendBuilder::tls`](crate::FrontendBuilder::tls).
#[derive(Clone)]
pub struct TlsTrust {
    system: bool,
    certificates: Vec<CertificateDer<'static>>,
    /// Made when it is needed first: a system's certificates are many.
    config: Arc<OnceCell<Arc<ClientConfig>>>,
}

/// Why certificates or keys can't be used.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file can't be read.
    #[error("can't read {}: {error}", .path.display())]
    #[non_exhaustive]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// The text is no PEM, or holds none of what it should.
    #[error("{what} is to be PEM, as in `-----BEGIN {label}-----`: {why}")]
    #[non_exhaustive]
    Pem {
        /// What the text should have been.
        what: &'static str,
        /// What PEM calls it.
        label: &'static str,
        /// What is wrong.
        why: String,
    },
    /// They can be read, but don't work: the key is that of another certificate, say.
    #[error("this certificate and key can't be used together: {why}")]
    #[non_exhaustive]
    Unusable {
        /// What is wrong.
        why: String,
    },
}

debug_as_text! { TlsError }

impl TlsIdentity {
    /// Of PEM files, as certificate authorities and tools like `mkcert` write them: the certificate
    /// with those that it was signed by behind it, and the private key (PKCS #8, PKCS #1 or SEC 1,
    /// without a password).
    ///
    /// # Errors
    ///
    /// [`TlsError`] when a file can't be read, holds something else, or the two don't fit.
    pub fn from_pem_files(
        chain: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Self, TlsError> {
        Self::from_pem(&read(chain.as_ref())?, &read(key.as_ref())?)
    }

    /// The same, of the files' contents.
    ///
    /// # Errors
    ///
    /// [`TlsError`] when they hold something else, or don't fit.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = certificates(chain)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| {
            let why = match error {
                pem::Error::NoItemsFound => "there is no private key in it".to_owned(),
                // It could quote what it has found.
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
    /// Whomever the operating system trusts: also a company's own authority, or one that `mkcert`
    /// has installed. This is the default.
    pub fn system() -> Self {
        Self { system: true, ..Self::nobody() }
    }

    /// Nobody yet: add certificates to it, to trust those alone.
    pub fn nobody() -> Self {
        Self { system: false, certificates: Vec::new(), config: Arc::default() }
    }

    /// These certificates too, as PEM: that of an authority, or that of the backend itself. The
    /// latter must say that it is no authority (`CA:FALSE`).
    ///
    /// # Errors
    ///
    /// [`TlsError`] when the text holds no certificate.
    pub fn and_pem(mut self, pem: &[u8]) -> Result<Self, TlsError> {
        self.certificates.extend(certificates(pem)?);
        self.config = Arc::default();
        Ok(self)
    }

    /// The same, from a file.
    ///
    /// # Errors
    ///
    /// [`TlsError`] when the file can't be read, or holds no certificate.
    pub fn and_pem_file(self, path: impl AsRef<Path>) -> Result<Self, TlsError> {
        self.and_pem(&read(path.as_ref())?)
    }

    pub(crate) async fn config(&self) -> io::Result<Arc<ClientConfig>> {
        let made = self.config.get_or_try_init(|| async {
            let trust = self.clone();
            // The system's are read from files.
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
            // Some of those that systems have are out of use.
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

/// Named, so that it doesn't matter what else the app has chosen for its process.
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
        // A key may have been given in its place, which isn't to be quoted.
        Err(_) => Err(wrong("it can't be read".to_owned())),
    }
}
