//! Where a server is, and who it must be: `host[:port]` or `haversack://host:port#fingerprint`.

use std::fmt;
use std::str::FromStr;

use proto_core::ids::PublicKey;
use proto_core::text::base32;

/// The port when none is given, for TCP and UDP alike.
pub const DEFAULT_PORT: u16 = 50000;

const SCHEME: &str = "haversack://";

/// A server's address as people write it. Parsed, not resolved: the name is looked up at each
/// attempt to connect.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServerAddr {
    host: String,
    port: u16,
    fingerprint: Option<Fingerprint>,
}

impl ServerAddr {
    /// Puts an address together.
    pub fn new(host: impl Into<String>, port: u16, fingerprint: Option<Fingerprint>) -> Self {
        Self { host: host.into(), port, fingerprint }
    }

    /// Host name or IP address, IPv6 without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, [`DEFAULT_PORT`] unless told.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The key that the server must have; `None` leaves it to the known servers.
    pub const fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprint
    }

    /// The whole `haversack://` address, with `fingerprint` if one is known.
    pub fn to_uri(&self) -> String {
        match self.fingerprint {
            Some(fingerprint) => format!("{SCHEME}{self}#{fingerprint}"),
            None => format!("{SCHEME}{self}"),
        }
    }
}

impl fmt::Display for ServerAddr {
    /// `host:port`, as in the file of known servers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for ServerAddr {
    type Err = BadAddress;

    fn from_str(input: &str) -> Result<Self, BadAddress> {
        let rest = input.strip_prefix(SCHEME).unwrap_or(input);
        if rest.contains("://") {
            return Err(BadAddress::Scheme);
        }
        let (rest, fingerprint) = match rest.split_once('#') {
            Some((rest, text)) => (rest, Some(text.parse()?)),
            None => (rest, None),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = split_port(rest)?;
        let usable = |c: char| !c.is_whitespace() && !c.is_control() && !"/\\@[]#?".contains(c);
        if host.is_empty() || !host.chars().all(usable) {
            return Err(BadAddress::Host);
        }
        Ok(Self { host: host.to_owned(), port, fingerprint })
    }
}

/// Splits `host`, `host:port`, `[v6]`, `[v6]:port` and a bare IPv6 address.
fn split_port(input: &str) -> Result<(&str, u16), BadAddress> {
    if let Some(rest) = input.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or(BadAddress::Host)?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, parse_port(port)?)),
            None if rest.is_empty() => Ok((host, DEFAULT_PORT)),
            None => Err(BadAddress::Host),
        };
    }
    match input.split_once(':') {
        Some((_, rest)) if rest.contains(':') => Ok((input, DEFAULT_PORT)),
        Some((host, port)) => Ok((host, parse_port(port)?)),
        None => Ok((input, DEFAULT_PORT)),
    }
}

fn parse_port(text: &str) -> Result<u16, BadAddress> {
    text.parse().ok().filter(|port| *port != 0).ok_or(BadAddress::Port)
}

/// A public key as people compare it: 52 base32 characters, all of its 256 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub PublicKey);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base32::encode(&self.0.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = BadAddress;

    fn from_str(input: &str) -> Result<Self, BadAddress> {
        base32::decode(input).map(|key| Self(PublicKey(key))).ok_or(BadAddress::Fingerprint)
    }
}

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadAddress {
    /// Something else than `haversack://` stands in front.
    Scheme,
    /// The host is missing or has impossible characters.
    Host,
    /// The port is not a number from 1 to 65535.
    Port,
    /// The fingerprint does not have 52 base32 characters.
    Fingerprint,
}

impl fmt::Display for BadAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "an address begins with a host name or with haversack://",
            Self::Host => "the host name is missing or malformed",
            Self::Port => "a port is a number from 1 to 65535",
            Self::Fingerprint => "a fingerprint has 52 letters and digits",
        })
    }
}

impl std::error::Error for BadAddress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_in_many_ways() {
        let cases = [
            ("localhost", "localhost", 50000),
            ("10.0.0.1:7", "10.0.0.1", 7),
            ("haversack://chat.example:1234", "chat.example", 1234),
            ("haversack://chat.example/", "chat.example", 50000),
            ("::1", "::1", 50000),
            ("[::1]:9", "::1", 9),
            ("[fe80::1]", "fe80::1", 50000),
        ];
        for (text, host, port) in cases {
            let address: ServerAddr = text.parse().unwrap();
            assert_eq!((address.host(), address.port()), (host, port), "{text}");
        }
    }

    #[test]
    fn an_address_with_a_fingerprint_survives_being_written() {
        let key = Fingerprint(PublicKey([0xA7; 32]));
        let address = ServerAddr::new("::1", 50001, Some(key));
        let uri = address.to_uri();
        assert_eq!(uri.parse::<ServerAddr>().unwrap(), address, "{uri}");
    }

    #[test]
    fn nonsense_is_refused_with_its_reason() {
        let cases = [
            ("", BadAddress::Host),
            ("http://x", BadAddress::Scheme),
            ("host:0", BadAddress::Port),
            ("host:70000", BadAddress::Port),
            ("host:", BadAddress::Port),
            (":50000", BadAddress::Host),
            ("a b", BadAddress::Host),
            ("[::1", BadAddress::Host),
            ("[::1]x", BadAddress::Host),
            ("host#abc", BadAddress::Fingerprint),
        ];
        for (text, why) in cases {
            assert_eq!(text.parse::<ServerAddr>().unwrap_err(), why, "{text:?}");
        }
    }
}
