//! The command line itself.

use crate::common::Cli;

/// Help goes to standard output with exit code 0, mistakes to standard error with 2.
#[test]
fn help_is_no_mistake_and_mistakes_are_usage() {
    let cli = Cli::new();
    for args in [&["--help"][..], &["-h"], &["help"]] {
        cli.run(args).expect(0).prints(&["chat", "get", "130"]);
    }
    for command in ["chat", "send", "watch", "users", "ls", "get", "put", "transfers", "resume"] {
        cli.run(&[command, "--help"]).expect(0).prints(&["Usage: haversack", command, "--json"]);
        cli.run(&["help", command]).expect(0).prints(&["Usage: haversack", command]);
        cli.run(&[command, "--bogus"]).expect(2).says(&["--bogus"]);
    }
    cli.run(&[]).expect(2);
    cli.run(&["frobnicate"]).expect(2);
}

/// `--version` works anywhere.
#[test]
fn version_works_anywhere() {
    let cli = Cli::new();
    for args in [&["--version"][..], &["get", "--version"], &["-V"]] {
        cli.run(args).expect(0).prints(&["haversack 0."]);
    }
}

/// What makes no sense is refused before anything is connected.
#[test]
fn what_makes_no_sense_is_refused() {
    let cli = Cli::new();
    let cases: [&[&str]; 8] = [
        &["get", "127.0.0.1"],
        &["get", "127.0.0.1", "x", "--pause-at", "120%"],
        &["get", "127.0.0.1", "x", "--limit-rate", "fast"],
        &["get", "127.0.0.1", "x", "y", "-o", "-"],
        &["ls", "127.0.0.1", "--timeout", "soon"],
        &["users", "127.0.0.1", "--server", "127.0.0.1"],
        &["send", "127.0.0.1", "--name", "leah", ""],
        &["chat", "127.0.0.1", "--name", "all"],
    ];
    for args in cases {
        cli.run(args).expect(2);
    }
}

/// A mistake in the configuration is told with its line.
#[test]
fn a_mistake_in_the_configuration_is_told() {
    let cli = Cli::new();
    std::fs::create_dir_all(cli.path("config/haversack")).unwrap();
    cli.write("config/haversack/config.toml", b"name = 'x'\ntimeout = soon\n");
    cli.run(&["transfers"]).expect(2).says(&["config.toml:2", "not a number"]);
}
