//! Stories of names, keys, ghosts and scripts.

use super::*;

fn login_as(room: &mut Room, key: &str, called: &str, mode: Mode) -> (LinkId, Vec<String>) {
    let link = room.connect(key);
    let login = ToServer::Login { name: name(called), mode, stream: 5, first: Seq(1) };
    room.send(link, login).unwrap();
    let lines = room.drain(link);
    (link, lines)
}

const JOIN: Mode = Mode::Join { cursor: None };

#[test]
fn a_name_belongs_to_the_key_that_came_first() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    room.hub.disconnect(room.now, leah);
    room.restart();

    let (thief, lines) = login_as(&mut room, "thief", "LEAH", JOIN);
    assert_eq!(lines, ["refused NameTaken"]);
    assert_eq!(room.closed, [(thief, Ending::Refused(LoginRefusal::NameTaken))]);

    let (_, lines) = login_as(&mut room, "leah", "Leah", JOIN);
    assert_eq!(lines, ["welcome leah at 0, heard 0"]);
}

#[test]
fn a_key_takes_another_name_while_nobody_uses_it() {
    let mut room = Room::new();
    let leah = room.enter("leah");

    let (_, lines) = login_as(&mut room, "leah", "lea", Mode::Use);
    assert_eq!(lines, ["refused OtherName"]);

    room.hub.disconnect(room.now, leah);
    let (_, lines) = login_as(&mut room, "leah", "lea", JOIN);
    assert_eq!(lines, ["welcome lea at 0, heard 0"]);
    let (_, lines) = login_as(&mut room, "noam", "leah", JOIN);
    assert_eq!(lines, ["welcome leah at 0, heard 0"]);
}

#[test]
fn a_ghost_is_replaced_at_once_and_nobody_is_told() {
    let mut room = Room::new();
    let noam = room.enter("noam");
    let ghost = room.enter("leah");
    room.drain_all();

    let leah = room.enter("leah");
    room.say(leah, 1, "back");

    assert_eq!(room.drain(ghost), ["goodbye Replaced"]);
    assert_eq!(room.drain(noam), ["1 leah: back"]);
    assert_eq!(room.closed, [(ghost, Ending::Goodbye(Goodbye::Replaced))]);
    room.hub.disconnect(room.now, ghost);
    room.tell(noam, 1, "leah", "are you there?");
    assert_eq!(room.drain(noam), ["heard 1", "2 noam (1) to leah: are you there?"]);
}

#[test]
fn a_ghost_of_another_run_is_replaced_too() {
    let mut room = Room::new();
    let noam = room.enter("noam");
    let ghost = room.enter("leah");
    room.drain_all();

    let (leah, _) = login_as(&mut room, "leah", "leah", JOIN);

    assert_eq!(room.drain(ghost), ["goodbye Replaced"]);
    assert_eq!(room.drain(noam), [""; 0]);
    room.tell(noam, 1, "leah", "hello");
    assert_eq!(room.drain(leah), ["1 noam to leah: hello"]);
}

#[test]
fn scripts_come_and_go_unseen_and_speak_for_their_owner() {
    let mut room = Room::new();
    let leah = room.enter("leah");
    let noam = room.enter("noam");
    room.drain_all();

    let (script, _) = login_as(&mut room, "leah", "leah", Mode::Use);
    let other = room.login("leah", &using());
    room.say(script, 1, "from a script");
    room.say(other, 1, "from another");
    room.send(script, ToServer::Leave).unwrap();
    room.hub.disconnect(room.now, other);

    assert_eq!(room.drain(script), ["heard 1"]);
    assert_eq!(room.drain(leah), ["1 leah: from a script", "2 leah: from another"]);
    assert_eq!(room.drain(noam), ["1 leah: from a script", "2 leah: from another"]);
    assert_eq!(room.told, [""; 0]);
}

#[test]
fn a_script_cannot_be_written_to() {
    let mut room = Room::new();
    let script = room.login("leah", &using());
    let noam = room.enter("noam");
    room.drain_all();

    room.tell(noam, 1, "leah", "psst");

    assert_eq!(room.drain(noam), ["rejected 1 NoSuchUser"]);
    assert_eq!(room.drain(script), [""; 0]);
}

#[test]
fn a_person_has_so_many_sessions_and_no_more() {
    let mut room = Room::with(HubConfig { sessions: 2, ..HubConfig::DEFAULT });
    let leah = room.enter("leah");
    let script = room.login("leah", &using());

    let (extra, lines) = login_as(&mut room, "leah", "leah", Mode::Use);
    assert_eq!(lines, ["refused TooMany"]);
    room.hub.disconnect(room.now, extra);
    let (_, lines) = login_as(&mut room, "leah", "leah", JOIN);
    assert_eq!(lines, ["welcome leah at 0, heard 0"]);
    room.hub.disconnect(room.now, leah);
    room.hub.disconnect(room.now, script);
    room.login("leah", &using());
}

#[test]
fn a_full_house_refuses_strangers_and_links() {
    let mut room = Room::new();
    for who in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        let link = room.enter(who);
        room.hub.disconnect(room.now, link);
    }

    let (_, lines) = login_as(&mut room, "stranger", "stranger", JOIN);
    assert_eq!(lines, ["refused Full"]);
    let (_, lines) = login_as(&mut room, "a", "a", JOIN);
    assert_eq!(lines, ["welcome a at 0, heard 0"]);
    for _ in 2..8 {
        room.connect("b");
    }
    assert_eq!(room.hub.connect(room.now, room::key("c")), Err(LoginRefusal::Full));
}

#[test]
fn a_driver_may_refuse_for_its_own_reasons() {
    let mut room = Room::new();
    let link = room.connect("leah");

    room.hub.refuse(room.now, link, LoginRefusal::LookAlike);
    room.poll();

    assert_eq!(room.drain(link), ["refused LookAlike"]);
    assert_eq!(room.closed, [(link, Ending::Refused(LoginRefusal::LookAlike))]);
}
