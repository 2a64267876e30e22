//! Where output goes: data to standard output, everything else to standard error.
//!
//! | | text | `--json` |
//! |---|---|---|
//! | results, messages | stdout | stdout, one object a line |
//! | notes, progress   | stderr, unless `--quiet` | stdout, one object a line |
//! | errors            | stderr | stderr, and an object on stdout |

use std::io::{self, Write};

use proto_core::text::Name;
use proto_std::session::{Error, TransferReport};

use crate::bars::Bars;
use crate::ndjson::Record;
use crate::news::News;
use crate::options::Options;
use crate::render::Style;
use crate::sanitise::{self, Medium};

/// The two outputs, and how to write to them.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub(crate) struct Screen {
    pub(crate) style: Style,
    pub(crate) json: bool,
    quiet: bool,
    verbose: bool,
    /// Standard output carries a file: nothing else may go there.
    stdout_is_taken: bool,
    bars: Option<Bars>,
    /// What stands below everything: the line that is being typed.
    foot: Option<String>,
}

/// Returns to the line's begin and clears it.
const CLEAR_LINE: &str = "\r\u{1b}[K";
/// Clears the screen and what scrolled away.
const CLEAR_SCREEN: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H";

impl Screen {
    /// Decides how to write from what was asked and from what the outputs are.
    pub(crate) fn new(options: &Options) -> Self {
        let medium = if options.stdout_is_terminal { Medium::Screen } else { Medium::Pipe };
        Self {
            style: Style { medium, color: options.color },
            json: options.json,
            quiet: options.quiet,
            verbose: options.verbose > 0,
            stdout_is_taken: false,
            bars: None,
            foot: None,
        }
    }

    /// Keeps standard output for a file's bytes.
    pub(crate) fn keep_stdout_free(&mut self) {
        self.stdout_is_taken = true;
    }

    /// Shows moving bars for transfers, where the terminal can.
    pub(crate) fn use_bars(&mut self, options: &Options) {
        if options.animate {
            self.bars = Some(Bars::default());
        }
    }

    /// A result or a message, as text. Not shown with `--json`.
    pub(crate) fn line(&self, line: &str) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        match &self.foot {
            Some(foot) => write!(out, "{CLEAR_LINE}{line}\n{foot}")?,
            None => writeln!(out, "{line}")?,
        }
        out.flush()
    }

    /// Draws the line that is being typed; `None` takes it away.
    pub(crate) fn set_foot(&mut self, foot: Option<String>) -> io::Result<()> {
        if foot.is_none() && self.foot.is_none() {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        write!(out, "{CLEAR_LINE}{}", foot.as_deref().unwrap_or_default())?;
        self.foot = foot;
        out.flush()
    }

    /// Clears the screen, if it is one.
    pub(crate) fn clear(&self) -> io::Result<()> {
        let Some(foot) = &self.foot else { return Ok(()) };
        let mut out = io::stdout().lock();
        write!(out, "{CLEAR_SCREEN}{foot}")?;
        out.flush()
    }

    /// Anything, as an object. Only with `--json`.
    pub(crate) fn record(&self, record: Record<'_>) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        if self.stdout_is_taken {
            let _ = io::stderr().lock().write_all(record.into_line().as_bytes());
            return Ok(());
        }
        let mut out = io::stdout().lock();
        out.write_all(record.into_line().as_bytes())?;
        out.flush()
    }

    /// A note for people. Not shown with `--quiet` or `--json`.
    pub(crate) fn note(&self, line: &str) {
        if !self.quiet && !self.json {
            self.stderr(line);
        }
    }

    /// A note for people who want to know more.
    pub(crate) fn detail(&self, line: &str) {
        if self.verbose {
            self.note(line);
        }
    }

    /// An error: always shown.
    pub(crate) fn error(&self, error: &Error) -> io::Result<()> {
        self.stderr(&sanitise::block(self.style.medium, &error.to_string(), "  "));
        self.record(Record::error(error))
    }

    /// News of a transfer of a command that was started for it.
    pub(crate) fn news(
        &mut self,
        me: &Name,
        report: &TransferReport,
        news: &News,
    ) -> io::Result<()> {
        self.record(Record::news(report, news))?;
        if let News::Failed(error) = news {
            self.clear_bar(report);
            self.stderr(&sanitise::block(self.style.medium, &error.to_string(), "  "));
            return Ok(());
        }
        if self.quiet || self.json {
            return Ok(());
        }
        if let Some(bars) = &mut self.bars {
            bars.on_news(report, news, self.style);
            if matches!(news, News::Progress { .. }) {
                return Ok(());
            }
        }
        for line in self.style.news(me, report, news) {
            self.note(&line);
        }
        Ok(())
    }

    fn clear_bar(&mut self, report: &TransferReport) {
        if let Some(bars) = &mut self.bars {
            bars.remove(report.id);
        }
    }

    fn stderr(&self, line: &str) {
        if let Some(foot) = &self.foot {
            let mut out = io::stdout().lock();
            drop(write!(out, "{CLEAR_LINE}").and_then(|()| out.flush()));
            drop(writeln!(io::stderr().lock(), "{line}"));
            drop(write!(out, "{foot}").and_then(|()| out.flush()));
            return;
        }
        match &self.bars {
            Some(bars) => bars.println(line),
            // When nobody reads the notes, there is nobody to tell that either.
            None => drop(writeln!(io::stderr().lock(), "{line}")),
        }
    }
}
