//! How much the core's machines do at once on this device. Each number is paid in RAM, and what it
//! costs is weighed by `cargo xtask footprint`, which reads this file.

use proto_core::chat::Client;
use proto_core::flow::Flow;
use proto_core::secure::ChaCha;

/// Messages said and not acknowledged.
const OUTBOX: usize = 2;
/// Datagrams of ours on the way that want an acknowledgement: a device that only fetches sends few.
const WINDOW: usize = 8;
/// Holes in what has arrived of a file.
const HOLES: usize = 64;
/// Files at once.
const TRANSFERS: usize = 1;

/// The chat, sized for this device.
pub(crate) type Chat = Client<OUTBOX>;
/// The transfers, sized for this device.
pub(crate) type Files = Flow<ChaCha, WINDOW, HOLES, TRANSFERS>;
