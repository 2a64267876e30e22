//! `forget-server`: makes the next contact a first one.

use proto_std::known_servers::KnownServers;
use proto_std::session::Error;

use super::Setting;
use crate::exit::Outcome;

/// Forgets the server's key.
pub(crate) fn run(setting: &Setting, address: Option<&str>) -> Outcome {
    let server = setting.options.server(address)?;
    let known = KnownServers::new(&setting.options.state);
    let forgotten = known.forget(&server).map_err(|error| {
        Error::disk(format!("cannot change {}", known.path().display()), &error)
    })?;
    if forgotten {
        setting.screen.note(&format!("{server} is forgotten"));
    } else {
        setting.screen.note(&format!("{server} was not known"));
    }
    Ok(())
}
