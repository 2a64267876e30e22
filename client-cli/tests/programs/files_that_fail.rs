//! Files that cannot be written, or do not stay what they were.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{Cli, Server, names_in, noise, read};

/// A file that changes while it is sent is never passed off as either version.
#[test]
fn a_file_that_changes_while_it_is_sent_is_noticed() {
    let server = Server::with(&["--limit-rate", "2M"]);
    server.share("big.bin", &noise(1, 6 << 20));
    let cli = Cli::new();
    let get = cli.start(&["get", &server.at(), "big.bin"]);
    get.err.wait_for(&["R  big.bin"]);
    let changed = noise(2, 6 << 20);
    server.share("big.bin", &changed);

    get.finish().expect(7).explains([
        "cannot download big.bin",
        "(the file changed while it was sent",
        "Ask for it again",
    ]);

    assert!(!cli.path("big.bin").exists());
    cli.run(&["get", &server.at(), "big.bin"]).expect(0);
    assert!(read(&cli.path("big.bin")) == changed);
}

/// A folder that may not be written is told: exit code 8.
#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    server.share("notes.txt", b"x");
    let cli = Cli::new();
    let folder = cli.path("closed");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    if std::fs::write(folder.join("probe"), b"x").is_ok() {
        // We are root, whom permissions do not stop: a mount that is read-only does.
        std::fs::remove_file(folder.join("probe")).unwrap();
        let Some(_mount) = Mount::tmpfs(&folder, "ro,size=64k") else { return };
        return expect_refused(&cli, &server);
    }
    expect_refused(&cli, &server);
}

#[cfg(unix)]
#[track_caller]
fn expect_refused(cli: &Cli, server: &Server) {
    cli.run(&["get", &server.at(), "notes.txt", "-o", "closed"]).expect(8).explains([
        "cannot download notes.txt",
        "(permission denied",
        "Check the permissions of file and folder",
    ]);
    assert!(names_in(&cli.path("closed")).is_empty());
}

/// A disk that is full is told before bytes flow, or as soon as it happens: exit code 8.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let server = Server::start();
    server.share("big.bin", &noise(3, 4 << 20));
    let cli = Cli::new();
    let folder = cli.path("small");
    std::fs::create_dir(&folder).unwrap();
    let Some(_mount) = Mount::tmpfs(&folder, "size=1m") else { return };

    cli.run(&["get", &server.at(), "big.bin", "-o", "small"]).expect(8).explains([
        "cannot download big.bin",
        "(no space is left",
        "Make room, then ask again",
    ]);

    assert!(!names_in(&folder).iter().any(|name| name == "big.bin"));
}

/// A disk that fills up while a file arrives is told: exit code 8. What arrived is kept, and once
/// there is room the rest follows.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_meanwhile_is_told() {
    let server = Server::with(&["--limit-rate", "2M"]);
    let content = noise(5, 4 << 20);
    server.share("big.bin", &content);
    let cli = Cli::new();
    let folder = cli.path("small");
    std::fs::create_dir(&folder).unwrap();
    let Some(_mount) = Mount::tmpfs(&folder, "size=6m") else { return };
    let get = cli.start(&["get", &server.at(), "big.bin", "-o", "small"]);
    get.err.wait_for(&["R  big.bin"]);
    // As much as there is room for.
    std::fs::write(folder.join("filler"), vec![0; 6 << 20]).unwrap_err();

    get.finish().expect(8).explains([
        "cannot download big.bin",
        "(no space is left",
        "Make room, then ask again",
    ]);

    assert!(!folder.join("big.bin").exists());
    std::fs::remove_file(folder.join("filler")).unwrap();
    cli.run(&["get", &server.at(), "big.bin", "-o", "small"]).expect(0).says(&["goes on after"]);
    assert!(read(&folder.join("big.bin")) == content);
}

/// The server's disk is not this machine's: its user is told whose it is, exit code 4.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_at_the_server_is_told() {
    let server = Server::with(&["--allow-upload"]);
    let folder = server.files();
    let Some(_mount) = Mount::tmpfs(&folder, "size=1m") else { return };
    let server = server.restart(&["--allow-upload"]);
    let cli = Cli::new();
    cli.write("mine.bin", &noise(6, 4 << 20));

    cli.run(&["put", &server.at(), "mine.bin"]).expect(4).explains([
        "cannot upload mine.bin",
        "(no space is left at the server)",
        "Ask whoever runs the server",
    ]);

    server.screen.wait_for(&["mine.bin stopped:"]);
    assert!(!names_in(&folder).iter().any(|name| name == "mine.bin"));
}

/// A state folder that cannot be used is told: exit code 8.
#[test]
fn a_state_folder_that_cannot_be_used_is_told() {
    let server = Server::start();
    server.share("notes.txt", b"x");
    let cli = Cli::new();
    cli.write("occupied", b"this is no folder");
    cli.run(&["get", &server.at(), "notes.txt", "--state", "occupied"]).expect(8).explains([
        "cannot ",
        "(",
        "Check the folder's permissions",
    ]);
    assert!(!cli.path("notes.txt").exists());
}

/// A folder that does not exist is told.
#[test]
fn a_folder_that_does_not_exist_is_told() {
    let server = Server::start();
    server.share("notes.txt", b"x");
    let cli = Cli::new();
    cli.run(&["get", &server.at(), "notes.txt", "-o", "no/such/copy.txt"]).expect(8).explains([
        "cannot use the folder",
        "no/such (",
        "Check the path",
    ]);
    assert_eq!(names_in(&cli.path("")), ["state"]);
}

/// A file that is damaged where it lies arrives as it is and is found out: exit code 6. Nothing of
/// it gets its name, and nothing of what is there is touched.
#[test]
fn a_file_that_is_not_what_the_server_once_read_is_found_out() {
    let server = Server::start();
    let content = noise(4, 1 << 20);
    server.share("big.bin", &content);
    // Now the server knows what it should be.
    Cli::new().run(&["get", &server.at(), "big.bin"]).expect(0);
    let mut file = File::options().write(true).open(server.files().join("big.bin")).unwrap();
    let before = file.metadata().unwrap().modified().unwrap();
    file.seek(SeekFrom::Start(500_000)).unwrap();
    file.write_all(b"?").unwrap();
    file.set_modified(before).unwrap();
    let cli = Cli::new();
    cli.write("big.bin", b"mine");

    for clash in ["--yes", "--overwrite"] {
        cli.run(&["get", &server.at(), "big.bin", clash]).expect(6).explains([
            "cannot download big.bin",
            "(what arrived is not what was sent",
            "Ask for it again",
        ]);
        assert_eq!(read(&cli.path("big.bin")), b"mine");
        assert!(!cli.path("big (1).bin").exists());
    }
}

/// A mounted file system. It is unmounted when dropped.
struct Mount(PathBuf);

impl Mount {
    /// Needs to be root, and permission to mount: `None` says that it was not possible.
    fn tmpfs(folder: &Path, options: &str) -> Option<Self> {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder);
        if command.output().is_ok_and(|output| output.status.success()) {
            return Some(Self(folder.to_owned()));
        }
        eprintln!("SKIPPED: a file system cannot be mounted here (that needs root)");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
