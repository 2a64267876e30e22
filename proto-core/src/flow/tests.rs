//! Two flows, an imperfect link between them, and files in memory.
#![expect(clippy::cast_possible_truncation, reason = "the numbers of these tests are small")]

mod endings;
mod file;
mod holds;
mod link;
mod lives;
mod loss;
mod pair;
mod post;
mod resume;
mod several;
mod sizes;
mod table_of_words;
