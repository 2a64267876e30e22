//! What somebody who listens on the wire gets to see of a session: nothing that was said or sent.

use std::collections::HashSet;

use proto_sim::link::LinkConfig;
use proto_sim::proxy::{Capture, Proxy, Way};

use crate::common::{Cli, Server, noise};

/// Bytes in a row that nobody hits upon by chance.
const WINDOW: usize = 8;
const FILE: usize = 64 << 10;
/// Far more than a session like this one needs.
const ROOM: usize = 16 << 20;

const ROBIN: &str = "Wilhelmina-Featherstonehaugh";
const KIM: &str = "Bartholomew-Cholmondeley";
const PUBLIC: &str = "the heron lands upon the seventh pier at midnight";
const PRIVATE: &str = "bring the vermilion umbrella and tell nobody about it";
const DOWNLOAD: &str = "quarterly-zeppelin-maintenance.bin";
const UPLOAD: &str = "unpublished-marmalade-recipes.bin";

/// A capture of both ports during a session holds no name, text or byte of a file.
#[test]
fn a_capture_of_a_session_shows_no_name_text_or_file() {
    let (to_get, to_put) = (noise(31, FILE), noise(32, FILE));

    let capture = captured_session(&to_get, &to_put);

    assert!(capture.is_complete(), "the session was larger than the capture");
    for way in [Way::Up, Way::Down] {
        assert!(capture.datagrams(way).map(<[u8]>::len).sum::<usize>() > FILE, "{way:?}");
        // Logging in alone takes more than this.
        assert!(capture.streams(way).map(<[u8]>::len).sum::<usize>() > 200, "{way:?}");
    }
    let mut secrets = HashSet::new();
    for text in [ROBIN, KIM, PUBLIC, PRIVATE, DOWNLOAD, UPLOAD] {
        secrets.extend(text.as_bytes().windows(WINDOW));
    }
    for content in [&to_get, &to_put] {
        secrets.extend(content.windows(WINDOW));
    }
    for seen in capture.pieces().flat_map(|piece| piece.windows(WINDOW)) {
        assert!(!secrets.contains(seen), "on the wire: {:?}", String::from_utf8_lossy(seen));
    }
}

/// Login, list, public and private messages, a download and an upload, through a proxy that
/// listens.
fn captured_session(to_get: &[u8], to_put: &[u8]) -> Capture {
    let server = Server::with(&["--allow-upload"]);
    server.share(DOWNLOAD, to_get);
    let proxy =
        Proxy::start(([127, 0, 0, 1], 0).into(), server.address, LinkConfig::default(), 7).unwrap();
    proxy.record(ROOM);
    let address = proxy.addr().to_string();
    let (robins, kims) = (Cli::new(), Cli::new());
    kims.write(UPLOAD, to_put);
    let mut robin = robins.chat(&address, ROBIN);
    let mut kim = kims.chat(&address, KIM);

    robin.type_line(PUBLIC);
    kim.out.wait_for(&[ROBIN, PUBLIC]);
    kim.type_line(&format!("/msg {ROBIN} {PRIVATE}"));
    robin.out.wait_for(&["[private]", KIM, PRIVATE]);
    robins.run(&["ls", &address]).expect(0).prints(&[DOWNLOAD]);
    robin.type_line(&format!("/get {DOWNLOAD}"));
    robin.out.wait_for(&["downloaded 100% out of file."]);
    kim.type_line(&format!("/put {UPLOAD}"));
    kim.out.wait_for(&["uploaded 100% out of file."]);

    assert!(std::fs::read(robins.path(DOWNLOAD)).unwrap() == to_get);
    assert!(std::fs::read(server.files().join(UPLOAD)).unwrap() == to_put);
    robin.finish().expect(0);
    kim.finish().expect(0);
    proxy.recorded()
}
