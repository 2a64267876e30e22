//! Many transfers of one session at once.

use polling::Poller;
use proto_core::ids::{PublicKey, Stamp};
use proto_core::secure::{Aead, Suites};

use super::super::command::{Mailbox, Opening, SessionKey};
use super::super::flow::{FlowOutput, socket_address};
use super::super::run::Runner;
use super::super::session::Session;
use super::*;
use crate::aead::HostAead;
use crate::profile::TRANSFERS;
use crate::udp::{self, Socket};

#[test]
fn many_transfers_share_a_session() {
    let pair = Pair::new();
    for id in 1..=8 {
        pair.share(&format!("file {id}"), &content(300_000 + usize::from(id)));
        pair.get(id, &format!("file {id}"));
    }
    let events = pair.play(|events| {
        let over = |event: &&Heard| matches!(event, (true, EngineEvent::Finished { .. }));
        events.iter().filter(over).count() == 8
    });
    for id in 1..=8 {
        assert_finished(&events, id, 300_000 + usize::from(id));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn of_many_small_downloads_only_the_first_are_noted() {
    let pair = Pair::with(|config| config.limit_rate = Some(1000));
    for id in 1..=20 {
        pair.share(&format!("file {id}"), &content(3000));
        pair.get(id, &format!("file {id}"));
    }
    pair.play(|events| {
        let started = |event: &&Heard| matches!(event, (true, EngineEvent::Started { .. }));
        events.iter().filter(started).count() == 20
    });
    let noted = pair.sidecars.list().unwrap().len();
    assert!(noted <= 4, "{noted}");
}

#[test]
fn a_transfer_begins_although_the_ends_of_others_are_not_told_yet() {
    let pair = Pair::new();
    let name = FileName::parse("file").unwrap();
    let last = TransferId(200);
    task::block_on(async {
        // Faster than it is told what came of them.
        for id in (0..=last.0).map(TransferId) {
            let (name, held, stop_at) = (name.clone(), None, None);
            let get = Transfer::Get { id, name, held, hold: false, confirmed: false, stop_at };
            pair.server.0.message(get).await;
            if id != last {
                pair.server.0.message(Transfer::Abort { id, why: AbortReason::Cancelled }).await;
            }
        }
        loop {
            match pair.server.1.recv().await.unwrap() {
                EngineEvent::Ended { id, why: AbortReason::NoSuchFile, .. } if id == last => break,
                EngineEvent::Ended { .. } => {}
                EngineEvent::Message(message) => {
                    let is_busy =
                        matches!(*message, Transfer::Abort { why: AbortReason::Busy, .. });
                    assert!(!is_busy, "{message:?}");
                }
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn nothing_joins_a_batch_that_the_socket_does_not_take() {
    // A flow is large while it is made.
    let test = thread::Builder::new().stack_size(STACK_LEN).spawn(room_is_made_while_blocked);
    test.unwrap().join().unwrap();
}

fn room_is_made_while_blocked() {
    let now = clock::now();
    let (mailbox, commands) = Mailbox::new(Poller::new().unwrap());
    let config = EngineConfig::at(udp::here());
    let socket = Socket::bind(config.bind).unwrap();
    let mut runner = Runner::new(&config, socket, mailbox, commands).unwrap();
    let suite = Suites::best_common(HostAead::suites(), HostAead::suites()).unwrap();
    let (events, _heard) = unbounded();
    let config = SessionConfig {
        keys: DatagramKeys::new(suite, [1; 32], Role::Client),
        local_cid: ConnectionId(1),
        remote_cid: ConnectionId(2),
        remote: Some(runner.socket.local_addr().unwrap()),
        host: None,
        peer: PublicKey([1; 32]),
        files: Arc::new(NoFiles),
        sidecars: None,
        confirm_at: None,
        limit_rate: None,
    };
    let mut session = Session::new(now, Opening { key: SessionKey(1), config, events }, None, 1200);
    let flow = session.flow_mut(now);
    for id in (0..u16::try_from(TRANSFERS).unwrap()).map(TransferId) {
        flow.put(now, id, &FileName::parse("file").unwrap(), 100_000, Stamp(1), false).unwrap();
        let held = heapless::Vec::new();
        flow.handle_message(now, &Transfer::Accept { id, held }).unwrap();
    }
    let packet = loop {
        if let FlowOutput::Data(packet, _) = flow.poll_output(now) {
            break packet;
        }
    };
    runner.batch.push(socket_address(packet.to, runner.is_ipv6), None, packet.len).unwrap();
    runner.is_blocked = true;
    runner.sessions.push(Some(Box::new(session)));

    runner.make_room(now, 0);

    assert_eq!(runner.batch.count(), 1);
    assert!(runner.unsealed.is_empty(), "it would leave without being sealed");
}
