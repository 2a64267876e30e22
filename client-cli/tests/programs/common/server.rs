//! A server on a free port, with a folder to share.

use std::fs;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::{Lines, expect_no_panic, wait_until};

/// Where a server listens that is not told so, and how often that is tried.
const DEFAULT: &str = "127.0.0.1:50000";
const ATTEMPTS: usize = 100;

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

    /// Starts a server that is not told where to listen; `None` when somebody else listens there.
    pub(crate) fn at_the_default() -> Option<Self> {
        // Another run of these tests may have been there for a moment.
        for _ in 0..ATTEMPTS {
            match Self::try_open(Home::new(), None, &[]) {
                Ok(server) => return Some(server),
                Err(told) => assert!(told.contains("uses that port"), "{told}"),
            }
            if TcpListener::bind(DEFAULT).is_err() || UdpSocket::bind(DEFAULT).is_err() {
                return None;
            }
        }
        panic!("the server says that a port is in use which is not");
    }

    /// A secret, as the server prints it.
    pub(crate) fn new_secret() -> String {
        let output = Command::new(program()).arg("--new-secret").output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    }

    /// Kills the server, and starts it again at the same address with the same state.
    pub(crate) fn restart(self, options: &[&str]) -> Self {
        let address = self.address.to_string();
        let home = self.stop();
        Self::open(home, Some(&address), options)
    }

    /// The same, but the server is told to stop and says goodbye first.
    #[cfg(unix)]
    pub(crate) fn restart_with_goodbyes(mut self, options: &[&str]) -> Self {
        super::signal(self.id(), "TERM");
        assert_eq!(self.wait(), Some(0));
        self.restart(options)
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

    #[track_caller]
    fn open(home: Home, listen: Option<&str>, options: &[&str]) -> Self {
        let opened = Self::try_open(home, listen, options);
        opened.unwrap_or_else(|told| panic!("the server ended:\n{told}"))
    }

    /// Waits until the server is ready; what it said if it ended instead.
    fn try_open(home: Home, listen: Option<&str>, options: &[&str]) -> Result<Self, String> {
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
        let out = screen.collect(child.stdout.take().unwrap());
        let err = screen.collect(child.stderr.take().unwrap());
        let (mut words, mut ended) = (Vec::new(), false);
        wait_until("the server is ready", || {
            let text = fs::read_to_string(&ready).unwrap_or_default();
            words = text.split_whitespace().map(str::to_owned).collect();
            ended = child.try_wait().unwrap().is_some();
            words.len() >= 2 || ended
        });
        if ended {
            for reader in [out, err] {
                reader.join().unwrap();
            }
            return Err(screen.all().join("\n"));
        }
        let address = words[0].parse().unwrap();
        Ok(Self { home, child, address, fingerprint: words.swap_remove(1), screen })
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
