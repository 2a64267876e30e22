//! Stopping part-way, and going on with permission.

use crate::common::{Cli, Running, Server, fast, names_in, noise, read, slow, wait_until, way};

/// Odd: half of it is no whole number of bytes, and is shown as 50 % all the same.
const SIZE: usize = (4 << 20) + 1;
const HALF: usize = SIZE.div_ceil(2);

/// The percent and the last byte of `user <name> downloaded N% out of file. last byte is: B`.
fn stop_point(line: &str) -> (usize, u8) {
    let (_, rest) = line.split_once("downloaded ").unwrap();
    let (percent, rest) = rest.split_once("% out of file. last byte is: ").unwrap();
    (percent.parse().unwrap(), rest.trim().parse().unwrap())
}

fn get_until_half(home: &Cli, server: &Server, name: &str) -> Running {
    let mut client = home.chat(&server.at(), name);
    client.type_line("/get big.bin --pause-at 50%");
    client.out.wait_for(&["PAUSED"]);
    client
}

/// Rows 33, 34 and 36: a download stops at a point, waits for permission, goes on from there; then
/// another file may start.
#[test]
fn a_download_stops_half_way_and_proceeds_on_request() {
    let server = Server::start();
    let content = noise(1, SIZE);
    server.share("big.bin", &content);
    server.share("other.bin", b"other");
    let home = Cli::new();
    let mut leah = get_until_half(&home, &server, "leah");

    let line = leah.out.wait_for(&["user leah downloaded", "% out of file. last byte is:"]);
    assert_eq!(stop_point(&line), (50, content[HALF - 1]));
    leah.out.wait_for(&["PAUSED by you: /proceed 1"]);
    assert!(!home.path("big.bin").exists());
    leah.type_line("/proceed 1");

    leah.out.wait_for(&["user leah confirm proceeding"]);
    leah.out.wait_for(&["downloaded 100% out of file."]);
    assert!(read(&home.path("big.bin")) == content);
    leah.type_line("/get other.bin");
    leah.out.wait_for(&["other.bin is complete"]);
    leah.finish().expect(0);
}

/// Row 33: the server may ask every client to confirm, and rows 34 and 35: both say so.
#[test]
fn a_server_stops_every_download_until_its_user_confirms() {
    let server = Server::with(&["--confirm-at", "50%"]);
    let content = noise(2, SIZE);
    server.share("big.bin", &content);
    let home = Cli::new();
    let mut leah = home.chat(&server.at(), "leah");
    leah.type_line("/get big.bin");

    leah.out.wait_for(&["PAUSED by the server: /proceed 1"]);
    let told = leah.out.wait_for(&["user leah downloaded 50% out of file. last byte is:"]);
    let (_, last_byte) = stop_point(&told);
    assert_eq!(last_byte, content[HALF - 1]);
    server.screen.wait_for(&[
        "send to leah - user leah downloaded 50% out of file.",
        &format!("last byte is: {last_byte}"),
    ]);
    leah.type_line("/proceed 1");

    server.screen.wait_for(&["send to leah - user leah confirm proceeding."]);
    leah.out.wait_for(&["user leah confirm proceeding"]);
    leah.out.wait_for(&["downloaded 100% out of file."]);
    server.screen.wait_for(&["user leah downloaded 100% out of file."]);
    assert!(read(&home.path("big.bin")) == content);
}

/// Row 33: nobody is there to be asked, so the download stays paused, with exit code 7.
#[test]
fn without_a_terminal_a_stopped_download_can_be_resumed() {
    for options in [&["--confirm-at", "50%"][..], &[]] {
        let server = Server::with(options);
        let content = noise(3, SIZE);
        server.share("big.bin", &content);
        let cli = Cli::new();
        let mut args = vec!["get".to_owned(), server.at(), "big.bin".to_owned()];
        if options.is_empty() {
            args.push("--pause-at=50%".to_owned());
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        cli.run(&args).expect(7).says(&["PAUSED", "haversack resume"]);
        assert!(!cli.path("big.bin").exists());

        cli.run(&["transfers"]).expect(0).prints(&["big.bin"]);
        cli.run(&["resume"]).expect(0).says(&["downloaded 100% out of file."]);
        assert!(read(&cli.path("big.bin")) == content);
        cli.run(&["transfers"]).expect(0).says(&["nothing to resume"]);
    }
}

/// Row 33: `--yes` is the permission, given beforehand.
#[test]
fn yes_is_permission_given_beforehand() {
    let server = Server::with(&["--confirm-at", "50%"]);
    let content = noise(4, SIZE);
    server.share("big.bin", &content);
    let cli = Cli::new();
    cli.run(&["get", &server.at(), "big.bin", "--yes"]).expect(0);
    assert!(read(&cli.path("big.bin")) == content);
}

/// Row 37: continue or stop: a download is cancelled.
#[test]
fn a_download_is_cancelled() {
    let server = Server::start();
    server.share("big.bin", &noise(5, SIZE));
    let home = Cli::new();
    let mut leah = get_until_half(&home, &server, "leah");

    leah.type_line("/cancel 1");

    leah.out.wait_for(&["big.bin", "cancelled", "What had arrived is deleted."]);
    leah.type_line("/transfers");
    leah.out.wait_for(&["no transfer is under way"]);
    server.screen.wait_for(&["big.bin stopped", "cancelled"]);
    wait_until("nothing of it is left", || names_in(&home.path("")) == ["state"]);
    home.run(&["transfers"]).expect(0).says(&["nothing to resume"]);
    leah.type_line("/get big.bin");
    leah.out.wait_for(&["downloaded 100% out of file."]);
}

/// Row 39: while one waits to proceed, others download the same file.
#[test]
fn one_waits_while_others_download_the_same_file() {
    let server = Server::start();
    let content = noise(6, SIZE);
    server.share("big.bin", &content);
    let waiting = Cli::new();
    let mut leah = get_until_half(&waiting, &server, "leah");

    for _ in 0..3 {
        let other = Cli::new();
        other.run(&["get", &server.at(), "big.bin"]).expect(0);
        assert!(read(&other.path("big.bin")) == content);
    }

    leah.type_line("/proceed");
    leah.out.wait_for(&["downloaded 100% out of file."]);
    assert!(read(&waiting.path("big.bin")) == content);
}

/// Pausing by hand, at any time; both commands may be repeated.
#[test]
fn a_download_is_paused_by_hand() {
    let server = Server::start();
    let link = way(&server, slow(512 << 10));
    let content = noise(7, SIZE);
    server.share("big.bin", &content);
    let home = Cli::new();
    let mut leah = home.chat(&link.addr().to_string(), "leah");
    leah.type_line("/get big.bin");
    leah.out.wait_for(&["R  big.bin"]);
    leah.type_line("/pause 1");
    leah.type_line("/pause 1");
    leah.out.wait_for(&["PAUSED by you"]);
    link.configure(fast());
    leah.type_line("/proceed 1");
    leah.type_line("/proceed 1");
    leah.out.wait_for(&["downloaded 100% out of file."]);
    assert!(read(&home.path("big.bin")) == content);
    leah.type_line("/pause 1");
    leah.err.wait_for(&["there is no transfer 1"]);
}
