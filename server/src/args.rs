//! The command line as it is typed. What it means is in `options`.

use argh::FromArgs;

/// Haversack's server: a chat room and a shared folder.
#[derive(FromArgs, Debug)]
#[argh(
    help_triggers("-h", "--help", "help"),
    example = "haversack-server --listen 0.0.0.0:50000 --files ./server_files",
    note = "Environment: HAVERSACK_STATE is the default of --state; HAVERSACK_SECRET holds the \
            secret itself, where --secret-file names a file with it.\nSizes take K, M and G \
            (powers of 1024). Exit codes: 0 stopped, 1 error, 2 usage, 3 cannot listen, 8 disk."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Args {
    /// address for TCP and UDP; port 0 takes a free one (127.0.0.1:50000)
    #[argh(option, arg_name = "host:port", default = "String::from(\"127.0.0.1:50000\")")]
    pub listen: String,
    /// folder to share; made when missing (`./server_files`)
    #[argh(option, arg_name = "dir", default = "String::from(\"./server_files\")")]
    pub files: String,
    /// folder for the server's key and the room's memory
    #[argh(option, arg_name = "dir")]
    pub state: Option<String>,
    /// file with the secret that everybody who enters must know
    #[argh(option, arg_name = "file")]
    pub secret_file: Option<String>,
    /// print a new secret for a secret file, and exit
    #[argh(switch)]
    pub new_secret: bool,
    /// take uploads
    #[argh(switch)]
    pub allow_upload: bool,
    /// most bytes that the shared folder may hold after an upload (10G)
    #[argh(option, arg_name = "size")]
    pub quota: Option<String>,
    /// most bytes a second that all transfers send together
    #[argh(option, arg_name = "rate")]
    pub limit_rate: Option<String>,
    /// most connections at once (1024)
    #[argh(option, arg_name = "n", default = "1024")]
    pub max_clients: u32,
    /// most connections at once from one public address, or IPv6 network (16)
    #[argh(option, arg_name = "n", default = "16")]
    pub max_per_address: u32,
    /// messages a second that one person may write for long (50)
    #[argh(option, arg_name = "n", default = "50")]
    pub message_rate: u32,
    /// stop each download there until its user agrees to proceed, such as 50%
    #[argh(option, arg_name = "percent")]
    pub confirm_at: Option<String>,
    /// error, warn, info, debug or trace (info)
    #[argh(option, arg_name = "level", default = "String::from(\"info\")")]
    pub log_level: String,
    /// pretty or ndjson (pretty)
    #[argh(option, arg_name = "format", default = "String::from(\"pretty\")")]
    pub log_format: String,
    /// show what people write even when the output is not a terminal
    #[argh(switch)]
    pub log_text: bool,
    /// file to write host:port and the key's fingerprint to, once clients may come
    #[argh(option, arg_name = "file")]
    pub ready_file: Option<String>,
    /// print the version and exit
    #[argh(switch, short = 'V')]
    pub version: bool,
}

/// What came of the command line.
#[derive(Debug)]
pub enum Parsed {
    /// Arguments to go on with.
    Args(Box<Args>),
    /// Help that was asked for: print it and exit with 0.
    Help(String),
    /// A mistake: print it and exit with 2.
    Usage(String),
}

/// Parses arguments, without the program's name. `--option=value` is the same as
/// `--option value`.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Parsed {
    let mut split = Vec::new();
    for argument in arguments {
        match argument.split_once('=') {
            Some((option, value)) if option.starts_with("--") => {
                split.extend([option.to_owned(), value.to_owned()]);
            }
            _ => split.push(argument),
        }
    }
    let borrowed: Vec<&str> = split.iter().map(String::as_str).collect();
    match Args::from_args(&["haversack-server"], &borrowed) {
        Ok(args) => Parsed::Args(Box::new(args)),
        Err(exit) if exit.status.is_ok() => Parsed::Help(exit.output),
        Err(exit) => Parsed::Usage(exit.output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Parsed {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn nothing_is_required() {
        let Parsed::Args(args) = parsed("") else { panic!("no arguments are fine") };
        assert_eq!(args.listen, "127.0.0.1:50000");
        assert_eq!(args.files, "./server_files");
        assert_eq!(args.max_clients, 1024);
    }

    #[test]
    fn an_equals_sign_is_as_good_as_a_space() {
        let Parsed::Args(args) = parsed("--confirm-at=50% --quota 10G") else { panic!("usage") };
        assert_eq!(args.confirm_at.as_deref(), Some("50%"));
        assert_eq!(args.quota.as_deref(), Some("10G"));
    }

    #[test]
    fn help_is_not_a_mistake() {
        for line in ["-h", "--help", "help"] {
            let Parsed::Help(text) = parsed(line) else { panic!("{line} asks for help") };
            assert!(text.contains("--listen"), "{text}");
        }
        assert!(matches!(parsed("--nonsense"), Parsed::Usage(_)));
    }
}
