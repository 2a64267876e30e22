//! How large the device's buffers are, and how patient it is. What the machines take is in
//! `machines`.

use proto_core::time::Duration;

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
