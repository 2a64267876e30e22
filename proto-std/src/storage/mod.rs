//! Files on disk.

mod folder;
mod sidecars;
mod sink;
mod source;

pub use folder::Folder;
pub use sidecars::Sidecars;
pub use sink::{Exists, SinkFile};
pub use source::SourceFile;
