//! An emulated board: started in a folder, which is its storage, with orders.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Firmware;
use crate::actor::Actor;
use crate::shell::Failure;

/// A board that is switched off: firmware, and what it has stored.
pub(super) struct Board {
    name: &'static str,
    firmware: Firmware,
    storage: PathBuf,
}

impl Board {
    /// A board with nothing stored. It draws its own key, so that its name must be its own.
    pub(super) fn new(
        name: &'static str,
        firmware: &Firmware,
        stage: &Path,
    ) -> Result<Self, Failure> {
        let storage = stage.join(name);
        fs::create_dir(&storage)?;
        Ok(Self { name, firmware: firmware.clone(), storage })
    }

    /// Switches it on. It is switched off, as by a cut of its power, when what this returns is
    /// dropped.
    pub(super) fn boot(&self, server: SocketAddr, orders: &[&str]) -> Result<Actor, Failure> {
        let server = format!("server=10.0.2.2:{}", server.port());
        let name = format!("name={}", self.name);
        let network = ["ip=10.0.2.15/24", "gateway=10.0.2.2", &server, &name];
        let mut lent = "enable=on,target=native,arg=firmware".to_owned();
        for order in network.iter().copied().chain(orders.iter().copied()) {
            lent += ",arg=";
            lent += &order.replace(',', ",,");
        }
        let mut command = Command::new("qemu-system-arm");
        command.current_dir(&self.storage);
        command.args(["-M", self.firmware.board, "-display", "none", "-monitor", "none"]);
        command.args(["-serial", "none", "-netdev", "user,id=n0", "-net", "nic,netdev=n0"]);
        command.arg("-kernel").arg(&self.firmware.file).args(["-semihosting-config", &lent]);
        Actor::enter(self.name, 36, &mut command)
    }

    /// Where it stores a file.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.storage.join(name)
    }
}
