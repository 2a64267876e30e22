//! Plain TCP: one stream, reads and writes of 256 KiB.

use std::net::{TcpListener, TcpStream};

use socket2::SockRef;

use super::Play;
use crate::Fault;
use crate::content;

/// A listener whose connections send by a controller of the kernel's.
pub fn listen(play: &Play, controller: &str) -> Result<TcpListener, Fault> {
    let listener = TcpListener::bind(play.listen()?)?;
    SockRef::from(&listener).set_tcp_congestion(controller.as_bytes())?;
    play.meet(listener.local_addr()?)?;
    Ok(listener)
}

/// Serves until killed.
pub fn serve(play: &Play, controller: &str) -> Result<(), Fault> {
    for stream in listen(play, controller)?.incoming() {
        content::push(&play.file, &mut stream?)?;
    }
    Ok(())
}

/// Fetches once.
pub fn fetch(play: &Play) -> Result<(), Fault> {
    content::pull(&mut TcpStream::connect(play.server()?)?, &play.file)
}
