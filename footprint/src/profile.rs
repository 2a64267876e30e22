//! How large the machines are made.

use proto_core::chat::Client;
use proto_core::flow::Flow;
use proto_core::secure::ChaCha;

/// The chat of a device.
pub type SmallChat = Client<2>;
/// The transfers of a device.
pub type SmallFlow = Flow<ChaCha, 8, 64, 1>;
/// The chat of a host.
pub type HostChat = Client<100>;
/// The transfers of a host.
pub type HostFlow = Flow<ChaCha, 8192, 1024, 32>;
