//! Stories of reading on after a break: nothing twice, and every hole counted.

use super::*;

#[test]
fn a_reader_goes_on_where_it_stopped() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let noam = room.enter("noam");
    room.say(leah, 1, "one");
    room.drain_all();
    room.hub.disconnect(room.now, noam);
    room.say(leah, 2, "two");
    room.say(leah, 3, "three");

    let noam = room.login("noam", &join(Some(1), 1));

    assert_eq!(room.drain(noam), ["2 leah: two", "3 leah: three"]);
}

#[test]
fn a_newcomer_begins_with_what_comes_next() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    room.say(leah, 1, "before");

    let noam = room.enter("noam");
    room.say(leah, 2, "after");

    assert_eq!(room.drain(noam), ["2 leah: after"]);
}

#[test]
fn the_log_survives_a_restart() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    room.enter("noam");
    room.say(leah, 1, "one");
    room.tell(leah, 2, "noam", "two");
    room.say(leah, 3, "three");
    room.restart();

    let noam = room.login("noam", &join(Some(1), 1));
    let leah = room.login("leah", &join(Some(0), 4));
    room.say(leah, 4, "four");

    let lines = ["2 leah to noam: two", "3 leah: three", "+ leah", "4 leah: four"];
    assert_eq!(room.drain(noam), lines);
    let lines = [
        "heard 4",
        "1 leah (1): one",
        "2 leah (2) to noam: two",
        "3 leah (3): three",
        "4 leah (4): four",
    ];
    assert_eq!(room.drain(leah), lines);
}

#[test]
fn a_message_sent_again_after_a_restart_is_taken_once() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    room.say(leah, 1, "stored, but the answer was lost");
    room.disk_is_slow = true;
    room.say(leah, 2, "never stored");
    room.disk_is_slow = false;
    room.restart();

    let leah = room.login("leah", &join(Some(0), 1));
    room.say(leah, 1, "stored, but the answer was lost");
    room.say(leah, 2, "never stored");

    let lines =
        ["heard 2", "1 leah (1): stored, but the answer was lost", "2 leah (2): never stored"];
    assert_eq!(room.drain(leah), lines);
}

#[test]
fn a_rejection_is_told_again_until_it_is_known() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    room.say(leah, 1, "one");
    room.tell(leah, 2, "nobody", "two");
    room.say(leah, 3, "three");
    room.hub.disconnect(room.now, leah);

    let leah = room.login("leah", &join(Some(2), 1));
    assert_eq!(room.drain(leah), ["heard 1", "rejected 2 NoSuchUser", "heard 3"]);
    room.restart();
    let leah = room.login("leah", &join(Some(2), 2));
    assert_eq!(room.drain(leah), ["rejected 2 NoSuchUser", "heard 3"]);
    room.restart();
    let leah = room.login("leah", &join(Some(2), 4));
    assert_eq!(room.drain(leah), [""; 0]);
}

#[test]
fn a_reader_whom_the_log_outran_sees_how_many_it_missed() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let noam = room.enter("noam");
    let tal = room.enter("tal");
    room.drain_all();

    for seq in 1..=150 {
        room.now = room.now + Duration::from_secs(1);
        let to = if seq % 3 == 0 { one("tal") } else { Audience::All };
        room.send(leah, say(seq, to, "word")).unwrap();
        room.drain(leah);
        room.send(noam, ToServer::Pong(0)).unwrap();
        room.send(tal, ToServer::Pong(0)).unwrap();
    }

    // Of places 0..150, the first 50 are forgotten: 34 public ones and 16 for tal.
    let lines = room.drain(noam);
    assert_eq!((lines.len(), lines[0].as_str()), (66, "35 leah: word"));
    let lines = room.drain(tal);
    assert_eq!((lines.len(), lines[0].as_str()), (100, "51 leah to tal: word"));
}

#[test]
fn a_gap_is_exact_after_a_restart() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let tal = room.enter("tal");
    for seq in 1..=150 {
        room.now = room.now + Duration::from_secs(1);
        let to = if seq % 3 == 0 { one("tal") } else { Audience::All };
        room.send(leah, say(seq, to, "word")).unwrap();
        room.drain(leah);
        room.send(tal, ToServer::Pong(0)).unwrap();
    }
    room.restart();

    let tal = room.connect("tal");
    let login = ToServer::Login {
        name: name("tal"),
        mode: Mode::Join { cursor: Some(Ordinal(7)) },
        stream: 1,
        first: Seq(1),
    };
    room.send(tal, login).unwrap();

    let lines = room.drain(tal);
    assert_eq!(lines[..2], ["welcome tal at 50, heard 0", "51 leah to tal: word"]);
    assert_eq!(lines.len(), 101);
}

#[test]
fn a_cursor_from_another_life_of_the_server_is_set_back() {
    let mut room = Room::new();
    let leah = room.connect("leah");
    let mode = Mode::Join { cursor: Some(Ordinal(1000)) };
    let login = ToServer::Login { name: name("leah"), mode, stream: 1, first: Seq(50) };

    room.send(leah, login).unwrap();
    assert_eq!(room.drain(leah), ["welcome leah at 0, heard 49"]);
    room.say(leah, 50, "hello");

    assert_eq!(room.drain(leah), ["heard 50", "1 leah (50): hello"]);
}

#[test]
fn a_reader_who_slept_through_a_crowd_is_told_to_ask() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    room.drain(leah);

    for _ in 0..70 {
        let noam = room.enter("noam");
        room.hub.disconnect(room.now, noam);
        room.poll();
    }

    assert_eq!(room.drain(leah), ["people changed"]);
    assert_eq!(room.told.len(), 70);
}

#[test]
fn only_the_four_latest_streams_are_remembered_but_speakers_go_first() {
    let mut room = Room::new();
    let speak = |room: &mut Room, stream, first| {
        let link = room.connect("leah");
        let mode = Mode::Use;
        let login = ToServer::Login { name: name("leah"), mode, stream, first: Seq(first) };
        room.send(link, login).unwrap();
        let welcome = room.drain(link)[0].clone();
        room.say(link, first, "word");
        (link, welcome)
    };

    let (first, _) = speak(&mut room, 1, 1);
    for stream in 2..=6 {
        let (link, _) = speak(&mut room, stream, 1);
        room.hub.disconnect(room.now, link);
    }
    room.hub.disconnect(room.now, first);

    assert_eq!(speak(&mut room, 1, 1).1, "welcome leah at 6, heard 1");
    assert_eq!(speak(&mut room, 6, 1).1, "welcome leah at 6, heard 1");
    assert_eq!(speak(&mut room, 2, 1).1, "welcome leah at 6, heard 0");
}
