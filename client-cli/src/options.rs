//! What the command line means, once the environment and the configuration have had their say:
//! flag before environment before configuration before default.

use std::path::{Path, PathBuf};
use std::time::Duration;

use proto_core::text::Name;
use proto_std::address::ServerAddr;
use proto_std::secret::Secret;
use proto_std::session::{Error, Purpose, SessionConfig, Trust};
use proto_std::state::{self, variable};
use proto_std::terminal::takes_colours;

use crate::args::Common;
use crate::config::Config;
use crate::exit::usage;
use crate::guest;

/// Seconds without an answer before giving up.
const DEFAULT_TIMEOUT: u64 = 20;
/// Attempts to reconnect.
const DEFAULT_RETRIES: u32 = 10;

/// Everything outside of the command line that has a say.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) config: Config,
    pub(crate) server: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) state: Option<PathBuf>,
    pub(crate) secret: Option<String>,
    /// `NO_COLOR` is set and not empty, or the terminal knows no colours.
    pub(crate) no_color: bool,
    /// Where state is kept when nobody says otherwise.
    pub(crate) default_state: PathBuf,
    pub(crate) stdin_is_terminal: bool,
    pub(crate) stdout_is_terminal: bool,
    pub(crate) stderr_is_terminal: bool,
}

impl Surroundings {
    /// Looks around.
    pub(crate) fn look() -> Result<Self, Error> {
        use std::io::IsTerminal;
        let path = |key| variable(key).map(PathBuf::from);
        let home = path("HOME").or_else(|| path("USERPROFILE"));
        let config_dir = path("XDG_CONFIG_HOME")
            .or_else(|| path("APPDATA"))
            .or_else(|| home.map(|home| home.join(".config")));
        let config = match config_dir {
            Some(dir) => Config::read(&dir.join("haversack").join("config.toml"))?,
            None => Config::default(),
        };
        let stdout_is_terminal = std::io::stdout().is_terminal();
        let is_dumb = variable("TERM").is_some_and(|term| term == "dumb")
            || (stdout_is_terminal && !takes_colours());
        Ok(Self {
            config,
            server: text("HAVERSACK_SERVER")?,
            name: text("HAVERSACK_NAME")?,
            state: path("HAVERSACK_STATE"),
            secret: text("HAVERSACK_SECRET")?,
            no_color: variable("NO_COLOR").is_some() || is_dumb,
            default_state: state::default_dir("haversack"),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal,
            stderr_is_terminal: std::io::stderr().is_terminal(),
        })
    }
}

fn text(key: &str) -> Result<Option<String>, Error> {
    variable(key)
        .map(|value| value.into_string().map_err(|_| usage(format!("{key} is not UTF-8"), "")))
        .transpose()
}

/// The options that every command takes, with their meaning.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[derive(Debug)]
pub(crate) struct Options {
    /// The server that `--server` names: arguments are no servers then.
    flag_server: Option<String>,
    /// The server when the arguments name none.
    default_server: Option<String>,
    name: Option<String>,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: u8,
    /// Whether questions may be asked.
    pub(crate) may_ask: bool,
    pub(crate) yes: bool,
    pub(crate) timeout: Duration,
    /// Attempts to connect, when somebody said how many.
    pub(crate) retries: Option<u32>,
    pub(crate) state: PathBuf,
    secret: Option<Secret>,
    pub(crate) stdin_is_terminal: bool,
    pub(crate) stdout_is_terminal: bool,
    /// Whether colours may be used on standard output.
    pub(crate) color: bool,
    /// Whether bars may move on standard error.
    pub(crate) animate: bool,
}

impl Options {
    /// Merges what was typed with what surrounds it.
    pub(crate) fn merge(typed: Common, around: Surroundings) -> Result<Self, Error> {
        let config = around.config;
        let state_dir = typed
            .state
            .map(PathBuf::from)
            .or(around.state)
            .or(config.state)
            .unwrap_or(around.default_state);
        let secret = match (typed.secret_file, around.secret, config.secret_file) {
            (Some(path), _, _) => Some(read_secret(Path::new(&path))?),
            (None, Some(text), _) => Some(text.parse().map_err(|_| {
                usage("HAVERSACK_SECRET is not a secret: it has 52 letters and digits", "")
            })?),
            (None, None, Some(path)) => Some(read_secret(&path)?),
            (None, None, None) => None,
        };
        let plain = typed.no_color || around.no_color || config.color == Some(false);
        Ok(Self {
            flag_server: typed.server,
            default_server: around.server.or(config.server),
            name: typed.name.or(around.name).or(config.name),
            json: typed.json,
            quiet: typed.quiet,
            verbose: typed.verbose,
            may_ask: around.stdin_is_terminal && around.stderr_is_terminal && !typed.no_input,
            yes: typed.yes,
            timeout: timeout(typed.timeout.or(config.timeout))?,
            retries: typed.retries.or(config.retries),
            state: state_dir,
            secret,
            stdin_is_terminal: around.stdin_is_terminal,
            stdout_is_terminal: around.stdout_is_terminal,
            color: around.stdout_is_terminal && !plain,
            animate: around.stderr_is_terminal && !plain && !typed.json && !typed.quiet,
        })
    }

    /// The server, for commands that take nothing else.
    pub(crate) fn server(&self, argument: Option<&str>) -> Result<ServerAddr, Error> {
        match (&self.flag_server, argument, &self.default_server) {
            (Some(_), Some(_), _) => {
                Err(usage("the server is given twice", "Leave out --server, or the argument."))
            }
            (Some(server), None, _) | (None, None, Some(server)) => parse_server(server),
            (None, Some(server), _) => parse_server(server),
            (None, None, None) => Err(no_server()),
        }
    }

    /// The server and the other arguments, for commands that take more than a server. When
    /// `--server` names one, no argument does. When the environment or the configuration names
    /// one, the first argument is a server only if it is written like nothing else.
    pub(crate) fn server_and<'a>(
        &self,
        words: &'a [String],
    ) -> Result<(ServerAddr, &'a [String]), Error> {
        if let Some(server) = &self.flag_server {
            return Ok((parse_server(server)?, words));
        }
        match (words.split_first(), &self.default_server) {
            (Some((first, rest)), Some(_)) if is_plainly_a_server(first) => {
                Ok((parse_server(first)?, rest))
            }
            (_, Some(server)) => Ok((parse_server(server)?, words)),
            (Some((first, rest)), None) => Ok((parse_server(first)?, rest)),
            (None, None) => Err(no_server()),
        }
    }

    /// The name that was given, or one for guests: `haversack ls` asks nobody for a name.
    pub(crate) fn name_or_guest(&self) -> Result<Name, Error> {
        match &self.name {
            Some(name) => parse_name(name),
            None => guest::name(&self.state),
        }
    }

    /// The name that was given, if one was.
    pub(crate) fn name(&self) -> Result<Option<Name>, Error> {
        self.name.as_deref().map(parse_name).transpose()
    }

    /// How to run a session.
    pub(crate) fn session(
        &self,
        server: ServerAddr,
        name: Name,
        purpose: Purpose,
    ) -> SessionConfig {
        SessionConfig {
            secret: self.secret.clone(),
            trust: Trust::Accept,
            timeout: self.timeout,
            // Somebody who stays in the room waits for as long as it takes.
            retries: match purpose {
                Purpose::Join => self.retries,
                Purpose::Use => Some(self.retries.unwrap_or(DEFAULT_RETRIES)),
            },
            ..SessionConfig::new(server, name, purpose, self.state.clone())
        }
    }
}

/// Checks a nickname, with an error that names the way out.
pub(crate) fn parse_name(name: &str) -> Result<Name, Error> {
    Name::parse(name).map_err(|why| {
        usage(format!("'{}' cannot be a name: {why}", name.escape_debug()), "Try another --name.")
    })
}

fn parse_server(text: &str) -> Result<ServerAddr, Error> {
    text.parse().map_err(|why| {
        usage(
            format!("'{}' is not a server's address: {why}", text.escape_debug()),
            "Write it as host, host:port or haversack://host:port#fingerprint.",
        )
    })
}

fn no_server() -> Error {
    usage("no server is named", "Give its address as the first argument, or set HAVERSACK_SERVER.")
}

fn read_secret(path: &Path) -> Result<Secret, Error> {
    Secret::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::Other => usage(format!("{}: {error}", path.display()), ""),
        _ => Error::reading(format!("cannot read the secret {}", path.display()), &error),
    })
}

fn timeout(seconds: Option<u64>) -> Result<Duration, Error> {
    match seconds {
        Some(0) => {
            let next = format!("Give 1 or more, or leave it out for {DEFAULT_TIMEOUT}.");
            Err(usage("a timeout of 0 seconds leaves no time for an answer", next))
        }
        seconds => Ok(Duration::from_secs(seconds.unwrap_or(DEFAULT_TIMEOUT))),
    }
}

/// True for what can be no file name and is hardly a message: a `haversack://` address, an IP
/// address, `localhost`, or anything with a port.
fn is_plainly_a_server(text: &str) -> bool {
    text.starts_with("haversack://")
        || text == "localhost"
        || text.parse::<std::net::IpAddr>().is_ok()
        || (text.contains(':') && text.parse::<ServerAddr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merge(typed: Common, around: Surroundings) -> Options {
        let around = Surroundings { default_state: "/state".into(), ..around };
        Options::merge(typed, around).unwrap()
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn flag_beats_environment_beats_configuration_beats_default() {
        let around = || Surroundings {
            name: Some("env".into()),
            config: Config {
                name: Some("config".into()),
                timeout: Some(7),
                state: Some("/config".into()),
                ..Config::default()
            },
            ..Surroundings::default()
        };
        let typed = Common { name: Some("flag".into()), ..Common::default() };
        assert_eq!(merge(typed, around()).name().unwrap().unwrap().as_str(), "flag");
        let options = merge(Common::default(), around());
        assert_eq!(options.name().unwrap().unwrap().as_str(), "env");
        assert_eq!(options.timeout, Duration::from_secs(7));
        assert_eq!(options.state, Path::new("/config"));
        assert_eq!(options.retries, None);
    }

    #[test]
    fn the_first_argument_is_the_server() {
        let options = merge(Common::default(), Surroundings::default());
        let arguments = words(&["pc", "notes.pdf"]);
        let (server, rest) = options.server_and(&arguments).unwrap();
        assert_eq!((server.host(), rest), ("pc", &words(&["notes.pdf"])[..]));
        assert!(options.server_and(&[]).is_err());
        assert!(options.server(None).is_err());
    }

    #[test]
    fn a_known_server_leaves_the_arguments_to_the_files() {
        let around = Surroundings { server: Some("home".into()), ..Surroundings::default() };
        let options = merge(Common::default(), around);
        let arguments = words(&["notes.pdf"]);
        let (server, rest) = options.server_and(&arguments).unwrap();
        assert_eq!((server.host(), rest.len()), ("home", 1));
        for plain in ["127.0.0.1", "pc:50000", "haversack://pc", "::1", "localhost"] {
            let arguments = words(&[plain, "notes.pdf"]);
            let (server, rest) = options.server_and(&arguments).unwrap();
            assert_ne!((server.host(), rest.len()), ("home", 1), "{plain}");
        }
        assert_eq!(options.server(Some("pc")).unwrap().host(), "pc");
    }

    #[test]
    fn the_server_flag_means_that_no_argument_is_a_server() {
        let typed = Common { server: Some("home".into()), ..Common::default() };
        let options = merge(typed, Surroundings::default());
        let arguments = words(&["127.0.0.1"]);
        assert_eq!(options.server_and(&arguments).unwrap().1.len(), 1);
        assert!(options.server(Some("pc")).is_err());
    }

    #[test]
    fn nothing_is_asked_without_a_terminal() {
        let options = merge(Common::default(), Surroundings::default());
        assert!(!options.may_ask && !options.color && !options.animate);
    }
}
