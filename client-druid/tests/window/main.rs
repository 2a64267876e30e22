//! The real window on a screen that nobody sees: real keys and clicks, a real server, and other
//! people; what came of it is read from them, from the window's title and from the disk.
#![cfg(all(unix, not(target_os = "macos")))]
#![allow(clippy::unwrap_used, reason = "this is a test")]

mod house;
mod screen;
mod terminal;

mod hauling;
mod talking;
