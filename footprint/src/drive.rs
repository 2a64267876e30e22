//! Drivers that use all that a device uses of a machine.

use core::mem::MaybeUninit;

use proto_core::chat::{ClientOutput, Purpose};
use proto_core::flow::{Arrival, FlowConfig, FlowOutput};
use proto_core::ids::{ConnectionId, Digest, Stamp, TransferId};
use proto_core::limits::{BASE_DATAGRAM_LEN, MAX_RECORD_LEN};
use proto_core::link::{Link, LinkConfig, LinkOutput};
use proto_core::path::{Address, PathConfig};
use proto_core::secure::{DatagramKeys, Role, StaticKey, Suite, Suites};
use proto_core::text::{FileName, Name, Text};
use proto_core::time::Instant;
use proto_core::wire::{AbortReason, Audience, ToClient, ToServer, decode, encode};

use crate::machines::{Chat, Files};
use crate::nowhere::{any, fill, take};

/// The secure channel, as a client.
pub fn link(place: &mut MaybeUninit<Link>) {
    let key = StaticKey::from(any::<[u8; 32]>());
    let link = place.write(Link::client(LinkConfig {
        key: &key,
        psk: any(),
        cid: ConnectionId::new(any()),
        suites: Suites::BASE,
        entropy: any(),
    }));
    let mut record = [0; 64];
    while any() {
        let len = fill(link.space());
        link.received(len);
        match link.poll_output() {
            Ok(LinkOutput::Transmit(bytes) | LinkOutput::Record(bytes)) => take(bytes),
            Ok(LinkOutput::Identified(key)) => {
                take(key);
                link.trust();
            }
            Ok(LinkOutput::Established(established)) => take(established.local_cid),
            Ok(LinkOutput::Idle) => {}
            Err(why) => return take(why),
        }
        if link.can_seal() {
            let len = fill(&mut record);
            link.seal_whole(&mut record[..len]);
            take(&record);
        }
        take(link.ended());
    }
}

/// The chat.
pub fn chat(place: &mut MaybeUninit<Chat>) {
    let Ok(name) = Name::parse("device") else { return };
    let chat = place.write(Chat::new(name, Purpose::Join, any(), None));
    let mut record = [0; MAX_RECORD_LEN];
    while any() {
        let now = Instant::from_micros(any());
        chat.connected(now);
        chat.ask_files();
        chat.ask_users();
        let len = fill(&mut record);
        if let Ok((message, _)) = decode::<ToClient<'_>>(&record[..len]) {
            take(chat.handle_message(now, message));
        }
        if let Some(text) =
            core::str::from_utf8(&record).ok().and_then(|text| Text::parse(text).ok())
        {
            take(chat.say(now, &Audience::All, text));
        }
        match chat.poll_output(now) {
            ClientOutput::Transmit(message) => take(encode(&message, &mut record)),
            ClientOutput::Event(event) => take(event),
            ClientOutput::Wait(at) => take(at),
            ClientOutput::Idle => {}
        }
        chat.disconnected(now);
        if any() {
            chat.leave();
        }
    }
}

/// A transfer to the device.
pub fn receive(place: &mut MaybeUninit<Files>) {
    let Ok(name) = FileName::parse("file") else { return };
    let flow = begin(place);
    take(flow.get(Instant::ZERO, ID, &name, None, any(), any()));
    while any() {
        let now = Instant::from_micros(any());
        flow.prepared(now, ID, &[]);
        flow.verified(now, ID);
        turn(flow, now);
    }
}

/// A transfer from the device.
pub fn send(place: &mut MaybeUninit<Files>) {
    let Ok(name) = FileName::parse("file") else { return };
    let flow = begin(place);
    take(flow.put(Instant::ZERO, ID, &name, any(), Stamp(any()), any()));
    while any() {
        let now = Instant::from_micros(any());
        flow.digest(now, ID, Digest(any()));
        turn(flow, now);
    }
}

/// The check of a whole file against its digest.
pub fn check(place: &mut MaybeUninit<blake3::Hasher>) {
    let hasher = place.write(blake3::Hasher::new());
    let mut slice = [0; 1024];
    while any() {
        let len = fill(&mut slice);
        hasher.update(&slice[..len]);
    }
    take(*hasher.finalize().as_bytes());
}

const ID: TransferId = TransferId(1);

fn begin(place: &mut MaybeUninit<Files>) -> &mut Files {
    let keys = DatagramKeys::new(Suite::ChaCha20Poly1305, any(), Role::Client);
    let path = PathConfig::new(keys, ConnectionId::new(any()), ConnectionId::new(any()), any());
    let flow = place.write(Files::new(FlowConfig { path, confirm_at: None }, Instant::ZERO));
    flow.open(Instant::ZERO, Some(Address::v4(any(), any())));
    flow
}

fn turn(flow: &mut Files, now: Instant) {
    let mut datagram = [0; BASE_DATAGRAM_LEN];
    flow.hold(now, ID, any());
    if any() {
        flow.abort(now, ID, AbortReason::Cancelled);
    }
    let len = fill(&mut datagram);
    let from = Address::v4(any(), any());
    if let Ok(Arrival::Chunk { bytes, receipt, .. }) =
        flow.handle_datagram(now, from, &mut datagram[..len])
    {
        take(bytes);
        flow.stored(now, receipt);
    }
    let len = fill(&mut datagram);
    if let Ok((ToClient::Transfer(message), _)) = decode::<ToClient<'_>>(&datagram[..len]) {
        take(flow.handle_message(now, &message));
    }
    match flow.poll_output(now) {
        FlowOutput::Data(packet, _) | FlowOutput::Packet(packet) => {
            take(flow.write(&packet, &mut datagram));
        }
        FlowOutput::Message(message) => {
            take(encode(&ToServer::Transfer(message), &mut datagram));
        }
        FlowOutput::Event(event) => take(event),
        FlowOutput::Wait(at) => take(at),
        FlowOutput::Idle => {}
    }
    take(flow.progress(ID));
    take(flow.held(ID));
}
