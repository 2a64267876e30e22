//! What the device is to do, as words of the form `what=value`. A value may have spaces.
//!
//! ```text
//!   ip=10.0.2.15/24 gateway=10.0.2.2 server=10.0.2.2:50000 key=<fingerprint> secret=<secret>
//!   name=sensor-7 say=good morning get=firmware.bin pause=40 until=goodbye
//! ```

use core::net::SocketAddrV4;

use proto_core::flow::Percent;
use proto_core::ids::PublicKey;
use proto_core::text::{FileName, Name, Text, base32};
use smoltcp::wire::{Ipv4Address, Ipv4Cidr};

use crate::fault::Fault;

/// Longest command line.
pub(crate) const MAX_LEN: usize = 512;
/// What a pause is, for whoever asks for none or for all.
const PAUSE: &str = "pause, from 1 to 99 percent";

/// What the device is to do.
pub(crate) struct Orders<'o> {
    /// Its own address.
    pub(crate) ip: Ipv4Cidr,
    /// The way to everywhere else.
    pub(crate) gateway: Option<Ipv4Address>,
    /// Where the server is.
    pub(crate) server: SocketAddrV4,
    /// Who the server must be; without it, whoever it was the first time.
    pub(crate) key: Option<PublicKey>,
    /// The secret that the server asks for.
    pub(crate) secret: Option<[u8; 32]>,
    /// What it is called.
    pub(crate) name: Name,
    /// What it says when it is in.
    pub(crate) say: Option<Text<'o>>,
    /// The file that it fetches.
    pub(crate) get: Option<FileName>,
    /// Where it pauses until somebody says "proceed".
    pub(crate) pause: Option<Percent>,
    /// What somebody must say before it leaves.
    pub(crate) until: Option<&'o str>,
}

impl<'o> Orders<'o> {
    /// Reads a command line.
    pub(crate) fn parse(line: &'o [u8]) -> Result<Self, Fault> {
        let line = core::str::from_utf8(line).map_err(|_| Fault::Usage("UTF-8"))?;
        let line = line.trim_matches(['\0', ' ']);
        let find = |what| find(line, what);
        let name = find("name").unwrap_or("device");
        let key = find("key").map(|text| base32::decode(text).ok_or(Fault::Usage("key")));
        let secret = find("secret").map(|text| base32::decode(text).ok_or(Fault::Usage("secret")));
        let pause =
            parsed(find("pause"), PAUSE)?.map(|part| Percent::new(part).ok_or(Fault::Usage(PAUSE)));
        Ok(Self {
            ip: parsed(find("ip"), "ip")?.ok_or(Fault::Usage("ip"))?,
            gateway: parsed(find("gateway"), "gateway")?,
            server: parsed(find("server"), "server")?.ok_or(Fault::Usage("server"))?,
            key: key.transpose()?.map(PublicKey),
            secret: secret.transpose()?,
            name: Name::parse(name).map_err(|_| Fault::Usage("name"))?,
            say: find("say").map(Text::parse).transpose().map_err(|_| Fault::Usage("say"))?,
            get: find("get").map(FileName::parse).transpose().map_err(|_| Fault::Usage("get"))?,
            pause: pause.transpose()?,
            until: find("until"),
        })
    }
}

/// The value of `what=value`: all up to the next word that has an equals sign.
fn find<'o>(line: &'o str, what: &str) -> Option<&'o str> {
    let mut starts = line.split(' ').map(|word| word.as_ptr().addr() - line.as_ptr().addr());
    let begins = |at: usize| line[at..].split(' ').next().is_some_and(|word| word.contains('='));
    let start = starts.find(|&at| {
        let rest = line[at..].strip_prefix(what);
        rest.is_some_and(|rest| rest.starts_with('='))
    })?;
    let end = starts.find(|&at| begins(at)).unwrap_or(line.len());
    Some(line[start + what.len() + 1..end].trim_end())
}

fn parsed<T: core::str::FromStr>(
    value: Option<&str>,
    what: &'static str,
) -> Result<Option<T>, Fault> {
    value.map(|value| value.parse().map_err(|_| Fault::Usage(what))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "ip=10.0.2.15/24 server=10.0.2.2:50000";

    #[test]
    fn a_value_goes_on_to_the_next_word_with_an_equals_sign() {
        let line = format!("{LINE} say=good morning all name=sensor until=see you");
        let orders = Orders::parse(line.as_bytes()).unwrap();

        assert_eq!(orders.say.unwrap().as_str(), "good morning all");
        assert_eq!(orders.name.as_str(), "sensor");
        assert_eq!(orders.until, Some("see you"));
    }

    #[test]
    fn a_pause_at_nothing_or_everything_is_refused_with_what_is_possible() {
        assert!(parse("pause=1").unwrap().pause.is_some());
        assert!(parse("pause=99").unwrap().pause.is_some());
        for pause in ["pause=0", "pause=100", "pause=half"] {
            let fault = parse(pause).map(drop).unwrap_err();
            assert_eq!(fault.to_string(), "the orders lack a proper pause, from 1 to 99 percent");
        }
    }

    #[test]
    fn what_is_no_fingerprint_is_refused_as_a_key() {
        assert!(matches!(parse("key=short").map(drop), Err(Fault::Usage("key"))));
    }

    fn parse(order: &str) -> Result<Orders<'static>, Fault> {
        Orders::parse(format!("{LINE} {order}").leak().as_bytes())
    }
}
