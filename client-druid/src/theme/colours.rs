//! The colours, light and dark: the only place where they are written down.

use druid::{Color, Env, Key};

use crate::data::app::Theme;

macro_rules! colours {
    ($($(#[$doc:meta])* $key:ident $name:literal $light:literal $dark:literal)*) => {
        $($(#[$doc])* pub(crate) const $key: Key<Color> = Key::new(concat!("haversack.", $name));)*

        /// Every colour: its key, light and dark.
        const ALL: &[(Key<Color>, u32, u32)] = &[$(($key, $light, $dark)),*];
    };
}

colours! {
    /// Behind the conversation.
    WINDOW "window" 0xFFFF_FFFF 0x1B1D_21FF
    /// Behind the list of conversations.
    SIDEBAR "sidebar" 0xF3F4_F7FF 0x1517_1AFF
    /// Behind the files.
    PANE "pane" 0xF9FA_FBFF 0x181A_1EFF
    /// Cards, menus and dialogs.
    RAISED "raised" 0xFFFF_FFFF 0x2427_2CFF
    /// Lines between areas.
    LINE "line" 0xE3E6_EBFF 0x2C30_37FF
    /// What is read.
    TEXT "text" 0x1A1E_24FF 0xE9EB_EEFF
    /// What explains.
    DIM "dim" 0x5560_6DFF 0xA6AD_B8FF
    /// What is read at most once.
    FAINT "faint" 0x737C_89FF 0x7C84_90FF
    /// The one colour that calls.
    ACCENT "accent" 0x2F66_E0FF 0x6D9C_FFFF
    /// The same, under the mouse.
    ACCENT_HOT "accent-hot" 0x2457_C7FF 0x86AD_FFFF
    /// On that colour.
    ON_ACCENT "on-accent" 0xFFFF_FFFF 0x0D14_22FF
    /// Behind what is chosen.
    CHOSEN "chosen" 0xDFE8_FBFF 0x2636_54FF
    /// Behind what is under the mouse.
    HOT "hot" 0x1020_3010 0xE0E8_F414
    /// Behind what is pressed.
    PRESSED "pressed" 0x1020_3020 0xE0E8_F424
    /// The ring around what has the keyboard.
    RING "ring" 0x2F66_E0FF 0x8CB2_FFFF
    /// Behind what others say.
    BUBBLE "bubble" 0xF0F2_F5FF 0x292D_34FF
    /// Behind what oneself says.
    MINE "mine" 0xDCE7_FDFF 0x2A41_70FF
    /// Small print on that.
    ON_MINE "on-mine" 0x5069_9CFF 0xA9BD_E8FF
    /// Behind what was looked for and found.
    FOUND "found" 0xFFE2_8AFF 0x6E5A_1AFF
    /// All is well; somebody is here.
    GOOD "good" 0x2699_5AFF 0x4CC3_8AFF
    /// Somebody was here.
    AWAY "away" 0xB4BB_C5FF 0x565D_68FF
    /// Something waits.
    WARN "warn" 0xA868_08FF 0xE8B8_4CFF
    /// Behind that.
    WARN_SOFT "warn-soft" 0xFFF4_DBFF 0x3A31_1CFF
    /// Something failed.
    BAD "bad" 0xC933_38FF 0xFF7B_7FFF
    /// Behind that.
    BAD_SOFT "bad-soft" 0xFDEB_EBFF 0x4226_2AFF
    /// Behind what is typed.
    FIELD "field" 0xFFFF_FFFF 0x2124_29FF
    /// Around it.
    FIELD_LINE "field-line" 0xC9CF_D7FF 0x3E44_4DFF
    /// The way that a bar has still to go.
    TRACK "track" 0xE1E5_EBFF 0x3336_3DFF
    /// Over everything that waits for a dialog.
    VEIL "veil" 0x1820_2C66 0x0000_0099
    /// Under what floats.
    SHADOW "shadow" 0x1020_3026 0x0000_0080
    /// Behind a short word at the edge.
    TOAST "toast" 0x252A_31FF 0x3A40_49FF
    /// On that.
    ON_TOAST "on-toast" 0xFFFF_FFFF 0xF2F4_F7FF
    GOOD_ON_TOAST "good-on-toast" 0x7DDB_ACFF 0x7DDB_ACFF
    BAD_ON_TOAST "bad-on-toast" 0xFF9A_9DFF 0xFF9A_9DFF
}

/// Behind the initials of people, in both themes.
const PEOPLE: [u32; 8] = [
    0x4C7D_D9FF,
    0x2F9E_8FFF,
    0xB965_C9FF,
    0xD07A_3CFF,
    0x5B9A_3FFF,
    0xD056_7BFF,
    0x6C6F_D6FF,
    0x3A93_B8FF,
];

/// On those.
pub(crate) const ON_PERSON: Color = Color::WHITE;

/// The colour of a person: the same at each start, by the name.
pub(crate) fn person(name: &str) -> Color {
    // FNV-1a: names that differ in a letter differ in their colour.
    let sum = name
        .chars()
        .flat_map(char::to_lowercase)
        .fold(0x811C_9DC5_u32, |sum, c| (sum ^ u32::from(c)).wrapping_mul(0x0100_0193));
    let count = u32::try_from(PEOPLE.len()).expect("a handful");
    Color::from_rgba32_u32(PEOPLE[((sum ^ (sum >> 15)) % count) as usize])
}

/// Behind the word for a kind of file.
pub(crate) fn badge(colour: Color) -> Color {
    colour.with_alpha(0.16)
}

/// A colour of that hue for words in small print: as far on the way to what is read as it takes to
/// be read on a tint of itself.
pub(crate) fn inked(colour: Color, text: Color) -> Color {
    const SHARE: f64 = 0.5;
    let ((red, green, blue, _), to) = (colour.as_rgba(), text.as_rgba());
    let mix = |from: f64, to: f64| (to - from).mul_add(SHARE, from);
    Color::rgb(mix(red, to.0), mix(green, to.1), mix(blue, to.2))
}

/// Puts a theme's colours in place, ours and those that Druid's own widgets ask for.
pub(crate) fn set(env: &mut Env, theme: Theme) {
    for (key, light, dark) in ALL {
        let colour = match theme {
            Theme::Light => *light,
            Theme::Dark => *dark,
        };
        env.set(key.clone(), Color::from_rgba32_u32(colour));
    }
    for (theirs, ours) in [
        (druid::theme::WINDOW_BACKGROUND_COLOR, WINDOW),
        (druid::theme::TEXT_COLOR, TEXT),
        (druid::theme::DISABLED_TEXT_COLOR, FAINT),
        (druid::theme::PLACEHOLDER_COLOR, FAINT),
        (druid::theme::BACKGROUND_LIGHT, FIELD),
        (druid::theme::BACKGROUND_DARK, FIELD),
        (druid::theme::BORDER_DARK, FIELD_LINE),
        (druid::theme::BORDER_LIGHT, FIELD_LINE),
        (druid::theme::PRIMARY_LIGHT, RING),
        (druid::theme::PRIMARY_DARK, ACCENT),
        (druid::theme::CURSOR_COLOR, TEXT),
        (druid::theme::SELECTED_TEXT_BACKGROUND_COLOR, CHOSEN),
        (druid::theme::SELECTED_TEXT_INACTIVE_BACKGROUND_COLOR, HOT),
        (druid::theme::SCROLLBAR_COLOR, FAINT),
        (druid::theme::SCROLLBAR_BORDER_COLOR, FAINT),
    ] {
        let colour = env.get(ours);
        env.set(theirs, colour);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a colour, as WCAG 2 has it.
    fn luminance(colour: Color) -> f64 {
        let (red, green, blue, _) = colour.as_rgba();
        let linear = |part: f64| {
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        linear(blue).mul_add(0.0722, linear(red).mul_add(0.2126, linear(green) * 0.7152))
    }

    /// What is seen of a colour on a ground.
    fn on(colour: Color, ground: Color) -> Color {
        let ((red, green, blue, share), under) = (colour.as_rgba(), ground.as_rgba());
        let mix = |over: f64, under: f64| (over - under).mul_add(share, under);
        Color::rgb(mix(red, under.0), mix(green, under.1), mix(blue, under.2))
    }

    #[test]
    fn the_word_on_a_files_badge_is_read_in_both_themes() {
        let both = |key: &Key<Color>| {
            let (_, light, dark) = ALL.iter().find(|(other, ..)| other == key).unwrap();
            [light, dark].map(|colour| Color::from_rgba32_u32(*colour))
        };
        for theme in 0..2 {
            let (text, pane, hot) = (both(&TEXT)[theme], both(&PANE)[theme], both(&HOT)[theme]);
            for person in PEOPLE.map(Color::from_rgba32_u32) {
                for ground in [pane, on(hot, pane)] {
                    let ground = luminance(on(badge(person), ground));
                    let ink = luminance(inked(person, text));
                    let contrast = (ground.max(ink) + 0.05) / (ground.min(ink) + 0.05);
                    assert!(contrast >= 4.5, "{person:?}: {contrast:.2}");
                }
            }
        }
    }
}
