//! Files that cannot be written, or do not stay what they were.

use std::path::Path;
use std::process::Command;

use crate::common::{Cli, Server, names_in, noise};

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

    let ran = get.finish();

    match ran.code {
        0 => assert!(crate::common::read(&cli.path("big.bin")) == changed),
        6 | 7 => {
            assert!(ran.err.contains("changed"), "{}", ran.err);
            assert!(!cli.path("big.bin").exists());
        }
        code => panic!("{code}: {}", ran.err),
    }
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
        cli.run(&["get", &server.at(), "notes.txt", "-o", "closed"]).expect(8);
        return;
    }
    cli.run(&["get", &server.at(), "notes.txt", "-o", "closed"]).expect(8);
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

    cli.run(&["get", &server.at(), "big.bin", "-o", "small"]).expect(8).says(&["space"]);

    assert!(!names_in(&folder).iter().any(|name| name == "big.bin"));
}

/// A folder that does not exist is told.
#[test]
fn a_folder_that_does_not_exist_is_told() {
    let server = Server::start();
    server.share("notes.txt", b"x");
    Cli::new().run(&["get", &server.at(), "notes.txt", "-o", "no/such/copy.txt"]).expect(8);
}

/// A mounted file system. It is unmounted when dropped.
struct Mount<'a>(&'a Path);

impl<'a> Mount<'a> {
    /// Needs to be root, and permission to mount: `None` says that it was not possible.
    fn tmpfs(folder: &'a Path, options: &str) -> Option<Self> {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder);
        if command.output().is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("SKIPPED: a file system cannot be mounted here (that needs root)");
        None
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}
