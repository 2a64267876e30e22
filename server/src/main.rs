//! The server's program: arguments in, exit code out.

use std::io::Write as _;
use std::process::ExitCode;

use log::Level;
use proto_std::entropy;
use proto_std::secret::Secret;
use proto_std::task::block_on;
use server::args::{self, Parsed};
use server::options::Options;
use server::report::Report;
use server::server::{Fault, Server};
use server::signals;

fn main() -> ExitCode {
    let mut arguments = Vec::new();
    for argument in std::env::args_os().skip(1) {
        match argument.into_string() {
            Ok(argument) => arguments.push(argument),
            Err(argument) => {
                return usage(&format!("an argument is not UTF-8: {}", argument.display()));
            }
        }
    }
    let args = match args::parse(arguments) {
        Parsed::Args(args) => args,
        Parsed::Help(text) => return print(&text),
        Parsed::Usage(text) => return usage(text.trim_end()),
    };
    if args.version {
        return print(concat!("haversack-server ", env!("CARGO_PKG_VERSION"), "\n"));
    }
    if args.new_secret {
        return print(&format!("{}\n", Secret::new(entropy::bytes()).to_text()));
    }
    match Options::from_args(&args, |name| std::env::var(name).ok()) {
        Ok(options) => run(&options),
        Err(why) => usage(&why),
    }
}

fn run(options: &Options) -> ExitCode {
    let report = Report::start(options.log_format, options.log_level, options.log_text);
    let stop = match signals::watch() {
        Ok(stop) => stop,
        Err(error) => return fail(&format!("cannot wait for signals ({error})"), 1),
    };
    let server = match Server::open(options, report.clone()) {
        Ok(server) => server,
        Err(fault) => {
            let code = match fault {
                Fault::Listen(_) => 3,
                Fault::Disk(_) => 8,
            };
            return fail(&fault.to_string(), code);
        }
    };
    block_on(async {
        server.announce(options).await;
        if let Some(path) = &options.ready_file
            && let Err(error) = server::ready::write_file(path, &server)
        {
            report.say(Level::Error, format!("cannot write {} ({error})", path.display()));
        }
        let stopped = async {
            // An error means that the thread which watches signals is gone: stop as well.
            let _ = stop.recv().await;
        };
        server.run(stopped).await;
    });
    report.finish();
    ExitCode::SUCCESS
}

fn print(text: &str) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn usage(why: &str) -> ExitCode {
    fail(&format!("{why}\nTry: haversack-server --help"), 2)
}

fn fail(why: &str, code: u8) -> ExitCode {
    // Nobody is there to be told when standard error is closed.
    drop(writeln!(std::io::stderr(), "haversack-server: {why}"));
    ExitCode::from(code)
}
