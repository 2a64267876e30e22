//! Datagrams with a number and a time, through a link of their own.

use std::io;
use std::net::UdpSocket;
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::link::{A, B, Link, Shape, hurry};

/// IP's and UDP's headers.
const HEADERS: usize = 28;
/// What a full packet carries.
const PAYLOAD: usize = 1500 - HEADERS;
/// How long the last packet is waited for.
const PATIENCE: Duration = Duration::from_millis(500);
const SEED: u64 = 4711;
/// Below the emulator's: it is the link that is checked, and not who else is busy.
const PRIORITY: u8 = 10;
/// The receiver's buffer: more than a link ever has in it.
const BUFFER: usize = 4 << 20;

/// Round trips, in milliseconds, sorted.
pub struct RoundTrips(Vec<f64>);

impl RoundTrips {
    pub fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    pub fn least(&self) -> f64 {
        self.0[0]
    }

    pub fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }
}

/// Sends packets of `len` bytes to and fro, one after the other.
pub fn round_trips(shape: &Shape, len: usize, count: usize) -> io::Result<RoundTrips> {
    let link = Link::new(shape, SEED)?;
    let echo = link.a.within(|| UdpSocket::bind((A, 0)))?;
    let probe = link.b.within(|| UdpSocket::bind((B, 0)))?;
    probe.connect(echo.local_addr()?)?;
    for socket in [&echo, &probe] {
        socket.set_read_timeout(Some(PATIENCE))?;
    }
    let echo = thread::spawn(move || {
        hurry(PRIORITY);
        let mut datagram = [0; PAYLOAD];
        while let Ok((len, from)) = echo.recv_from(&mut datagram) {
            if echo.send_to(&datagram[..len], from).is_err() {
                return;
            }
        }
    });
    let probe = thread::spawn(move || -> io::Result<Vec<f64>> {
        hurry(PRIORITY);
        let mut datagram = vec![0; len - HEADERS];
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let began = Instant::now();
            probe.send(&datagram)?;
            probe.recv(&mut datagram)?;
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        Ok(times)
    });
    let mut times = probe.join().map_err(|_| io::Error::other("the probe panicked"))??;
    times.sort_by(f64::total_cmp);
    echo.join().map_err(|_| io::Error::other("the echo panicked"))?;
    link.close();
    Ok(RoundTrips(times))
}

/// What came of a stream of numbered full packets, in the order of arrival.
pub struct Arrivals {
    sent: usize,
    /// Number, time of sending, time of arrival.
    seen: Vec<(usize, Duration, Duration)>,
}

/// Sends full packets at `mbit` megabits a second.
pub fn burst(shape: &Shape, mbit: f64, count: usize) -> io::Result<Arrivals> {
    let link = Link::new(shape, SEED)?;
    let receiver = link.b.within(|| UdpSocket::bind((B, 0)))?;
    SockRef::from(&receiver).set_recv_buffer_size(BUFFER)?;
    receiver.set_read_timeout(Some(PATIENCE))?;
    let sender = link.a.within(|| UdpSocket::bind((A, 0)))?;
    sender.connect(receiver.local_addr()?)?;
    let began = Instant::now();
    let receiver = thread::spawn(move || {
        hurry(PRIORITY);
        let mut seen = Vec::with_capacity(count);
        let mut datagram = [0; PAYLOAD];
        while receiver.recv(&mut datagram).is_ok() {
            let number = u64::from_le_bytes(datagram[..8].try_into().expect("eight bytes"));
            let sent = u64::from_le_bytes(datagram[8..16].try_into().expect("eight bytes"));
            seen.push((number as usize, Duration::from_nanos(sent), began.elapsed()));
        }
        seen
    });
    let step = Duration::from_secs_f64((PAYLOAD + HEADERS) as f64 * 8.0 / (mbit * 1e6));
    let mut datagram = [0; PAYLOAD];
    for number in 0..count {
        let due = step * u32::try_from(number).expect("a few packets");
        thread::sleep(due.saturating_sub(began.elapsed()));
        datagram[..8].copy_from_slice(&(number as u64).to_le_bytes());
        let now = u64::try_from(began.elapsed().as_nanos()).expect("a few seconds");
        datagram[8..16].copy_from_slice(&now.to_le_bytes());
        sender.send(&datagram)?;
    }
    let seen = receiver.join().map_err(|_| io::Error::other("the receiver panicked"))?;
    link.close();
    Ok(Arrivals { sent: count, seen })
}

impl Arrivals {
    /// Megabits a second in the second half, when the queue is full.
    pub fn rate_behind_half(&self) -> f64 {
        let half = &self.seen[self.seen.len() / 2..];
        let time = half[half.len() - 1].2 - half[0].2;
        ((half.len() - 1) * (PAYLOAD + HEADERS) * 8) as f64 / time.as_secs_f64() / 1e6
    }

    /// Milliseconds from sending to arrival: the median of the last quarter.
    pub fn delay_at_the_end(&self) -> f64 {
        let last = &self.seen[self.seen.len() * 3 / 4..];
        let mut times: Vec<Duration> = last.iter().map(|(_, sent, seen)| *seen - *sent).collect();
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e3
    }

    /// Percent that did not arrive.
    pub fn lost(&self) -> f64 {
        self.percent(self.sent - self.numbers().len())
    }

    /// Packets that are lost in a row, on average.
    pub fn burst_length(&self) -> f64 {
        let numbers = self.numbers();
        let gaps = numbers.windows(2).filter(|pair| pair[1] > pair[0] + 1).count();
        (self.sent - numbers.len()) as f64 / gaps.max(1) as f64
    }

    /// Percent that arrived twice.
    pub fn twice(&self) -> f64 {
        self.percent(self.seen.len() - self.numbers().len())
    }

    /// Percent that came behind a later one.
    pub fn late(&self) -> f64 {
        let mut most = 0;
        let mut is_late = |number: usize| {
            most = most.max(number);
            number < most
        };
        let mut firsts = std::collections::BTreeSet::new();
        let late =
            self.seen.iter().filter(|(number, ..)| firsts.insert(*number) && is_late(*number));
        self.percent(late.count())
    }

    fn percent(&self, part: usize) -> f64 {
        part as f64 * 100.0 / self.sent as f64
    }

    /// What arrived, once and in order.
    fn numbers(&self) -> Vec<usize> {
        let mut numbers: Vec<usize> = self.seen.iter().map(|(number, ..)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}
