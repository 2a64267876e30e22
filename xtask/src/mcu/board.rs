//! An emulated board: started with orders, in a folder that is its storage or has its card in it.

use std::fs;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Firmware;
use crate::actor::Actor;
use crate::shell::Failure;

/// A card, and where the firmware's `block_store` keeps things on it, in bytes.
const CARD: &str = "card.img";
const CARD_LEN: u64 = 4 << 20;
const NAME: Range<usize> = 18 * 512..24 * 512;
const FILE: usize = 32 * 512;

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
        if firmware.has_card() {
            fs::File::create(storage.join(CARD))?.set_len(CARD_LEN)?;
        }
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
        if self.firmware.has_card() {
            command.args(["-drive", &format!("if=sd,format=raw,file={CARD}")]);
        }
        Actor::enter(self.name, 36, &mut command)
    }

    /// What it has stored under that name, of that length.
    pub(super) fn stored(&self, name: &str, len: usize) -> Result<Vec<u8>, Failure> {
        if !self.firmware.has_card() {
            return Ok(fs::read(self.storage.join(name))?);
        }
        let card = fs::read(self.storage.join(CARD))?;
        let mut names = card[NAME].windows(name.len());
        if names.any(|one| one == name.as_bytes()) {
            Ok(card[FILE..FILE + len].to_vec())
        } else {
            Err(Failure(format!("the card has no {name}")))
        }
    }
}
