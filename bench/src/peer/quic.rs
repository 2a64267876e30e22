//! QUIC: quinn, one stream; with its defaults, or tuned for long fat links.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use quinn::congestion::BbrConfig;
use quinn::{
    ClientConfig, Endpoint, EndpointConfig, MtuDiscoveryConfig, ServerConfig, TokioRuntime,
    TransportConfig,
};
use socket2::SockRef;

use super::{Peer, Play, tls};
use crate::Fault;
use crate::content::CHUNK;
use crate::sink::Sink;

/// Bytes under way at most, when tuned.
const WINDOW: u32 = 64 << 20;
/// The sockets' buffers, when tuned.
const BUFFER: usize = 4 << 20;
/// UDP's payload on an Ethernet, and what is fastest on loopback.
const PAYLOADS: [u16; 2] = [1472, 6000];

/// Serves until killed.
pub fn serve(play: &Play) -> Result<(), Fault> {
    runtime()?.block_on(async {
        let (certificate, key) = tls::identity(play)?;
        let mut config = ServerConfig::with_single_cert(vec![certificate], key)?;
        config.transport_config(Arc::new(transport(play, play.listen()?)?));
        let endpoint = endpoint(play, play.listen()?, Some(config))?;
        play.meet(endpoint.local_addr()?)?;
        while let Some(incoming) = endpoint.accept().await {
            let connection = incoming.await?;
            let (mut send, _receive) = connection.accept_bi().await?;
            let mut file = File::open(&play.file)?;
            send.write_all(&file.metadata()?.len().to_le_bytes()).await?;
            let mut chunk = vec![0; CHUNK];
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
pub fn fetch(play: &Play) -> Result<(), Fault> {
    runtime()?.block_on(async {
        let server = play.server()?;
        let mut config = ClientConfig::with_root_certificates(tls::roots(play)?.into())?;
        config.transport_config(Arc::new(transport(play, server)?));
        let endpoint = endpoint(play, Play::anywhere(server), None)?;
        let connection = endpoint.connect_with(config, server, "localhost")?.await?;
        let (mut send, mut receive) = connection.open_bi().await?;
        send.write_all(b"!").await?;
        let mut len = [0; 8];
        receive.read_exact(&mut len).await?;
        let mut left = u64::from_le_bytes(len);
        let mut sink = Sink::create(&play.file)?;
        while left > 0 {
            let chunk =
                receive.read_chunk(usize::MAX, true).await?.ok_or("the stream ended early")?;
            sink.write_all(&chunk.bytes)?;
            left -= chunk.bytes.len() as u64;
        }
        connection.close(0_u32.into(), b"done");
        Ok(())
    })
}

fn is_tuned(play: &Play) -> bool {
    play.peer == Peer::QuinnBbr
}

fn transport(play: &Play, address: SocketAddr) -> Result<TransportConfig, Fault> {
    let mut config = TransportConfig::default();
    if is_tuned(play) {
        let payload = PAYLOADS[usize::from(address.ip().is_loopback())];
        let mut discovery = MtuDiscoveryConfig::default();
        discovery.upper_bound(payload);
        config.mtu_discovery_config(Some(discovery)).initial_mtu(payload);
        config.stream_receive_window(WINDOW.into()).receive_window(WINDOW.into());
        config.send_window(WINDOW.into());
        config.congestion_controller_factory(Arc::new(BbrConfig::default()));
    }
    Ok(config)
}

fn endpoint(
    play: &Play,
    bind: SocketAddr,
    server: Option<ServerConfig>,
) -> Result<Endpoint, Fault> {
    let socket = UdpSocket::bind(bind)?;
    let mut config = EndpointConfig::default();
    if is_tuned(play) {
        config.max_udp_payload_size(PAYLOADS[1])?;
        SockRef::from(&socket).set_recv_buffer_size(BUFFER)?;
        SockRef::from(&socket).set_send_buffer_size(BUFFER)?;
    }
    Ok(Endpoint::new(config, server, socket, Arc::new(TokioRuntime))?)
}

/// What the asynchronous peers run on.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
