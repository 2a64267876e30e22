//! Every state of a transfer against every message: taken, ignored, or the end of the session.

use std::vec::Vec;

use super::link::Weather;
use super::pair::{Pair, held};
use crate::flow::Misbehaviour::{ChangedDigest, IdInUse, OutOfTurn, WrongSide};
use crate::flow::{FlowEvent, Misbehaviour};
use crate::ids::{Digest, Stamp, TransferId};
use crate::secure::Role;
use crate::text::FileName;
use crate::wire::{AbortReason, ByteRange, Transfer};

/// Get, Put, Offer, Accept, Digest, Hold, Confirm, Done, Abort.
type Row = [Result<(), Misbehaviour>; 9];

const OK: Result<(), Misbehaviour> = Ok(());
const SIDE: Result<(), Misbehaviour> = Err(WrongSide);
const TURN: Result<(), Misbehaviour> = Err(OutOfTurn);
const USED: Result<(), Misbehaviour> = Err(IdInUse);

#[test]
fn every_message_in_every_state_is_decided() {
    for (state, role, row) in table() {
        for (message, expected) in messages().iter().zip(row) {
            let mut pair = arrange(state);
            let now = pair.now;

            let result = pair.end(role).flow.handle_message(now, message);

            assert_eq!(result, expected, "{state:?} hears {message:?}");
            pair.end(role).obliging = false;
            pair.drain();
            assert!(pair.end(role).ends(1) <= 1);
        }
    }
}

#[test]
fn a_digest_never_changes() {
    let mut pair = arrange(State::UploadAccepted);
    let digest = |byte| Transfer::Digest { id: ID, digest: Digest([byte; 32]) };
    let flow = &mut pair.server.flow;

    flow.handle_message(pair.now, &digest(1)).unwrap();
    assert_eq!(flow.handle_message(pair.now, &digest(1)), Ok(()));
    assert_eq!(flow.handle_message(pair.now, &digest(2)), Err(ChangedDigest));
}

#[test]
fn words_about_ended_transfers_are_counted_and_ignored() {
    let mut pair = arrange(State::ServerUnknown);

    for message in &messages()[3..] {
        pair.server.flow.handle_message(pair.now, message).unwrap();
    }
    pair.drain();

    assert_eq!(pair.server.flow.stats().messages_late, 6);
    assert_eq!(pair.server.events.iter().filter(|event| is_about_transfers(event)).count(), 0);
}

#[derive(Clone, Copy, Debug)]
enum State {
    ClientUnknown,
    ServerUnknown,
    DownloadAsked,
    DownloadOffered,
    DownloadPrepared,
    DownloadVerifying,
    UploadAsked,
    UploadOpen,
    Wanted,
    Offered,
    SourceOpen,
    Pushed,
    UploadAccepted,
}

fn table() -> Vec<(State, Role, Row)> {
    use Role::{Client, Server};
    use State::*;
    std::vec![
        (ClientUnknown, Client, [SIDE, SIDE, OK, OK, OK, OK, SIDE, OK, OK]),
        (ServerUnknown, Server, [OK, OK, SIDE, OK, OK, OK, OK, OK, OK]),
        // The client as a sink.
        (DownloadAsked, Client, [SIDE, SIDE, OK, SIDE, TURN, OK, SIDE, SIDE, OK]),
        (DownloadOffered, Client, [SIDE, SIDE, TURN, SIDE, OK, OK, SIDE, SIDE, OK]),
        (DownloadPrepared, Client, [SIDE, SIDE, TURN, SIDE, OK, OK, SIDE, SIDE, OK]),
        (DownloadVerifying, Client, [SIDE, SIDE, TURN, SIDE, OK, OK, SIDE, SIDE, OK]),
        // The client as a source.
        (UploadAsked, Client, [SIDE, SIDE, SIDE, OK, SIDE, OK, SIDE, TURN, OK]),
        (UploadOpen, Client, [SIDE, SIDE, SIDE, TURN, SIDE, OK, SIDE, OK, OK]),
        // The server as a source.
        (Wanted, Server, [USED, USED, SIDE, TURN, SIDE, OK, OK, TURN, OK]),
        (Offered, Server, [USED, USED, SIDE, OK, SIDE, OK, OK, TURN, OK]),
        (SourceOpen, Server, [USED, USED, SIDE, TURN, SIDE, OK, OK, OK, OK]),
        // The server as a sink.
        (Pushed, Server, [USED, USED, SIDE, SIDE, OK, OK, SIDE, SIDE, OK]),
        (UploadAccepted, Server, [USED, USED, SIDE, SIDE, OK, OK, SIDE, SIDE, OK]),
    ]
}

fn messages() -> [Transfer; 9] {
    let name = FileName::parse("file").unwrap();
    let ranges = held(1, &[(0, 1)]).ranges;
    [
        Transfer::Get {
            id: ID,
            name: name.clone(),
            held: None,
            hold: false,
            confirmed: false,
            stop_at: None,
        },
        Transfer::Put { id: ID, name, size: 9, stamp: Stamp(1), hold: false },
        Transfer::Offer { id: ID, size: 9, stamp: Stamp(1), resumed: false },
        Transfer::Accept { id: ID, held: ranges },
        Transfer::Digest { id: ID, digest: Digest([0; 32]) },
        Transfer::Hold { id: ID, set: true },
        Transfer::Confirm { id: ID },
        Transfer::Done { id: ID },
        Transfer::Abort { id: ID, why: AbortReason::Cancelled },
    ]
}

/// A pair whose ends do not hear each other, one of them in that state.
fn arrange(state: State) -> Pair {
    let mut pair = Pair::new(Weather::FAIR, 1);
    (pair.client.obliging, pair.server.obliging) = (false, false);
    let [get, put, offer, accept, digest, ..] = messages();
    let now = pair.now;
    let (client, server) = (&mut pair.client.flow, &mut pair.server.flow);
    let name = FileName::parse("file").unwrap();
    match state {
        State::ClientUnknown | State::ServerUnknown => {}
        State::DownloadAsked
        | State::DownloadOffered
        | State::DownloadPrepared
        | State::DownloadVerifying => {
            client.get(now, ID, &name, None, false, false).unwrap();
            if !matches!(state, State::DownloadAsked) {
                client.handle_message(now, &offer).unwrap();
            }
            if matches!(state, State::DownloadPrepared) {
                client.prepared(now, ID, &[]);
            }
            if matches!(state, State::DownloadVerifying) {
                client.prepared(now, ID, &[ByteRange { start: 0, end: 9 }]);
                client.handle_message(now, &digest).unwrap();
            }
        }
        State::UploadAsked | State::UploadOpen => {
            client.put(now, ID, &name, 9, Stamp(1), false).unwrap();
            if matches!(state, State::UploadOpen) {
                client.handle_message(now, &accept).unwrap();
            }
        }
        State::Wanted | State::Offered | State::SourceOpen => {
            server.handle_message(now, &get).unwrap();
            if !matches!(state, State::Wanted) {
                server.offer(now, ID, 9, Stamp(1));
            }
            if matches!(state, State::SourceOpen) {
                server.handle_message(now, &accept).unwrap();
            }
        }
        State::Pushed | State::UploadAccepted => {
            server.handle_message(now, &put).unwrap();
            if matches!(state, State::UploadAccepted) {
                server.accept(now, ID, &[]);
            }
        }
    }
    pair
}

fn is_about_transfers(event: &FlowEvent) -> bool {
    !matches!(event, FlowEvent::PathProven { .. })
}

const ID: TransferId = TransferId(1);
