//! How a stream ends.

use async_std::net::TcpListener;
use async_std::task::block_on;
use proto_core::ids::ConnectionId;
use proto_core::link::{LinkConfig, NO_SECRET, Porch};
use proto_core::secure::{StaticKey, Suites};
use proto_core::wire::{ToClient, ToServer};

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
        cid: ConnectionId::new(1),
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

/// A client that has the reply to its knock before TCP has brought it.
struct Knocked {
    client: SecureStream,
    /// The server's end, which has heard nothing yet.
    server: SecureStream,
    porch: Porch<1>,
}

/// When TCP must have brought the reply.
const UNTIL: Instant = Instant::from_micros(u64::MAX / 2);

fn config(key: &StaticKey, entropy: u8) -> LinkConfig<'_> {
    let (cid, suites, entropy) = (ConnectionId::new(1), Suites::BASE, [entropy; 32]);
    LinkConfig { key, psk: NO_SECRET, cid, suites, entropy }
}

fn keys() -> (StaticKey, StaticKey) {
    ([1; 32].into(), [2; 32].into())
}

/// A client and a server whose client has knocked, and the answer.
async fn knocking() -> (Knocked, EarlyReply) {
    let (one, other) = keys();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tcp = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (accepted, _) = listener.accept().await.unwrap();
    let (link, mut porch) = (Link::client(config(&one, 1)), Porch::new());
    let knock = link.knock(&other.public());
    let promised = || Some(config(&other, 2));
    let answer = porch.answer(clock::now(), &knock, &other.public(), promised).unwrap();
    let early = EarlyReply::read(config(&one, 1), &other.public(), &answer).unwrap();
    let mut client = SecureStream::new(tcp, link);
    assert!(matches!(client.input(), Ok(Input::Progress)), "the hello");
    let server = SecureStream::new(accepted, Link::server(config(&other, 3)));
    (Knocked { client, server, porch }, early)
}

/// The same, and the client has gone on and asked something.
async fn ahead() -> Knocked {
    let (mut knocked, early) = knocking().await;
    let client = &mut knocked.client;
    assert!(client.go_on(early, UNTIL));
    client.trust();
    while !matches!(client.input(), Ok(Input::Established(_))) {}
    client.push(&ToServer::Who);
    while !client.is_drained() {
        client.turn().await.unwrap();
    }
    assert_eq!(knocked.server.turn().await.unwrap(), Turn::Moved);
    knocked
}

#[test]
fn a_reply_that_came_early_is_heard_once_though_tcp_brings_it_together_with_more() {
    block_on(async {
        let Knocked { mut client, mut server, mut porch } = ahead().await;
        let (_, other) = keys();
        assert!(porch.redeem(clock::now(), server.link(), config(&other, 3)));
        loop {
            match server.input().unwrap() {
                Input::Record(said) => break assert_eq!(said, [2]),
                Input::Nothing => assert_eq!(server.turn().await.unwrap(), Turn::Moved),
                _ => {}
            }
        }
        server.push(&ToClient::PresentEnd);
        server.farewell(Duration::ZERO).await;

        assert_eq!(client.deadline(), Some(UNTIL), "TCP owes the reply");
        assert_eq!(hear_out(&mut client).await, [8]);
        assert_eq!((client.deadline(), client.ended()), (None, Ok(())));
    });
}

#[test]
fn a_server_that_replies_something_else_than_it_answered_is_left() {
    block_on(async {
        let Knocked { mut client, mut server, .. } = ahead().await;
        assert!(matches!(server.input(), Ok(Input::Progress)), "the reply");
        drop(server.turn().await);
        assert_eq!(client.turn().await.unwrap(), Turn::Moved);
        assert!(matches!(client.input(), Err(LinkError::Forgotten)));
    });
}

#[test]
fn a_server_that_answered_and_does_not_reply_is_not_waited_for() {
    block_on(async {
        let Knocked { client, server, .. } = ahead().await;
        assert!(!client.is_unanswered(clock::now()));
        assert!(client.is_unanswered(UNTIL));
        drop(server);
        assert_eq!(client.ended(), Err(LinkError::Truncated), "it does not blame the secret");
    });
}

#[test]
fn an_answer_behind_the_first_bytes_of_the_reply_is_too_late() {
    block_on(async {
        let (Knocked { mut client, server, .. }, early) = knocking().await;
        client.turn().await.unwrap();
        futures::AsyncWriteExt::write_all(&mut &server.stream, &[99, 0, 7]).await.unwrap();
        assert_eq!(client.turn().await.unwrap(), Turn::Moved);
        assert!(matches!(client.input(), Ok(Input::Nothing)));
        assert!(!client.go_on(early, UNTIL));
    });
}
