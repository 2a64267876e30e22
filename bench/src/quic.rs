//! QUIC: quinn with its default transport settings, one stream.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use quinn::{ClientConfig, Endpoint, ServerConfig};

use crate::tls;

/// Serves until killed.
pub fn serve(source: &Path, meeting: &Path) -> Result<(), Box<dyn Error>> {
    runtime()?.block_on(async {
        let (certificate, key) = tls::certify(meeting)?;
        let config = ServerConfig::with_single_cert(vec![certificate], key)?;
        let endpoint = Endpoint::server(config, "127.0.0.1:0".parse()?)?;
        std::fs::write(meeting, endpoint.local_addr()?.to_string())?;
        while let Some(incoming) = endpoint.accept().await {
            let connection = incoming.await?;
            let (mut send, _receive) = connection.accept_bi().await?;
            let mut file = File::open(source)?;
            send.write_all(&file.metadata()?.len().to_le_bytes()).await?;
            let mut chunk = vec![0; 256 << 10];
            loop {
                let len = file.read(&mut chunk)?;
                if len == 0 {
                    break;
                }
                send.write_all(&chunk[..len]).await?;
            }
            send.finish()?;
            connection.closed().await;
        }
        Ok(())
    })
}

/// Fetches once.
pub fn fetch(target: &Path, meeting: &Path) -> Result<(), Box<dyn Error>> {
    runtime()?.block_on(async {
        let config = ClientConfig::with_root_certificates(tls::roots(meeting)?.into())?;
        let endpoint = Endpoint::client("127.0.0.1:0".parse()?)?;
        let server = std::fs::read_to_string(meeting)?.parse()?;
        let connection = endpoint.connect_with(config, server, "localhost")?.await?;
        let (mut send, mut receive) = connection.open_bi().await?;
        send.write_all(b"!").await?;
        let mut len = [0; 8];
        receive.read_exact(&mut len).await?;
        let mut left = u64::from_le_bytes(len);
        let mut file = File::create(target)?;
        while left > 0 {
            let chunk =
                receive.read_chunk(usize::MAX, true).await?.ok_or("the stream ended early")?;
            file.write_all(&chunk.bytes)?;
            left -= chunk.bytes.len() as u64;
        }
        connection.close(0_u32.into(), b"done");
        Ok(())
    })
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
