//! Row 42: uploads.

use crate::common::{Cli, Server, names_in, noise, read};

/// Row 42: a file goes to the server, where others find it.
#[test]
fn a_file_is_uploaded_and_found_by_others() {
    let server = Server::with(&["--allow-upload"]);
    let content = noise(1, 3_000_000);
    let cli = Cli::new();
    cli.write("mine.bin", &content);
    cli.run(&["put", &server.at(), "mine.bin"])
        .expect(0)
        .says(&["got an upload connection", "uploaded 100% out of file."]);
    assert!(read(&server.files().join("mine.bin")) == content);

    let other = Cli::new();
    other.run(&["get", &server.at(), "mine.bin"]).expect(0);
    assert!(read(&other.path("mine.bin")) == content);
}

/// Row 42: under another name, and from standard input.
#[test]
fn an_upload_has_another_name_or_comes_from_a_pipe() {
    let server = Server::with(&["--allow-upload"]);
    let cli = Cli::new();
    cli.write("mine.txt", b"from a file");
    cli.run(&["put", &server.at(), "mine.txt", "--as", "yours.txt"]).expect(0);
    assert_eq!(read(&server.files().join("yours.txt")), b"from a file");

    let args = ["put", &server.at(), "--stdin", "--as", "piped.txt"];
    cli.run_with(&args, "from a pipe").expect(0);
    assert_eq!(read(&server.files().join("piped.txt")), b"from a pipe");
    cli.run_with(&["put", &server.at(), "--stdin"], "x").expect(2).says(&["--as NAME"]);
}

/// Row 42: in the chat.
#[test]
fn a_file_is_uploaded_from_the_chat() {
    let server = Server::with(&["--allow-upload"]);
    let home = Cli::new();
    home.write("mine.txt", b"hello");
    let mut leah = home.chat(&server.at(), "leah");
    leah.type_line("/put mine.txt");
    leah.out.wait_for(&["uploaded 100% out of file."]);
    server.screen.wait_for(&["leah", "uploaded 100%", "mine.txt"]);
    assert_eq!(read(&server.files().join("mine.txt")), b"hello");
    leah.type_line("/put missing.txt");
    leah.finish().expect(5).prints(&["missing.txt", "there is no such file"]);
}

/// A server takes no uploads unless it is told to.
#[test]
fn uploads_are_off_by_default() {
    let server = Server::start();
    let cli = Cli::new();
    cli.write("mine.txt", b"x");
    cli.run(&["put", &server.at(), "mine.txt"]).expect(4).explains([
        "cannot upload mine.txt",
        "(the server takes no uploads",
        "--allow-upload",
    ]);
    assert!(names_in(&server.files()).is_empty());
}

/// An upload never replaces a file, and never exceeds the quota.
#[test]
fn an_upload_replaces_nothing_and_keeps_the_quota() {
    let server = Server::with(&["--allow-upload", "--quota", "1M"]);
    server.share("there.txt", b"old");
    let cli = Cli::new();
    cli.write("there.txt", b"new");
    cli.run(&["put", &server.at(), "there.txt"]).expect(4).explains([
        "cannot upload there.txt",
        "(a file of that name exists",
        "--as",
    ]);
    server.screen.wait_for(&["there.txt stopped: a file of that name exists"]);
    assert_eq!(read(&server.files().join("there.txt")), b"old");

    for (size, why) in [
        ((1 << 20) - 1, "(no space is left at the server)"),
        (2 << 20, "(the file is too large for the server"),
    ] {
        cli.write("large.bin", &noise(2, size));
        cli.run(&["put", &server.at(), "large.bin"]).expect(4).explains([
            "cannot upload large.bin",
            why,
            "--quota",
        ]);
        assert_eq!(names_in(&server.files()), ["there.txt"]);
    }
}

/// What cannot be read is told before anything is connected.
#[test]
fn what_cannot_be_read_is_told_at_once() {
    let cli = Cli::new();
    cli.run(&["put", "127.0.0.1:9", "nothing.txt"]).expect(5).explains([
        "cannot read nothing.txt",
        "(",
        "Check the path",
    ]);
    std::fs::create_dir(cli.path("folder")).unwrap();
    cli.run(&["put", "127.0.0.1:9", "folder"]).expect(2).says(&["is not a file"]);
    cli.run(&["put", "127.0.0.1:9"]).expect(2).says(&["no file is named"]);
}
