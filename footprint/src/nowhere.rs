//! Bytes from nowhere, of which the compiler can know nothing.

use core::hint::black_box;

/// A value that could be any.
pub(crate) fn any<T: Default>() -> T {
    black_box(T::default())
}

/// Bytes that could be any; how many of `out` they are.
pub(crate) fn fill(out: &mut [u8]) -> usize {
    black_box(&mut *out);
    any::<usize>().min(out.len())
}

/// Takes bytes away.
pub(crate) fn take<T>(value: T) {
    black_box(value);
}
