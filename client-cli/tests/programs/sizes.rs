//! Files at whose sizes something begins or ends, and large ones.

use std::time::Duration;

use proto_core::limits::DATA_OVERHEAD;
use proto_sim::link::LinkConfig;
use proto_sim::proxy::Proxy;

use crate::common::{Cli, Server, noise};

/// Datagrams that links carry: the smallest that every link does, Ethernet's, a jumbo frame's, and
/// the largest that UDP has.
const DATAGRAMS: [usize; 4] = [1200, 1452, 8952, 65_507];

/// Nothing, one byte, and one block more or less than a full datagram, both ways.
#[test]
fn files_around_every_size_of_a_block_go_both_ways() {
    for datagram in DATAGRAMS {
        let server = Server::with(&["--allow-upload"]);
        let config = LinkConfig { mtu: datagram, ..LinkConfig::clean(Duration::from_millis(1)) };
        let link = Proxy::start(([127, 0, 0, 1], 0).into(), server.address, config, 7).unwrap();
        let address = link.addr().to_string();
        let block = datagram - DATA_OVERHEAD;
        let sizes = [0, 1, block - 1, block, block + 1, 2 * block, 8 * block + 1];
        let content = |size: usize| noise(datagram as u64 + size as u64, size);
        server.share_all(sizes.map(|size| (format!("{size}.down"), content(size))));
        let cli = Cli::new();

        cli.run(&["get", &address, "*.down"]).expect(0);
        let mut args = vec!["put".to_owned(), address];
        for size in sizes {
            cli.write(&format!("{size}.up"), &content(size));
            args.push(format!("{size}.up"));
        }
        cli.run(&args.iter().map(String::as_str).collect::<Vec<_>>()).expect(0);

        for size in sizes {
            let down = std::fs::read(cli.path(&format!("{size}.down"))).unwrap();
            assert!(down == content(size), "{size} bytes down in datagrams of {datagram}");
            let up = std::fs::read(server.files().join(format!("{size}.up"))).unwrap();
            assert!(up == content(size), "{size} bytes up in datagrams of {datagram}");
        }
    }
}

const LARGE: usize = 100_000_000;
/// Most memory that a program may have had at any time, whatever the size of the file.
const MEMORY_KIB: u64 = 48_000_000 / 1024;

/// A large file goes both ways, and neither program ever holds much of it.
#[test]
fn a_large_file_goes_both_ways_in_little_memory() {
    let server = Server::with(&["--allow-upload"]);
    let content = noise(71, LARGE);
    server.share("large.down", &content);
    let home = Cli::new();
    home.write("large.up", &content);
    let mut leah = home.chat(&server.at(), "leah");

    leah.type_line("/get large.down");
    leah.out.wait_for(&["downloaded 100% out of file."]);
    leah.type_line("/put large.up");
    leah.out.wait_for(&["uploaded 100% out of file."]);

    assert!(std::fs::read(home.path("large.down")).unwrap() == content);
    assert!(std::fs::read(server.files().join("large.up")).unwrap() == content);
    for (who, id) in [("the server", server.id()), ("the client", leah.id())] {
        if cfg!(target_os = "linux") {
            let peak = peak_kib(id).unwrap();
            assert!(peak < MEMORY_KIB, "{who} had {peak} KiB");
        }
    }
    leah.finish().expect(0);
}

/// Most memory that a process had so far, where there is a /proc that knows.
fn peak_kib(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix(" kB")?.parse().ok()
}
