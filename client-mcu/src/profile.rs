//! How much this device does at once. Each number is paid in RAM.

use proto_core::chat;
use proto_core::flow::Flow;
use proto_core::secure::ChaCha;
use proto_core::time::Duration;

/// Messages said and not acknowledged.
const OUTBOX: usize = 2;
/// Datagrams of ours on the way that want an acknowledgement: a device that only fetches sends few.
const WINDOW: usize = 8;
/// Holes in what has arrived of a file.
const HOLES: usize = 64;
/// Files at once.
const TRANSFERS: usize = 1;

/// The chat, sized for this device.
pub(crate) type Chat = chat::Client<OUTBOX>;
/// The transfers, sized for this device.
pub(crate) type Files = Flow<ChaCha, WINDOW, HOLES, TRANSFERS>;

/// Longest datagram: what Ethernet carries, as the core probes it.
pub(crate) const DATAGRAM_LEN: usize = 1452;
/// Bytes of TCP that wait to be read, and to be acknowledged.
pub(crate) const TCP_BUFFER_LEN: usize = 2048;
/// Longest record that this device writes: a message of full length.
pub(crate) const RECORD_LEN: usize = 2400;

/// Acknowledgements wait longer than on hosts: each costs this processor a cipher.
pub(crate) const ACK_DELAY: Duration = Duration::from_millis(10);
/// New bytes of a file after which is noted what is here.
pub(crate) const NOTE_EVERY: u64 = 64 << 10;
/// Bytes hashed at a time, so that the network never waits long.
pub(crate) const SLICE_LEN: usize = 1024;
