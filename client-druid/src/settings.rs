//! What the window keeps from one start to the next: a file of `key = value` in the state
//! directory. No secret is in it. What cannot be read is as if it were not there.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use druid::Size;
use proto_std::state;

use crate::data::app::Theme;

const FILE: &str = "window";
/// Before anybody has moved a corner.
const SIZE: Size = Size::new(1180.0, 760.0);
/// Below this nothing fits.
pub(crate) const LEAST: Size = Size::new(640.0, 480.0);

/// What is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) server: String,
    pub(crate) name: String,
    pub(crate) theme: Option<Theme>,
    pub(crate) size: Size,
    pub(crate) downloads: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            server: String::new(),
            name: String::new(),
            theme: None,
            size: SIZE,
            downloads: None,
        }
    }
}

impl Settings {
    /// Reads what was kept.
    pub(crate) fn load(state_dir: &Path) -> Self {
        fs::read_to_string(state_dir.join(FILE)).map(|text| Self::parse(&text)).unwrap_or_default()
    }

    /// Keeps it.
    pub(crate) fn save(&self, state_dir: &Path) -> std::io::Result<()> {
        state::make_private_dir(state_dir)?;
        state::write_private(&state_dir.join(FILE), self.to_text().as_bytes())
    }

    fn parse(text: &str) -> Self {
        let mut settings = Self::default();
        for line in text.lines() {
            let Some((key, value)) = line.split_once(" = ") else { continue };
            match key {
                "server" => value.clone_into(&mut settings.server),
                "name" => value.clone_into(&mut settings.name),
                "theme" => {
                    settings.theme = match value {
                        "light" => Some(Theme::Light),
                        "dark" => Some(Theme::Dark),
                        _ => None,
                    };
                }
                "size" => settings.size = parse_size(value).unwrap_or(SIZE),
                "downloads" => settings.downloads = Some(value.into()),
                _ => {}
            }
        }
        settings
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: &str| {
            // A value of several lines would be read as something else.
            if !value.is_empty() && !value.contains('\n') {
                writeln!(text, "{key} = {value}").expect("a string takes all");
            }
        };
        line("server", &self.server);
        line("name", &self.name);
        line(
            "theme",
            match self.theme {
                Some(Theme::Light) => "light",
                Some(Theme::Dark) => "dark",
                None => "",
            },
        );
        line("size", &format!("{:.0}x{:.0}", self.size.width, self.size.height));
        let downloads = self.downloads.as_deref().and_then(Path::to_str).unwrap_or_default();
        line("downloads", downloads);
        text
    }
}

fn parse_size(text: &str) -> Option<Size> {
    let (width, height) = text.split_once('x')?;
    let size = Size::new(width.parse().ok()?, height.parse().ok()?);
    let sound = size.width.is_finite() && size.height.is_finite();
    sound.then(|| {
        Size::new(size.width.clamp(LEAST.width, 8e3), size.height.clamp(LEAST.height, 8e3))
    })
}

/// Where downloads go as long as nobody says otherwise.
pub(crate) fn default_downloads() -> PathBuf {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    let home = home.map(PathBuf::from).unwrap_or_default();
    let downloads = home.join("Downloads");
    if downloads.is_dir() { downloads } else { home }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let settings = Settings {
            server: "10.0.0.1:7".into(),
            name: "לאה".into(),
            theme: Some(Theme::Dark),
            size: Size::new(900.0, 700.0),
            downloads: Some("/tmp/a = b".into()),
        };
        assert_eq!(Settings::parse(&settings.to_text()), settings);
    }

    #[test]
    fn nonsense_is_as_if_it_were_not_there() {
        assert_eq!(Settings::parse("size = 1x\nfoo\ntheme = blue\n"), Settings::default());
        assert_eq!(Settings::parse("size = 1x99999").size, Size::new(LEAST.width, 8e3));
    }
}
