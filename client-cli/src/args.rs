//! What can be typed, and nothing about what it means: see [`crate::options`] for that.

use argh::FromArgs;

use crate::sizes::{Bytes, parse_percent, parse_rate};

/// Chat, and files over fast reliable UDP.
#[derive(FromArgs, Debug)]
#[argh(
    help_triggers("-h", "--help"),
    note = "SERVER is host, host:port or haversack://host:port#fingerprint. It may be left out when\n\
            --server, HAVERSACK_SERVER or `server = ...` in the configuration names one.",
    note = "Environment: HAVERSACK_SERVER HAVERSACK_NAME HAVERSACK_STATE HAVERSACK_SECRET NO_COLOR.\n\
            Configuration: $XDG_CONFIG_HOME/haversack/config.toml, lines of `key = value` with the\n\
            keys server name state secret-file timeout retries color.",
    error_code(0, "ok"),
    error_code(1, "other failure"),
    error_code(2, "wrong usage"),
    error_code(3, "cannot connect"),
    error_code(4, "name taken, or refused"),
    error_code(5, "no such file or user"),
    error_code(6, "checksum mismatch"),
    error_code(7, "partial, can be resumed"),
    error_code(8, "local disk: space or permission"),
    error_code(9, "timeout"),
    error_code(130, "interrupted: state saved")
)]
pub(crate) struct Args {
    #[argh(subcommand)]
    pub(crate) command: Command,
}

#[derive(FromArgs, Debug)]
#[argh(subcommand)]
pub(crate) enum Command {
    Chat(Chat),
    Send(Send),
    Watch(Watch),
    Users(Users),
    Ls(Ls),
    Get(Get),
    Put(Put),
    Transfers(Transfers),
    Resume(Resume),
    Doctor(Doctor),
    Fingerprint(Fingerprint),
    ForgetServer(ForgetServer),
}

impl Command {
    /// The options that every command takes.
    pub(crate) fn common(&self) -> Common {
        match self {
            Self::Chat(args) => args.common(),
            Self::Send(args) => args.common(),
            Self::Watch(args) => args.common(),
            Self::Users(args) => args.common(),
            Self::Ls(args) => args.common(),
            Self::Get(args) => args.common(),
            Self::Put(args) => args.common(),
            Self::Transfers(args) => args.common(),
            Self::Resume(args) => args.common(),
            Self::Doctor(args) => args.common(),
            Self::Fingerprint(args) => args.common(),
            Self::ForgetServer(args) => args.common(),
        }
    }
}

/// The options that every command takes, as typed.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Default)]
pub(crate) struct Common {
    pub(crate) server: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: u8,
    pub(crate) no_color: bool,
    pub(crate) no_input: bool,
    pub(crate) yes: bool,
    pub(crate) timeout: Option<u64>,
    pub(crate) retries: Option<u32>,
    pub(crate) state: Option<String>,
    pub(crate) secret_file: Option<String>,
}

/// Declares a command: its own fields, then the common ones, which `argh` cannot share.
macro_rules! command {
    ($command:tt: $(#[doc = $doc:literal])* $name:ident { $($own:tt)* }) => {
        $(#[doc = $doc])*
        #[derive(FromArgs, Debug)]
        #[argh(subcommand, name = $command, help_triggers("-h", "--help"))]
        pub(crate) struct $name {
            $($own)*
            /// the server, instead of the first argument
            #[argh(option, arg_name = "address")]
            server: Option<String>,
            /// your nickname
            #[argh(option, short = 'n')]
            name: Option<String>,
            /// print events as one JSON object per line
            #[argh(switch)]
            json: bool,
            /// print results and errors only
            #[argh(switch, short = 'q')]
            quiet: bool,
            /// tell more; repeat for still more
            #[argh(switch, short = 'v')]
            verbose: u8,
            /// no colours and no animation
            #[argh(switch)]
            no_color: bool,
            /// never ask: fail instead
            #[argh(switch)]
            no_input: bool,
            /// answer every question with yes
            #[argh(switch, short = 'y')]
            yes: bool,
            /// seconds without an answer before giving up (20)
            #[argh(option, arg_name = "seconds")]
            timeout: Option<u64>,
            /// attempts to reconnect (10)
            #[argh(option, arg_name = "count")]
            retries: Option<u32>,
            /// folder of keys, known servers and resumable transfers
            #[argh(option, arg_name = "dir")]
            state: Option<String>,
            /// file that holds the server's secret
            #[argh(option, arg_name = "file")]
            secret_file: Option<String>,
        }

        impl $name {
            fn common(&self) -> Common {
                Common {
                    server: self.server.clone(),
                    name: self.name.clone(),
                    json: self.json,
                    quiet: self.quiet,
                    verbose: self.verbose,
                    no_color: self.no_color,
                    no_input: self.no_input,
                    yes: self.yes,
                    timeout: self.timeout,
                    retries: self.retries,
                    state: self.state.clone(),
                    secret_file: self.secret_file.clone(),
                }
            }
        }
    };
}

command! {
    "chat":
    /// Enter the room: type messages, or /help for commands. Also reads lines from a pipe.
    Chat {
        /// host, host:port or haversack:// address
        #[argh(positional, arg_name = "SERVER")]
        pub(crate) address: Option<String>,
    }
}

command! {
    "send":
    /// Send a message without entering the room; without TEXT, one message per line of input.
    Send {
        /// host, host:port or haversack:// address, then the text
        #[argh(positional, arg_name = "SERVER TEXT")]
        pub(crate) words: Vec<String>,
        /// whom it is for; everyone when left out
        #[argh(option, arg_name = "user")]
        pub(crate) to: Option<String>,
    }
}

command! {
    "watch":
    /// Enter the room and print what happens until interrupted.
    Watch {
        /// host, host:port or haversack:// address
        #[argh(positional, arg_name = "SERVER")]
        pub(crate) address: Option<String>,
    }
}

command! {
    "users":
    /// List who is in the room.
    Users {
        /// host, host:port or haversack:// address
        #[argh(positional, arg_name = "SERVER")]
        pub(crate) address: Option<String>,
    }
}

command! {
    "ls":
    /// List the server's files.
    Ls {
        /// host, host:port or haversack:// address, then a pattern with * and ?
        #[argh(positional, arg_name = "SERVER GLOB")]
        pub(crate) words: Vec<String>,
    }
}

command! {
    "get":
    /// Download files.
    Get {
        /// host, host:port or haversack:// address, then file names or patterns
        #[argh(positional, arg_name = "SERVER FILE")]
        pub(crate) words: Vec<String>,
        /// where to: a folder, a file, a pipe, - for standard output, or /dev/null to verify and keep nothing
        #[argh(option, short = 'o', arg_name = "path")]
        pub(crate) output: Option<String>,
        /// replace a file that exists
        #[argh(switch)]
        pub(crate) overwrite: bool,
        /// leave a file that exists alone, and do not download it
        #[argh(switch)]
        pub(crate) skip_existing: bool,
        /// stop at this point and wait for permission to go on, as in 50%
        #[argh(option, arg_name = "percent", from_str_fn(parse_percent))]
        pub(crate) pause_at: Option<u8>,
        /// most bytes a second, as in 5M
        #[argh(option, arg_name = "rate", from_str_fn(parse_rate))]
        pub(crate) limit_rate: Option<Bytes>,
    }
}

command! {
    "put":
    /// Upload files.
    Put {
        /// host, host:port or haversack:// address, then paths
        #[argh(positional, arg_name = "SERVER FILE")]
        pub(crate) words: Vec<String>,
        /// what the server shall call it
        #[argh(option, long = "as", arg_name = "name")]
        pub(crate) save_as: Option<String>,
        /// upload standard input; needs --as
        #[argh(switch)]
        pub(crate) stdin: bool,
        /// most bytes a second, as in 5M
        #[argh(option, arg_name = "rate", from_str_fn(parse_rate))]
        pub(crate) limit_rate: Option<Bytes>,
    }
}

command! {
    "transfers":
    /// List transfers that can be resumed.
    Transfers {}
}

command! {
    "resume":
    /// Go on with a transfer that was interrupted; without ID, with the only one.
    Resume {
        /// number that `haversack transfers` shows
        #[argh(positional, arg_name = "ID")]
        pub(crate) id: Option<String>,
        /// all of them
        #[argh(switch)]
        pub(crate) all: bool,
    }
}

command! {
    "doctor":
    /// Find out why a server cannot be reached.
    Doctor {
        /// host, host:port or haversack:// address
        #[argh(positional, arg_name = "SERVER")]
        pub(crate) address: Option<String>,
    }
}

command! {
    "fingerprint":
    /// Print the fingerprint of the server's key.
    Fingerprint {
        /// host, host:port or haversack:// address
        #[argh(positional, arg_name = "SERVER")]
        pub(crate) address: Option<String>,
    }
}

command! {
    "forget-server":
    /// Forget the key of a server, so that the next contact is a first one.
    ForgetServer {
        /// host, host:port or haversack:// address
        #[argh(positional, arg_name = "SERVER")]
        pub(crate) address: Option<String>,
    }
}
