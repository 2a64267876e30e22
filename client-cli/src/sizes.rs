//! Sizes, rates, percentages and times, as people write and read them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// A number of bytes. Read with K, M, G or T as powers of 1024; written with one decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bytes(pub(crate) u64);

impl FromStr for Bytes {
    type Err = String;

    fn from_str(input: &str) -> Result<Self, String> {
        let bad =
            || format!("'{input}' is not a size: write a number and maybe K, M or G, as in 50M");
        let text = input.trim();
        let text = text.strip_suffix("/s").unwrap_or(text);
        let text = text.strip_suffix(['b', 'B']).unwrap_or(text);
        let text = text.strip_suffix('i').unwrap_or(text);
        let (number, unit) = match text.char_indices().last() {
            Some((at, c)) if c.is_ascii_alphabetic() => (&text[..at], c.to_ascii_uppercase()),
            _ => (text, ' '),
        };
        let shift = match unit {
            ' ' => 0,
            'K' => 10,
            'M' => 20,
            'G' => 30,
            'T' => 40,
            _ => return Err(bad()),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() || fraction.len() > 6 {
            return Err(bad());
        }
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || number.ends_with('.') {
            return Err(bad());
        }
        let whole: u64 = whole.parse().map_err(|_| bad())?;
        let bytes = whole.checked_mul(1 << shift).ok_or_else(bad)?;
        let scale = 10_u64.pow(u32::try_from(fraction.len()).unwrap_or(0));
        let part: u64 =
            if fraction.is_empty() { 0 } else { fraction.parse().map_err(|_| bad())? };
        bytes.checked_add((part << shift) / scale).map(Self).ok_or_else(bad)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = unit_of(self.0);
        write!(f, "{} {}", in_unit(self.0, unit), UNITS[unit])
    }
}

/// How far: `5.0/10.0 MiB`.
pub(crate) fn progress(done: u64, total: u64) -> String {
    let unit = unit_of(total);
    format!("{}/{} {}", in_unit(done, unit), in_unit(total, unit), UNITS[unit])
}

/// How fast: `12.5 MiB/s`.
pub(crate) fn rate(bytes_per_second: u64) -> String {
    format!("{}/s", Bytes(bytes_per_second))
}

/// How long: `0:01`, `2:45`, `1:02:03`.
pub(crate) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A percentage as it is typed: `50%` or `50`, from 1 to 99.
pub(crate) fn parse_percent(input: &str) -> Result<u8, String> {
    let number = input.trim().trim_end_matches('%');
    match number.parse() {
        Ok(percent @ 1..=99) => Ok(percent),
        _ => Err(format!("'{input}' is not a percentage from 1% to 99%")),
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
    fn sizes_are_powers_of_1024() {
        let cases = [
            ("0", 0),
            ("1500", 1500),
            ("1k", 1024),
            ("50M", 50 << 20),
            ("10G", 10 << 30),
            ("1.5K", 1536),
            ("2MiB", 2 << 20),
            ("3MB/s", 3 << 20),
        ];
        for (text, bytes) in cases {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_size_is_refused() {
        for text in ["", "M", "-1", "1X", "1..5K", "1.K", "99999999999G", "ten", "1 000", "é", "+5"]
        {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_written_with_one_decimal() {
        assert_eq!(Bytes(1023).to_string(), "1023 B");
        assert_eq!(Bytes(10 << 20).to_string(), "10.0 MiB");
        assert_eq!(Bytes(u64::MAX).to_string(), "15.9 EiB");
        assert_eq!(progress(5 << 20, 10 << 20), "5.0/10.0 MiB");
        assert_eq!(rate(13_107_200), "12.5 MiB/s");
    }

    #[test]
    fn times_are_written_like_a_clock() {
        assert_eq!(clock(Duration::from_secs(1)), "0:01");
        assert_eq!(clock(Duration::from_secs(165)), "2:45");
        assert_eq!(clock(Duration::from_secs(3723)), "1:02:03");
    }

    #[test]
    fn a_percentage_to_stop_at_is_neither_nothing_nor_everything() {
        assert_eq!(parse_percent("50%"), Ok(50));
        assert!(parse_percent("0%").is_err());
        assert!(parse_percent("100").is_err());
        assert!(parse_percent("half").is_err());
    }
}
