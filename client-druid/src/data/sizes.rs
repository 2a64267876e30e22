//! Sizes, rates and times, as people read them.

use std::time::Duration;

use chrono::{DateTime, Local, NaiveDate, Offset as _, TimeZone as _, Utc};
use proto_core::time::UnixMillis;
use proto_std::clock;

const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// `10.0 MiB`
pub(crate) fn bytes(bytes: u64) -> String {
    let unit = unit_of(bytes);
    format!("{} {}", in_unit(bytes, unit), UNITS[unit])
}

/// `5.0/10.0 MiB`
pub(crate) fn progress(done: u64, total: u64) -> String {
    let unit = unit_of(total);
    format!("{}/{} {}", in_unit(done, unit), in_unit(total, unit), UNITS[unit])
}

/// `12.5 MiB/s`
pub(crate) fn rate(bytes_per_second: u64) -> String {
    format!("{}/s", bytes(bytes_per_second))
}

/// `0:01`, `2:45`, `1:02:03`
pub(crate) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// The local time of day: `12:01`.
pub(crate) fn time_of_day(at: UnixMillis) -> String {
    local(at).format("%H:%M").to_string()
}

/// How far the local clock is from the server's, in milliseconds: to tell days apart.
pub(crate) fn shift(at: UnixMillis) -> i64 {
    i64::from(local(at).offset().local_minus_utc()) * 1000
}

/// The name of the local day: `Today`, `Yesterday`, `Monday, 3 August 2026`.
pub(crate) fn day_name(at: UnixMillis) -> String {
    name_of(local(at).date_naive(), local(clock::wall()).date_naive())
}

fn name_of(day: NaiveDate, today: NaiveDate) -> String {
    match today.signed_duration_since(day).num_days() {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => day.format("%A, %-d %B %Y").to_string(),
    }
}

fn local(at: UnixMillis) -> DateTime<chrono::FixedOffset> {
    let utc = i64::try_from(at.0).ok().and_then(DateTime::from_timestamp_millis);
    let utc: DateTime<Utc> = utc.unwrap_or_default();
    let offset = Local.offset_from_utc_datetime(&utc.naive_utc()).fix();
    utc.with_timezone(&offset)
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
        assert_eq!(span(Duration::from_secs(3723)), "1:02:03");
    }

    #[test]
    fn days_have_names() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 8, d).unwrap();
        assert_eq!(name_of(day(5), day(5)), "Today");
        assert_eq!(name_of(day(4), day(5)), "Yesterday");
        assert_eq!(name_of(day(3), day(5)), "Monday, 3 August 2026");
    }
}
