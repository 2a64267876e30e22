//! Bars that move, for terminals.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use proto_core::ids::TransferId;
use proto_std::human;
use proto_std::session::{TransferReport, TransferState};

use crate::news::News;
use crate::render::{Style, remaining};

const TEMPLATE: &str = "{prefix}  [{bar:20}] {percent:>3}%  {msg}";

/// The bars of the transfers that are under way, at the bottom of standard error.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    all: MultiProgress,
    each: BTreeMap<TransferId, ProgressBar>,
}

impl Bars {
    /// Moves the bar of a transfer, or takes it away when the transfer is over.
    pub(crate) fn on_news(&mut self, report: &TransferReport, news: &News, style: Style) {
        match news {
            News::Connected { .. }
            | News::Progress { .. }
            | News::Paused { .. }
            | News::Stalled
            | News::Proceeding
            | News::Verifying => {}
            News::Done { .. } | News::Skipped | News::Failed(_) => return self.remove(report.id),
        }
        let Some(total) = report.size else { return };
        let bar = self.each.entry(report.id).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new(total));
            let template = ProgressStyle::with_template(TEMPLATE).expect("the template is right");
            bar.set_style(template.progress_chars("#>-"));
            bar.set_prefix(style.name_of_file(report));
            bar
        });
        bar.set_length(total);
        bar.set_position(report.done);
        bar.set_message(message(report, total));
    }

    /// Takes a bar away.
    pub(crate) fn remove(&mut self, id: TransferId) {
        if let Some(bar) = self.each.remove(&id) {
            bar.finish_and_clear();
        }
    }

    /// Prints a line above the bars.
    pub(crate) fn println(&self, line: &str) {
        self.all.suspend(|| drop(writeln!(std::io::stderr().lock(), "{line}")));
    }
}

fn message(report: &TransferReport, total: u64) -> String {
    let progress = human::progress(report.done, total);
    match &report.state {
        TransferState::Paused { .. } => format!("{progress}  paused"),
        TransferState::Stalled => format!("{progress}  stalled"),
        TransferState::Verifying => format!("{progress}  verifying"),
        TransferState::Asked
        | TransferState::Started { .. }
        | TransferState::Flowing
        | TransferState::Done { .. }
        | TransferState::Skipped
        | TransferState::Failed(_) => {
            let left =
                remaining(report).map_or("-:--".to_owned(), |time: Duration| human::span(time));
            format!("{progress}  {}  {left} left", human::rate(report.rate))
        }
    }
}
