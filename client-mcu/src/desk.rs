//! What the device wants of the server, and what it makes of the answers.

use proto_core::chat::{ClientEvent, Purpose};
use proto_core::flow::FlowEvent;
use proto_core::time::Instant;
use proto_core::wire::{Audience, ToClient, Transfer, decode};

use crate::board::Board;
use crate::download::{Download, ID};
use crate::fault::Fault;
use crate::machines::{Chat, Files};
use crate::orders::Orders;

/// The device's wishes and how far they are fulfilled.
pub(crate) struct Desk<'o> {
    orders: Orders<'o>,
    /// The chat: it survives its links.
    pub(crate) chat: &'o mut Chat,
    /// The file that is fetched.
    pub(crate) download: Option<Download>,
    logins: u32,
    said: bool,
    parted: bool,
    found: bool,
}

/// What a person says to let a paused transfer go on.
const PROCEED: &str = "proceed";

impl<'o> Desk<'o> {
    /// Begins with nothing done.
    pub(crate) fn new(orders: Orders<'o>, chat: &'o mut Option<Chat>, stream: u64) -> Self {
        let chat = begin_chat(chat, &orders, stream);
        let download = orders.get.clone().map(Download::new);
        let parted = orders.until.is_none();
        let said = orders.say.is_none();
        Self { chat, download, logins: 0, said, parted, found: false, orders }
    }

    /// What it is to do.
    pub(crate) const fn orders(&self) -> &Orders<'o> {
        &self.orders
    }

    /// Hears one message of a record; what is left of it.
    pub(crate) fn hear<'m, B: Board>(
        &mut self,
        board: &mut B,
        now: Instant,
        flow: &mut Files,
        record: &'m [u8],
    ) -> Result<&'m [u8], Fault> {
        let (message, rest) = decode::<ToClient<'_>>(record).map_err(|_| Fault::Misbehaved)?;
        let event = self.chat.handle_message(now, message).map_err(|_| Fault::Misbehaved)?;
        self.on_event(board, now, flow, event)?;
        Ok(rest)
    }

    /// Hears what the chat makes of it.
    pub(crate) fn on_event<B: Board>(
        &mut self,
        board: &mut B,
        now: Instant,
        flow: &mut Files,
        event: ClientEvent<'_>,
    ) -> Result<(), Fault> {
        match event {
            ClientEvent::LoggedIn { name, .. } => {
                self.logins = self.logins.wrapping_add(1);
                board.tell(format_args!("online as {name}"));
                self.chat.ask_files();
                if let Some(text) = self.orders.say.filter(|_| !self.said) {
                    self.said = self.chat.say(now, &Audience::All, text).is_ok();
                }
            }
            ClientEvent::Said { from, text, mine: None, .. } => {
                board.tell(format_args!("{from}: {}", text.as_str()));
                self.parted |= self.orders.until == Some(text.as_str());
                if text.as_str() == PROCEED {
                    flow.confirm(now, ID);
                    flow.hold(now, ID, false);
                }
            }
            ClientEvent::Delivered { .. } => board.tell(format_args!("delivered")),
            ClientEvent::Joined { name, .. } => board.tell(format_args!("{name} is here")),
            ClientEvent::Left { name, .. } => board.tell(format_args!("{name} has left")),
            ClientEvent::File { name, size, .. } => {
                board.tell(format_args!("file {size} {}", name.as_str()));
                self.found |= self.orders.get.as_ref() == Some(&name);
            }
            ClientEvent::FilesEnd => self.fetch(board, now, flow)?,
            ClientEvent::Transfer(message) => {
                hand_over(now, flow, &message)?;
            }
            ClientEvent::Rejected { why, .. } => return Err(Fault::Rejected(why)),
            ClientEvent::Refused(why) => return Err(Fault::Refused(why)),
            ClientEvent::Goodbye(why) => return Err(Fault::SentAway(why)),
            ClientEvent::Silent => return Err(Fault::Silent),
            // Its own words come back; it never asks who is there; the loop hears the last itself.
            ClientEvent::Said { mine: Some(_), .. }
            | ClientEvent::Present(_)
            | ClientEvent::PresentEnd
            | ClientEvent::PeopleChanged
            | ClientEvent::FilesChanged
            | ClientEvent::Quiet
            | ClientEvent::Closed => {}
        }
        Ok(())
    }

    /// Hears what happened to the file.
    pub(crate) fn on_flow_event<B: Board>(
        &mut self,
        board: &mut B,
        now: Instant,
        flow: &mut Files,
        event: &FlowEvent,
    ) -> Result<(), Fault> {
        match event {
            FlowEvent::PathProven { size } => board.tell(format_args!("datagrams of {size} bytes")),
            FlowEvent::PathUnanswered => board.tell(format_args!("no datagram is answered")),
            FlowEvent::PathBroken { .. } => return Err(Fault::Misbehaved),
            event => {
                if let Some(download) = &mut self.download {
                    download.on_event(board, now, flow, event)?;
                }
            }
        }
        Ok(())
    }

    /// How often the server has let the device in.
    pub(crate) const fn logins(&self) -> u32 {
        self.logins
    }

    /// Whether everything is done.
    pub(crate) fn is_done(&self) -> bool {
        let fetched = self.download.as_ref().is_none_or(Download::is_over);
        self.said && self.parted && fetched && self.chat.is_settled()
    }

    /// Asks for the file, once over each link.
    #[inline(never)]
    fn fetch<B: Board>(
        &mut self,
        board: &mut B,
        now: Instant,
        flow: &mut Files,
    ) -> Result<(), Fault> {
        let Some(download) = self.download.as_mut().filter(|download| !download.is_over()) else {
            return Ok(());
        };
        if !self.found {
            return Err(Fault::NotFound);
        }
        let held = download.held(board)?;
        if flow.get(now, ID, download.name(), held.as_ref(), false, false).is_ok()
            && let Some(pause) = self.orders.pause
        {
            flow.stop_at(now, ID, pause);
        }
        Ok(())
    }
}

// Out of line: what it makes on the stack is gone when something else is made there.
#[inline(never)]
fn hand_over(now: Instant, flow: &mut Files, message: &Transfer) -> Result<(), Fault> {
    flow.handle_message(now, message).map_err(|_| Fault::Misbehaved)
}

// Out of line: a chat is large, and passes over the stack while it is made.
#[inline(never)]
fn begin_chat<'o>(place: &'o mut Option<Chat>, orders: &Orders<'_>, stream: u64) -> &'o mut Chat {
    place.insert(Chat::new(orders.name.clone(), Purpose::Join, stream, None))
}
