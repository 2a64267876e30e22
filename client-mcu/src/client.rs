//! The loop: bytes in, machines asked, bytes out, rest.

use core::net::SocketAddrV4;

use proto_core::chat::{ClientEvent, ClientOutput};
use proto_core::flow::{Arrival, FlowConfig, FlowOutput};
use proto_core::ids::ConnectionId;
use proto_core::link::{Established, Link, LinkConfig, LinkOutput, NO_SECRET};
use proto_core::path::{Address, PathConfig};
use proto_core::secure::{StaticKey, Suites};
use proto_core::time::{Duration, Instant};
use proto_core::wire::ToServer;

use crate::board::Board;
use crate::control::Control;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::identity::{judge, own_key};
use crate::machines::{Chat, Files};
use crate::network::{Network, Stream};
use crate::orders::Orders;
use crate::profile::{ACK_DELAY, DATAGRAM_LEN};
use crate::store::Store;

/// How often a server is tried that does not let the device in, and how long it waits between.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);
/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The device as a client.
pub(crate) struct Client {
    network: Network<'static>,
    session: &'static mut Session,
    desk: Desk<'static>,
    key: StaticKey,
}

/// What stands and falls with one connection. It stays in its place: it is large.
pub(crate) struct Session {
    control: Option<Control>,
    flow: Option<Files>,
    began: Instant,
    datagram: [u8; DATAGRAM_LEN],
}

impl Session {
    /// No connection.
    pub(crate) const fn new() -> Self {
        Self { control: None, flow: None, began: Instant::ZERO, datagram: [0; DATAGRAM_LEN] }
    }

    // These two stay out of line, so that what passes over their stack while it is made takes no
    // room in the frames that stay.
    #[inline(never)]
    fn connect(&mut self, now: Instant, config: LinkConfig<'_>) {
        self.flow = None;
        self.began = now;
        self.control = Some(Control::new(Link::client(config)));
    }

    #[inline(never)]
    fn open(&mut self, now: Instant, path: PathConfig, server: SocketAddrV4) {
        let flow = self.flow.insert(Files::new(FlowConfig { path, confirm_at: None }, now));
        flow.open(now, Some(Address::v4(server.ip().octets(), server.port())));
    }
}

impl Client {
    /// Prepares a client.
    pub(crate) fn new(
        board: &mut impl Board,
        network: Network<'static>,
        session: &'static mut Session,
        chat: &'static mut Option<Chat>,
        orders: Orders<'static>,
    ) -> Result<Self, Fault> {
        let key = own_key(board)?;
        let stream = u64::from_le_bytes(board.random());
        Ok(Self { network, session, desk: Desk::new(orders, chat, stream), key })
    }

    /// Does what is to be done, over as many connections as it takes.
    pub(crate) fn run<B: Board>(&mut self, board: &mut B) -> Result<(), Fault> {
        let mut attempts = 0;
        loop {
            let logins = self.desk.logins();
            let outcome = self.session(board);
            let now = board.now();
            self.desk.chat.disconnected(now);
            if self.desk.logins() != logins {
                attempts = 0;
            }
            match outcome {
                Err(fault) if fault.is_passing() && attempts < ATTEMPTS => {
                    attempts += 1;
                    board.tell(format_args!("{fault}; trying again"));
                    self.wait(board, now + PAUSE * attempts);
                }
                outcome => return outcome,
            }
        }
    }

    /// One connection, from its beginning to its end.
    fn session<B: Board>(&mut self, board: &mut B) -> Result<(), Fault> {
        let server = self.desk.orders().server;
        self.network.dial(board, server);
        let began = board.now();
        let config = LinkConfig {
            key: &self.key,
            psk: self.desk.orders().secret.unwrap_or(NO_SECRET),
            cid: ConnectionId::new(u16::from_le_bytes(board.random())),
            suites: Suites::BASE,
            entropy: board.random(),
        };
        self.session.connect(began, config);
        loop {
            let now = board.now();
            let mut busy = self.network.turn(board.nic(), now);
            // Once the channel stands, the chat watches over the server.
            if self.session.flow.is_none() && now.since(began) > PATIENCE {
                return Err(Fault::Unreachable);
            }
            if self.network.stream() == Stream::Connecting {
                self.rest(board, now, busy, began + PATIENCE);
                continue;
            }
            self.hear(board, now)?;
            self.take_datagrams(board, now)?;
            let Some(chat_wakes) = self.speak(board, now)? else {
                self.part(board);
                return Ok(());
            };
            let flow_wakes = self.serve(board, now)?;
            if let Some(control) = &mut self.session.control {
                control.flush(&mut self.network);
            }
            if let (Some(download), Some(flow)) = (&mut self.desk.download, &mut self.session.flow)
            {
                busy |= download.is_busy();
                download.check(board, now, flow)?;
            }
            self.network.flush(board.nic(), now);
            self.rest(board, now, busy, chat_wakes.min(flow_wakes));
        }
    }

    /// Takes what arrived on the control channel.
    #[inline(never)]
    fn hear<B: Board>(&mut self, board: &mut B, now: Instant) -> Result<(), Fault> {
        while let Some(established) = self.hear_until_established(board, now)? {
            let Established { keys, local_cid, remote_cid, .. } = established;
            let mut path = PathConfig::new(keys, local_cid, remote_cid, board.random());
            path.max_datagram = u16::try_from(DATAGRAM_LEN).unwrap_or(u16::MAX);
            path.max_ack_delay = ACK_DELAY;
            self.session.open(now, path, self.desk.orders().server);
            self.desk.chat.connected(now);
        }
        match self.session.control.as_ref().and_then(|control| control.ended(&self.network)) {
            None => Ok(()),
            Some(Ok(())) => Err(Fault::Lost),
            Some(Err(why)) => Err(Fault::Link(why)),
        }
    }

    fn hear_until_established<B: Board>(
        &mut self,
        board: &mut B,
        now: Instant,
    ) -> Result<Option<Established>, Fault> {
        let Session { control: Some(control), flow, .. } = &mut *self.session else {
            return Ok(None);
        };
        loop {
            match control.next(&mut self.network).map_err(Fault::Link)? {
                LinkOutput::Transmit(_) => {}
                LinkOutput::Identified(key) => {
                    judge(board.store(), self.desk.orders().key, key)?;
                    control.link.trust();
                }
                LinkOutput::Established(established) => return Ok(Some(established)),
                LinkOutput::Record(mut bytes) => {
                    let flow = flow.as_mut().ok_or(Fault::Misbehaved)?;
                    while !bytes.is_empty() {
                        bytes = self.desk.hear(board, now, flow, bytes)?;
                    }
                }
                LinkOutput::Idle => return Ok(None),
            }
        }
    }

    /// Takes the datagrams that arrived.
    #[inline(never)]
    fn take_datagrams<B: Board>(&mut self, board: &mut B, now: Instant) -> Result<(), Fault> {
        let Session { flow: Some(flow), datagram, .. } = &mut *self.session else {
            return Ok(());
        };
        while let Some((len, from)) = self.network.receive_datagram(datagram) {
            let arrival = flow.handle_datagram(now, from, &mut datagram[..len]);
            if let Ok(Arrival::Chunk { offset, bytes, receipt, .. }) = arrival
                && let Some(download) = &mut self.desk.download
            {
                // Only what is here may be acknowledged.
                board.store().write_at(offset, bytes).map_err(Fault::store)?;
                flow.stored(now, receipt);
                download.on_stored(board, flow)?;
            }
        }
        Ok(())
    }

    /// Says what the chat has to say; when it wakes, or `None` after its goodbye.
    #[inline(never)]
    fn speak<B: Board>(&mut self, board: &mut B, now: Instant) -> Result<Option<Instant>, Fault> {
        let later = Ok(Some(now + PATIENCE));
        let Session { control: Some(control), flow: Some(flow), .. } = &mut *self.session else {
            return later;
        };
        if self.desk.is_done() {
            self.desk.chat.leave();
        }
        while control.is_free() {
            match self.desk.chat.poll_output(now) {
                ClientOutput::Transmit(message) => control.say(&mut self.network, &message),
                ClientOutput::Event(ClientEvent::Closed) => return Ok(None),
                ClientOutput::Event(event) => self.desk.on_event(board, now, flow, event)?,
                ClientOutput::Wait(at) => return Ok(Some(at)),
                ClientOutput::Idle => break,
            }
        }
        later
    }

    /// Does what the flow asks for; when it wakes.
    #[inline(never)]
    fn serve<B: Board>(&mut self, board: &mut B, now: Instant) -> Result<Instant, Fault> {
        let Session { control: Some(control), flow: Some(flow), datagram, .. } = &mut *self.session
        else {
            return Ok(self.session.began + PATIENCE);
        };
        while control.is_free() {
            match flow.poll_output(now) {
                FlowOutput::Packet(packet) | FlowOutput::Data(packet, _) => {
                    let len = flow.write(&packet, datagram);
                    let (to, bytes) = (packet.to, &datagram[..len]);
                    if !bytes.is_empty() {
                        self.network.send_datagram(board.nic(), now, to, bytes);
                    }
                }
                FlowOutput::Message(message) => {
                    control.say(&mut self.network, &ToServer::Transfer(message));
                }
                FlowOutput::Event(event) => {
                    self.desk.on_flow_event(board, now, flow, &event)?;
                }
                FlowOutput::Wait(at) => return Ok(at),
                FlowOutput::Idle => break,
            }
        }
        Ok(now + PATIENCE)
    }

    /// Lets the goodbye reach the server.
    fn part<B: Board>(&mut self, board: &mut B) {
        self.network.close();
        let until = board.now() + PAUSE;
        while !self.network.is_heard() && board.now() < until {
            let soon = board.now() + Duration::from_millis(1);
            self.wait(board, soon);
        }
        board.tell(format_args!("left"));
    }

    /// Rests until there is something to do.
    fn rest<B: Board>(&mut self, board: &mut B, now: Instant, busy: bool, until: Instant) {
        if !busy {
            let network = self.network.wakes_at(now).unwrap_or(until);
            board.rest(until.min(network));
        }
    }

    /// Serves the network alone until then.
    fn wait<B: Board>(&mut self, board: &mut B, until: Instant) {
        loop {
            let now = board.now();
            let busy = self.network.turn(board.nic(), now);
            if now >= until {
                return;
            }
            self.rest(board, now, busy, until);
        }
    }
}
