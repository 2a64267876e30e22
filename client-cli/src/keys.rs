//! Keys, read from the bytes that a terminal sends.

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Char(char),
    Enter,
    Tab,
    Backspace,
    Delete,
    Left,
    Right,
    Home,
    End,
    Up,
    Down,
    /// Ctrl-W: erases the word before the cursor.
    EraseWord,
    /// Ctrl-U: erases everything before the cursor.
    EraseLine,
    /// Ctrl-D: the end of the input, when nothing is typed.
    Finish,
    /// Ctrl-L: draws everything again.
    Redraw,
}

/// Bytes on their way to become keys. What is no key is dropped.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    /// A character or an escape sequence that has begun.
    begun: Vec<u8>,
}

/// Longest escape sequence that is waited for.
const MAX_SEQUENCE: usize = 16;

impl Decoder {
    /// Takes a byte; gives the key that it completes.
    pub(crate) fn feed(&mut self, byte: u8) -> Option<Key> {
        if self.begun.first() == Some(&0x1B) {
            return self.escape(byte);
        }
        if byte >= 0x80 || !self.begun.is_empty() {
            return self.utf8(byte);
        }
        match byte {
            b'\r' | b'\n' => Some(Key::Enter),
            b'\t' => Some(Key::Tab),
            0x7F | 0x08 => Some(Key::Backspace),
            0x01 => Some(Key::Home),
            0x02 => Some(Key::Left),
            0x04 => Some(Key::Finish),
            0x05 => Some(Key::End),
            0x06 => Some(Key::Right),
            0x0C => Some(Key::Redraw),
            0x0E => Some(Key::Down),
            0x10 => Some(Key::Up),
            0x15 => Some(Key::EraseLine),
            0x17 => Some(Key::EraseWord),
            0x1B => {
                self.begun.push(byte);
                None
            }
            0x20..=0x7E => Some(Key::Char(char::from(byte))),
            _ => None,
        }
    }

    fn escape(&mut self, byte: u8) -> Option<Key> {
        self.begun.push(byte);
        let sequence = &self.begun[1..];
        let key = match sequence {
            // A second escape begins anew; anything but [ and O is Alt with a key.
            [0x1B] => {
                self.begun.truncate(1);
                return None;
            }
            [b'[' | b'O'] => return None,
            [b'[' | b'O', .., last] if (0x40..=0x7E).contains(last) => match (sequence, last) {
                (_, b'A') => Some(Key::Up),
                (_, b'B') => Some(Key::Down),
                (_, b'C') => Some(Key::Right),
                (_, b'D') => Some(Key::Left),
                (_, b'H') | ([b'[', b'1' | b'7', b'~'], _) => Some(Key::Home),
                (_, b'F') | ([b'[', b'4' | b'8', b'~'], _) => Some(Key::End),
                ([b'[', b'3', b'~'], _) => Some(Key::Delete),
                _ => None,
            },
            [b'[' | b'O', ..] if sequence.len() < MAX_SEQUENCE => return None,
            _ => None,
        };
        self.begun.clear();
        key
    }

    fn utf8(&mut self, byte: u8) -> Option<Key> {
        self.begun.push(byte);
        match std::str::from_utf8(&self.begun) {
            Ok(text) => {
                let key = text.chars().next().filter(|c| !c.is_control()).map(Key::Char);
                self.begun.clear();
                key
            }
            Err(error) if error.error_len().is_none() => None,
            Err(_) => {
                self.begun.clear();
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        bytes.iter().filter_map(|byte| decoder.feed(*byte)).collect()
    }

    #[test]
    fn characters_of_every_length_are_keys() {
        assert_eq!(keys("aéא😀".as_bytes()), ['a', 'é', 'א', '😀'].map(Key::Char));
    }

    #[test]
    fn escape_sequences_are_keys() {
        let bytes = b"\x1b[A\x1bOB\x1b[C\x1b[D\x1b[H\x1b[4~\x1b[3~\x1b[1;5C";
        assert_eq!(
            keys(bytes),
            [
                Key::Up,
                Key::Down,
                Key::Right,
                Key::Left,
                Key::Home,
                Key::End,
                Key::Delete,
                Key::Right
            ]
        );
    }

    #[test]
    fn what_is_no_key_is_dropped() {
        assert_eq!(keys(b"\x00\x1bx\xFFa"), [Key::Char('a')]);
        assert_eq!(keys(b"\x1b\x1b[A"), [Key::Up]);
        let mut endless = b"\x1b[".to_vec();
        endless.extend([b'1'; 40]);
        assert!(keys(&endless).len() < 40);
        assert_eq!(keys(b"\xC2\x9Bx"), [Key::Char('x')]);
    }
}
