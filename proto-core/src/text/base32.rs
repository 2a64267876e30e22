//! 256 bits as 52 characters that survive being read aloud: RFC 4648's alphabet in lower case.
//! Fingerprints, secrets and kept keys are written so.

use heapless::String;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Characters for 256 bits, without padding.
pub const LEN: usize = 52;

/// Writes 32 bytes as 52 characters.
pub fn encode(bytes: &[u8; 32]) -> String<LEN> {
    let mut text = String::new();
    for at in 0..LEN {
        let mut value = 0;
        for bit in at * 5..at * 5 + 5 {
            let set = bytes.get(bit / 8).is_some_and(|byte| byte >> (7 - bit % 8) & 1 == 1);
            value = value << 1 | usize::from(set);
        }
        // There is room for every character.
        let _ = text.push(char::from(ALPHABET[value]));
    }
    text
}

/// Reads 52 characters of either case; `None` for anything else.
pub fn decode(text: &str) -> Option<[u8; 32]> {
    let text = text.as_bytes();
    if text.len() != LEN {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, character) in text.iter().enumerate() {
        let value = ALPHABET.iter().position(|c| *c == character.to_ascii_lowercase())?;
        for offset in 0..5 {
            let bit = at * 5 + offset;
            let set = value >> (4 - offset) & 1 == 1;
            match bytes.get_mut(bit / 8) {
                Some(byte) => *byte |= u8::from(set) << (7 - bit % 8),
                None if set => return None,
                None => {}
            }
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::try_from(at * 37 % 256).unwrap();
        }
        let text = encode(&bytes);
        assert_eq!(text.len(), LEN);
        assert_eq!(decode(&text), Some(bytes));
        assert_eq!(decode(&text.as_str().to_uppercase()), Some(bytes));
    }

    #[test]
    fn only_one_text_means_a_value() {
        let text = encode(&[0xFF; 32]);
        assert!(text.ends_with('q'), "four bits of the last character are padding: {text}");
        assert_eq!(decode(&text.as_str().replace('q', "r")), None);
        assert_eq!(decode(&text[1..]), None);
        assert_eq!(decode(&text.as_str().replace('q', "1")), None);
    }
}
