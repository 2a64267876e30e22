//! What the command line and the environment mean, checked.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;

use log::LevelFilter;
use proto_std::address::DEFAULT_PORT;
use proto_std::secret::Secret;
use proto_std::session::Percent;
use proto_std::state;

use crate::args::Args;

/// How to run the server.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen, with TCP and UDP.
    pub listen: SocketAddr,
    /// The shared folder.
    pub files: PathBuf,
    /// Key and memory.
    pub state: PathBuf,
    /// What everybody who enters must know.
    pub secret: Option<Secret>,
    /// Bytes that the shared folder may hold after an upload; `None` takes no uploads.
    pub quota: Option<u64>,
    /// Most bytes a second of all transfers together.
    pub limit_rate: Option<u64>,
    /// Most connections at once.
    pub max_clients: usize,
    /// Most connections at once from one public address.
    pub max_per_address: usize,
    /// Messages a second that one person may write for long; twice that, and at least 100, may
    /// come in a burst.
    pub message_rate: u32,
    /// Where downloads stop until their user agrees.
    pub confirm_at: Option<Percent>,
    /// How much is told.
    pub log_level: LevelFilter,
    /// In which form.
    pub log_format: LogFormat,
    /// Whether messages' text is shown where there is no terminal.
    pub log_text: bool,
    /// Written once clients may come.
    pub ready_file: Option<PathBuf>,
}

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Ndjson,
}

impl Options {
    /// The defaults for a server at `listen`, as the command line has them.
    pub fn new(listen: SocketAddr, files: PathBuf, state: PathBuf) -> Self {
        Self {
            listen,
            files,
            state,
            secret: None,
            quota: None,
            limit_rate: None,
            max_clients: 1024,
            max_per_address: 16,
            message_rate: 50,
            confirm_at: None,
            log_level: LevelFilter::Info,
            log_format: LogFormat::Pretty,
            log_text: false,
            ready_file: None,
        }
    }

    /// Checks arguments; `environment` looks a variable up.
    ///
    /// # Errors
    /// A sentence that says which argument is wrong and what it should be.
    pub fn from_args(
        args: &Args,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        let environment = |name: &str| environment(name).filter(|value| !value.is_empty());
        let state = args.state.clone().or_else(|| environment("HAVERSACK_STATE"));
        let quota = size_of("--quota", args.quota.as_deref())?;
        if quota.is_some() && !args.allow_upload {
            return Err("--quota is of no use without --allow-upload".into());
        }
        let confirm_at = match args.confirm_at.as_deref() {
            Some(text) => Some(Percent::parse(text).ok_or_else(|| {
                format!("--confirm-at is a percentage such as 50%, not '{text}'")
            })?),
            None => None,
        };
        if args.max_clients == 0 || args.max_clients as usize > crate::room::LINKS {
            return Err(format!("--max-clients is between 1 and {}", crate::room::LINKS));
        }
        Ok(Self {
            quota: args.allow_upload.then(|| quota.unwrap_or(10 << 30)),
            limit_rate: size_of("--limit-rate", args.limit_rate.as_deref())?,
            max_clients: args.max_clients as usize,
            max_per_address: args.max_per_address as usize,
            message_rate: args.message_rate.max(1),
            confirm_at,
            secret: secret(args, environment("HAVERSACK_SECRET"))?,
            log_level: args.log_level.parse().map_err(|_| {
                "--log-level is one of off, error, warn, info, debug, trace".to_owned()
            })?,
            log_format: match args.log_format.as_str() {
                "pretty" => LogFormat::Pretty,
                "ndjson" => LogFormat::Ndjson,
                _ => return Err("--log-format is pretty or ndjson".into()),
            },
            log_text: args.log_text,
            ready_file: args.ready_file.as_deref().map(PathBuf::from),
            ..Self::new(
                resolve(&args.listen)?,
                PathBuf::from(&args.files),
                state.map_or_else(|| state::default_dir("haversack-server"), PathBuf::from),
            )
        })
    }
}

/// Finds the address to listen on: `host:port`, `host`, or `:port` for every interface.
fn resolve(text: &str) -> Result<SocketAddr, String> {
    let wrong = |why: &str| format!("--listen is host:port, such as 0.0.0.0:50000; '{text}' {why}");
    let (host, port) = match text.rsplit_once(':') {
        // A bare IPv6 address has colons of its own.
        Some((host, _)) if host.contains(':') && !host.ends_with(']') => (text, DEFAULT_PORT),
        Some((host, port)) => (host, port.parse().map_err(|_| wrong("has no port number"))?),
        None => (text, DEFAULT_PORT),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let host = if host.is_empty() { "0.0.0.0" } else { host };
    let mut found = (host, port).to_socket_addrs().map_err(|error| wrong(&error.to_string()))?;
    found.next().ok_or_else(|| wrong("has no address"))
}

fn secret(args: &Args, variable: Option<String>) -> Result<Option<Secret>, String> {
    match (&args.secret_file, variable) {
        (Some(path), _) => Secret::read(path.as_ref())
            .map(Some)
            .map_err(|error| format!("cannot read the secret in '{path}': {error}")),
        (None, Some(text)) => {
            text.parse().map(Some).map_err(|error| format!("HAVERSACK_SECRET: {error}"))
        }
        (None, None) => Ok(None),
    }
}

/// Reads a size such as `10G`, `1.5M`, `50m`, `4KiB` or `1000`; at least 1.
fn size_of(option: &str, text: Option<&str>) -> Result<Option<u64>, String> {
    let Some(text) = text else { return Ok(None) };
    let wrong = || format!("{option} is a size such as 500K, 50M or 10G, not '{text}'");
    let lower = text.trim().to_ascii_lowercase();
    let plain = lower.trim_end_matches("/s").trim_end_matches('b').trim_end_matches('i');
    let (digits, shift) = match plain.strip_suffix(['k', 'm', 'g', 't']) {
        Some(digits) if plain.ends_with('k') => (digits, 10),
        Some(digits) if plain.ends_with('m') => (digits, 20),
        Some(digits) if plain.ends_with('g') => (digits, 30),
        Some(digits) => (digits, 40),
        None => (plain, 0),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    let part: u64 = if part.len() <= 6 { part.parse().map_err(|_| wrong())? } else { 0 };
    let scale = 10_u64.pow(
        u32::try_from(digits.split_once('.').map_or(1, |(_, p)| p.len().min(6)))
            .expect("at most 6"),
    );
    let unit = 1_u64 << shift;
    let bytes = whole.checked_mul(unit).ok_or_else(wrong)? + (unit / scale).saturating_mul(part);
    if bytes == 0 { Err(wrong()) } else { Ok(Some(bytes)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Parsed, parse};

    fn options(line: &str) -> Result<Options, String> {
        let Parsed::Args(args) = parse(line.split_whitespace().map(str::to_owned)) else {
            panic!("{line} is refused by the parser already")
        };
        Options::from_args(&args, |_| None)
    }

    #[test]
    fn sizes_are_powers_of_1024() {
        let cases = [
            ("10G", 10 << 30),
            ("50m", 50 << 20),
            ("4KiB", 4096),
            ("50MB/s", 50 << 20),
            ("1.5M", 3 << 19),
            ("7", 7),
        ];
        for (text, bytes) in cases {
            let options = options(&format!("--limit-rate {text}")).unwrap();
            assert!(options.limit_rate.unwrap().abs_diff(bytes) <= 4, "{text}");
        }
        for text in ["", "G", "-1", "1e9", "99999999999T", "0", "1.x"] {
            assert!(size_of("--quota", Some(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            ("--quota 1G", "--allow-upload"),
            ("--confirm-at 101%", "--confirm-at"),
            ("--listen localhost:x", "--listen"),
            ("--log-format xml", "ndjson"),
            ("--log-level loud", "--log-level"),
            ("--max-clients 0", "--max-clients"),
            ("--secret-file /nonexistent/file", "secret"),
        ];
        for (line, word) in cases {
            let error = options(line).unwrap_err();
            assert!(error.contains(word), "{line}: {error}");
        }
    }

    #[test]
    fn an_address_needs_neither_host_nor_port() {
        let listen = |text: &str| resolve(text).unwrap().to_string();
        assert_eq!(listen("127.0.0.1:7"), "127.0.0.1:7");
        assert_eq!(listen("127.0.0.1"), "127.0.0.1:50000");
        assert_eq!(listen(":9"), "0.0.0.0:9");
        assert_eq!(listen("[::1]:9"), "[::1]:9");
        assert_eq!(listen("::1"), "[::1]:50000");
    }

    #[test]
    fn the_environment_holds_the_secret() {
        let Parsed::Args(args) = parse(Vec::new()) else { panic!("no arguments are fine") };
        let secret = Secret::new([3; 32]);
        let text = secret.to_text();
        let look_up = |name: &str| (name == "HAVERSACK_SECRET").then(|| text.clone());
        assert_eq!(Options::from_args(&args, look_up).unwrap().secret, Some(secret));
        let wrong = Options::from_args(&args, |_| Some("hunter2".into())).unwrap_err();
        assert!(wrong.contains("HAVERSACK_SECRET") && !wrong.contains("hunter2"), "{wrong}");
    }
}
