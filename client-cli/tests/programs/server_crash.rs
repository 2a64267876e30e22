//! A server that is killed and started again while people talk and a file is under way.

use crate::common::{Cli, Running, Server, fast, noise, slow, way};

const SIZE: usize = 6 << 20;

/// Both chats and the download go on by themselves, and everyone sees each message exactly once.
#[test]
fn a_server_that_is_killed_and_restarted_loses_no_message_and_no_download() {
    let mut server = Server::start();
    let content = noise(41, SIZE);
    server.share("big.bin", &content);
    let link = way(&server, slow(2 << 20));
    let (leahs, shlomos) = (Cli::new(), Cli::new());
    let mut leah = leahs.chat(&link.addr().to_string(), "leah");
    let mut shlomo = shlomos.chat(&server.at(), "shlomo");
    leah.out.wait_for(&["shlomo connected"]);
    leah.type_line("/get big.bin");
    leah.out.wait_for(&["R  big.bin  [############"]);
    link.configure(slow(64 << 10));
    talk(&mut leah, &mut shlomo, "before");

    // These are somewhere between keyboard, wire and disk when the server is killed.
    say(&mut leah, &mut shlomo, "during");
    server.kill();
    for client in [&leah, &shlomo] {
        client.err.wait_for(&["trying again"]);
    }
    assert!(!leah.out.has(&["downloaded 100%"]), "the server was killed too late");
    say(&mut leah, &mut shlomo, "without");
    let server = server.restart(&[]);
    link.configure(fast());

    server.screen.wait_for(&["leah connected to the server"]);
    server.screen.wait_for(&["shlomo connected to the server"]);
    talk(&mut leah, &mut shlomo, "after");
    leah.out.wait_for(&["downloaded 100% out of file."]);
    assert!(std::fs::read(leahs.path("big.bin")).unwrap() == content);
    let down = link.stats().down.bytes_sent;
    assert!(down < SIZE as u64 * 3 / 2, "the download started over: {down} bytes were sent");
    // A message is seen by its writer, too, and nothing is said after the last one.
    let (leah, shlomo) = (leah.finish().expect(0).out, shlomo.finish().expect(0).out);
    for (told, whose) in [(leah, "leah"), (shlomo, "shlomo")] {
        for when in ["before", "during", "without", "after"] {
            for from in ["leah", "shlomo"] {
                for n in 0..MESSAGES {
                    let message = format!("{from}: {when} {n}.");
                    assert_eq!(told.matches(&message).count(), 1, "{message} at {whose}:\n{told}");
                }
            }
        }
        assert!(!told.contains("you missed"), "{told}");
    }
}

const MESSAGES: usize = 3;

fn say(leah: &mut Running, shlomo: &mut Running, when: &str) {
    for n in 0..MESSAGES {
        leah.type_line(&format!("{when} {n}."));
        shlomo.type_line(&format!("{when} {n}."));
    }
}

/// Messages both ways, until everybody has seen them.
#[track_caller]
fn talk(leah: &mut Running, shlomo: &mut Running, when: &str) {
    say(leah, shlomo, when);
    for client in [leah, shlomo] {
        for from in ["leah", "shlomo"] {
            client.out.wait_for(&[&format!("{from}: {when} {}.", MESSAGES - 1)]);
        }
    }
}
