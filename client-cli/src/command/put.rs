//! `put`: uploads files.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use proto_core::ids::TransferId;
use proto_core::text::FileName;
use proto_std::entropy;
use proto_std::session::{Command, Error, Put};

use super::Setting;
use super::haul::{Haul, ids};
use crate::args;
use crate::exit::{Onward, Outcome, Stop, usage};

/// Uploads what was named, or standard input.
pub(crate) fn run(setting: &mut Setting, args: &args::Put) -> Outcome {
    let (server, paths) = setting.options.server_and(&args.words)?;
    let save_as = args.save_as.as_deref().map(parse_name).transpose()?;
    let spool;
    let jobs = if args.stdin {
        let Some(name) = save_as.filter(|_| paths.is_empty()) else {
            let next = "Write: put SERVER --stdin --as NAME.";
            return Err(Stop::Failed(usage("--stdin takes --as NAME and no file", next)));
        };
        spool = Spool::fill(&setting.options.state)?;
        vec![job(TransferId(1), &spool.0, Some(name))]
    } else {
        if paths.is_empty() {
            return Err(Stop::Failed(usage("no file is named", "Write: put SERVER FILE.")));
        }
        if save_as.is_some() && paths.len() > 1 {
            return Err(Stop::Failed(usage("--as names one file, but several are given", "")));
        }
        check(paths)?;
        let paths = ids(paths.len())?.zip(paths);
        paths.map(|(id, path)| job(id, Path::new(path), save_as.clone())).collect()
    };
    let limit = args.limit_rate.map(|bytes| bytes.0);
    let (mut talk, me) = setting.visit_limited(server, limit)?;
    setting.screen.use_bars(&setting.options);
    let (all, mut ended) = (jobs.len(), 0);
    let outcome = Haul::new(me, jobs).run(setting, &mut talk, |_| {
        ended += 1;
        Ok(())
    });
    let was_online = talk.online.is_some();
    talk.leave(&mut setting.console);
    // Standard input, given again, is another file for the server.
    let onward = if was_online && !args.stdin { onward(all, ended) } else { Onward::Nothing };
    outcome.map_err(|stop| stop.with(onward))
}

/// How to go on with uploads, of which some have ended: the server knows what it has of the others.
fn onward(all: usize, ended: usize) -> Onward {
    match ended {
        0 => Onward::By("the same command".to_owned()),
        _ if ended < all => {
            Onward::By("the same command without the files that have ended".to_owned())
        }
        _ => Onward::Nothing,
    }
}

fn job(id: TransferId, path: &Path, save_as: Option<FileName>) -> Command {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Command::Put(Box::new(Put { id, path, save_as, hold: false }))
}

/// Checks before connecting that the files are there.
fn check(paths: &[String]) -> Result<(), Error> {
    for path in paths {
        let trouble = |error| Error::reading(format!("cannot read {path}"), &error);
        if !fs::metadata(path).map_err(trouble)?.is_file() {
            return Err(usage(format!("{path} is not a file"), "Pack a folder first."));
        }
        File::open(path).map_err(trouble)?;
    }
    Ok(())
}

fn parse_name(name: &str) -> Result<FileName, Error> {
    FileName::parse(name)
        .map_err(|why| usage(format!("cannot upload as '{}': {why}", name.escape_debug()), ""))
}

/// Standard input in a file, because what may be resent must be read again. It is removed when
/// dropped.
struct Spool(PathBuf);

impl Spool {
    fn fill(state: &Path) -> Result<Self, Error> {
        let path = state.join(format!("stdin-{:016x}", entropy::number()));
        let trouble = |error| Error::disk(format!("cannot write {}", path.display()), &error);
        fs::create_dir_all(state).map_err(trouble)?;
        let spool = Self(path.clone());
        let mut file = File::create_new(&path).map_err(trouble)?;
        io::copy(&mut io::stdin().lock(), &mut file).map_err(trouble)?;
        Ok(spool)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}
