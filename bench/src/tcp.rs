//! Plain TCP: one stream, reads and writes of 256 KiB.

use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use crate::file;

/// Serves until killed.
pub fn serve(source: &Path, meeting: &Path) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    std::fs::write(meeting, listener.local_addr()?.to_string())?;
    for stream in listener.incoming() {
        file::push(source, &mut stream?)?;
    }
    Ok(())
}

/// Fetches once.
pub fn fetch(target: &Path, meeting: &Path) -> Result<(), Box<dyn Error>> {
    let mut stream = TcpStream::connect(std::fs::read_to_string(meeting)?)?;
    file::pull(&mut stream, target)
}
