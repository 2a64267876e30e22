//! A question that outlives the link on which it was asked.

/// A question to the server, asked again when the link falls before the answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    None,
    Wanted,
    Asked,
}

impl Question {
    /// Wants an answer, unless one is under way.
    pub(super) fn want(&mut self) {
        if *self == Self::None {
            *self = Self::Wanted;
        }
    }

    /// Whether to ask now; from then on, an answer is under way.
    pub(super) fn ask(&mut self) -> bool {
        let wanted = *self == Self::Wanted;
        if wanted {
            *self = Self::Asked;
        }
        wanted
    }

    /// The answer is complete.
    pub(super) fn on_end(&mut self) {
        if *self == Self::Asked {
            *self = Self::None;
        }
    }

    /// The link fell: what was not answered must be asked again.
    pub(super) fn on_disconnect(&mut self) {
        if *self == Self::Asked {
            *self = Self::Wanted;
        }
    }
}
