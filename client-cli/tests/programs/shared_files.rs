//! What the server shares.

use crate::common::{Cli, Server};

/// Row 25: the list of files, and a list as soon as connected.
#[test]
fn the_files_are_listed_on_request_and_on_arrival() {
    let server = Server::start();
    server.share("notes.pdf", &[1; 2048]);
    server.share("video.mkv", &[2; 3]);
    let list = Cli::new().run(&["ls", &server.at()]).expect(0).out;
    assert!(list.contains("2.0 KiB  notes.pdf\n"), "{list}");
    assert!(list.contains("3 B  video.mkv\n"), "{list}");

    let mut leah = Cli::new().chat(&server.at(), "leah");
    leah.out.wait_for(&["notes.pdf"]);
    leah.out.wait_for(&["video.mkv"]);
    leah.type_line("/files");
    leah.out.wait_for_count(&["2.0 KiB  notes.pdf"], 2);
}

/// Row 25: patterns pick from the list.
#[test]
fn patterns_pick_from_the_list() {
    let server = Server::start();
    server.share_all([("a.pdf", b"x"), ("b.pdf", b"x"), ("c.txt", b"x")]);
    let names = |pattern| {
        let ran = Cli::new().run(&["ls", &server.at(), pattern, "--json"]).expect(0);
        ran.out.matches("\"file\":").count()
    };
    assert_eq!(names("*.pdf"), 2);
    assert_eq!(names("?.txt"), 1);
    assert_eq!(names("*.mkv"), 0);
}

/// A file that appears later is on the list too.
#[test]
fn a_new_file_is_on_the_list() {
    let server = Server::start();
    let cli = Cli::new();
    assert_eq!(cli.run(&["ls", &server.at()]).expect(0).out, "");
    server.share("later.txt", b"x");
    cli.run(&["ls", &server.at()]).expect(0).prints(&["later.txt"]);
}

/// Nothing outside of the shared folder is on the list, whatever leads there.
#[cfg(unix)]
#[test]
fn nothing_outside_of_the_folder_is_on_the_list() {
    let server = Server::start();
    let outside = server.files().parent().unwrap().join("secret.txt");
    std::fs::write(&outside, b"secret").unwrap();
    std::os::unix::fs::symlink(&outside, server.files().join("link.txt")).unwrap();
    std::fs::create_dir(server.files().join("folder")).unwrap();
    server.share("visible.txt", b"");
    let list = Cli::new().run(&["ls", &server.at()]).expect(0).out;
    assert_eq!(list.trim(), "0 B  visible.txt");
}
