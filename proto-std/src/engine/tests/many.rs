//! Many transfers of one session at once.

use polling::Poller;
use proto_core::ids::{PublicKey, Stamp};
use proto_core::secure::{Aead, Suites};
use proto_core::text::PARTIAL_SUFFIX;
use proto_core::time::Instant;

use super::super::command::{Closing, Command, Mailbox, Opening, SessionKey};
use super::super::flow::{FlowOutput, socket_address};
use super::super::limit::Bucket;
use super::super::run::{MOST_LINGERING, Runner};
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

#[test]
fn whoever_asks_for_more_than_there_is_room_for_is_told_of_each() {
    const TOO_MANY: u16 = 40;
    let (mut runner, now) = (runner(), clock::now());
    let (opening, heard) = opening(Role::Server);
    runner.obey(now, Command::Open(Box::new(opening)));

    let room = u16::try_from(TRANSFERS).unwrap();
    for id in 1..=room + TOO_MANY {
        runner.obey(now, Command::Message(SessionKey(1), Box::new(get(id))));
    }
    runner.make_room(now, 0);

    let told: Vec<_> = std::iter::from_fn(|| heard.try_recv().ok()).collect();
    for id in room + 1..=room + TOO_MANY {
        let (id, why) = (TransferId(id), AbortReason::Busy);
        let busy = EngineEvent::Message(Box::new(Transfer::Abort { id, why }));
        assert!(told.contains(&busy), "{told:?}");
    }
}

#[test]
fn uploads_that_are_opened_while_the_server_stops_leave_nothing() {
    let pair = Pair::new();
    let mine = pair.received.path().join("mine");
    std::fs::write(&mine, content(500_000)).unwrap();
    for id in 1..=100 {
        pair.put(id, &mine, &format!("file {id}"));
    }
    pair.play(|events| {
        let said = |event: &&Heard| matches!(event.1, EngineEvent::Message(_));
        events.iter().filter(said).count() > 100
    });

    pair.engines.1.stop();

    // Some may be complete.
    let is_part = |name: &str| name.ends_with(PARTIAL_SUFFIX);
    let names = || pair.shared.path().read_dir().unwrap().map(|it| it.unwrap().file_name());
    let parts = || names().filter(|name| is_part(name.to_str().unwrap())).count();
    thread::sleep(Duration::from_millis(300));
    let patience = clock::now() + Duration::from_secs(10);
    while parts() != pair.remembered() && clock::now() < patience {
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(parts(), pair.remembered(), "what nobody can go on with counts for ever");
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
fn nobody_rests_for_a_session_that_moves_nothing() {
    let (mut session, _heard) = session(clock::now());
    session.flow_mut(clock::now());
    assert_eq!(session.round_trip(), None);
    session.begin(TransferId(1), FileName::parse("file").unwrap());
    assert!(session.round_trip().is_some());
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
fn of_a_crowd_that_lingers_who_has_lingered_longest_ends() {
    let (mut runner, now) = (runner(), clock::now());
    let crowd = 1..=u16::try_from(MOST_LINGERING).unwrap() + 1;
    let heard: Vec<_> = crowd.map(|key| linger(&mut runner, now, key)).collect();

    assert!(heard[0].is_closed());
    assert!(heard[1..].iter().all(|heard| !heard.is_closed()));
}

/// Opens a session with a transfer, and closes its control channel a little later than that of the
/// one before.
fn linger(runner: &mut Runner, now: Instant, number: u16) -> Receiver<EngineEvent> {
    let (mut opening, heard) = opening(Role::Server);
    let key = SessionKey(number.into());
    (opening.key, opening.config.local_cid) = (key, ConnectionId::new(number));
    runner.obey(now, Command::Open(Box::new(opening)));
    let session = runner.sessions.iter_mut().flatten().find(|session| session.key == key);
    session.unwrap().begin(TransferId(1), FileName::parse("file").unwrap());
    let later = now + Duration::from_millis(number.into());
    runner.obey(later, Command::Close(key, Closing::Linger(Duration::from_secs(60))));
    heard
}

#[test]
fn nothing_joins_a_batch_that_the_socket_does_not_take() {
    let (mut session, _heard) = session(clock::now());
    let now = fill(&mut session);
    let flow = session.flow_mut(now);
    for id in ids() {
        let held = heapless::Vec::new();
        flow.handle_message(now, &Transfer::Accept { id, held }).unwrap();
    }
    let packet = loop {
        if let FlowOutput::Data(packet, _) = flow.poll_output(now) {
            break packet;
        }
    };
    let mut runner = runner();
    runner.batch.push(socket_address(packet.to, runner.is_ipv6), None, packet.len).unwrap();
    runner.is_blocked = true;
    runner.sessions.push(Some(Box::new(session)));

    runner.make_room(now, 0);

    assert_eq!(runner.batch.count(), 1);
    assert!(runner.unsealed.is_empty(), "it would leave without being sealed");
}

#[test]
fn a_transfer_begins_although_nothing_may_be_sent_for_a_while() {
    let (mut session, _heard) = session(clock::now());
    let now = fill(&mut session);
    let mut runner = runner();
    for id in ids() {
        let message = Transfer::Abort { id, why: AbortReason::Cancelled };
        session.hear(now, &message);
    }
    let mut limit = Bucket::new(1000, now);
    limit.take(now, 1 << 20);
    session.limit = Some(limit);
    runner.sessions.push(Some(Box::new(session)));

    runner.make_room(now, 0);

    let session = runner.sessions[0].as_ref().unwrap();
    assert!(!session.flow().unwrap().is_full());
}

#[test]
fn how_far_each_of_many_transfers_is_is_told() {
    let (mut session, heard) = session(clock::now());
    let progress = Progress { size: Some(2), done: 1, contiguous: 1, state: State::Flowing };
    for id in ids() {
        session.mention(EngineEvent::Progress { id, progress });
    }
    assert_eq!(heard.len(), TRANSFERS);
    assert!(!session.is_parked());
}

/// A client's session that has just begun, and what it tells.
fn session(now: Instant) -> (Session, Receiver<EngineEvent>) {
    let (opening, heard) = opening(Role::Client);
    (Session::new(now, opening, None, 1200), heard)
}

fn opening(role: Role) -> (Opening, Receiver<EngineEvent>) {
    let suite = Suites::best_common(HostAead::suites(), HostAead::suites()).unwrap();
    let (events, heard) = unbounded();
    let config = SessionConfig {
        keys: DatagramKeys::new(suite, [1; 32], role),
        local_cid: ConnectionId::new(1),
        remote_cid: ConnectionId::new(2),
        remote: Some(SocketAddr::from(([127, 0, 0, 1], 9))),
        host: None,
        peer: PublicKey([1; 32]),
        files: Arc::new(NoFiles),
        sidecars: None,
        confirm_at: None,
        limit_rate: None,
    };
    (Opening { key: SessionKey(1), config, events }, heard)
}

/// What a client asks with.
fn get(id: u16) -> Transfer {
    let (id, name) = (TransferId(id), FileName::parse("file").unwrap());
    Transfer::Get { id, name, held: None, hold: false, confirmed: false, stop_at: None }
}

/// As many transfers as there is room for.
fn fill(session: &mut Session) -> Instant {
    let now = clock::now();
    for id in ids() {
        let name = FileName::parse("file").unwrap();
        session.flow_mut(now).put(now, id, &name, 100_000, Stamp(1), false).unwrap();
    }
    now
}

fn ids() -> impl Iterator<Item = TransferId> {
    (0..u16::try_from(TRANSFERS).unwrap()).map(TransferId)
}

fn runner() -> Runner {
    let (mailbox, commands) = Mailbox::new(Poller::new().unwrap());
    let config = EngineConfig::at(udp::here());
    let socket = Socket::bind(config.bind).unwrap();
    Runner::new(&config, socket, mailbox, commands).unwrap()
}
