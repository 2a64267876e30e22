//! A server on a free port, with a folder to share.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::{Lines, expect_no_panic, wait_until};

/// A running server. It is killed when dropped.
pub(crate) struct Server {
    home: Home,
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) fingerprint: String,
    /// What is on its screen.
    pub(crate) screen: Lines,
}

/// Where a server lives: it may be started there again.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir(home.files()).unwrap();
        home
    }

    fn files(&self) -> PathBuf {
        self.0.path().join("server_files")
    }
}

impl Server {
    /// Starts a server with the default options.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a server with more options.
    pub(crate) fn with(options: &[&str]) -> Self {
        Self::open(Home::new(), Some("127.0.0.1:0"), options)
    }

    /// Starts a server that listens somewhere else.
    pub(crate) fn listening(at: &str) -> Self {
        Self::open(Home::new(), Some(at), &[])
    }

    /// Starts a server that is not told where to listen.
    pub(crate) fn at_the_default() -> Self {
        Self::open(Home::new(), None, &[])
    }

    /// A secret, as the server prints it.
    pub(crate) fn new_secret() -> String {
        let output = Command::new(program()).arg("--new-secret").output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    }

    /// Stops the server, and starts it again at the same address with the same state.
    pub(crate) fn restart(self, options: &[&str]) -> Self {
        let address = self.address.to_string();
        let home = self.stop();
        Self::open(home, Some(&address), options)
    }

    /// Stops the server and starts another one at the same address, with a key of its own.
    pub(crate) fn replace(self) -> Self {
        let address = self.address.to_string();
        let home = self.stop();
        fs::remove_dir_all(home.0.path().join("state")).unwrap();
        Self::open(home, Some(&address), &[])
    }

    fn stop(mut self) -> Home {
        self.kill();
        let empty = Home::new();
        std::mem::replace(&mut self.home, empty)
    }

    /// Ends the server at once, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn open(home: Home, listen: Option<&str>, options: &[&str]) -> Self {
        let ready = home.0.path().join("ready");
        let _ = fs::remove_file(&ready);
        let mut command = Command::new(program());
        if let Some(listen) = listen {
            command.args(["--listen", listen]);
        }
        command.arg("--files").arg(home.files());
        command.arg("--state").arg(home.0.path().join("state"));
        command.arg("--ready-file").arg(&ready).args(options);
        command.env_remove("HAVERSACK_SECRET").current_dir(home.0.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let screen = Lines::default();
        screen.collect(child.stdout.take().unwrap());
        screen.collect(child.stderr.take().unwrap());
        let mut words = Vec::new();
        wait_until("the server is ready", || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the server ended with {status}:\n{}", screen.all().join("\n"));
            }
            let text = fs::read_to_string(&ready).unwrap_or_default();
            words = text.split_whitespace().map(str::to_owned).collect();
            words.len() >= 2
        });
        let address = words[0].parse().unwrap();
        Self { home, child, address, fingerprint: words.swap_remove(1), screen }
    }

    /// The address as an argument.
    pub(crate) fn at(&self) -> String {
        self.address.to_string()
    }

    /// The shared folder.
    pub(crate) fn files(&self) -> PathBuf {
        self.home.files()
    }

    /// Shares a file.
    pub(crate) fn share(&self, name: &str, content: &[u8]) {
        self.share_all([(name, content)]);
    }

    /// Shares files, and waits until a list that the server gave out before is out of date.
    pub(crate) fn share_all(
        &self,
        files: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
    ) {
        for (name, content) in files {
            fs::write(self.files().join(name.as_ref()), content).unwrap();
        }
        thread::sleep(Duration::from_millis(120));
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the server's end.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let mut code = None;
        wait_until("the server ends", || {
            self.child.try_wait().unwrap().map(|status| code = status.code()).is_some()
        });
        code
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        expect_no_panic("the server", &self.screen);
    }
}

/// The server's program, built if need be: it belongs to another package, so cargo does not build
/// it for our tests.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let client = Path::new(env!("CARGO_BIN_EXE_haversack"));
        let folder = client.parent().unwrap();
        let profile = match folder.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(profile) => profile,
        };
        let program = folder.join(format!("haversack-server{}", std::env::consts::EXE_SUFFIX));
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "server", "--profile", profile]);
        build.current_dir(env!("CARGO_MANIFEST_DIR"));
        // What cargo tells a test about its own package would look like a change to the build
        // scripts of others, and half of everything would be built anew.
        for (key, _) in std::env::vars_os() {
            let name = key.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                build.env_remove(key);
            }
        }
        let status = build.status().unwrap();
        assert!(status.success(), "the server cannot be built");
        assert!(program.exists(), "{} is not where it should be", program.display());
        program
    })
}
