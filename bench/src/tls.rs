//! TLS 1.3 over TCP: rustls with ring, a self-signed certificate that the client is given.

use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::file;

/// A certificate for this run; its public half lies beside the meeting point.
pub fn certify(
    meeting: &Path,
) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), Box<dyn Error>> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    std::fs::write(beside(meeting), made.cert.der())?;
    Ok((made.cert.der().clone(), PrivateKeyDer::try_from(made.signing_key.serialize_der())?))
}

/// The roots that trust this run's certificate alone.
pub fn roots(meeting: &Path) -> Result<rustls::RootCertStore, Box<dyn Error>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from(std::fs::read(beside(meeting))?))?;
    Ok(roots)
}

fn beside(meeting: &Path) -> PathBuf {
    meeting.with_extension("certificate")
}

/// Serves until killed.
pub fn serve(source: &Path, meeting: &Path) -> Result<(), Box<dyn Error>> {
    let (certificate, key) = certify(meeting)?;
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config = Arc::new(config.with_single_cert(vec![certificate], key)?);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    std::fs::write(meeting, listener.local_addr()?.to_string())?;
    for stream in listener.incoming() {
        let mut stream = stream?;
        let mut connection = rustls::ServerConnection::new(config.clone())?;
        file::push(source, &mut rustls::Stream::new(&mut connection, &mut stream))?;
    }
    Ok(())
}

/// Fetches once.
pub fn fetch(target: &Path, meeting: &Path) -> Result<(), Box<dyn Error>> {
    let config = rustls::ClientConfig::builder().with_root_certificates(roots(meeting)?);
    let config = Arc::new(config.with_no_client_auth());
    let mut stream = TcpStream::connect(std::fs::read_to_string(meeting)?)?;
    let mut connection = rustls::ClientConnection::new(config, "localhost".try_into()?)?;
    file::pull(&mut rustls::Stream::new(&mut connection, &mut stream), target)
}
