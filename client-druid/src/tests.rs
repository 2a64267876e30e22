//! The whole window without a display: real widgets in Druid's harness, and in place of a session
//! somebody who tells events and hears commands.

mod pilot;

mod files;
mod keys;
mod login;
mod many;
mod talking;
