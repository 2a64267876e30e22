//! A knock on a server's UDP port, while TCP connects.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use async_std::net::UdpSocket;
use proto_core::ids::PublicKey;
use proto_core::link::{ANSWER_LEN, KNOCK_LEN};

/// Copies of a knock that leave together. On a bad link one of twenty datagrams is lost, each way, and
/// without an answer the login takes a round trip more.
const COPIES: usize = 2;
/// Datagrams that are looked at: somebody may send others than the server.
const MOST_HEARD: u8 = 4;

/// Waits for the answer to a knock.
#[derive(Debug)]
pub(super) struct Knocker {
    socket: UdpSocket,
    key: PublicKey,
    left: u8,
}

impl Knocker {
    /// Knocks at the server with this key; `None` where the network does not let us, which costs a
    /// round trip and nothing else.
    pub(super) async fn knock(
        server: SocketAddr,
        key: PublicKey,
        knock: &[u8; KNOCK_LEN],
    ) -> Option<Self> {
        let any: IpAddr = match server {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((any, 0)).await.ok()?;
        socket.connect(server).await.ok()?;
        for _ in 0..COPIES {
            socket.send(knock).await.ok()?;
        }
        Some(Self { socket, key, left: MOST_HEARD })
    }

    /// Waits for a datagram as long as an answer, with the key that it must be of: for ever, if
    /// nothing comes, or too much.
    pub(super) async fn hear(&mut self) -> (PublicKey, [u8; ANSWER_LEN]) {
        let mut datagram = [0; ANSWER_LEN + 1];
        while self.left > 0
            && let Ok(len) = self.socket.recv(&mut datagram).await
        {
            self.left -= 1;
            if let Ok(answer) = datagram[..len].try_into() {
                return (self.key, answer);
            }
        }
        std::future::pending().await
    }
}
