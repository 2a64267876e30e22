//! TLS 1.3 over TCP: rustls with aws-lc, a self-signed certificate that the client is given.

use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{CertifiedKey, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{Play, tcp};
use crate::Fault;
use crate::content;

/// A certificate for this run; its public half lies beside the meeting point.
pub fn certify(play: &Play) -> Result<CertifiedKey<KeyPair>, Fault> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    std::fs::write(beside(play), made.cert.der())?;
    Ok(made)
}

/// The certificate and its key as rustls wants them.
pub fn identity(play: &Play) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), Fault> {
    let made = certify(play)?;
    Ok((made.cert.der().clone(), PrivateKeyDer::try_from(made.signing_key.serialize_der())?))
}

/// The roots that trust this run's certificate alone.
pub fn roots(play: &Play) -> Result<rustls::RootCertStore, Fault> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from(std::fs::read(beside(play))?))?;
    Ok(roots)
}

/// Where the server leaves its certificate.
pub fn beside(play: &Play) -> PathBuf {
    play.meeting.with_extension("der")
}

/// Serves until killed.
pub fn serve(play: &Play) -> Result<(), Fault> {
    let (certificate, key) = identity(play)?;
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config = Arc::new(config.with_single_cert(vec![certificate], key)?);
    for stream in tcp::listen(play, "cubic")?.incoming() {
        let mut stream = stream?;
        let mut connection = rustls::ServerConnection::new(config.clone())?;
        content::push(&play.file, &mut rustls::Stream::new(&mut connection, &mut stream))?;
    }
    Ok(())
}

/// Fetches once.
pub fn fetch(play: &Play) -> Result<(), Fault> {
    let config = rustls::ClientConfig::builder().with_root_certificates(roots(play)?);
    let config = Arc::new(config.with_no_client_auth());
    let mut stream = TcpStream::connect(play.server()?)?;
    let mut connection = rustls::ClientConnection::new(config, "localhost".try_into()?)?;
    content::pull(&mut rustls::Stream::new(&mut connection, &mut stream), &play.file)
}
