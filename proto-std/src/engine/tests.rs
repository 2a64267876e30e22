//! Stories of two engines over loopback, with the control channel in between played by the test.

mod many;
mod pair;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use async_std::task;
use proto_core::ids::TransferId;
use proto_core::limits::MAX_PAYLOAD_LEN;
use proto_core::text::FileName;
use proto_core::wire::{AbortReason, Transfer};

use self::pair::{Heard, Pair, assert_ended, assert_finished, content, is_over, play};
use super::*;
use crate::entropy;
use crate::storage::Exists;
use crate::udp;

#[test]
fn files_of_all_sizes_arrive_as_they_were() {
    for size in [0, 1, 1151, 1152, MAX_PAYLOAD_LEN - 1, MAX_PAYLOAD_LEN, MAX_PAYLOAD_LEN + 1] {
        let pair = Pair::new();
        let content = content(size);
        pair.share("file", &content);
        pair.get(1, "file");
        let events = pair.play_until_over(1);
        assert_finished(&events, 1, size);
        let anew =
            |event: &EngineEvent| !matches!(event, EngineEvent::Started { resumed: 1.., .. });
        assert!(events.iter().all(|(_, event)| anew(event)), "{events:#?}");
        assert_eq!(std::fs::read(pair.received.path().join("file")).unwrap(), content);
    }
}

#[test]
fn ten_megabytes_arrive_both_ways() {
    let pair = Pair::new();
    let content = content(10_000_000);
    pair.share("down", &content);
    let up = pair.received.path().join("source");
    std::fs::write(&up, &content).unwrap();

    pair.get(1, "down");
    assert_finished(&pair.play_until_over(1), 1, content.len());
    pair.put(2, &up, "up");
    assert_finished(&pair.play_until_over(2), 2, content.len());

    assert_eq!(std::fs::read(pair.received.path().join("down")).unwrap(), content);
    assert_eq!(std::fs::read(pair.shared.path().join("up")).unwrap(), content);
    assert_eq!(pair.sidecars.list().unwrap(), []);
}

#[test]
fn many_sessions_share_a_socket() {
    let pair = Pair::new();
    let content = content(2_000_000);
    pair.share("file", &content);
    let sessions: Vec<_> = (0..12).map(|_| pair.another()).collect();
    let stories = sessions.iter().zip(1..).map(|((client, server), id)| {
        let save_as = FileName::parse(&format!("file {id}")).unwrap();
        let request = GetRequest { save_as, ..pair.request(id, "file") };
        async move {
            client.0.get(request).await;
            play(client, server, |events| is_over(events, id)).await
        }
    });
    let stories = task::block_on(futures::future::join_all(stories));
    for (events, id) in stories.iter().zip(1..) {
        assert_finished(events, id, content.len());
        let path = pair.received.path().join(format!("file {id}"));
        assert_eq!(std::fs::read(path).unwrap(), content);
    }
}

#[test]
fn strangers_do_not_disturb_a_transfer() {
    let pair = Pair::with(|config| config.limit_rate = Some(4_000_000));
    let content = content(2_000_000);
    pair.share("file", &content);
    let (is_over, targets) = (AtomicBool::new(false), pair.targets());
    thread::scope(|scope| {
        scope.spawn(|| {
            let socket = std::net::UdpSocket::bind(udp::here()).unwrap();
            while !is_over.load(Ordering::SeqCst) {
                for (address, cid) in targets {
                    let mut datagram: [u8; 1200] = entropy::bytes();
                    socket.send_to(&datagram, address).unwrap();
                    datagram[..2].copy_from_slice(&cid.to_wire());
                    socket.send_to(&datagram, address).unwrap();
                }
            }
        });
        pair.get(1, "file");
        let events = pair.play_until_over(1);
        is_over.store(true, Ordering::SeqCst);
        assert_finished(&events, 1, content.len());
    });
    assert_eq!(std::fs::read(pair.received.path().join("file")).unwrap(), content);
}

#[test]
fn a_session_whose_connection_id_is_taken_is_refused_and_the_other_goes_on() {
    let pair = Pair::new();
    let content = content(1_000_000);
    pair.share("file", &content);

    let (client, server) = pair.impostor();
    for (_, told) in [&client, &server] {
        let first = async_std::future::timeout(Duration::from_secs(10), told.recv());
        let first = task::block_on(first).unwrap();
        assert!(matches!(first, Ok(EngineEvent::Misbehaved { .. })), "{first:?}");
    }

    pair.get(1, "file");
    assert_finished(&pair.play_until_over(1), 1, content.len());
}

#[test]
fn a_file_that_is_not_there_leaves_nothing() {
    let pair = Pair::new();
    pair.get(1, "nothing");
    assert_ended(&pair.play_until_over(1), 1, AbortReason::NoSuchFile, true);
    pair.stop();
    assert_eq!(std::fs::read_dir(pair.received.path()).unwrap().count(), 0);
}

#[test]
fn an_upload_never_replaces_a_file() {
    let pair = Pair::new();
    pair.share("file", b"theirs");
    let mine = pair.received.path().join("mine");
    std::fs::write(&mine, b"mine").unwrap();
    pair.put(1, &mine, "file");
    assert_ended(&pair.play_until_over(1), 1, AbortReason::Exists, true);
    assert_eq!(std::fs::read(pair.shared.path().join("file")).unwrap(), b"theirs");
}

#[test]
fn an_upload_beyond_the_limits_is_refused_before_bytes_flow() {
    let pair = Pair::new();
    let mine = pair.received.path().join("mine");
    std::fs::write(&mine, content(20_000_001)).unwrap();
    pair.put(1, &mine, "mine");
    assert_ended(&pair.play_until_over(1), 1, AbortReason::TooLarge, true);
}

#[test]
fn a_taken_name_is_refused_before_the_server_is_asked() {
    let pair = Pair::new();
    pair.share("file", b"theirs");
    std::fs::write(pair.received.path().join("file"), b"mine").unwrap();
    let request = GetRequest { exists: Exists::Fail, ..pair.request(1, "file") };
    task::block_on(pair.client.0.get(request));
    let events = pair.play_until_over(1);
    assert_ended(&events, 1, AbortReason::Exists, false);
    assert!(!events.iter().any(|(_, event)| matches!(event, EngineEvent::Message(_))));
}

#[test]
fn a_held_transfer_stands_still_and_goes_on() {
    let pair = Pair::new();
    let content = content(3_000_000);
    pair.share("file", &content);
    task::block_on(pair.client.0.get(GetRequest { hold: true, ..pair.request(1, "file") }));
    pair.play(|events| {
        events.iter().any(|(_, event)| matches!(event, EngineEvent::Started { .. }))
    });
    task::block_on(task::sleep(Duration::from_millis(200)));
    let got = std::fs::metadata(pair.received.path().join("file.haversack-part")).unwrap();
    assert_eq!(got.len(), 0, "nothing comes");

    task::block_on(pair.client.0.hold(TransferId(1), false));
    assert_finished(&pair.play_until_over(1), 1, content.len());
}

#[test]
fn a_server_that_asks_for_it_is_confirmed_part_way() {
    let pair = Pair::with(|config| config.confirm_at = Some(50));
    let content = content(3_000_000);
    pair.share("file", &content);
    pair.get(1, "file");
    let events = pair.play(|events| {
        events
            .iter()
            .any(|(mine, event)| *mine && matches!(event, EngineEvent::Holds { theirs: true, .. }))
    });
    assert!(!events.iter().any(|(_, event)| matches!(event, EngineEvent::Finished { .. })));

    task::block_on(pair.client.0.confirm(TransferId(1)));
    assert_finished(&pair.play_until_over(1), 1, content.len());
}

#[test]
fn what_stopped_goes_on_in_another_session() {
    let content = content(8_000_000);
    let mut pair = Pair::with(|config| config.confirm_at = Some(50));
    pair.share("file", &content);
    pair.get(1, "file");
    pair.play(|events| {
        events
            .iter()
            .any(|(mine, event)| *mine && matches!(event, EngineEvent::Holds { theirs: true, .. }))
    });
    drop(pair.reopen());
    let request = GetRequest { confirmed: true, ..pair.request(1, "file") };
    task::block_on(pair.client.0.get(request));

    let events = pair.play_until_over(1);

    assert_finished(&events, 1, content.len());
    let resumed = events.iter().find_map(|(mine, event)| match event {
        EngineEvent::Started { resumed, .. } if *mine => Some(*resumed),
        _ => None,
    });
    assert!(resumed.unwrap() >= 3_900_000, "{resumed:?}");
    assert_eq!(std::fs::read(pair.received.path().join("file")).unwrap(), content);
}

#[test]
fn what_lingers_gives_way_to_the_session_that_follows() {
    let content = content(8_000_000);
    let mut pair = Pair::with(|config| config.confirm_at = Some(50));
    pair.share("file", &content);
    pair.get(1, "file");
    pair.play(|events| {
        events
            .iter()
            .any(|(mine, event)| *mine && matches!(event, EngineEvent::Holds { theirs: true, .. }))
    });
    let ((client, _), (server, _)) = pair.reopen();
    client.close(Duration::from_secs(60));
    server.close(Duration::from_secs(60));
    let request = GetRequest { confirmed: true, ..pair.request(1, "file") };
    task::block_on(pair.client.0.get(request));

    assert_finished(&pair.play_until_over(1), 1, content.len());
}

#[test]
fn what_is_held_does_not_linger() {
    let mut pair = Pair::with(|config| config.confirm_at = Some(50));
    pair.share("file", &content(3_000_000));
    pair.get(1, "file");
    pair.play(|events| {
        events.iter().any(|(_, event)| matches!(event, EngineEvent::Holds { theirs: true, .. }))
    });
    let (_client, (server, events)) = pair.reopen();

    server.close(Duration::from_secs(60));

    let ended = async { while events.recv().await.is_ok() {} };
    task::block_on(async_std::future::timeout(Duration::from_secs(10), ended)).unwrap();
}

#[test]
fn a_transfer_outlives_its_control_channel() {
    let mut pair = Pair::with(|config| config.limit_rate = Some(10_000_000));
    let content = content(5_000_000);
    pair.share("file", &content);
    pair.get(1, "file");
    pair.play(|events| {
        let digest = |message: &Transfer| matches!(message, Transfer::Digest { .. });
        events.iter().any(|(_, e)| matches!(e, EngineEvent::Message(m) if digest(m)))
            && events.iter().any(|heard| matches!(heard, (false, EngineEvent::Started { .. })))
    });
    let ((client, _), (server, _)) = pair.reopen();

    client.close(Duration::from_secs(60));
    server.close(Duration::from_secs(60));

    let path = pair.received.path().join("file");
    let until = clock::now() + Duration::from_secs(30);
    while !path.exists() && clock::now() < until {
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(std::fs::read(path).unwrap(), content);
}

#[test]
fn an_end_that_was_heard_last_is_told_before_a_flow_closes() {
    let mut pair = Pair::new();
    let mine = pair.received.path().join("mine");
    std::fs::write(&mine, content(100_000)).unwrap();
    pair.put(1, &mine, "mine");
    // The last message that the control channel carries.
    let is_done = |event: &EngineEvent| matches!(event, EngineEvent::Message(m) if matches!(**m, Transfer::Done { .. }));
    pair.play(|events| events.iter().any(|(mine, event)| !mine && is_done(event)));
    let ((client, events), _server) = pair.reopen();

    client.settle(Duration::from_secs(10));

    assert_finished(&pair::rest(&events), 1, 100_000);
}

#[test]
fn a_flow_that_settles_waits_for_nothing_that_needs_the_peer() {
    let mut pair = Pair::with(|config| config.limit_rate = Some(100_000));
    pair.share("down", &content(3_000_000));
    let up = pair.received.path().join("up");
    std::fs::write(&up, content(3_000_000)).unwrap();
    pair.get(1, "down");
    pair.put(2, &up, "up");
    let started = |events: &[Heard]| {
        let mine = events.iter().filter(|(mine, _)| *mine);
        mine.filter(|(_, event)| matches!(event, EngineEvent::Started { .. })).count()
    };
    pair.play(|events| started(events) == 2);
    let ((client, events), _server) = pair.reopen();

    client.settle(Duration::from_secs(3600));

    let rest = pair::rest(&events);
    assert!(!is_over(&rest, 1) && !is_over(&rest, 2), "{rest:#?}");
}

#[test]
fn a_cancelled_download_can_be_discarded() {
    let pair = Pair::with(|config| config.confirm_at = Some(10));
    pair.share("file", &content(3_000_000));
    pair.get(1, "file");
    pair.play(|events| {
        events.iter().any(|(_, event)| matches!(event, EngineEvent::Holds { theirs: true, .. }))
    });
    task::block_on(pair.client.0.discard(TransferId(1)));
    assert_ended(&pair.play_until_over(1), 1, AbortReason::Cancelled, false);
    pair.stop();
    assert_eq!(std::fs::read_dir(pair.received.path()).unwrap().count(), 0);
    assert_eq!(pair.sidecars.list().unwrap(), []);
}

#[test]
fn a_file_that_changes_meanwhile_is_not_passed_off_as_whole() {
    let pair = Pair::with(|config| config.confirm_at = Some(50));
    pair.share("file", &content(3_000_000));
    pair.get(1, "file");
    pair.play(|events| {
        events.iter().any(|(_, event)| matches!(event, EngineEvent::Holds { theirs: true, .. }))
    });
    pair.share("file", &content(2_000_000));
    task::block_on(pair.client.0.confirm(TransferId(1)));
    assert_ended(&pair.play_until_over(1), 1, AbortReason::SourceChanged, true);
    assert!(!pair.received.path().join("file").exists());
}

#[test]
fn a_rate_limit_is_kept() {
    let pair = Pair::with(|config| config.limit_rate = Some(2_000_000));
    pair.share("file", &content(1_000_000));
    let begun = clock::now();
    pair.get(1, "file");
    assert_finished(&pair.play_until_over(1), 1, 1_000_000);
    let took = clock::now().since(begun);
    assert!((400..3000).contains(&took.as_millis()), "{took:?}");
}
