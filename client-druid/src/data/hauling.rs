//! What the user does with files: fetches and brings them, pauses, proceeds, cancels, retries.

use std::path::PathBuf;
use std::sync::Arc;

use proto_core::ids::TransferId;
use proto_core::text::FileName;
use proto_std::session::{Clash, Command, Error, ErrorKind, Get, Percent, Put};
use proto_std::storage::Sidecar;

use super::app::App;
use super::dialog::{Dialog, SaveAs, Upload};
use super::save_as::capital;
use super::transfer::{Deed, State, Transfer, Wish};

/// Rows that are kept. For one more the oldest goes that is over; when none is, none can begin.
const MOST_ROWS: usize = 64;
const FULL: &str = "Too many transfers are under way. Wait until one is done, or cancel one.";
/// Where a download stops that was asked to.
const HALF: Percent = Percent::new(50).expect("50 is a percentage");

impl App {
    /// Opens the dialog for a download.
    pub(crate) fn start_download(&mut self, file: &str) {
        let all = self.room.files.all.iter().flat_map(|files| files.iter());
        let size = all.clone().find(|entry| entry.name.as_str() == file).map(|entry| entry.size);
        self.save = SaveAs {
            file: file.into(),
            size: size.unwrap_or(0),
            name: file.to_owned(),
            folder: self.downloads.display().to_string(),
            pause: false,
            folder_error: None,
        };
        self.dialog = Dialog::SaveAs;
    }

    /// Begins the download that the dialog describes, now that the folder that was typed for it is
    /// looked up; `None` when something is wrong with it, and the dialog says so, or when it asks
    /// for something else by now.
    pub(crate) fn download(
        &mut self,
        file: &str,
        typed: &str,
        found: Result<PathBuf, String>,
    ) -> Option<Command> {
        let is_asked = *self.save.file == *file && self.save.folder == typed;
        if self.dialog != Dialog::SaveAs || !is_asked {
            return None;
        }
        let file = FileName::parse(file).ok()?;
        let save_as = FileName::parse(self.save.name.trim()).ok()?;
        let folder = match found {
            Ok(folder) => folder,
            Err(why) => {
                self.save.folder_error = Some(why.into());
                return None;
            }
        };
        if !self.can_begin() {
            self.announce(FULL, true);
            return None;
        }
        self.dialog = Dialog::None;
        self.downloads.clone_from(&folder);
        let get = Get {
            id: self.room.transfer_id(),
            file,
            folder,
            save_as: Some(save_as),
            clash: Clash::KeepBoth,
            hold: false,
            pause_at: self.save.pause.then_some(HALF),
            confirmed: false,
        };
        Some(self.begin(Wish::Get(Box::new(get))))
    }

    /// Opens the dialog for an upload.
    pub(crate) fn start_upload(&mut self) {
        self.upload = Upload::default();
        self.dialog = Dialog::Upload;
    }

    /// Begins the upload that the dialog describes, now that the file that was typed for it is
    /// looked up; `None` as with a download.
    pub(crate) fn put(&mut self, typed: &str, found: Result<PathBuf, String>) -> Option<Command> {
        if self.dialog != Dialog::Upload || self.upload.path != typed {
            return None;
        }
        self.upload.path_error = None;
        self.upload.name_error = None;
        let path = match found {
            Ok(path) => path,
            Err(why) => {
                self.upload.path_error = Some(why.into());
                return None;
            }
        };
        let name = self.upload.name.trim();
        let own = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = match FileName::parse(if name.is_empty() { own } else { name }) {
            Ok(name) => name,
            Err(why) => {
                self.upload.name_error = Some(capital(&why.to_string()).into());
                return None;
            }
        };
        if !self.can_begin() {
            self.announce(FULL, true);
            return None;
        }
        self.dialog = Dialog::None;
        let id = self.room.transfer_id();
        Some(self.begin(Wish::Put(Box::new(Put { id, path, save_as: Some(name), hold: false }))))
    }

    /// Does something about a transfer. Opening its folder is left to the caller.
    pub(crate) fn deed(&mut self, transfer: &Transfer, deed: Deed) -> Vec<Command> {
        let id = transfer.id;
        match deed {
            Deed::Pause => vec![Command::Hold { id, set: true }],
            Deed::Proceed => {
                let mut commands = vec![Command::Hold { id, set: false }];
                if !matches!(transfer.state, State::Paused { theirs: false, .. }) {
                    commands.push(Command::Confirm { id });
                }
                commands
            }
            Deed::Cancel => {
                if let Some(row) = self.room.transfer_mut(id) {
                    row.state = State::Cancelled;
                }
                vec![Command::Cancel { id, discard: true }]
            }
            Deed::Retry => {
                let wish = transfer.again(self.room.transfer_id());
                self.forget(transfer);
                vec![self.begin(wish)]
            }
            Deed::Remove => {
                self.forget(transfer);
                Vec::new()
            }
            Deed::OpenFolder => Vec::new(),
        }
    }

    /// Takes the transfers up again that an earlier run of the program left unfinished. One that
    /// its user had paused stays paused.
    pub(crate) fn resume(&mut self, unfinished: Vec<Sidecar>) -> Vec<Command> {
        let mut commands = Vec::new();
        let mut left = 0;
        for sidecar in unfinished {
            let get = Get {
                id: self.room.transfer_id(),
                file: sidecar.name.clone(),
                folder: PathBuf::from(&sidecar.folder),
                save_as: Some(sidecar.save_as.clone()),
                clash: Clash::KeepBoth,
                hold: sidecar.held,
                pause_at: None,
                confirmed: sidecar.confirmed,
            };
            let is_same = |transfer: &Transfer| match &*transfer.wish {
                Wish::Get(other) => other.folder == get.folder && other.save_as == get.save_as,
                Wish::Put(_) => false,
            };
            if self.room.transfers.iter().any(|row| is_same(row) && !row.is_over()) {
                continue;
            }
            Arc::make_mut(&mut self.room.transfers).retain(|row| !is_same(row));
            if !self.can_begin() {
                left += 1;
                continue;
            }
            let id = get.id;
            commands.push(self.begin(Wish::Get(Box::new(get))));
            if let Some(row) = self.room.transfer_mut(id) {
                if sidecar.held {
                    row.state = State::Paused { mine: true, theirs: false };
                }
                row.size = Some(sidecar.size);
                row.done = sidecar.done();
            }
        }
        if left > 0 {
            let left =
                format!("{left} more downloads are unfinished. They go on at a later login.");
            self.announce(left, false);
        }
        commands
    }

    /// The session is over: what was under way is not any more.
    pub(crate) fn on_transfers_stranded(&mut self) {
        let why = Error::new(
            ErrorKind::Partial,
            "",
            "the session ended",
            "What has arrived is kept: Retry goes on from there.",
        );
        let why = Arc::new(why);
        for transfer in Arc::make_mut(&mut self.room.transfers) {
            if !transfer.is_over() {
                transfer.rate = 0;
                transfer.state = State::Failed(Arc::clone(&why));
            }
        }
    }

    /// Whether a row is free, or can be made free.
    fn can_begin(&self) -> bool {
        let rows = &self.room.transfers;
        rows.len() < MOST_ROWS || rows.iter().any(Transfer::is_over)
    }

    fn begin(&mut self, wish: Wish) -> Command {
        let command = wish.command();
        let transfers = Arc::make_mut(&mut self.room.transfers);
        while transfers.len() >= MOST_ROWS {
            let oldest = transfers.iter().rposition(Transfer::is_over);
            transfers.remove(oldest.expect("whoever begins one has asked whether it can"));
        }
        transfers.insert(0, Transfer::new(wish));
        self.room.pane = true;
        command
    }

    /// A transfer did not even begin.
    pub(super) fn fail(&mut self, id: TransferId, why: Error) {
        if let Some(row) = self.room.transfer_mut(id) {
            row.state = State::Failed(Arc::new(why));
        }
    }

    fn forget(&mut self, transfer: &Transfer) {
        Arc::make_mut(&mut self.room.transfers).retain(|row| row.id != transfer.id);
    }
}
