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

/// Numbers that would let nothing happen are refused, with what to write instead.
#[test]
fn a_limit_of_nothing_is_refused() {
    let cli = Cli::new();
    for command in ["get", "put"] {
        let rate = |rate| cli.run(&[command, "127.0.0.1", "x", "--limit-rate", rate]).expect(2);
        rate("0").says(&["leave it out for no limit"]);
        rate("999").says(&["the least is 1000 bytes a second"]);
    }
    cli.run(&["ls", "127.0.0.1", "--timeout", "0"]).expect(2).says(&["Give 1 or more"]);
}

/// A secret that is not where it is said to be is a missing file.
#[test]
fn a_missing_secret_is_a_missing_file() {
    let args = ["ls", "127.0.0.1", "--secret-file", "nosec"];
    Cli::new().run(&args).expect(5).explains(["the secret nosec", "(", "Check the path"]);
}

/// A mistake in the configuration is told with its line.
#[test]
fn a_mistake_in_the_configuration_is_told() {
    let cli = Cli::new();
    std::fs::create_dir_all(cli.path("config/haversack")).unwrap();
    cli.write("config/haversack/config.toml", b"name = 'x'\ntimeout = soon\n");
    cli.run(&["transfers"]).expect(2).says(&["config.toml:2", "not a number"]);
}
