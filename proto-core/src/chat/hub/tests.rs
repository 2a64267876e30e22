//! Stories of the room.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::*;
use crate::chat::{HubOutput, MAX_MESSAGE_RECORD_LEN, MAX_PERSON_RECORD_LEN, StoreRecord};
use crate::ids::{Ordinal, Seq, TransferId};
use crate::limits::MAX_MESSAGES;
use crate::text::Text;
use crate::wire::{Audience, Mode, Rejection, ToClient, Transfer};

mod abuse;
mod log;
mod login;
mod room;

use room::{Room, join, name, one, say, text, using};

#[test]
fn a_public_message_reaches_everybody_in_the_room() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let noam = room.enter("noam");
    room.drain(leah);

    room.say(leah, 1, "hello");

    assert_eq!(room.drain(leah), ["heard 1", "1 leah (1): hello"]);
    assert_eq!(room.drain(noam), ["1 leah: hello"]);
}

#[test]
fn a_private_message_reaches_its_two_people_alone() {
    let mut room = Room::new();
    let [leah, noam, tal] = ["leah", "noam", "tal"].map(|name| room.enter(name));
    room.drain_all();

    room.tell(leah, 1, "NOAM", "psst");
    room.say(leah, 2, "all");

    assert_eq!(room.drain(leah), ["heard 2", "1 leah (1) to noam: psst", "2 leah (2): all"]);
    assert_eq!(room.drain(noam), ["1 leah to noam: psst", "2 leah: all"]);
    assert_eq!(room.drain(tal), ["1 leah: all"]);
}

#[test]
fn a_message_to_oneself_comes_back_once() {
    let mut room = Room::new();
    let leah = room.enter("leah");

    room.tell(leah, 1, "leah", "note");
    room.tell(leah, 2, "leah", "another");

    let lines = ["heard 2", "1 leah (1) to leah: note", "2 leah (2) to leah: another"];
    assert_eq!(room.drain(leah), lines);
}

#[test]
fn nothing_is_seen_or_acknowledged_before_it_is_stored() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let noam = room.enter("noam");
    room.drain_all();

    room.disk_is_slow = true;
    room.say(leah, 1, "hello");
    assert_eq!(room.drain(leah), [""; 0]);
    assert_eq!(room.drain(noam), [""; 0]);

    room.flush();
    assert_eq!(room.drain(leah), ["heard 1", "1 leah (1): hello"]);
    assert_eq!(room.drain(noam), ["1 leah: hello"]);
}

#[test]
fn what_cannot_be_stored_is_rejected_and_leaves_no_hole() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let noam = room.enter("noam");
    room.drain_all();

    room.disk_is_slow = true;
    room.say(leah, 1, "lost");
    room.tell(leah, 2, "noam", "lost too");
    room.fail();
    room.disk_is_slow = false;
    room.say(leah, 3, "found");

    let lines = ["rejected 1 NotStored", "rejected 2 NotStored", "heard 3", "1 leah (3): found"];
    assert_eq!(room.drain(leah), lines);
    assert_eq!(room.drain(noam), ["1 leah: found"]);
}

#[test]
fn a_name_that_could_not_be_stored_is_stored_with_the_next_message() {
    let mut room = Room::new();
    room.disk_is_slow = true;
    room.enter("leah");
    let noam = room.enter("noam");
    room.fail();
    room.disk_is_slow = false;
    room.poll();
    assert_eq!(room.people.len(), 0);

    room.say(noam, 1, "hello");
    room.restart();

    let thief = room.connect("thief");
    let mode = Mode::Join { cursor: None };
    let login = ToServer::Login { name: name("leah"), mode, stream: 1, first: Seq(1) };
    room.send(thief, login).unwrap();
    assert_eq!(room.drain(thief), ["refused NameTaken"]);
}

#[test]
fn somebody_who_is_not_there_is_said_so() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let noam = room.enter("noam");
    room.drain_all();
    room.hub.disconnect(room.now, noam);

    room.tell(leah, 1, "noam", "gone?");
    room.say(leah, 2, "well");
    room.tell(leah, 3, "nobody", "hm");

    let lines =
        ["rejected 1 NoSuchUser", "heard 2", "rejected 3 NoSuchUser", "- noam", "1 leah (2): well"];
    assert_eq!(room.drain(leah), lines);
}

#[test]
fn comings_and_goings_are_told_once_and_in_their_place() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    room.drain(leah);

    room.say(leah, 1, "alone");
    let noam = room.enter("noam");
    room.say(leah, 2, "two");
    room.send(noam, ToServer::Leave).unwrap();
    room.say(leah, 3, "alone again");

    let lines = [
        "heard 3",
        "1 leah (1): alone",
        "+ noam",
        "2 leah (2): two",
        "- noam",
        "3 leah (3): alone again",
    ];
    assert_eq!(room.drain(leah), lines);
    assert_eq!(room.told, ["left noam"]);
    assert_eq!(room.closed, [(noam, Ending::Left)]);
}

#[test]
fn whoever_asks_who_is_there_gets_a_list_with_oneself() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let script = room.login("ruth", &using());
    let _noam = room.enter("noam");
    room.drain_all();

    room.send(leah, ToServer::Who).unwrap();
    room.send(script, ToServer::Who).unwrap();

    assert_eq!(room.drain(leah), ["is leah", "is noam", "end"]);
    assert_eq!(room.drain(script), ["is leah", "is noam", "end"]);
}

#[test]
fn a_reader_is_woken_once_until_it_has_read_everything() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let noam = room.enter("noam");
    room.drain_all();
    room.ready.clear();

    for seq in 1..=5 {
        room.say(leah, seq, "hello");
    }
    assert_eq!(room.ready, [leah, noam]);

    room.drain(noam);
    room.say(leah, 6, "again");
    assert_eq!(room.ready, [leah, noam, noam]);
}

#[test]
fn a_change_of_files_is_told_once_to_those_in_the_room() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let script = room.login("noam", &using());
    room.drain_all();

    room.hub.files_changed();
    room.hub.files_changed();

    assert_eq!(room.drain(leah), ["files changed"]);
    assert_eq!(room.drain(script), [""; 0]);
}

#[test]
fn a_shutdown_says_goodbye_to_everybody() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let script = room.login("noam", &using());
    let fresh = room.connect("tal");
    room.drain_all();

    room.hub.shutdown(room.now);
    room.poll();

    for link in [leah, script, fresh] {
        assert_eq!(room.drain(link), ["goodbye Shutdown"]);
        assert!(room.closed.contains(&(link, Ending::Goodbye(Goodbye::Shutdown))));
    }
    assert_eq!(room.told, [""; 0]);
}

#[test]
fn silence_is_asked_about_and_then_ends() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let noam = room.enter("noam");
    room.drain_all();

    room.pass(30);
    assert_eq!(room.drain(leah), ["ping"]);
    room.send(noam, ToServer::Pong(0)).unwrap();
    room.pass(45);

    assert_eq!(room.drain(leah), ["goodbye Silent"]);
    assert_eq!(room.drain(noam), ["ping", "- leah"]);
    assert_eq!(room.told, ["left leah"]);
}

#[test]
fn whoever_does_not_log_in_is_sent_away() {
    let mut room = Room::new();
    let fresh = room.connect("leah");

    room.pass(9);
    assert_eq!(room.closed, []);
    room.pass(1);

    assert_eq!(room.drain(fresh), ["goodbye Silent"]);
    assert_eq!(room.closed, [(fresh, Ending::Goodbye(Goodbye::Silent))]);
}
