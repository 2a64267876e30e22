//! Stopping before the end, and being told how to go on: what is said then works.

#![cfg(unix)]

use crate::common::{Cli, Ran, Server, fast, noise, read, signal, slow, way};

const SIZE: usize = 4 << 20;

/// An upload goes on when the same command is given again; `resume` knows nothing of it.
#[test]
fn an_upload_that_is_interrupted_goes_on_with_the_same_command() {
    let server = Server::with(&["--allow-upload"]);
    let link = way(&server, slow(1 << 20));
    let cli = Cli::new();
    let content = noise(61, SIZE);
    cli.write("mine.bin", &content);
    let args = ["put", &link.addr().to_string(), "mine.bin"];
    let mut put = cli.start(&args);
    put.err.wait_for(&["S  mine.bin  [########"]);
    put.signal("INT");

    let told = put.wait().expect(130).says(&["Go on with: the same command\n"]);

    promises_no_resume(&told);
    link.configure(fast());
    cli.run(&args).expect(0).says(&["mine.bin goes on after"]);
    assert!(read(&server.files().join("mine.bin")) == content);
}

/// What was to be passed on is gone, whatever had arrived of it.
#[test]
fn nothing_is_kept_of_a_download_into_a_pipe() {
    let server = Server::with(&["--limit-rate", "2M"]);
    server.share("big.bin", &noise(62, SIZE));
    let cli = Cli::new();
    let mut get = cli.start(&["get", &server.at(), "big.bin", "-o", "-"]);
    get.err.wait_for_count(&["R  big.bin"], 2);
    get.signal("INT");

    let told = get.wait().expect(130).says(&["interrupted; nothing of it is kept"]);

    promises_no_resume(&told);
    let args = ["get", &server.at(), "big.bin", "-o", "-", "--pause-at", "20%"];
    promises_no_resume(&cli.run(&args).expect(7).says(&["nothing of it is kept"]));
    cli.run(&["transfers"]).expect(0).says(&["nothing to resume"]);
}

/// Files that had not begun are remembered by nobody but the command.
#[test]
fn several_downloads_that_are_interrupted_go_on_with_the_same_command() {
    let server = Server::start();
    let link = way(&server, slow(2 << 20));
    let content = noise(63, SIZE);
    server.share_all((0..6).map(|n| (format!("{n}.bin"), &content)));
    let cli = Cli::new();
    let at = link.addr().to_string();
    let mut get = cli.start(&["get", &at, "*.bin"]);
    get.err.wait_for(&["R  ", ".bin  [##"]);
    get.signal("INT");
    get.wait().expect(130).says(&["Go on with: the same command with --skip-existing\n"]);

    link.configure(fast());
    cli.run(&["get", &at, "*.bin", "--skip-existing"]).expect(0).says(&["goes on after"]);

    for n in 0..6 {
        assert!(read(&cli.path(&format!("{n}.bin"))) == content, "{n}");
        assert!(!cli.path(&format!("{n} (1).bin")).exists(), "{n}");
    }
}

/// Among several downloads to resume, the one that was interrupted is named.
#[test]
fn a_download_is_resumed_by_its_number() {
    let server = Server::with(&["--limit-rate", "2M"]);
    let content = noise(64, SIZE);
    let cli = Cli::new();
    for (name, how) in [("b.bin", "haversack resume\n"), ("a.bin", "haversack resume 1\n")] {
        server.share(name, &content);
        let mut get = cli.start(&["get", &server.at(), name]);
        get.err.wait_for_count(&[&format!("R  {name}")], 2);
        get.signal("INT");
        get.wait().expect(130).says(&[&format!("Go on with: {how}")]);
    }

    cli.run(&["resume", "1"]).expect(0).says(&["a.bin is complete"]);
}

/// Who only talked has nothing to go on with.
#[test]
fn a_chat_without_transfers_promises_nothing() {
    let server = Server::start();
    let mut leah = Cli::new().chat(&server.at(), "leah");
    leah.signal("INT");

    promises_no_resume(&leah.wait().expect(130).says(&["interrupted\n"]));
}

/// A server that is gone for good leaves something to go on with, and the error says so.
#[test]
fn a_download_whose_server_is_lost_says_how_to_go_on() {
    let mut server = Server::with(&["--limit-rate", "2M"]);
    let content = noise(65, SIZE);
    server.share("big.bin", &content);
    let cli = Cli::new();
    let get = cli.start(&["get", &server.at(), "big.bin", "--retries", "1"]);
    get.err.wait_for_count(&["R  big.bin"], 2);
    server.kill();

    get.finish().expect(3).says(&["What has arrived is kept: haversack resume goes on."]);

    let elsewhere = cli.run(&["get", "127.0.0.1:9", "big.bin"]).expect(3);
    promises_no_resume(&elsewhere);
    let _server = server.restart(&[]);
    cli.run(&["resume"]).expect(0).says(&["goes on after"]);
    assert!(read(&cli.path("big.bin")) == content);
}

/// A server that hangs is given up, and what had arrived is not.
#[test]
fn a_download_whose_server_hangs_says_how_to_go_on() {
    let server = Server::with(&["--limit-rate", "2M"]);
    server.share("big.bin", &noise(67, SIZE));
    let cli = Cli::new();
    let get = cli.start(&["get", &server.at(), "big.bin", "--timeout", "2"]);
    get.err.wait_for_count(&["R  big.bin"], 2);
    signal(server.id(), "STOP");

    let told = get.finish().expect(9);

    told.says(&["What has arrived is kept: haversack resume goes on.", "--timeout"]);
    cli.run(&["transfers"]).expect(0).prints(&["1  big.bin"]);
}

/// A file that somebody else fetches to the same place just now is no matter of how many there are.
#[test]
fn a_file_that_another_transfer_writes_is_told() {
    let server = Server::with(&["--limit-rate", "1M"]);
    server.share("big.bin", &noise(66, SIZE));
    let cli = Cli::new();
    let get = ["get", &server.at(), "big.bin"];
    let first = cli.start(&get);
    first.err.wait_for(&["R  big.bin"]);

    let second = cli.run(&get).expect(7).explains([
        "cannot download big.bin",
        "(another transfer is writing the file)",
        "choose another name",
    ]);

    assert!(!second.err.contains("too many"), "{}", second.err);
}

#[track_caller]
fn promises_no_resume(told: &Ran) {
    assert!(!told.err.contains("resume"), "{}", told.err);
}
