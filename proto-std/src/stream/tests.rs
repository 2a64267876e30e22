//! How a stream ends.

use async_std::net::TcpListener;
use async_std::task::block_on;
use proto_core::ids::ConnectionId;
use proto_core::link::{LinkConfig, NO_SECRET};
use proto_core::secure::{StaticKey, Suites};
use proto_core::wire::ToServer;

use super::*;
use crate::entropy;

const LONG: Duration = Duration::from_secs(3600);

/// A client and a server behind their handshake.
async fn pair() -> (SecureStream, SecureStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tcp = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (accepted, _) = listener.accept().await.unwrap();
    let client = SecureStream::new(tcp, link(Link::client));
    let server = SecureStream::new(accepted, link(Link::server));
    futures::future::join(shake(client), shake(server)).await
}

fn link(role: fn(LinkConfig<'_>) -> Link) -> Link {
    role(LinkConfig {
        key: &StaticKey::from(entropy::bytes()),
        psk: NO_SECRET,
        cid: ConnectionId(1),
        suites: Suites::BASE,
        entropy: entropy::bytes(),
    })
}

async fn shake(mut stream: SecureStream) -> SecureStream {
    loop {
        match stream.input().unwrap() {
            Input::Established(_) => break,
            Input::Identified(_) => stream.trust(),
            Input::Record(_) | Input::Progress => {}
            Input::Nothing => assert_eq!(stream.turn().await.unwrap(), Turn::Moved),
        }
    }
    while !stream.is_drained() {
        stream.turn().await.unwrap();
    }
    stream
}

/// The bytes of messages until the peer closes.
async fn hear_out(stream: &mut SecureStream) -> Vec<u8> {
    let mut heard = Vec::new();
    loop {
        match stream.input().unwrap() {
            Input::Record(bytes) => heard.extend_from_slice(bytes),
            Input::Nothing => match stream.turn().await.unwrap() {
                Turn::Moved => {}
                Turn::Closed => return heard,
            },
            _ => {}
        }
    }
}

#[test]
fn whoever_hangs_up_does_not_wait_for_the_peer_and_is_heard() {
    block_on(async {
        let (mut client, mut server) = pair().await;
        client.push(&ToServer::Who);
        client.push(&ToServer::Leave);
        client.hang_up(LONG).await;
        assert_eq!(hear_out(&mut server).await, [2, 7]);
    });
}

#[test]
fn a_farewell_waits_for_the_peer_to_close() {
    block_on(async {
        let (mut client, mut server) = pair().await;
        client.push(&ToServer::Leave);
        let farewell = async {
            client.farewell(LONG).await;
            clock::now()
        };
        let closing = async {
            assert_eq!(hear_out(&mut server).await, [7]);
            let closed = clock::now();
            drop(server);
            closed
        };
        let (left, closed) = futures::future::join(farewell, closing).await;
        assert!(closed <= left);
    });
}
