//! QUIC: s2n-quic with its defaults, one stream.

use std::fs::File;
use std::io::{Read, Write};

use s2n_quic::client::Connect;
use s2n_quic::provider::tls::rustls as crypto;
use s2n_quic::{Client, Server};

use super::quic::runtime;
use super::{Play, tls};
use crate::Fault;
use crate::content::CHUNK;
use crate::sink::Sink;

/// Serves until killed.
pub fn serve(play: &Play) -> Result<(), Fault> {
    runtime()?.block_on(async {
        let made = tls::certify(play)?;
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let identity = crypto::Server::builder();
        let identity = identity.with_certificate(certificate.as_str(), key.as_str())?.build()?;
        let server = Server::builder().with_tls(identity)?.with_io(play.listen()?)?;
        let mut server = server.start()?;
        play.meet(server.local_addr()?)?;
        while let Some(mut connection) = server.accept().await {
            let stream = connection.accept_bidirectional_stream().await?;
            let mut stream = stream.ok_or("no stream was opened")?;
            stream.receive().await?;
            let mut file = File::open(&play.file)?;
            stream.send(file.metadata()?.len().to_le_bytes().to_vec().into()).await?;
            loop {
                let mut chunk = vec![0; CHUNK];
                let len = file.read(&mut chunk)?;
                if len == 0 {
                    break;
                }
                chunk.truncate(len);
                stream.send(chunk.into()).await?;
            }
            stream.close().await?;
        }
        Ok(())
    })
}

/// Fetches once.
pub fn fetch(play: &Play) -> Result<(), Fault> {
    runtime()?.block_on(async {
        let server = play.server()?;
        let trust = crypto::Client::builder().with_certificate(tls::beside(play).as_path())?;
        let client = Client::builder().with_tls(trust.build()?)?;
        let client = client.with_io(Play::anywhere(server))?.start()?;
        let connect = Connect::new(server).with_server_name("localhost");
        let mut connection = client.connect(connect).await?;
        let mut stream = connection.open_bidirectional_stream().await?;
        stream.send(vec![b'!'].into()).await?;
        let mut head = Vec::with_capacity(8);
        let mut sink = Sink::create(&play.file)?;
        let mut received = 0;
        while let Some(chunk) = stream.receive().await? {
            let (of_head, content) = chunk.split_at(chunk.len().min(8 - head.len()));
            head.extend_from_slice(of_head);
            if !content.is_empty() {
                sink.write_all(content)?;
                received += content.len() as u64;
            }
            if head[..].try_into().is_ok_and(|len| u64::from_le_bytes(len) == received) {
                connection.close(0_u32.into());
                return Ok(());
            }
        }
        Err("the stream ended early".into())
    })
}
