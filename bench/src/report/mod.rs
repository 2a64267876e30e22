//! What is told: tables, pictures, and where they go.

mod document;
mod machine;
mod picture;
mod table;

pub use document::Document;
pub use machine::describe as describe_machine;
pub use picture::{Curve, Picture};
pub use table::{Middle, Table, either};
