//! Downloads.

use crate::common::{Cli, Server, fast, names_in, noise, read, slow, way};

/// Row 27: a file is picked by name, and arrives as it is.
#[test]
fn a_file_is_downloaded_by_name() {
    let server = Server::start();
    let content = noise(1, 3_000_001);
    server.share("notes.pdf", &content);
    let cli = Cli::new();
    cli.run(&["get", &server.at(), "notes.pdf"]).expect(0);
    assert!(read(&cli.path("notes.pdf")) == content);
    let names = names_in(&cli.path(""));
    assert!(!names.iter().any(|name| name.contains("part")), "{names:?}");
}

/// Row 27: several files are picked by names and patterns.
#[test]
fn several_files_are_picked_by_name_and_by_pattern() {
    let server = Server::start();
    server.share_all(
        (0..6).map(|n: u8| (format!("{n}.pdf"), noise(u64::from(n), 10_000 * usize::from(n)))),
    );
    server.share_all([("x.txt", b"x"), ("y.txt", b"y")]);
    let cli = Cli::new();
    cli.run(&["get", &server.at(), "*.pdf", "x.txt", "-o", "down/"]).expect(0);
    for n in 0..6_u8 {
        let content = read(&cli.path(&format!("down/{n}.pdf")));
        assert!(content == noise(u64::from(n), 10_000 * usize::from(n)));
    }
    assert_eq!(read(&cli.path("down/x.txt")), b"x");
    assert!(!cli.path("down/y.txt").exists());
    cli.run(&["get", &server.at(), "*.mkv"]).expect(5).says(&["no file matches *.mkv"]);
}

/// Sizes at which something begins or ends.
#[test]
fn files_of_every_awkward_size_arrive() {
    let server = Server::start();
    let sizes =
        [0, 1, 33, 34, 1165, 1166, 1167, 65_472, 65_473, 65_474, 1 << 20, (1 << 20) + 1, 5_000_000];
    server.share_all(sizes.map(|size| (format!("{size}.bin"), noise(size as u64, size))));
    let cli = Cli::new();
    cli.run(&["get", &server.at(), "*.bin"]).expect(0);
    for size in sizes {
        assert!(read(&cli.path(&format!("{size}.bin"))) == noise(size as u64, size), "{size}");
    }
}

/// Row 34: the client tells a download in the sources' words; row 38: at the end, the value of the
/// last byte.
#[test]
fn a_download_is_told_from_connection_to_last_byte() {
    let server = Server::start();
    let mut content = noise(2, 100_000);
    *content.last_mut().unwrap() = 129;
    server.share("notes.pdf", &content);
    Cli::new().run(&["get", &server.at(), "notes.pdf"]).expect(0).says(&[
        "got a download connection",
        "downloaded 100% out of file.",
        "notes.pdf is complete",
        "last byte value: 129",
    ]);
}

/// Rows 5 and 35: the server tells it too.
#[test]
fn the_server_tells_who_wants_what_and_when_it_is_done() {
    let server = Server::start();
    server.share("notes.pdf", &noise(3, 100_000));
    Cli::new().run(&["get", &server.at(), "notes.pdf", "--name", "leah"]).expect(0);
    server.screen.wait_for(&["leah - want to download notes.pdf"]);
    server.screen.wait_for(&["user leah downloaded 100% out of file."]);
}

/// Row 30: "File does not exist".
#[test]
fn a_missing_file_is_told() {
    let server = Server::start();
    let cli = Cli::new();
    cli.run(&["get", &server.at(), "nothing.pdf"]).expect(5).explains([
        "cannot download nothing.pdf",
        "(File does not exist",
        "See what there is: haversack ls",
    ]);
    assert_eq!(names_in(&cli.path("")), ["state"]);

    let mut leah = Cli::new().chat(&server.at(), "leah");
    leah.type_line("/get nothing.pdf");
    leah.out.wait_for(&["nothing.pdf", "File does not exist"]);
}

/// Row 39: the same file goes to several clients at once.
#[test]
fn the_same_file_goes_to_several_clients_at_once() {
    let server = Server::start();
    let content = noise(4, 4_000_000);
    server.share("big.bin", &content);
    let clients: Vec<_> = (0..5).map(|_| Cli::new()).collect();
    let running: Vec<_> =
        clients.iter().map(|cli| cli.start(&["get", &server.at(), "big.bin"])).collect();
    for (cli, run) in clients.iter().zip(running) {
        run.finish().expect(0);
        assert!(read(&cli.path("big.bin")) == content);
    }
}

/// Row 43: a download runs beside the chat.
#[test]
fn the_chat_goes_on_beside_a_download() {
    let server = Server::start();
    let link = way(&server, slow(256 << 10));
    let content = noise(5, 6 << 20);
    server.share("big.bin", &content);
    let home = Cli::new();
    let mut leah = home.chat(&link.addr().to_string(), "leah");
    let mut shlomo = Cli::new().chat(&server.at(), "shlomo");
    leah.type_line("/get big.bin");
    leah.out.wait_for(&["got a download connection"]);
    for n in 0..5 {
        leah.type_line(&format!("leah {n}."));
        shlomo.out.wait_for(&[&format!("leah: leah {n}.")]);
        shlomo.type_line(&format!("shlomo {n}."));
        leah.out.wait_for(&[&format!("shlomo: shlomo {n}.")]);
    }
    assert!(!leah.out.has(&["downloaded 100%"]), "the chat waited for the download");
    link.configure(fast());
    leah.out.wait_for(&["downloaded 100% out of file."]);
    assert!(read(&home.path("big.bin")) == content);
}

/// Off a terminal, progress is a line per tenth, and never a carriage return.
#[test]
fn progress_off_a_terminal_is_lines() {
    let server = Server::with(&["--limit-rate", "4M"]);
    server.share("big.bin", &noise(6, 8 << 20));
    let ran = Cli::new().run(&["get", &server.at(), "big.bin"]).expect(0);
    let progress: Vec<_> = ran.err.lines().filter(|line| line.starts_with("R  big.bin")).collect();
    assert!((5..=12).contains(&progress.len()), "{progress:#?}");
    assert!(progress.iter().all(|line| line.contains("MiB")));
    assert!(progress.iter().any(|line| line.contains("MiB/s") && line.contains(" left")));
    assert!(!ran.err.contains('\r') && !ran.err.contains('\u{1b}'));
    assert_eq!(ran.out, "");
}

/// A device is written to and not replaced; the null device takes everything.
#[cfg(unix)]
#[test]
fn a_device_gets_the_bytes_and_stays_a_device() {
    use std::os::unix::fs::FileTypeExt as _;

    let server = Server::start();
    server.share("notes.txt", b"hello");
    let is_device = |path: &str| std::fs::metadata(path).unwrap().file_type().is_char_device();

    let at = server.at();
    let args = ["get", &at, "notes.txt", "--overwrite", "-o"];
    let ran = Cli::new().run(&[&args[..], &["/dev/null"]].concat()).expect(0);
    assert!(ran.err.contains("notes.txt is complete"), "{}", ran.err);
    let ran = Cli::new().run(&[&args[..], &["/dev/full"]].concat()).expect(8);
    assert!(ran.err.contains("No space left"), "{}", ran.err);

    assert!(is_device("/dev/null") && is_device("/dev/full"));
    assert!(!std::path::Path::new("/dev/null (1)").exists());
}

/// `-o -` writes to standard output, and nothing else goes there.
#[test]
fn a_file_goes_to_standard_output() {
    let server = Server::start();
    server.share("notes.txt", b"one\ntwo\n");
    let ran = Cli::new().run(&["get", &server.at(), "notes.txt", "-o", "-"]).expect(0);
    assert_eq!(ran.out, "one\ntwo\n");
    assert!(!ran.err.contains("saved as"), "it stays nowhere:\n{}", ran.err);
    let ran = Cli::new().run(&["get", &server.at(), "notes.txt", "-o-", "--json"]).expect(0);
    assert_eq!(ran.out, "one\ntwo\n");
    assert!(done(&ran.err)["path"].is_null(), "it stays nowhere:\n{}", ran.err);
}

/// `--quiet` is quiet.
#[test]
fn quiet_is_quiet() {
    let server = Server::start();
    server.share("notes.txt", b"x");
    let ran = Cli::new().run(&["get", &server.at(), "notes.txt", "-q"]).expect(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
}

/// `--limit-rate` holds a download back.
#[test]
fn a_limit_holds_a_download_back() {
    let server = Server::start();
    server.share("big.bin", &noise(7, 3 << 20));
    let cli = Cli::new();
    let ran = cli.run(&["get", &server.at(), "big.bin", "--limit-rate", "1M", "--json"]).expect(0);
    let took = done(&ran.out)["took_ms"].as_u64().unwrap();
    assert!((1500..20_000).contains(&took), "{took} ms");
}

/// What the disk took at the end is told of a file that it keeps, small or large.
#[test]
fn a_download_tells_how_long_its_sync_took() {
    let server = Server::start();
    for size in [5, 3 << 20] {
        server.share("file.bin", &noise(8, size));
        let args = ["get", &server.at(), "file.bin", "--overwrite", "--json"];
        let done = done(&Cli::new().run(&args).expect(0).out);
        assert!(done["sync_ms"].as_u64() <= done["took_ms"].as_u64(), "{done}");
        assert!(done["sync_ms"].is_u64(), "{done}");
    }
}

/// The last line of a download's JSON.
fn done(out: &str) -> serde_json::Value {
    let done: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(done["t"], "done");
    done
}

/// Row 26: the shared folder is the server's own; clients save where they are.
#[test]
fn server_and_client_are_in_different_folders() {
    let server = Server::start();
    server.share("notes.txt", b"shared");
    let cli = Cli::new();
    cli.run(&["get", &server.at(), "notes.txt"]).expect(0);
    assert_eq!(read(&cli.path("notes.txt")), b"shared");
    assert_ne!(server.files(), cli.path(""));
}

/// Nothing outside of the shared folder is shared, whatever leads there.
#[cfg(unix)]
#[test]
fn nothing_outside_of_the_folder_is_shared() {
    let server = Server::start();
    let outside = server.files().parent().unwrap().join("secret.txt");
    std::fs::write(&outside, b"secret").unwrap();
    std::os::unix::fs::symlink(&outside, server.files().join("link.txt")).unwrap();
    std::fs::create_dir(server.files().join("folder")).unwrap();
    let cli = Cli::new();
    cli.run(&["get", &server.at(), "../secret.txt"]).expect(2);
    for name in ["link.txt", "folder"] {
        assert_ne!(cli.run(&["get", &server.at(), name]).code, 0);
        assert!(!cli.path(name).exists());
    }
}
