//! Shares of a link over time.

use super::{Meeting, PAIRS, PICTURE};
use crate::link::SLOT;
use crate::report::{Curve, Picture};

/// Slots that are one point of the picture.
const POINT: usize = 5;

/// Haversack's share beside CUBIC over time, in the first run of each queue.
pub fn draw(meetings: &[Vec<Meeting>]) -> Result<Picture, String> {
    let lossless = PAIRS.iter().zip(meetings).take(3);
    let curves: Vec<Curve> = lossless
        .map(|(pair, meetings)| Curve {
            name: format!("queue of {} BDP", pair.queue),
            points: meetings.first().map_or_else(Vec::new, |meeting| shares(&meeting.slots)),
        })
        .collect();
    let titles = ["Haversack beside one TCP connection with CUBIC", "s", "Haversack's share, %"];
    Picture::draw(PICTURE, titles, 100.0, &curves)
}

fn shares(slots: &[Vec<u64>]) -> Vec<(f64, f64)> {
    let [first, second] = slots else { return Vec::new() };
    let points = first.chunks(POINT).zip(second.chunks(POINT)).enumerate();
    points
        .map(|(number, (first, second))| {
            let [first, second] = [first, second].map(|slots| slots.iter().sum::<u64>() as f64);
            let at = number as f64 * POINT as f64 * SLOT.as_secs_f64();
            (at, first / (first + second).max(1.0) * 100.0)
        })
        .collect()
}
