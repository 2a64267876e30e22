//! The command line of the window.

use std::path::PathBuf;

use argh::FromArgs;
use proto_std::secret::Secret;
use proto_std::state;

use crate::data::app::Theme;

/// Chat, and files over a fast reliable UDP, in a window.
#[derive(FromArgs, Debug)]
#[argh(help_triggers("-h", "--help"))]
pub(crate) struct Args {
    /// server to fill in: host, host:port or haversack://host:port#fingerprint
    #[argh(positional)]
    pub(crate) server: Option<String>,

    /// name to fill in; with a server, logs in at once
    #[argh(option)]
    pub(crate) name: Option<String>,

    /// directory for keys and state
    #[argh(option)]
    pub(crate) state: Option<PathBuf>,

    /// file that holds the server's secret
    #[argh(option)]
    pub(crate) secret_file: Option<PathBuf>,

    /// light or dark
    #[argh(option, from_str_fn(parse_theme))]
    pub(crate) theme: Option<Theme>,

    /// start a server in this process, with people who talk and files that move
    #[argh(switch)]
    pub(crate) demo: bool,

    /// show a made-up state, for pictures
    #[argh(option)]
    pub(crate) scene: Option<String>,

    /// measure what a frame costs with 10,000 messages and 10,000 files, without a screen
    #[argh(switch)]
    pub(crate) measure: bool,

    /// print the version
    #[argh(switch)]
    pub(crate) version: bool,
}

impl Args {
    /// Where keys and state are.
    pub(crate) fn state_dir(&self) -> PathBuf {
        let told = self.state.clone();
        let told = told.or_else(|| state::variable("HAVERSACK_STATE").map(PathBuf::from));
        told.unwrap_or_else(|| state::default_dir("haversack"))
    }

    /// The server's secret, if one was given.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub(crate) fn secret(&self) -> Result<Option<String>, String> {
        if let Some(path) = &self.secret_file {
            let secret = Secret::read(path);
            let secret = secret.map_err(|error| {
                format!("cannot read the secret in {} ({error})", path.display())
            })?;
            return Ok(Some(secret.to_text()));
        }
        let secret = state::variable("HAVERSACK_SECRET").map(std::ffi::OsString::into_string);
        secret.transpose().map_err(|_| "HAVERSACK_SECRET is not UTF-8".to_owned())
    }
}

fn parse_theme(text: &str) -> Result<Theme, String> {
    match text {
        "light" => Ok(Theme::Light),
        "dark" => Ok(Theme::Dark),
        _ => Err(format!("a theme is light or dark, not '{text}'")),
    }
}
