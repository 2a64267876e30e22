//! Who this device is, and whether the server is who it must be.

use proto_core::ids::PublicKey;
use proto_core::secure::StaticKey;

use crate::board::Board;
use crate::fault::Fault;
use crate::store::{Record, Store};

/// Who this device is: drawn once, and kept.
pub(crate) fn own_key<B: Board>(board: &mut B) -> Result<StaticKey, Fault> {
    let mut key = [0; 32];
    if board.store().load(Record::Key, &mut key).map_err(Fault::store)? != key.len() {
        key = board.random();
        board.store().save(Record::Key, &key).map_err(Fault::store)?;
    }
    Ok(StaticKey::from(key))
}

/// Whether the server is who it must be: as ordered, or else as it was the first time.
pub(crate) fn judge(
    store: &mut impl Store,
    ordered: Option<PublicKey>,
    PublicKey(key): PublicKey,
) -> Result<(), Fault> {
    let mut met = [0; 32];
    let known = store.load(Record::Server, &mut met).map_err(Fault::store)? == met.len();
    let met = known.then_some(PublicKey(met));
    for expected in [ordered, met].into_iter().flatten() {
        if expected != PublicKey(key) {
            return Err(Fault::WrongServer(PublicKey(key)));
        }
    }
    if !known {
        store.save(Record::Server, &key).map_err(Fault::store)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::Memory;

    const RIGHT: PublicKey = PublicKey([1; 32]);
    const FALSE: PublicKey = PublicKey([2; 32]);

    #[test]
    fn a_server_that_is_not_the_ordered_one_is_refused_and_not_remembered() {
        let mut store = Memory::default();

        let met = judge(&mut store, Some(RIGHT), FALSE);

        assert!(matches!(met, Err(Fault::WrongServer(FALSE))));
        judge(&mut store, None, RIGHT).unwrap();
    }

    #[test]
    fn a_server_is_who_it_was_the_first_time_whatever_is_ordered() {
        let mut store = Memory::default();
        judge(&mut store, None, RIGHT).unwrap();

        judge(&mut store, None, RIGHT).unwrap();

        assert!(matches!(judge(&mut store, None, FALSE), Err(Fault::WrongServer(FALSE))));
        assert!(matches!(judge(&mut store, Some(FALSE), FALSE), Err(Fault::WrongServer(FALSE))));
    }
}
