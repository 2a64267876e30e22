//! How large the machines are made.

use proto_core::chat::Client;
use proto_core::flow::Flow;
use proto_core::secure::ChaCha;

/// The chat of a device.
pub type SmallChat = Client<2>;
/// The transfers of a device.
pub type SmallFlow = Flow<ChaCha, 8, 64, 1>;
