//! Haversack's protocol core: every byte on the wire and every decision, and nothing else.
//!
//! No `std`, no allocator, no clock, no socket, no randomness, no file: time, bytes and entropy
//! are arguments, and what is to be done comes back as a value. The same machines run under a
//! server, a desktop client and bare-metal firmware; `docs/PORTING.md` tells what a device needs.
//!
//! # The machines
//!
//! | machine | what it is | capacities |
//! |---|---|---|
//! | [`link::Link`] | the control channel's secure half: bytes in, opened records out | |
//! | [`chat::Client`] | a client in the room; it survives its links | messages that wait for their acknowledgement |
//! | [`chat::Hub`] | the server's room | people remembered, connections |
//! | [`flow::Flow`] | all transfers of a session, over one path of datagrams | packets on their way, holes in a file, transfers |
//!
//! Each works alone. Capacities are const parameters; what the protocol itself bounds is in
//! [`limits`]. A machine is as large as its type says: nothing is allocated later. A host may keep a
//! flow's two large tables out of line, see [`shelf`].
//!
//! # Driving one
//!
//! After every call that takes `&mut self`, call `poll_output` and do what it says until it is
//! `Wait` or `Idle`. That is all; there are no callbacks and no hidden state.
//!
//! ```
//! use proto_core::chat::{Client, ClientOutput, Purpose};
//! use proto_core::text::Name;
//! use proto_core::time::Instant;
//!
//! let name = Name::parse("sensor")?;
//! // Room for two messages that the server has not acknowledged; the number is drawn at random.
//! let mut chat = Client::<2>::new(name, Purpose::Join, 0x5eed, None);
//!
//! let now = Instant::from_micros(1_000);
//! chat.connected(now);
//! let ClientOutput::Transmit(login) = chat.poll_output(now) else { panic!("it logs in first") };
//! let mut record = [0; 64];
//! let len = proto_core::wire::encode(&login, &mut record)?;
//! assert!(len < 32, "a login is short");
//!
//! // Nothing else to do until the server answers, or has been silent for too long.
//! let ClientOutput::Wait(until) = chat.poll_output(now) else { panic!("it waits") };
//! assert!(until > now);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! Two examples are whole programs, and are run by the tests: `examples/room.rs`, in which two
//! people log in and one speaks, and `examples/fetch.rs`, in which a file crosses a bad link.
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | what it adds |
//! |---|---|
//! | `log` | notes of decisions through the [`log`](https://docs.rs/log) crate, at level debug |
//! | `defmt` | the same notes through [`defmt`](https://docs.rs/defmt), and `defmt::Format` on what a driver is told |
//! | `dual` | the congestion controller for hosts, and makes it the default; without it there is CUBIC alone, 12 KB less of a small device's flash |
//!
//! # Versions
//!
//! The crate follows semantic versioning; before 1.0 a change of the API raises the minor
//! version. What travels has a version of its own, [`limits::PROTOCOL_VERSION`]. The oldest
//! compiler that is supported stands in `Cargo.toml` as `rust-version`; a lint holds the code to
//! what it has, and raising it raises the minor version.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod chat;
pub mod flow;
pub mod ids;
pub mod limits;
pub mod link;
mod note;
pub mod path;
pub mod percent;
pub mod secure;
pub mod shelf;
pub mod text;
pub mod time;
pub mod wire;
