//! KCP: its fastest profile (a tick of 10 ms, quick resends, no congestion window).

use std::fs::File;
use std::io::{Read, Write};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_kcp::{KcpConfig, KcpListener, KcpNoDelayConfig, KcpStream};

use super::Play;
use super::quic::runtime;
use crate::Fault;
use crate::sink::Sink;

/// What is read and written at once: KCP refuses more packets than its window holds.
const CHUNK: usize = 64 << 10;
/// Packets under way at most.
const WINDOW: u16 = 1024;

/// Serves until killed.
pub fn serve(play: &Play) -> Result<(), Fault> {
    runtime()?.block_on(async {
        let mut listener = KcpListener::bind(config(), play.listen()?).await?;
        play.meet(listener.local_addr()?)?;
        loop {
            let (mut stream, _) = listener.accept().await?;
            let mut word = [0];
            stream.read_exact(&mut word).await?;
            let mut file = File::open(&play.file)?;
            stream.write_all(&file.metadata()?.len().to_le_bytes()).await?;
            let mut chunk = vec![0; CHUNK];
            loop {
                let len = file.read(&mut chunk)?;
                if len == 0 {
                    break;
                }
                stream.write_all(&chunk[..len]).await?;
            }
            stream.flush().await?;
            // The session is kept until the client has everything.
            let _ = stream.read_exact(&mut word).await;
        }
    })
}

/// Fetches once.
pub fn fetch(play: &Play) -> Result<(), Fault> {
    runtime()?.block_on(async {
        let mut stream = KcpStream::connect(&config(), play.server()?).await?;
        stream.write_all(b"!").await?;
        stream.flush().await?;
        let mut len = [0; 8];
        stream.read_exact(&mut len).await?;
        let mut left = u64::from_le_bytes(len);
        let mut sink = Sink::create(&play.file)?;
        let mut chunk = vec![0; CHUNK];
        while left > 0 {
            let len = stream.read(&mut chunk).await?;
            if len == 0 {
                return Err("the stream ended early".into());
            }
            sink.write_all(&chunk[..len])?;
            left -= len as u64;
        }
        // Closing would wait for an answer that nobody needs.
        std::process::exit(0)
    })
}

fn config() -> KcpConfig {
    KcpConfig {
        mtu: 1400,
        nodelay: KcpNoDelayConfig::fastest(),
        wnd_size: (WINDOW, WINDOW),
        flush_write: true,
        flush_acks_input: true,
        stream: true,
        ..KcpConfig::default()
    }
}
