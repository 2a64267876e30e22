//! A window with something in it, for trying and for pictures.
//!
//! `stage` starts a server in this process and lets people talk on it; `scene` makes a state up,
//! without any server.

mod people;
pub(crate) mod scene;
pub(crate) mod stage;
