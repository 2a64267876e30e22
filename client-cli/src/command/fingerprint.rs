//! `fingerprint`: what key a server has, without trusting it.

use proto_std::session::probe;
use proto_std::task;

use super::Setting;
use crate::exit::Outcome;
use crate::ndjson::Record;
use proto_std::address::ServerAddr;

/// Prints the fingerprint, and the address that carries it.
pub(crate) fn run(setting: &Setting, address: Option<&str>) -> Outcome {
    let server = setting.options.server(address)?;
    let fingerprint = task::block_on(probe(&server, setting.options.timeout))?;
    let full = ServerAddr::new(server.host(), server.port(), Some(fingerprint));
    setting.screen.record(Record::Fingerprint {
        server: server.to_string(),
        fingerprint: fingerprint.to_string(),
        uri: full.to_uri(),
    })?;
    setting.screen.line(&fingerprint.to_string())?;
    setting.screen.note(&format!("address with fingerprint: {}", full.to_uri()));
    Ok(())
}
