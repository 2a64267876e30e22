//! Days and times of day, as people read them.

use chrono::{DateTime, Local, NaiveDate, Offset as _, TimeZone as _, Utc};
use proto_core::time::UnixMillis;
use proto_std::clock;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_names() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 8, d).unwrap();
        assert_eq!(name_of(day(5), day(5)), "Today");
        assert_eq!(name_of(day(4), day(5)), "Yesterday");
        assert_eq!(name_of(day(3), day(5)), "Monday, 3 August 2026");
    }
}
