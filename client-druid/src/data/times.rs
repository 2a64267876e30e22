//! Days and times of day, as people read them.

use chrono::{
    DateTime, Datelike as _, FixedOffset, Local, NaiveDate, Offset as _, TimeZone as _, Utc,
};
use proto_core::time::UnixMillis;

/// The last moment of the year 9999: a server may say what it likes, but no later day has a name.
const LATEST: i64 = 253_402_300_799_999;

/// The local time of day: `12:01`.
pub(crate) fn time_of_day(at: UnixMillis) -> String {
    local(at).format("%H:%M").to_string()
}

/// How far local time is ahead of UTC, in milliseconds: to tell days apart.
pub(crate) fn shift(at: UnixMillis) -> i64 {
    i64::from(local(at).offset().local_minus_utc()) * 1000
}

/// The number of the local day: days in a row have numbers in a row.
pub(crate) fn day(at: UnixMillis) -> i32 {
    local(at).date_naive().num_days_from_ce()
}

/// The name of the local day as seen from `today`: `Today`, `Yesterday`, `Monday, 3 August 2026`.
pub(crate) fn day_name(at: UnixMillis, today: i32) -> String {
    name_of(local(at).date_naive(), today)
}

fn name_of(day: NaiveDate, today: i32) -> String {
    match today.saturating_sub(day.num_days_from_ce()) {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => day.format("%A, %-d %B %Y").to_string(),
    }
}

fn local(at: UnixMillis) -> DateTime<FixedOffset> {
    local_by(at, |utc| Local.offset_from_utc_datetime(&utc.naive_utc()).fix())
}

fn local_by(at: UnixMillis, offset: fn(&DateTime<Utc>) -> FixedOffset) -> DateTime<FixedOffset> {
    let at = i64::try_from(at.0).unwrap_or(LATEST).min(LATEST);
    let utc = DateTime::from_timestamp_millis(at).expect("the year 9999 is on the calendar");
    utc.with_timezone(&offset(&utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_names() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 8, d).unwrap();
        let today = day(5).num_days_from_ce();
        assert_eq!(name_of(day(5), today), "Today");
        assert_eq!(name_of(day(4), today), "Yesterday");
        assert_eq!(name_of(day(3), today), "Monday, 3 August 2026");
    }

    #[test]
    fn a_server_whose_clock_is_out_of_its_mind_is_shown_the_end_of_the_calendar() {
        let ahead = |_: &DateTime<Utc>| FixedOffset::east_opt(14 * 3600).unwrap();
        for at in [8_210_266_876_799_999, u64::MAX] {
            let day = local_by(UnixMillis(at), ahead).date_naive();
            assert_eq!(day, NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap());
        }
    }
}
