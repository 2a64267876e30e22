//! Where the program begins and ends.

use cortex_m::singleton;

use crate::board::Board;
use crate::boards::{self, This};
use crate::client::{Client, Session};
use crate::fault::Fault;
use crate::machines::Chat;
use crate::measure;
use crate::network::{Memory, Network};
use crate::orders::{self, Orders};

#[cortex_m_rt::entry]
fn main() -> ! {
    let board = start_board();
    let memory = lay_out_memory();
    let outcome = prepare(board, memory).and_then(|client| client.run(board));
    measure::report(board);
    match outcome {
        Ok(()) => board.end(0),
        Err(fault) => {
            board.tell(format_args!("failed: {fault}"));
            board.end(fault.exit_code())
        }
    }
}

// Whatever is large has a place of its own, and none on the stack but while it is made: hence the
// functions out of line.

#[inline(never)]
fn start_board() -> &'static mut This {
    singleton!(: This = boards::start()).expect("a program starts once")
}

#[inline(never)]
fn prepare(
    board: &mut This,
    memory: &'static mut Memory<'static>,
) -> Result<&'static mut Client, Fault> {
    let line = singleton!(: [u8; orders::MAX_LEN] = [0; orders::MAX_LEN]).ok_or(Fault::Twice)?;
    let len = board.command_line(line);
    let orders = Orders::parse(&line[..len])?;
    let network = Network::start(board, memory, &orders);
    let session = singleton!(: Session = Session::new()).ok_or(Fault::Twice)?;
    let chat = singleton!(: Option<Chat> = None).ok_or(Fault::Twice)?;
    let client = Client::new(board, network, session, chat, orders)?;
    singleton!(: Client = client).ok_or(Fault::Twice)
}

#[inline(never)]
fn lay_out_memory() -> &'static mut Memory<'static> {
    singleton!(: Memory<'static> = Memory::new()).expect("a program starts once")
}
