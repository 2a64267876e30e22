//! Who is in the room, and what is heard of it.

use crate::common::{Cli, Server};

/// Row 10: a join is told to the server and to all clients.
#[test]
fn everyone_is_told_who_joined() {
    let server = Server::start();
    let leah = Cli::new().chat(&server.at(), "leah");
    let dana = Cli::new().chat(&server.at(), "dana");
    let _shlomo = Cli::new().chat(&server.at(), "shlomo");

    leah.out.wait_for(&["*", "shlomo connected to the server"]);
    dana.out.wait_for(&["*", "shlomo connected to the server"]);
    server.screen.wait_for(&["shlomo connected to the server"]);
}

/// Row 14: a name that somebody has is refused, with a way out.
#[test]
fn a_taken_name_is_refused() {
    let server = Server::start();
    let _leah = Cli::new().chat(&server.at(), "leah");
    let refusal = ["cannot log in as ", "(the name is taken)", "Try "];
    for name in ["leah", "LEAH"] {
        Cli::new().run(&["chat", &server.at(), "--name", name]).expect(4).explains(refusal);
    }
    let send = ["send", &server.at(), "--name", "leah", "it is me"];
    Cli::new().run(&send).expect(4).explains(refusal);
}

/// Row 14: the name stays its owner's, who may also come back to it at once.
#[test]
fn a_name_belongs_to_whoever_had_it_first() {
    let server = Server::start();
    let owner = Cli::new();
    owner.chat(&server.at(), "leah").finish().expect(0);
    Cli::new().run(&["chat", &server.at(), "--name", "leah"]).expect(4);
    owner.chat(&server.at(), "leah").finish().expect(0);
}

/// Row 17: the list of recipients follows joins and leaves, and has yourself on it.
#[test]
fn the_list_of_users_follows_joins_and_leaves() {
    let server = Server::start();
    let mut leah = Cli::new().chat(&server.at(), "leah");
    leah.type_line("/users");
    leah.out.wait_for(&["online (1): leah"]);

    let shlomo = Cli::new().chat(&server.at(), "shlomo");
    leah.out.wait_for(&["shlomo connected"]);
    leah.type_line("/users");
    leah.out.wait_for(&["online (2):", "leah", "shlomo"]);

    shlomo.finish().expect(0);
    leah.out.wait_for(&["shlomo has left"]);
    leah.type_line("/users");
    leah.out.wait_for_count(&["online (1): leah"], 2);
}

/// Row 22: who is online.
#[test]
fn users_lists_who_is_online() {
    let server = Server::start();
    let cli = Cli::new();
    assert_eq!(cli.run(&["users", &server.at()]).expect(0).out, "");
    let _leah = Cli::new().chat(&server.at(), "leah");
    let _shlomo = Cli::new().chat(&server.at(), "shlomo");

    let users = cli.run(&["users", &server.at()]).expect(0).out;

    let mut users: Vec<_> = users.lines().collect();
    users.sort_unstable();
    assert_eq!(users, ["leah", "shlomo"]);
}

/// Scripts that use the server are nobody in the room, and do not throw their owner out.
#[test]
fn a_script_of_the_same_name_disturbs_nobody() {
    let server = Server::start();
    let home = Cli::new();
    let mut leah = home.chat(&server.at(), "leah");

    home.run(&["users", &server.at(), "--name", "leah"]).expect(0).prints(&["leah"]);
    home.run(&["send", &server.at(), "--name", "leah", "from the script"]).expect(0);

    leah.out.wait_for(&["leah: from the script"]);
    leah.type_line("still here");
    leah.out.wait_for(&["leah: still here"]);
    assert!(!leah.out.has(&["has left"]) && !leah.out.has(&["*", "leah connected"]));
}

/// Row 5: the server's window shows login, disconnect, and messages to one and to all.
#[test]
fn the_servers_screen_shows_what_happens() {
    let server = Server::with(&["--log-text"]);
    let mut leah = Cli::new().chat(&server.at(), "leah");
    let shlomo = Cli::new().chat(&server.at(), "shlomo");
    server.screen.wait_for(&["leah connected to the server"]);
    leah.type_line("hi all");
    server.screen.wait_for(&["send to all - hi all"]);
    leah.type_line("/msg shlomo hi you");
    server.screen.wait_for(&["send to shlomo - hi you"]);
    shlomo.finish().expect(0);
    server.screen.wait_for(&["shlomo has left the chat"]);
}

/// What people write is not for logs, unless somebody asks for it.
#[test]
fn a_log_does_not_tell_what_people_write() {
    let server = Server::start();
    Cli::new().run(&["send", &server.at(), "--name", "leah", "a secret thing"]).expect(0);
    server.screen.wait_for(&["send to all", "leah"]);
    assert!(!server.screen.has(&["a secret thing"]));
}

/// `watch` prints what happens until it is interrupted.
#[cfg(unix)]
#[test]
fn watch_prints_what_happens_until_interrupted() {
    let server = Server::start();
    let mut watch = Cli::new().start(&["watch", &server.at(), "--name", "watcher"]);
    server.screen.wait_for(&["watcher connected"]);
    Cli::new().run(&["send", &server.at(), "--name", "leah", "hi"]).expect(0);
    watch.out.wait_for(&["leah: hi"]);
    watch.signal("INT");
    watch.wait().expect(130);
}

/// `/nick` comes back under another name.
#[test]
fn nick_comes_back_under_another_name() {
    let server = Server::start();
    let shlomo = Cli::new().chat(&server.at(), "shlomo");
    let mut leah = Cli::new().chat(&server.at(), "leah");
    leah.type_line("/nick lea");
    leah.out.wait_for(&["haversack", "lea@"]);
    shlomo.out.wait_for(&["leah has left the chat"]);
    shlomo.out.wait_for(&["lea connected to the server"]);
    leah.type_line("it is me");
    shlomo.out.wait_for(&["lea: it is me"]);
    leah.finish().expect(0);
}
