//! Where events go: a terminal through femme, a pipe or a file as plain lines, or NDJSON.
//!
//! Lines are written on a thread of their own. Whoever reports never waits: a terminal that was
//! stopped with Ctrl-S must not stop the room. What finds the queue full is counted, and told.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use log::{Level, LevelFilter};
use proto_std::clock;
use proto_std::terminal::takes_colours;

use crate::escape::{escaped, json_string};
use crate::options::LogFormat;
use crate::screen::{Field, Happening};

/// Lines that may wait to be written.
const QUEUE: usize = 4096;

/// Hands lines to the thread that writes them. Clones share it.
#[derive(Clone, Debug)]
pub struct Report {
    lines: Option<SyncSender<Line>>,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Line {
    Happening(Happening),
    Plain(Level, String),
    Flush(SyncSender<()>),
}

/// How lines are written.
#[derive(Clone, Copy, Debug)]
struct Style {
    format: LogFormat,
    show_text: bool,
    level: LevelFilter,
    /// Whether femme draws: on a terminal that takes colours.
    femme: bool,
}

impl Report {
    /// Starts the thread that writes. At most once in a process may it draw with femme.
    pub fn start(format: LogFormat, level: LevelFilter, log_text: bool) -> Self {
        let terminal = io::stdout().is_terminal();
        let plain = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colours = terminal && !plain("NO_COLOR") && !dumb && takes_colours();
        let femme = format == LogFormat::Pretty && colours;
        if femme {
            femme::with_level(level);
        }
        let style = Style { format, show_text: log_text || terminal, level, femme };
        let (lines, queue) = sync_channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&dropped);
        let writer = move || write_lines(&queue, &style, &counter);
        let started = thread::Builder::new().name("report".into()).spawn(writer);
        let report = Self { lines: started.ok().map(|_| lines), dropped };
        if !femme && log::set_boxed_logger(Box::new(report.clone())).is_ok() {
            log::set_max_level(level);
        }
        report
    }

    /// Writes nothing: for tests.
    pub fn silent() -> Self {
        Self { lines: None, dropped: Arc::default() }
    }

    /// Tells the screen.
    pub fn happening(&self, happening: Happening) {
        self.send(Line::Happening(happening));
    }

    /// Tells something else, of any level.
    pub fn say(&self, level: Level, line: impl Into<String>) {
        self.send(Line::Plain(level, line.into()));
    }

    /// Waits until everything told so far is written, but not longer than a second.
    pub fn finish(&self) {
        let Some(lines) = &self.lines else { return };
        let (done, written) = sync_channel(1);
        if lines.try_send(Line::Flush(done)).is_ok() {
            let _ = written.recv_timeout(std::time::Duration::from_secs(1));
        }
    }

    fn send(&self, line: Line) {
        let Some(lines) = &self.lines else { return };
        if lines.try_send(line).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Other crates' lines go the same way.
impl log::Log for Report {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            self.say(record.level(), format!("{}: {}", record.target(), record.args()));
        }
    }

    fn flush(&self) {}
}

fn write_lines(queue: &Receiver<Line>, style: &Style, dropped: &AtomicU64) {
    while let Ok(line) = queue.recv() {
        match line {
            Line::Happening(happening) => {
                let sentence = happening.sentence(style.show_text);
                let fields = happening.fields();
                style.write(Level::Info, happening.tag(), &sentence, &fields);
            }
            Line::Plain(level, text) => style.write(level, "server", &escaped(&text), &[]),
            Line::Flush(done) => drop(done.try_send(())),
        }
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let sentence = format!("{lost} lines were not written: the output is too slow");
            style.write(Level::Warn, "server", &sentence, &[]);
        }
    }
}

impl Style {
    /// Writes one line. A closed output is nobody's concern: the room goes on.
    fn write(&self, level: Level, tag: &str, sentence: &str, fields: &[(&str, Field)]) {
        if level > self.level {
            return;
        }
        if self.femme {
            log::log!(target: tag, level, "{sentence}");
            return;
        }
        let line = match self.format {
            LogFormat::Pretty if level <= Level::Warn => format!("{level}: {sentence}\n"),
            LogFormat::Pretty => format!("{sentence}\n"),
            LogFormat::Ndjson => json_line(level, tag, sentence, fields),
        };
        let mut out = io::stdout().lock();
        drop(out.write_all(line.as_bytes()).and_then(|()| out.flush()));
    }
}

fn json_line(level: Level, tag: &str, sentence: &str, fields: &[(&str, Field)]) -> String {
    let mut line = String::from("{\"v\":1");
    let number = |line: &mut String, name: &str, value: u64| {
        write!(line, ",\"{name}\":{value}").expect("a string takes everything");
    };
    number(&mut line, "time", clock::wall().0);
    let text = |line: &mut String, name: &str, value: &str| {
        write!(line, ",\"{name}\":").expect("a string takes everything");
        json_string(value, line);
    };
    text(&mut line, "level", &level.as_str().to_ascii_lowercase());
    text(&mut line, "t", tag);
    for (name, value) in fields {
        match value {
            Field::Text(value) => text(&mut line, name, value),
            Field::Number(value) => number(&mut line, name, *value),
        }
    }
    text(&mut line, "msg", sentence);
    line.push_str("}\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_json_object_on_one_line() {
        let fields = [("name", Field::Text("a\"b".into())), ("percent", Field::Number(50))];
        let line = json_line(Level::Info, "progress", "half\nway", &fields);
        assert!(line.starts_with("{\"v\":1,\"time\":"), "{line}");
        assert!(
            line.ends_with(
                "\"level\":\"info\",\"t\":\"progress\",\"name\":\"a\\\"b\",\"percent\":50,\
                 \"msg\":\"half\\nway\"}\n"
            ),
            "{line}"
        );
    }

    #[test]
    fn reporting_never_waits() {
        let (lines, _unread) = sync_channel(1);
        let report = Report { lines: Some(lines), dropped: Arc::default() };
        for _ in 0..10 {
            report.say(Level::Info, "a line");
        }
        assert_eq!(report.dropped.load(Ordering::Relaxed), 9);
    }
}
