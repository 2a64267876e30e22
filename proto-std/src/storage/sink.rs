//! A file that arrives.

/// What to do when the final name is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exists {
    /// Leave the file that is there and fail.
    Fail,
    /// Replace it, at once and whole.
    Overwrite,
    /// Take the next free of `name (1).ext`, `name (2).ext`…
    #[default]
    NumberIt,
}

/// A file that arrives: `<name>.haversack-part` until its content is verified.
#[derive(Debug)]
pub struct SinkFile {}
