//! Where a download goes, and under which name.

use crate::common::{Cli, Server, names_in, read};

fn server() -> Server {
    let server = Server::start();
    server.share("notes.pdf", b"new");
    server
}

/// Row 28: a file is saved under another name.
#[test]
fn a_file_is_saved_under_another_name() {
    let (server, cli) = (server(), Cli::new());
    cli.run(&["get", &server.at(), "notes.pdf", "-o", "copy.pdf"]).expect(0);
    assert_eq!(read(&cli.path("copy.pdf")), b"new");
    assert!(!cli.path("notes.pdf").exists());

    let home = Cli::new();
    let mut leah = home.chat(&server.at(), "leah");
    leah.type_line("/get notes.pdf mine.pdf");
    leah.out.wait_for(&["saved as", "mine.pdf"]);
    assert_eq!(read(&home.path("mine.pdf")), b"new");
}

/// Row 29: a name without a type is refused, and the format explained.
#[test]
fn a_name_without_a_type_is_explained() {
    let (server, cli) = (server(), Cli::new());
    cli.run(&["get", &server.at(), "notes.pdf", "-o", "copy"]).expect(2).says(&[
        "has no file type",
        "<name>.<file type>",
        "copy.pdf",
    ]);
    assert_eq!(names_in(&cli.path("")), ["state"]);
}

/// Row 29: a name of another type is refused, and explained in other words.
#[test]
fn a_name_of_another_type_is_explained() {
    let (server, cli) = (server(), Cli::new());
    cli.run(&["get", &server.at(), "notes.pdf", "-o", "copy.txt"]).expect(2).says(&[
        "is of type .txt",
        "is of type .pdf",
        "copy.pdf",
    ]);
    assert_eq!(names_in(&cli.path("")), ["state"]);

    let mut leah = Cli::new().chat(&server.at(), "leah");
    leah.type_line("/get notes.pdf copy.txt");
    leah.err.wait_for(&["is of type .txt"]);
}

/// Row 29: whoever insists gets it.
#[test]
fn whoever_insists_saves_under_any_name() {
    let (server, cli) = (server(), Cli::new());
    cli.run(&["get", &server.at(), "notes.pdf", "-o", "copy.txt", "--yes"]).expect(0);
    cli.run(&["get", &server.at(), "notes.pdf", "-o", "copy", "--yes"]).expect(0);
    assert_eq!(read(&cli.path("copy.txt")), b"new");
    assert_eq!(read(&cli.path("copy")), b"new");
}

/// A file that exists is kept, and the new one gets a number.
#[test]
fn a_file_that_exists_is_kept() {
    let (server, cli) = (server(), Cli::new());
    cli.write("notes.pdf", b"old");
    cli.run(&["get", &server.at(), "notes.pdf"]).expect(0).says(&["notes (1).pdf"]);
    cli.run(&["get", &server.at(), "notes.pdf"]).expect(0).says(&["notes (2).pdf"]);
    assert_eq!(read(&cli.path("notes.pdf")), b"old");
    assert_eq!(read(&cli.path("notes (1).pdf")), b"new");
    assert_eq!(read(&cli.path("notes (2).pdf")), b"new");
}

/// `--overwrite` replaces it.
#[test]
fn overwrite_replaces_a_file_that_exists() {
    let (server, cli) = (server(), Cli::new());
    cli.write("notes.pdf", b"old");
    cli.run(&["get", &server.at(), "notes.pdf", "--overwrite"]).expect(0);
    assert_eq!(read(&cli.path("notes.pdf")), b"new");
}

/// `--skip-existing` leaves it, and that is no failure.
#[test]
fn skip_existing_leaves_a_file_that_exists() {
    let (server, cli) = (server(), Cli::new());
    cli.write("notes.pdf", b"old");
    cli.run(&["get", &server.at(), "notes.pdf", "--skip-existing"]).expect(0).says(&["skipped"]);
    assert_eq!(read(&cli.path("notes.pdf")), b"old");
    cli.run(&["get", &server.at(), "notes.pdf", "--skip-existing", "--overwrite"]).expect(2);
}

/// A folder is a folder when it is one, or when it is written as one.
#[test]
fn a_folder_takes_files_under_their_names() {
    let (server, cli) = (server(), Cli::new());
    std::fs::create_dir(cli.path("there")).unwrap();
    cli.run(&["get", &server.at(), "notes.pdf", "-o", "there"]).expect(0);
    cli.run(&["get", &server.at(), "notes.pdf", "-o", "new/deep/"]).expect(0);
    assert_eq!(read(&cli.path("there/notes.pdf")), b"new");
    assert_eq!(read(&cli.path("new/deep/notes.pdf")), b"new");
    server.share("b.pdf", b"b");
    cli.run(&["get", &server.at(), "notes.pdf", "b.pdf", "-o", "one.pdf"]).expect(2);
}
