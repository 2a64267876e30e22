//! Chat: each message appears once and in order, or its reader is told how many were missed.
//!
//! ```text
//!   Client                                    Hub
//!   Outbox --Say 1,2,3--> . . . . . . . . --> stream: said, settled      (who said what)
//!          <--Heard, Rejected-- . . . . . <--   |
//!                                             Log: staged | visible      (the last 100)
//!   cursor <--Said, ordinals 7,8,_,10-- . <-- a link's place in the log  (who read what)
//! ```
//!
//! Upwards, the client numbers its messages and keeps each until it is acknowledged; the hub
//! takes every number once, in order, and acknowledges what the driver has stored. Downwards, one
//! log serves all readers: each pulls at its own pace, and a reader whom the log outran sees a
//! hole in the ordinals, whose width is what it missed.
//!
//! Read in this order: `client` with `outbox`; then `hub` with `people`, `stream`, `log`,
//! `notices`, `links`, `rate`, and `record`, which is what survives a restart.

mod client;
mod client_event;
mod hub;
mod hub_event;
mod links;
mod log;
mod notices;
mod outbox;
mod people;
mod question;
mod rate;
mod record;
mod stream;

#[cfg(test)]
mod tests;

pub use client::{Client, Purpose};
pub use client_event::{ClientEvent, ClientOutput, Misbehaviour};
pub use hub::Hub;
pub use hub_event::{Ending, HubConfig, HubEvent, HubOutput, LinkId, Receipt, StoreRecord, Unfit};
pub use log::MAX_STAGED;
pub use outbox::OutboxFull;
pub use people::MAX_STREAMS;
pub use rate::Rate;
pub use record::{
    MAX_MESSAGE_RECORD_LEN, MAX_PERSON_RECORD_LEN, MessageRecord, PersonRecord, RecipientRecord,
    StreamRecord,
};
