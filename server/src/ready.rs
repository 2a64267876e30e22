//! Telling people, and scripts, that the server is ready.

use std::io;
use std::path::Path;

use proto_std::address::ServerAddr;
use proto_std::listen::outward_address;
use proto_std::state;

use crate::options::Options;
use crate::server::Server;

/// Writes `host:port` and the key's fingerprint, one a line: the whole file at once, so that
/// whoever waits for it never reads half of it.
///
/// # Errors
/// As the system says.
pub fn write_file(path: &Path, server: &Server) -> io::Result<()> {
    let text = format!("{}\n{}\n", server.address(), server.fingerprint());
    state::write_private(path, text.as_bytes())
}

/// How to join, for the screen.
pub fn announcement(
    server: &Server,
    options: &Options,
    files: usize,
    refused: usize,
) -> Vec<String> {
    let address = server.address();
    let plural = if files == 1 { "" } else { "s" };
    let shared = options.files.display();
    let mut lines = vec![format!(
        "haversack-server is ready on {address} (TCP and UDP), sharing {files} file{plural} in {shared}"
    )];
    if refused > 0 {
        lines.push(format!(
            "{refused} more cannot be shared: their names cannot be used everywhere"
        ));
    }
    lines.push(format!("The key's fingerprint is {}", server.fingerprint()));
    lines.push(format!("Join with:  haversack chat {} --name YOURNAME", server.uri()));
    if address.ip().is_loopback() {
        lines.push(
            "Only this machine can reach it; --listen 0.0.0.0:50000 opens it to the network."
                .into(),
        );
    } else if address.ip().is_unspecified()
        && let Some(outward) = outward_address()
    {
        let there =
            ServerAddr::new(outward.to_string(), address.port(), Some(server.fingerprint()));
        lines.push(format!(
            "From other machines:  haversack chat {} --name YOURNAME",
            there.to_uri()
        ));
    }
    lines
}
