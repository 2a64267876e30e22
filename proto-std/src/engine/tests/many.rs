//! Many transfers of one session at once.

use super::*;

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
