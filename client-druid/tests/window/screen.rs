//! A screen that nobody sees, with a window on it, a keyboard and a mouse.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use proto_std::clock;

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(40);
const GLANCE: Duration = Duration::from_millis(20);

/// A screen and the program that manages its windows.
pub(crate) struct Screen {
    display: String,
    servers: Vec<Child>,
}

/// A window with its program.
pub(crate) struct Window<'s> {
    screen: &'s Screen,
    program: Child,
    id: String,
}

/// Waits until something is there.
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = clock::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(clock::now().since(begun) < PATIENCE, "{what} did not happen");
        thread::sleep(GLANCE);
    }
}

impl Screen {
    pub(crate) fn open() -> Self {
        let number = tempfile::NamedTempFile::new().unwrap();
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"]);
        command.args(["-screen", "0", "1400x900x24"]);
        command.stdout(number.reopen().unwrap()).stderr(Stdio::null());
        let server = command.spawn().expect("Xvfb is installed");
        let mut screen = Self { display: String::new(), servers: vec![server] };
        let display = wait_for("a screen", || {
            let written = fs::read_to_string(number.path()).unwrap();
            written.strip_suffix('\n').map(|number| format!(":{number}"))
        });
        screen.display = display;
        let mut manager = Command::new("openbox");
        manager.env("DISPLAY", &screen.display).stdout(Stdio::null()).stderr(Stdio::null());
        screen.servers.push(manager.spawn().expect("openbox is installed"));
        wait_for("a manager of windows", || {
            screen.xdotool(&["get_desktop"]).filter(|answer| answer.trim() == "0")
        });
        screen
    }

    /// Starts the program, with a home of its own, and waits for its window.
    pub(crate) fn start(&self, home: &Path, arguments: &[&str]) -> Window<'_> {
        fs::create_dir_all(home.join("Downloads")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_haversack-gui"));
        command.args(arguments).arg("--state").arg(home.join("state"));
        command.env("DISPLAY", &self.display).env("GDK_BACKEND", "x11").env("HOME", home);
        command.env_remove("HAVERSACK_STATE").env_remove("HAVERSACK_SECRET");
        let program = command.spawn().unwrap();
        let search = ["search", "--onlyvisible", "--name", "Haversack"];
        let id = wait_for("a window", || {
            let found = self.xdotool(&search)?;
            found.lines().last().map(str::to_owned)
        });
        let window = Window { screen: self, program, id };
        wait_for("the window's turn", || {
            self.xdotool(&["windowactivate", "--sync", &window.id])?;
            self.xdotool(&["getwindowfocus"]).filter(|focus| focus.trim() == window.id)
        });
        window
    }

    fn xdotool(&self, arguments: &[&str]) -> Option<String> {
        let mut command = Command::new("xdotool");
        command.args(arguments).env("DISPLAY", &self.display).stderr(Stdio::null());
        let output = command.output().expect("xdotool is installed");
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for server in self.servers.iter_mut().rev() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Window<'_> {
    /// Types text.
    pub(crate) fn type_text(&self, text: &str) {
        self.screen.xdotool(&["type", "--delay", "8", text]).unwrap();
    }

    /// Presses keys, one after the other.
    pub(crate) fn press(&self, keys: &[&str]) {
        let arguments: Vec<&str> = ["key", "--delay", "30"].iter().chain(keys).copied().collect();
        self.screen.xdotool(&arguments).unwrap();
    }

    /// Clicks at a place of the window.
    pub(crate) fn click(&self, x: u32, y: u32) {
        let (x, y) = (x.to_string(), y.to_string());
        let id = self.id.as_str();
        self.screen.xdotool(&["mousemove", "--window", id, &x, &y, "click", "1"]).unwrap();
    }

    /// What stands in the window's title.
    pub(crate) fn title(&self) -> String {
        self.screen.xdotool(&["getwindowname", &self.id]).unwrap_or_default().trim().to_owned()
    }

    /// Waits for a title.
    #[track_caller]
    pub(crate) fn wait_for_title(&self, title: &str) {
        let begun = clock::now();
        while self.title() != title {
            let late = clock::now().since(begun) >= PATIENCE;
            assert!(!late, "the title is '{}' instead of '{title}'", self.title());
            thread::sleep(GLANCE);
        }
    }

    /// Waits until something is painted in a part of the window: left, top, width, height.
    #[track_caller]
    pub(crate) fn wait_for_colours(&self, (left, top, width, height): (u32, u32, u32, u32)) {
        let part = format!("{width}x{height}+{left}+{top}");
        wait_for("a picture", || {
            let colours: u32 = self.look(&part, "%k")?.parse().ok()?;
            (colours > 8).then_some(())
        });
    }

    /// Waits until the field for messages has the keyboard: until its ring is seen. How high the
    /// field is depends on the machine's fonts.
    #[track_caller]
    pub(crate) fn wait_for_composer(&self) {
        wait_for("a ring around the composer", || {
            let mut command = Command::new("import");
            command.args(["-window", &self.id, "-crop", "1x100+560+650", "+repage", "txt:-"]);
            let output = command.env("DISPLAY", &self.screen.display).output();
            let pixels = output.expect("ImageMagick is installed").stdout;
            let pixels = String::from_utf8(pixels).ok()?;
            pixels.lines().any(is_blue).then_some(())
        });
    }

    /// Looks at a part of the window.
    fn look(&self, part: &str, format: &str) -> Option<String> {
        let mut command = Command::new("import");
        command.args(["-window", &self.id, "-crop", part, "+repage", "-format", format, "info:"]);
        let output = command.env("DISPLAY", &self.screen.display).output();
        let answer = output.expect("ImageMagick is installed").stdout;
        Some(String::from_utf8(answer).ok()?.trim().to_owned())
    }

    /// Closes the window as its user does; returns how the program ended.
    pub(crate) fn close(mut self) -> ExitStatus {
        self.press(&["alt+F4"]);
        wait_for("the end of the program", || self.program.try_wait().unwrap())
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Whether a line such as `0,59: (47,102,224)  #2F66E0  srgb(47,102,224)` tells of a blue pixel. A
/// ring that lies between two pixels is paler than its colour.
fn is_blue(pixel: &str) -> bool {
    let inside = pixel.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let channels = inside.map(|(values, _)| values.split(','));
    let values: Vec<u32> =
        channels.into_iter().flatten().filter_map(|value| value.trim().parse().ok()).collect();
    matches!(values[..], [red, _, blue, ..] if blue > red + 60)
}
