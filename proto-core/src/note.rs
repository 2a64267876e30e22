//! Notes of decisions, for whoever debugs a device: to `log`, to `defmt`, to both, or to nobody.
//!
//! Only numbers and words that both can write. Never a key, a secret, or what people say.

/// Notes a decision: a literal with `{}` in it, and what goes there.
macro_rules! note {
    ($text:literal $(, $value:expr)* $(,)?) => {{
        #[cfg(feature = "log")]
        log::debug!($text $(, $value)*);
        #[cfg(feature = "defmt")]
        defmt::debug!($text $(, $value)*);
        #[cfg(not(any(feature = "log", feature = "defmt")))]
        { $(let _ = &$value;)* }
    }};
}

pub(crate) use note;
