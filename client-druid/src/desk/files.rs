//! What is asked of the desk about files: the dialogs' wishes, and what comes of them.

use std::path::PathBuf;
use std::sync::Arc;

use druid::commands::{OPEN_FILE, SHOW_OPEN_PANEL};
use druid::{Command, EventCtx, FileDialogOptions};

use super::{Desk, give_focus_back};
use crate::commands as cmd;
use crate::data::app::App;
use crate::data::dialog::Dialog;
use crate::data::transfer::Deed;
use crate::disk;
use crate::errand::Answer;

impl Desk {
    pub(super) fn file_command(
        &self,
        ctx: &mut EventCtx<'_, '_>,
        command: &Command,
        data: &mut App,
    ) -> bool {
        if let Some(file) = command.get(cmd::START_DOWNLOAD) {
            data.start_download(file);
        } else if command.is(cmd::DOWNLOAD) {
            let (file, typed) = (Arc::clone(&data.save.file), data.save.folder.clone());
            self.errands.run(ctx, move || {
                let found = disk::folder(&typed);
                Answer::Folder { file, typed, found }
            });
        } else if command.is(cmd::START_UPLOAD) {
            if data.room.files.uploads {
                data.start_upload();
            } else {
                data.announce("This server takes no uploads", true);
            }
        } else if command.is(cmd::UPLOAD) {
            let typed = data.upload.path.clone();
            self.errands.run(ctx, move || {
                let found = disk::file(&typed);
                Answer::File { typed, found }
            });
        } else if command.is(cmd::BROWSE) {
            browse(ctx, data);
        } else if let Some(file) = command.get(OPEN_FILE) {
            let path = file.path().display().to_string();
            if data.dialog == Dialog::SaveAs {
                data.save.folder = path;
            } else {
                data.upload.path = path;
            }
        } else if command.is(cmd::REFRESH) {
            let commands = data.refresh();
            self.tell(data, commands);
        } else if let Some((id, deed)) = command.get(cmd::DEED) {
            let row = data.room.transfers.iter().find(|row| row.id == *id).cloned();
            if let Some(row) = row {
                if let (Deed::OpenFolder, Some(folder)) = (deed, row.folder()) {
                    self.show(ctx, folder.to_path_buf());
                }
                let commands = data.deed(&row, *deed);
                self.tell(data, commands);
            }
        } else if let Some(answer) = command.get(cmd::ANSWER) {
            if let Some(answer) = answer.take() {
                self.on_answer(ctx, data, answer);
            }
        } else {
            return false;
        }
        true
    }

    /// Does what an errand was for.
    fn on_answer(&self, ctx: &mut EventCtx<'_, '_>, data: &mut App, answer: Answer) {
        match answer {
            Answer::Done => {}
            Answer::Trouble(error) => data.on_trouble(error),
            Answer::Forgotten => ctx.submit_command(cmd::LOGIN),
            Answer::Folder { file, typed, found } => {
                let command = data.download(&file, &typed, found);
                self.tell(data, command);
                self.settings.borrow_mut().downloads = Some(data.downloads.clone());
                give_focus_back(ctx, data);
            }
            Answer::File { typed, found } => {
                let command = data.put(&typed, found);
                self.tell(data, command);
                give_focus_back(ctx, data);
            }
        }
    }

    fn show(&self, ctx: &mut EventCtx<'_, '_>, folder: PathBuf) {
        self.errands.run(ctx, move || match disk::show(disk::SHOWER, &folder) {
            Ok(()) => Answer::Done,
            Err(error) => Answer::Trouble(error),
        });
    }
}

/// Opens the desktop's own dialog for what is asked just now.
fn browse(ctx: &mut EventCtx<'_, '_>, data: &App) {
    let options = match data.dialog {
        Dialog::SaveAs => FileDialogOptions::new().select_directories(),
        Dialog::Upload => FileDialogOptions::new(),
        Dialog::None | Dialog::Jump | Dialog::Shortcuts | Dialog::FirstContact => return,
    };
    let window = ctx.window_id();
    ctx.submit_command(SHOW_OPEN_PANEL.with(options).to(window));
}
