//! What is played, by name.

mod check;
mod contest;
mod crowd;
mod curve;
mod limit;
mod links;
mod pairs;
mod small;
mod start;

use crate::Fault;
use crate::report::Picture;
use crate::stage::{Hall, Stage};

/// Something to play.
pub struct Scenario {
    /// As it is called on the command line and in docs/BENCHMARKS.md.
    pub name: &'static str,
    /// In a few words.
    pub about: &'static str,
    /// What it needs of the machine.
    pub needs: Needs,
    play: fn(&Stage<'_>) -> Result<Told, Fault>,
}

/// What came of it.
pub struct Told {
    /// Markdown.
    pub text: String,
    /// To be laid beside the document.
    pub pictures: Vec<Picture>,
}

impl From<String> for Told {
    fn from(text: String) -> Self {
        Self { text, pictures: Vec::new() }
    }
}

/// What a scenario needs of the machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// All of it, and no rights.
    Loopback,
    /// All of it, and the right to make links.
    Link,
    /// The right to make links; it leaves enough of a processor for others beside it.
    SlowLink,
}

/// All, in the order in which they are played: of those that are played at once, the long ones
/// first.
pub const ALL: &[Scenario] = {
    use Needs::{Link, Loopback, SlowLink};
    &[
        scenario("LOOP", "loopback, into a file", Loopback, links::into_a_file),
        scenario("SINK", "loopback, kept nowhere", Loopback, links::into_nothing),
        scenario("CROWD", "fifty clients at once, and the chat meanwhile", Loopback, crowd::play),
        scenario("LIMIT", "--limit-rate against what it gives", Loopback, limit::play),
        scenario("CHECK", "the emulator against known values", Link, check::play),
        scenario("LAN", "300 Mbit/s, 0.5 ms each way", Link, links::lan),
        scenario("WIFI", "100 Mbit/s, 5 ms, 1 % loss, reordering", Link, links::wifi),
        scenario("START", "100 KB over WAN", Link, start::play),
        scenario("SMALL", "10,000 files of 1 KB, on loopback and over WAN", Link, small::play),
        scenario("LOSS", "goodput against loss", SlowLink, curve::against_loss),
        scenario("RTT", "goodput against round trip", SlowLink, curve::against_round_trip),
        scenario("FAIR", "beside a TCP connection, and beside itself", SlowLink, pairs::play),
        scenario("SAT", "20 Mbit/s, 300 ms, 1 % loss", SlowLink, links::sat),
        scenario("WAN", "50 Mbit/s, 40 ms, 0.5 % loss", SlowLink, links::wan),
        scenario("BAD", "10 Mbit/s, 100 ms, 5 % loss and more", SlowLink, links::bad),
    ]
};

const fn scenario(
    name: &'static str,
    about: &'static str,
    needs: Needs,
    play: fn(&Stage<'_>) -> Result<Told, Fault>,
) -> Scenario {
    Scenario { name, about, needs, play }
}

impl Scenario {
    /// Finds one by its name.
    pub fn find(name: &str) -> Result<&'static Self, String> {
        let wanted = |scenario: &&Self| scenario.name.eq_ignore_ascii_case(name);
        ALL.iter().find(wanted).ok_or_else(|| {
            let list = ALL.iter().map(|one| format!("  {:6} {}\n", one.name, one.about));
            format!("no scenario is called {name}. There are:\n{}", list.collect::<String>())
        })
    }

    /// Plays it.
    pub fn play(&self, hall: &Hall) -> Result<Told, Fault> {
        let stage = Stage::new(hall, self.name);
        (self.play)(&stage).map_err(|why| format!("{}: {why}", self.name).into())
    }
}
