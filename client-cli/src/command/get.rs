//! `get`: downloads files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use proto_core::text::FileName;
use proto_std::address::Fingerprint;
use proto_std::entropy;
use proto_std::session::{
    Clash, Command, Error, ErrorKind, Get, Percent, TransferReport, TransferState,
};

use super::haul::{Haul, ids};
use super::left::{Again, Left};
use super::{Setting, list};
use crate::args;
use crate::exit::{Onward, Outcome, Stop, usage};
use crate::glob;
use crate::save_as::{self, Target};
use crate::talk::Talk;

/// Downloads what was asked for.
pub(crate) fn run(setting: &mut Setting, args: &args::Get) -> Outcome {
    let (server, words) = setting.options.server_and(&args.words)?;
    let plan = Plan::new(setting, args, words)?;
    let limit = args.limit_rate.map(|bytes| bytes.0);
    let (mut talk, me) = setting.visit_limited(server, limit)?;
    setting.screen.use_bars(&setting.options);
    let mut left = Left::default();
    let outcome = plan.jobs(setting, &mut talk).and_then(|jobs| {
        left = Left::of(&jobs);
        let haul = Haul::new(me, jobs).keeping(plan.keeps());
        haul.run(setting, &mut talk, |report| {
            left.on_end(report.id);
            hand_over(&plan.target, report)
        })
    });
    let server = talk.online.as_ref().map(|online| online.fingerprint);
    talk.leave(&mut setting.console);
    outcome.map_err(|stop| stop.with(plan.onward(setting, server, &left)))
}

/// What is to be downloaded, and where to.
struct Plan<'a> {
    words: &'a [String],
    target: Target,
    folder: PathBuf,
    clash: Clash,
    pause_at: Option<Percent>,
    yes: bool,
    /// Keeps what is on its way to somewhere else.
    _spool: Option<Spool>,
}

impl<'a> Plan<'a> {
    fn new(setting: &mut Setting, args: &args::Get, words: &'a [String]) -> Outcome<Self> {
        let target = Target::parse(args.output.as_deref())?;
        if words.is_empty() {
            return Err(Stop::Failed(usage("no file is named", "See them: haversack ls SERVER.")));
        }
        let one = words.len() == 1 && !glob::is_pattern(&words[0]);
        if !one && !matches!(target, Target::Folder(_)) {
            let next = "Several files need a folder: end the path with /.";
            return Err(Stop::Failed(usage("-o names one file, but several are asked for", next)));
        }
        let clash = match (args.overwrite, args.skip_existing) {
            (false, false) => Clash::KeepBoth,
            (true, false) => Clash::Overwrite,
            (false, true) => Clash::Skip,
            (true, true) => {
                let what = "--overwrite and --skip-existing contradict each other";
                return Err(Stop::Failed(usage(what, "Leave one out.")));
            }
        };
        let (folder, spool) = match &target {
            Target::Folder(folder) | Target::File(folder, _) => (folder.clone(), None),
            Target::Stdout => {
                setting.screen.keep_stdout_free();
                Spool::take(&setting.options.state)?
            }
            Target::Stream(_) | Target::Nowhere => Spool::take(&setting.options.state)?,
        };
        let clash = if target == Target::Nowhere { Clash::Discard } else { clash };
        if let Target::Folder(folder) = &target {
            fs::create_dir_all(folder).map_err(|error| {
                Error::disk(format!("cannot make the folder {}", folder.display()), &error)
            })?;
        }
        let pause_at = args.pause_at.and_then(Percent::new);
        let yes = setting.options.yes;
        Ok(Self { words, target, folder, clash, pause_at, yes, _spool: spool })
    }

    /// Whether what arrives stays where it is.
    const fn keeps(&self) -> bool {
        matches!(self.target, Target::Folder(_) | Target::File(..))
    }

    /// How to go on with what has not ended.
    fn onward(&self, setting: &Setting, server: Option<Fingerprint>, left: &Left) -> Onward {
        if !self.keeps() {
            return if left.is_empty() { Onward::Nothing } else { Onward::Lost };
        }
        let again = match self.clash {
            Clash::KeepBoth => Again::SkipExisting,
            Clash::Overwrite | Clash::Skip | Clash::Discard => Again::AsItIs,
        };
        left.onward(setting, server, again)
    }

    fn jobs(&self, setting: &mut Setting, talk: &mut Talk) -> Outcome<Vec<Command>> {
        let files = self.files(setting, talk)?;
        let mut jobs = Vec::with_capacity(files.len());
        for (id, file) in ids(files.len())?.zip(files) {
            let save_as = match &self.target {
                Target::File(_, name) => {
                    if !self.yes {
                        save_as::check(&file, name)?;
                    }
                    Some(name.clone())
                }
                Target::Folder(_) | Target::Stdout | Target::Stream(_) | Target::Nowhere => None,
            };
            jobs.push(Command::Get(Box::new(Get {
                id,
                file,
                folder: self.folder.clone(),
                save_as,
                clash: self.clash,
                hold: false,
                pause_at: self.pause_at,
                confirmed: self.yes,
            })));
        }
        Ok(jobs)
    }

    /// The files that are named, patterns replaced by what they match at the server.
    fn files(&self, setting: &mut Setting, talk: &mut Talk) -> Outcome<Vec<FileName>> {
        let mut files = Vec::new();
        let mut listed = None;
        for word in self.words {
            if !glob::is_pattern(word) {
                files.push(FileName::parse(word).map_err(|why| {
                    usage(format!("cannot get '{}': {why}", word.escape_debug()), "")
                })?);
                continue;
            }
            let listed = match &listed {
                Some(listed) => listed,
                None => listed.insert(list::files(setting, talk)?),
            };
            let before = files.len();
            let names = listed.iter().map(|entry| &entry.name);
            files.extend(names.filter(|name| glob::matches(word, name.as_str())).cloned());
            if files.len() == before {
                return Err(Stop::Failed(Error::new(
                    ErrorKind::NotFound,
                    format!("no file matches {}", word.escape_debug()),
                    "",
                    "See them: haversack ls SERVER.",
                )));
            }
        }
        files.dedup();
        Ok(files)
    }
}

/// Sends a file that is complete to where only its bytes go.
fn hand_over(target: &Target, report: &TransferReport) -> Outcome {
    let TransferState::Done { path: Some(path), .. } = &report.state else { return Ok(()) };
    let mut out: Box<dyn Write> = match target {
        Target::Folder(_) | Target::File(..) | Target::Nowhere => return Ok(()),
        Target::Stdout => Box::new(io::stdout().lock()),
        Target::Stream(there) => Box::new(open(File::options().write(true), there)?),
    };
    let mut file = open(File::options().read(true), path)?;
    io::copy(&mut file, &mut out)?;
    Ok(())
}

fn open(how: &OpenOptions, path: &Path) -> Outcome<File> {
    let what = || format!("cannot open {}", path.display());
    Ok(how.open(path).map_err(|error| Error::disk(what(), &error))?)
}

/// A folder for what is on its way to somewhere else, where only verified bytes go. It is removed
/// when dropped.
struct Spool(PathBuf);

impl Spool {
    /// Makes one; its path comes first.
    fn take(state: &Path) -> Result<(PathBuf, Option<Self>), Error> {
        let folder = state.join(format!("spool-{:016x}", entropy::number()));
        fs::create_dir_all(&folder).map_err(|error| {
            Error::disk(format!("cannot make the folder {}", folder.display()), &error)
        })?;
        Ok((folder.clone(), Some(Self(folder))))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
