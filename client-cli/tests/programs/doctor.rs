//! Finding out why a server cannot be reached, or files do not come.

use proto_sim::link::{LinkConfig, Loss};
use proto_sim::rng::Chance;

use crate::common::{Cli, Server, fast, names_in, way};

const SMALL: &str = "there is no file of 1 byte to 1 MiB to fetch";

/// Everything is tried, and nothing of it is left or told of besides.
#[test]
fn a_healthy_server_is_found_so_and_nothing_is_left() {
    let server = Server::start();
    server.share("empty", b"");
    server.share("small", b"x");
    let cli = Cli::new();

    let ran = cli.run(&["doctor", &server.at()]).expect(0).prints(&[
        &format!("address       {}", server.at()),
        &format!("TCP           works: the server's key is {}", server.fingerprint),
        "key           not seen before: compare it",
        "login         works as ",
        "UDP           works: a file came through",
    ]);
    assert!(!ran.err.contains("small") && !ran.err.contains("complete"), "{}", ran.err);
    cli.run(&["doctor", &server.at()]).expect(0).prints(&["key           the one that is known"]);

    let state = names_in(&cli.path("state"));
    assert!(!state.iter().any(|name| name.starts_with("doctor")), "{state:?}");
    cli.run(&["transfers"]).expect(0).says(&["nothing to resume"]);
}

/// An empty file comes without a datagram: it says nothing about UDP.
#[test]
fn without_udp_no_file_comes_and_an_empty_one_proves_nothing() {
    let server = Server::start();
    server.share("empty", b"");
    let lost = LinkConfig { loss: Loss::Random(Chance::percent(100)), ..fast() };
    let way = way(&server, lost);
    let args = ["doctor", &way.addr().to_string(), "--timeout", "3"];
    let ran = Cli::new().run(&args).expect(0);
    ran.prints(&[&format!("UDP           not tried: {SMALL}")]);

    server.share("small", b"x");
    Cli::new().run(&args).expect(9).explains([
        "the file does not come through",
        "(no answer for 3 s)",
        "Perhaps UDP is blocked",
    ]);
}

/// Scripts hear each finding by itself.
#[test]
fn a_script_hears_each_finding() {
    let server = Server::start();
    let cli = Cli::new();
    let args = ["doctor", &server.at(), "--json"];
    let ran = cli.run(&args).expect(0).prints(&[
        "{\"v\":1,\"t\":\"finding\",\"of\":\"address\",\"ok\":true,\"text\":\"127.0.0.1:",
        "\"of\":\"tcp\",\"ok\":true,\"text\":\"works: the server's key is ",
        "\"of\":\"key\",\"ok\":null,",
        "\"of\":\"login\",\"ok\":true,",
        &format!("\"of\":\"udp\",\"ok\":null,\"text\":\"not tried: {SMALL}\""),
    ]);
    assert_eq!(ran.out.matches("\"t\":\"finding\"").count(), 5, "{}", ran.out);

    server.share("small", b"x");
    let ran = cli.run(&args).expect(0).prints(&["\"of\":\"udp\",\"ok\":true,"]);
    assert!(!ran.out.contains("\"t\":\"done\""), "{}", ran.out);
}
