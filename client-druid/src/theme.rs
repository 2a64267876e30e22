//! How everything looks: an 8-pixel grid, a few sizes of text, and colours by name.
//!
//! `colours` is the one file with colours in it; `fonts` has the sizes; `scope` hands both to the
//! widgets, and swaps them when the theme changes.

pub(crate) mod colours;
pub(crate) mod fonts;
pub(crate) mod scope;

/// A multiple of the grid's 8 pixels.
pub(crate) const fn grid(times: f64) -> f64 {
    8.0 * times
}

/// The radius of corners.
pub(crate) const RADIUS: f64 = 6.0;
/// The width of the ring around what has the keyboard.
pub(crate) const RING: f64 = 2.0;
/// The height of buttons and fields.
pub(crate) const CONTROL: f64 = 36.0;
