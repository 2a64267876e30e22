//! Files on disk: what is sent, what arrives, and what is remembered about both.
//!
//! ```text
//!   Folder --open--> SourceFile --> Digests (hashes on its own thread, remembers)
//!      |
//!      +--open--> SinkFile --start--> Arriving --write_at--> name.haversack-part
//!                    |                    |
//!                 Sidecars <--notes---+    |
//!                     ^-------saves--- keeper thread: hashes the prefix as it grows, fsyncs,
//!                                      writes the sidecar; at the end verifies and renames;
//!                    finisher thread: the same at the end of all small files together
//! ```
//!
//! A name from outside is a `FileName` and is only ever opened beneath a folder's handle, never
//! through a symlink. The final name appears when the content is verified, not before.
//!
//! Read in this order: `trouble`, `which`, `stamp`, `plain`, `spoken`, `folder`, `prefix_hash`, `group_hash`,
//! `along`, `source`, `digests`; then `part`, `place`, `passing`, `intake`, `sidecar`, `notebook`, `sink`, `arriving`,
//! `room`, `keeper`, `finisher`; `sweep` and `unfinished`.

mod trouble;

mod along;
mod digests;
mod folder;
mod group_hash;
mod plain;
mod source;
mod spoken;
mod stamp;
mod which;

mod arriving;
mod boot;
mod finisher;
mod intake;
mod keeper;
mod notebook;
mod part;
mod passing;
mod place;
mod positioned;
mod prefix_hash;
mod room;
mod sidecar;
mod sink;
mod space;
mod sweep;
mod unfinished;

#[cfg(test)]
mod arrival_tests;

pub use arriving::{Arriving, Snapshot};
pub use digests::Digests;
pub use finisher::Finisher;
pub use folder::{Entry, Folder, Listing};
pub use keeper::{Placed, Report};
pub use place::Exists;
pub use sidecar::{Sidecar, Sidecars};
pub use sink::{SinkFile, SinkRequest, discard};
pub use source::SourceFile;
pub use sweep::sweep;
pub use trouble::Trouble;
pub use unfinished::unfinished;
