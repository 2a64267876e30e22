//! One file, every peer: on loopback and over links that people have.

use std::time::Duration;

use super::Told;
use super::contest::Contest;
use crate::Fault;
use crate::link::Shape;
use crate::peer::Peer;
use crate::stage::Stage;

const MIB: u64 = 1 << 20;
const ON_LOOPBACK: &[Peer] = &[
    Peer::Haversack,
    Peer::HaversackAgain,
    Peer::Tcp,
    Peer::TcpBbr,
    Peer::Tls,
    Peer::Quinn,
    Peer::QuinnBbr,
    Peer::S2n,
];
/// Everybody who fetches a file over a link.
pub const EVERYBODY: &[Peer] = &[
    Peer::Haversack,
    Peer::Tcp,
    Peer::TcpBbr,
    Peer::Tls,
    Peer::Quinn,
    Peer::QuinnBbr,
    Peer::S2n,
    Peer::Kcp,
];
/// TLS over a slow link is TCP.
const ON_LINKS: &[Peer] =
    &[Peer::Haversack, Peer::Tcp, Peer::TcpBbr, Peer::Quinn, Peer::QuinnBbr, Peer::S2n, Peer::Kcp];

/// An office.
pub const LAN: Shape = Shape::new(300, Duration::from_micros(500));
/// A room further.
pub const WIFI: Shape = Shape { reordered: 0.005, ..Shape::new(100, ms(5)).loss(0.01) };
/// A country further.
pub const WAN: Shape = Shape::new(50, ms(40)).loss(0.005);
/// A bad day.
pub const BAD: Shape =
    Shape { duplicates: 0.01, reordered: 0.01, ..Shape::new(10, ms(100)).loss(0.05) };
/// Over a satellite.
pub const SAT: Shape = Shape::new(20, ms(300)).loss(0.01);

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub fn into_a_file(stage: &Stage<'_>) -> Result<Told, Fault> {
    loopback(stage, false)
}

pub fn into_nothing(stage: &Stage<'_>) -> Result<Told, Fault> {
    loopback(stage, true)
}

pub fn lan(stage: &Stage<'_>) -> Result<Told, Fault> {
    over(LAN, 256 * MIB, 14, EVERYBODY, stage)
}

pub fn wifi(stage: &Stage<'_>) -> Result<Told, Fault> {
    over(WIFI, 96 * MIB, 12, ON_LINKS, stage)
}

pub fn wan(stage: &Stage<'_>) -> Result<Told, Fault> {
    over(WAN, 64 * MIB, 18, ON_LINKS, stage)
}

pub fn bad(stage: &Stage<'_>) -> Result<Told, Fault> {
    over(BAD, 12 * MIB, 20, ON_LINKS, stage)
}

pub fn sat(stage: &Stage<'_>) -> Result<Told, Fault> {
    over(SAT, 32 * MIB, 26, ON_LINKS, stage)
}

fn loopback(stage: &Stage<'_>, is_void: bool) -> Result<Told, Fault> {
    let limit = Duration::from_secs(60);
    let contest = Contest { link: None, size: 1024 * MIB, limit, peers: ON_LOOPBACK, is_void };
    Ok(contest.hold(stage)?.told_as_loopback().into())
}

fn over(
    link: Shape,
    size: u64,
    seconds: u64,
    peers: &'static [Peer],
    stage: &Stage<'_>,
) -> Result<Told, Fault> {
    let limit = Duration::from_secs(seconds);
    let contest = Contest { link: Some(link), size, limit, peers, is_void: false };
    Ok(contest.hold(stage)?.told_as_link(&link).into())
}
