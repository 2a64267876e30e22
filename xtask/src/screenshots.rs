//! `cargo xtask screenshots`: pictures of the window in every state, light and dark.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use argh::FromArgs;

use crate::shell::{Failure, Outcome, cargo, root, run};
use crate::window;

/// Every state that the window can be asked for, one in a line.
const SCENES: &str = include_str!("../../client-druid/src/demo/scenes.txt");
/// States that are looked at on a fine screen, too.
const FINE: &[&str] = &["chat", "login"];
/// Pictures for the README: scene, theme, file.
const SHOWN: &[(&str, &str, &str)] = &[
    ("chat", "light", "chat-light.png"),
    ("private", "dark", "private-dark.png"),
    ("save-as", "light", "save-as-light.png"),
    ("banner", "dark", "reconnecting-dark.png"),
];
/// The window's size, and so the screen's.
const SIZE: (u32, u32) = (1180, 760);
/// How often a picture is taken until it stands still.
const TRIES: usize = 40;
const PAUSE: Duration = Duration::from_millis(150);

/// take pictures of the window in every state; needs Xvfb and imagemagick
#[derive(FromArgs)]
#[argh(subcommand, name = "screenshots")]
pub(crate) struct Screenshots {
    /// folder for the pictures (default target/screenshots)
    #[argh(option)]
    out: Option<PathBuf>,

    /// only this scene
    #[argh(option)]
    scene: Option<String>,

    /// renew the pictures of the README in docs/pictures as well
    #[argh(switch)]
    publish: bool,
}

impl Screenshots {
    pub(crate) fn run(&self) -> Outcome {
        let scenes = chosen(self.scene.as_deref(), self.publish)?;
        window::prepare()?;
        run(&mut cargo(&["build", "--package", window::PACKAGE]))?;
        let out = self.out.clone().unwrap_or_else(|| root().join("target/screenshots"));
        fs::create_dir_all(&out)?;
        let screen = Screen::open(SIZE)?;
        for scene in &scenes {
            for theme in ["light", "dark"] {
                screen.shoot(scene, theme, 1, &out.join(format!("{scene}-{theme}.png")))?;
            }
        }
        drop(screen);
        let screen = Screen::open((SIZE.0 * 2, SIZE.1 * 2))?;
        for scene in FINE.iter().filter(|scene| scenes.contains(scene)) {
            screen.shoot(scene, "light", 2, &out.join(format!("{scene}-light@2.png")))?;
        }
        if self.publish {
            publish(&out)?;
        }
        eprintln!("the pictures are in {}", out.display());
        Ok(())
    }
}

/// The scenes to take pictures of.
fn chosen(only: Option<&str>, publish: bool) -> Result<Vec<&'static str>, Failure> {
    let all: Vec<&str> = SCENES.lines().collect();
    let Some(only) = only else { return Ok(all) };
    if publish {
        let next = "--publish renews several pictures: leave out --scene";
        return Err(Failure(next.into()));
    }
    match all.iter().find(|scene| **scene == only) {
        Some(scene) => Ok(vec![scene]),
        None => Err(Failure(format!("there is no scene '{only}'; there are: {}", all.join(", ")))),
    }
}

/// A screen that nobody sees.
struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    fn open((width, height): (u32, u32)) -> Result<Self, Failure> {
        // The server picks a number that is free, and writes it down.
        let numbers = tempfile::NamedTempFile::new()?;
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-screen", "0"]);
        command.arg(format!("{width}x{height}x24"));
        command.stdout(numbers.reopen()?).stderr(Stdio::null());
        let server =
            command.spawn().map_err(|error| Failure(format!("cannot run Xvfb: {error}")))?;
        let mut screen = Self { server, display: String::new() };
        for _ in 0..TRIES {
            let written = fs::read_to_string(numbers.path())?;
            if let Some(number) = written.strip_suffix('\n') {
                screen.display = format!(":{number}");
                return Ok(screen);
            }
            thread::sleep(PAUSE);
        }
        Err(Failure("Xvfb did not become ready".into()))
    }

    fn shoot(&self, scene: &str, theme: &str, scale: u32, picture: &Path) -> Outcome {
        let state = tempfile::tempdir()?;
        let target = std::env::var_os("CARGO_TARGET_DIR");
        let target = target.map_or_else(|| root().join("target"), PathBuf::from);
        let mut command = Command::new(target.join("debug/haversack-gui"));
        command.args(["--scene", scene, "--theme", theme, "--state"]).arg(state.path());
        command.env("DISPLAY", &self.display).env("GDK_SCALE", scale.to_string());
        command.env("GDK_BACKEND", "x11").env("HOME", state.path());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let window = command.spawn().map_err(|error| Failure(format!("no window: {error}")))?;
        let mut window = Ended(window);
        let mut before = Vec::new();
        for _ in 0..TRIES {
            thread::sleep(PAUSE);
            if let Some(status) = window.0.try_wait()? {
                return Err(Failure(format!("the window of {scene} ended with {status}")));
            }
            let now = self.picture(picture)?;
            if now == before && is_painted(picture) {
                eprintln!("{}", picture.display());
                return Ok(());
            }
            before = now;
        }
        Err(Failure(format!("the window of {scene} does not stand still")))
    }

    fn picture(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        let mut command = Command::new("import");
        command.args(["-display", &self.display, "-window", "root", "-strip"]);
        command.args(["-define", "png:exclude-chunks=date,time"]).arg(path);
        let status = command.status();
        let status = status.map_err(|error| Failure(format!("cannot run import: {error}")))?;
        if status.success() { Ok(fs::read(path)?) } else { Err(Failure("import failed".into())) }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A window that is closed when it is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether more than an empty screen or an empty window is seen.
fn is_painted(picture: &Path) -> bool {
    let mut command = Command::new("identify");
    command.args(["-format", "%k"]).arg(picture);
    let colours = crate::shell::output(&mut command);
    colours.and_then(|count| count.trim().parse::<u32>().ok()).is_some_and(|count| count > 16)
}

/// Makes the README's pictures small.
fn publish(out: &Path) -> Outcome {
    let pictures = root().join("docs/pictures");
    fs::create_dir_all(&pictures)?;
    for (scene, theme, file) in SHOWN {
        let mut command = Command::new("convert");
        command.arg(out.join(format!("{scene}-{theme}.png")));
        command.args(["-strip", "+dither", "-colors", "128", "-define", "png:compression-level=9"]);
        command.arg(format!("PNG8:{}", pictures.join(file).display()));
        run(&mut command)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_is_one_of_those_that_there_are() {
        assert_eq!(chosen(Some("chat"), false).unwrap(), ["chat"]);
        let told = chosen(Some("chta"), false).unwrap_err().to_string();
        assert!(told.contains("'chta'") && told.contains("chat, private"), "{told}");
        let all = chosen(None, true).unwrap();
        let shown = SHOWN.iter().map(|(scene, ..)| scene);
        assert!(shown.chain(FINE).all(|scene| all.contains(scene)));
    }

    #[test]
    fn what_is_published_is_taken_anew_as_a_whole() {
        assert!(chosen(Some("chat"), true).is_err());
    }
}
