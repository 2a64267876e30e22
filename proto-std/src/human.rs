//! Sizes, rates and times, as people read them: the same words in every face.

use proto_core::time::Duration;

const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// How much: `10.0 MiB`.
pub fn bytes(bytes: u64) -> String {
    let unit = unit_of(bytes);
    format!("{} {}", in_unit(bytes, unit), UNITS[unit])
}

/// How far: `5.0/10.0 MiB`.
pub fn progress(done: u64, total: u64) -> String {
    let unit = unit_of(total);
    format!("{}/{} {}", in_unit(done, unit), in_unit(total, unit), UNITS[unit])
}

/// How fast: `12.5 MiB/s`.
pub fn rate(bytes_per_second: u64) -> String {
    format!("{}/s", bytes(bytes_per_second))
}

/// How long: `0:01`, `2:45`, `1:02:03`.
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

fn unit_of(bytes: u64) -> usize {
    (1..UNITS.len()).rev().find(|unit| bytes >= 1 << (10 * unit)).unwrap_or(0)
}

fn in_unit(bytes: u64, unit: usize) -> String {
    if unit == 0 {
        return bytes.to_string();
    }
    let tenths = (u128::from(bytes) * 10) >> (10 * unit);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_with_one_decimal() {
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(10 << 20), "10.0 MiB");
        assert_eq!(bytes(u64::MAX), "15.9 EiB");
        assert_eq!(progress(5 << 20, 10 << 20), "5.0/10.0 MiB");
        assert_eq!(rate(13_107_200), "12.5 MiB/s");
    }

    #[test]
    fn times_are_written_like_a_clock() {
        assert_eq!(span(Duration::from_secs(1)), "0:01");
        assert_eq!(span(Duration::from_secs(165)), "2:45");
        assert_eq!(span(Duration::from_secs(3723)), "1:02:03");
    }
}
