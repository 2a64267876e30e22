//! Sizes and percentages, as people write them.

use std::fmt;
use std::str::FromStr;

use proto_std::human;

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
        f.write_str(&human::bytes(self.0))
    }
}

/// Most bytes a second, as it is typed.
pub(crate) fn parse_rate(input: &str) -> Result<Bytes, String> {
    match input.parse()? {
        Bytes(0) => Err("0 lets nothing through: leave it out for no limit".to_owned()),
        rate if rate < LEAST_RATE => {
            Err(format!("'{input}' is too slow: the least is {} bytes a second", LEAST_RATE.0))
        }
        rate => Ok(rate),
    }
}

/// No transfer is slower than this, whatever its limit.
const LEAST_RATE: Bytes = Bytes(1000);

/// A percentage as it is typed: `50%` or `50`, from 1 to 99.
pub(crate) fn parse_percent(input: &str) -> Result<u8, String> {
    let number = input.trim().trim_end_matches('%');
    match number.parse() {
        Ok(percent @ 1..=99) => Ok(percent),
        _ => Err(format!("'{input}' is not a percentage from 1% to 99%")),
    }
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
    fn a_limit_that_cannot_be_kept_is_refused() {
        assert_eq!(parse_rate("1000"), Ok(Bytes(1000)));
        assert_eq!(parse_rate("5M/s"), Ok(Bytes(5 << 20)));
        assert!(parse_rate("0").unwrap_err().contains("leave it out"));
        assert!(parse_rate("999").unwrap_err().contains("1000 bytes a second"));
        assert!(parse_rate("fast").unwrap_err().contains("is not a size"));
    }

    #[test]
    fn a_percentage_to_stop_at_is_neither_nothing_nor_everything() {
        assert_eq!(parse_percent("50%"), Ok(50));
        assert!(parse_percent("0%").is_err());
        assert!(parse_percent("100").is_err());
        assert!(parse_percent("half").is_err());
    }
}
