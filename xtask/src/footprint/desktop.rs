//! What the same machines take with the capacities of a desktop, on this processor.

#[expect(unreachable_pub, reason = "it is public where it belongs")]
#[path = "../../../proto-std/src/profile.rs"]
mod profile;

use proto_core::chat::Client;
use proto_core::flow::Flow;
use proto_core::limits::MAX_MESSAGES;
use proto_core::link::Link;
use proto_core::secure::ChaCha;

use profile::{HOLES, TRANSFERS, WINDOW};

/// A table of one row.
pub(super) fn table() -> String {
    let link = size_of::<Link>();
    let chat = size_of::<Client<MAX_MESSAGES>>();
    let transfers = size_of::<Flow<ChaCha, WINDOW, HOLES, TRANSFERS>>();
    format!(
        "| RAM, bytes | link | chat | {TRANSFERS} transfers |\n|---|---|---|---|\n\
         | {} | {link} | {chat} | {transfers} |\n",
        std::env::consts::ARCH
    )
}
