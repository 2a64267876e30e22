//! Stories of clients that do not keep to the protocol.

use super::*;

/// One of each message that a client can send.
fn every_message() -> Vec<ToServer<'static>> {
    [
        join(None, 1),
        say(1, Audience::All, "hello"),
        say(1, one("nobody"), "hello"),
        ToServer::Who,
        ToServer::Files,
        ToServer::Transfer(Transfer::Done { id: TransferId(1) }),
        ToServer::Ping(9),
        ToServer::Pong(9),
        ToServer::Leave,
    ]
    .into()
}

#[test]
fn every_message_in_every_state_has_its_answer() {
    let bad = "goodbye Misbehaved";
    let in_room = [
        bad,
        "heard 1|1 leah (1): hello",
        "rejected 1 NoSuchUser",
        "is leah|end",
        "",
        "",
        "pong 9",
        "",
        "closed",
    ];
    let outside = [bad, "heard 1", "rejected 1 NoSuchUser", "end", "", "", "pong 9", "", "closed"];
    let fresh = ["welcome ? at 0, heard 0", bad, bad, bad, bad, bad, bad, bad, bad];
    let ending = ["closed"; 9];

    for (index, message) in every_message().into_iter().enumerate() {
        for (state, expected) in
            [("fresh", fresh), ("joined", in_room), ("using", outside), ("ending", ending)]
        {
            let mut room = Room::new();
            let link = match state {
                "fresh" => room.connect("leah"),
                "using" => room.login("leah", &using()),
                _ => room.enter("leah"),
            };
            if state == "ending" {
                room.send(link, ToServer::Leave).unwrap();
            }
            let result = room.send(link, message.clone());

            let mut lines = room.drain(link).join("|");
            if lines.is_empty() && !room.closed.is_empty() {
                lines = "closed".to_string();
            }
            assert_eq!(lines, expected[index], "{state} {message:?}");
            assert_eq!(result.is_err(), expected[index] == bad, "{state} {message:?}");
        }
    }
}

#[test]
fn what_the_driver_must_do_is_said_in_so_many_words() {
    let mut room = Room::new();
    let leah = room.enter("leah");

    let transfer = ToServer::Transfer(Transfer::Done { id: TransferId(1) });
    assert!(room.send(leah, transfer).unwrap().starts_with("Transfer(Done"));
    assert_eq!(room.send(leah, ToServer::Files).unwrap(), "AskedFiles");
    assert!(room.send(leah, say(1, Audience::All, "hi")).unwrap().starts_with("Said"));
    assert_eq!(room.send(leah, say(1, Audience::All, "hi")).unwrap(), "Quiet");
    assert!(room.send(leah, say(2, one("x"), "hi")).unwrap().starts_with("Rejected"));
}

#[test]
fn a_repeat_is_dropped_and_acknowledged_again() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    room.say(leah, 1, "once");
    room.drain(leah);

    room.say(leah, 1, "twice");
    room.say(leah, 0, "never");

    assert_eq!(room.drain(leah), ["heard 1"]);
}

#[test]
fn a_jump_in_the_numbers_ends_the_session() {
    for jump in [2, 3, 1 << 40, u64::MAX] {
        let mut room = Room::new();
        let leah = room.enter("leah");

        assert_eq!(room.send(leah, say(jump, Audience::All, "x")), Err(Goodbye::Misbehaved));

        assert_eq!(room.drain(leah), ["goodbye Misbehaved"]);
        assert_eq!(room.told, ["left leah"]);
    }
}

#[test]
fn numbers_at_the_end_of_time_neither_wrap_nor_panic() {
    for first in [0, u64::MAX - 1, u64::MAX] {
        let mut room = Room::new();
        let leah = room.login("leah", &join(Some(u64::MAX), first));
        for seq in [first, u64::MAX, 0] {
            let _ = room.send(leah, say(seq, Audience::All, "x"));
        }
        room.drain(leah);
        let leah = room.login("leah", &join(Some(u64::MAX), u64::MAX));
        let _ = room.send(leah, say(u64::MAX, Audience::All, "x"));
        room.drain(leah);
        let leah = room.login("leah", &join(Some(0), 0));
        room.drain(leah);
    }
}

#[test]
fn more_than_a_hundred_unanswered_messages_end_the_session() {
    let rate = crate::chat::Rate { burst: 1000, per_second: 1000 };
    let mut room = Room::with(HubConfig { rate, ..HubConfig::DEFAULT });
    let leah = room.enter("leah");

    for seq in 1..=100 {
        room.say(leah, seq, "x");
    }
    assert_eq!(room.send(leah, say(101, Audience::All, "x")), Err(Goodbye::Misbehaved));
    assert_eq!(room.drain(leah), ["heard 100", "goodbye Misbehaved"]);
}

#[test]
fn a_flood_is_refused_and_then_ended() {
    let rate = crate::chat::Rate { burst: 5, per_second: 2 };
    let mut room = Room::with(HubConfig { rate, patience: 3, ..HubConfig::DEFAULT });
    let leah = room.enter("leah");

    for seq in 1..=8 {
        room.say(leah, seq, "x");
    }
    let lines = room.drain(leah);
    assert_eq!(
        lines[..4],
        ["heard 5", "rejected 6 TooFast", "rejected 7 TooFast", "rejected 8 TooFast"]
    );
    assert_eq!(room.send(leah, say(9, Audience::All, "x")), Err(Goodbye::Flooding));
    assert_eq!(room.drain(leah), ["goodbye Flooding"]);
}

#[test]
fn a_flood_of_questions_is_ended_too() {
    for question in [ToServer::Who, ToServer::Files, ToServer::Ping(1)] {
        let mut room = Room::new();
        let leah = room.enter("leah");

        let asked = (0..1000).take_while(|_| room.send(leah, question.clone()).is_ok()).count();

        assert_eq!(asked, 200);
        assert_eq!(room.drain(leah).last().unwrap(), "goodbye Flooding");
    }
}

#[test]
fn two_links_never_speak_for_one_stream() {
    let mut room = Room::new();
    let old = room.login("leah", &using());
    let new = room.login("leah", &using());
    room.say(old, 1, "old");

    room.say(new, 1, "again");
    room.say(new, 2, "new");

    assert_eq!(room.drain(old), ["heard 1", "goodbye Replaced"]);
    assert_eq!(room.drain(new), ["heard 2"]);
    assert_eq!(room.messages.len(), 2);
}

#[test]
fn a_link_that_is_gone_means_nothing_any_more() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    room.hub.disconnect(room.now, leah);
    let noam = room.enter("noam");

    assert_eq!(room.send(leah, ToServer::Leave), Ok("Quiet".to_string()));
    room.hub.disconnect(room.now, leah);
    assert_eq!(room.drain(leah), [""; 0]);
    assert_eq!(room.drain(noam), [""; 0]);
    assert_eq!(room.hub.name(noam), Some(&name("noam")));
    assert_eq!(room.hub.name(leah), None);
    assert_eq!(room.hub.present().count(), 1);
}

#[test]
fn a_driver_that_does_not_store_hears_no_more() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    room.disk_is_slow = true;

    let mut seq = 0;
    while room.hub.can_hear() {
        seq += 1;
        room.say(leah, seq, "x");
    }
    assert_eq!(seq, crate::chat::MAX_STAGED as u64);
    room.say(leah, seq + 1, "too many");
    room.flush();

    let lines = room.drain(leah);
    assert_eq!(lines[0], "heard 28");
    assert_eq!(lines[1], format!("rejected 29 {:?}", Rejection::NotStored));
    assert_eq!(text("x").as_str(), "x");
}
