//! Roles, not colours: what a thing is on the screen, and how each theme shows that.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::model::SourceId;

/// What a piece of the screen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it; the theme files list them")]
pub enum Role {
    Text,
    Muted,
    Greyed,
    Accent,
    Title,
    Border,
    BorderFocused,
    Selected,
    SelectedGreyed,
    Unread,
    Mine,
    /// Somebody else's name; any number, folded into the theme's hues.
    Sender(u8),
    System,
    Link,
    Warning,
    Error,
    Success,
    ReadOnlyMark,
    Reaction,
    Seam,
    DaySeparator,
    ComposerText,
    ComposerDisabled,
    StatusBar,
    Key,
    Found,
}

const NAMED: &[(Role, &str)] = &[
    (Role::Text, "text"),
    (Role::Muted, "muted"),
    (Role::Greyed, "greyed"),
    (Role::Accent, "accent"),
    (Role::Title, "title"),
    (Role::Border, "border"),
    (Role::BorderFocused, "border-focused"),
    (Role::Selected, "selected"),
    (Role::SelectedGreyed, "selected-greyed"),
    (Role::Unread, "unread"),
    (Role::Mine, "mine"),
    (Role::System, "system"),
    (Role::Link, "link"),
    (Role::Warning, "warning"),
    (Role::Error, "error"),
    (Role::Success, "success"),
    (Role::ReadOnlyMark, "read-only-mark"),
    (Role::Reaction, "reaction"),
    (Role::Seam, "seam"),
    (Role::DaySeparator, "day-separator"),
    (Role::ComposerText, "composer-text"),
    (Role::ComposerDisabled, "composer-disabled"),
    (Role::StatusBar, "status-bar"),
    (Role::Key, "key"),
    (Role::Found, "found"),
];

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None, or none wanted.
    None,
    /// The sixteen of old.
    Ansi16,
    /// The 256-colour palette.
    Indexed256,
    /// Any.
    True,
}

impl Depth {
    /// From the environment, which is looked up by the function given.
    pub fn detect(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let term = lookup("TERM").unwrap_or_default();
        let colorterm = lookup("COLORTERM").unwrap_or_default();
        if lookup("NO_COLOR").is_some_and(|v| !v.is_empty()) || term == "dumb" {
            Depth::None
        } else if matches!(colorterm.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") {
            Depth::True
        } else if term.contains("256") {
            Depth::Indexed256
        } else {
            Depth::Ansi16
        }
    }
}

/// The theme for the terminal's background, as far as the environment names it: `COLORFGBG` ends
/// with the number of the background's colour.
pub fn fitting(lookup: impl Fn(&str) -> Option<String>) -> &'static str {
    let named = lookup("COLORFGBG").unwrap_or_default();
    match named.rsplit(';').next().and_then(|n| n.parse::<u8>().ok()) {
        Some(7 | 9..=15) => "light",
        _ => "dark",
    }
}

/// Why a theme cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    /// No such theme.
    #[error("there is no theme “{0}”; there are: {list}", list = Theme::names().join(", "))]
    Unknown(String),
    /// A theme file is broken.
    #[error("theme: {0}")]
    Broken(#[from] toml::de::Error),
    /// A role has no style.
    #[error("theme: nothing for “{0}”")]
    Missing(&'static str),
}

/// A colour as the theme files write it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Hue(Color);

impl TryFrom<String> for Hue {
    type Error = ratatui::style::ParseColorError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Look {
    fg: Option<Hue>,
    bg: Option<Hue>,
    ansi: Option<String>,
    bold: bool,
    italic: bool,
    underline: bool,
    reverse: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    dark: bool,
    background: Hue,
    greyed_index: u8,
    badge_hues: Vec<Hue>,
    sender_hues: Vec<Hue>,
    badges: BTreeMap<String, Look>,
    roles: BTreeMap<String, Look>,
}

/// A theme, ready for a terminal.
#[derive(Clone, Debug)]
pub struct Theme {
    file: File,
    depth: Depth,
}

const FILES: &[(&str, &str)] = &[
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("high-contrast", include_str!("../../assets/themes/high-contrast.toml")),
    ("colour-blind", include_str!("../../assets/themes/colour-blind.toml")),
];

const HUES_16: [Color; 6] =
    [Color::Cyan, Color::Yellow, Color::Green, Color::Magenta, Color::Blue, Color::Red];

impl Theme {
    /// The terminal background that it was made for.
    pub fn background(&self) -> Color {
        self.file.background.0
    }

    /// The themes that there are.
    pub fn names() -> Vec<&'static str> {
        FILES.iter().map(|(name, _)| *name).collect()
    }

    /// A theme by name, for a terminal of that depth.
    pub fn load(name: &str, depth: Depth) -> Result<Self, ThemeError> {
        let found = FILES.iter().find(|(n, _)| *n == name);
        let (_, text) = found.ok_or_else(|| ThemeError::Unknown(name.to_owned()))?;
        let file: File = toml::from_str(text)?;
        match NAMED.iter().find(|(_, role)| !file.roles.contains_key(*role)) {
            Some((_, role)) => Err(ThemeError::Missing(role)),
            None => Ok(Self { file, depth }),
        }
    }

    /// Made for a dark background.
    pub fn is_dark(&self) -> bool {
        self.file.dark
    }

    /// How a role is shown.
    pub fn style(&self, role: Role) -> Style {
        if let Role::Sender(n) = role {
            return self.hue(&self.file.sender_hues, usize::from(n));
        }
        let name = NAMED.iter().find(|(r, _)| *r == role).map_or("text", |(_, name)| *name);
        let style = self.file.roles.get(name).map_or(Style::new(), |look| self.dress(look));
        match (role, self.depth) {
            (Role::Greyed | Role::ComposerDisabled, Depth::None | Depth::Ansi16) => {
                style.fg(Color::Reset).add_modifier(Modifier::DIM)
            }
            (Role::Greyed | Role::ComposerDisabled, Depth::Indexed256) => {
                style.fg(Color::Indexed(self.file.greyed_index))
            }
            _ => style,
        }
    }

    /// How a source's badge is shown.
    pub fn badge(&self, source: &SourceId) -> Style {
        match self.file.badges.get(source.as_str()) {
            Some(look) => self.dress(look),
            None => {
                let sum = source
                    .as_str()
                    .bytes()
                    .fold(7usize, |sum, b| sum.wrapping_mul(31).wrapping_add(usize::from(b)));
                self.hue(&self.file.badge_hues, sum)
            }
        }
    }

    fn hue(&self, hues: &[Hue], n: usize) -> Style {
        let style = Style::new().add_modifier(Modifier::BOLD);
        match (self.depth, hues.get(n % hues.len().max(1))) {
            (Depth::None, _) | (_, None) => style,
            (Depth::Ansi16, _) => style.fg(HUES_16[n % HUES_16.len()]),
            (depth, Some(hue)) => style.fg(at_depth(hue.0, depth)),
        }
    }

    fn dress(&self, look: &Look) -> Style {
        let mut style = Style::new();
        let fg = match self.depth {
            Depth::None => None,
            Depth::Ansi16 => look.ansi.as_deref().and_then(|name| name.parse().ok()),
            depth => look.fg.map(|fg| at_depth(fg.0, depth)),
        };
        if let Some(fg) = fg {
            style = style.fg(fg);
        }
        // A quiet ground where there are colours enough; else reverse, which every terminal has.
        let ground = look.bg.filter(|_| self.depth >= Depth::Indexed256);
        if let Some(bg) = ground {
            style = style.bg(at_depth(bg.0, self.depth));
        }
        for (on, modifier) in [
            (look.bold, Modifier::BOLD),
            (look.italic, Modifier::ITALIC),
            (look.underline, Modifier::UNDERLINED),
            (look.reverse && ground.is_none(), Modifier::REVERSED),
        ] {
            if on {
                style = style.add_modifier(modifier);
            }
        }
        style
    }
}

/// A colour of the 256-palette from the cube and the greys; the first sixteen are anyone's guess.
fn indexed(i: u8) -> (u8, u8, u8) {
    if i >= 232 {
        let grey = 8 + 10 * (i - 232);
        return (grey, grey, grey);
    }
    let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    let i = i.saturating_sub(16);
    (level(i / 36), level(i / 6 % 6), level(i % 6))
}

fn at_depth(colour: Color, depth: Depth) -> Color {
    let (Color::Rgb(r, g, b), Depth::Indexed256) = (colour, depth) else { return colour };
    let far = |i: &u8| {
        let (x, y, z) = indexed(*i);
        [(x, r), (y, g), (z, b)].iter().map(|(p, q)| u32::from(p.abs_diff(*q)).pow(2)).sum::<u32>()
    };
    Color::Indexed((16..=255).min_by_key(far).unwrap_or(231))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn luminance(c: Color) -> f64 {
        let (r, g, b) = match c {
            Color::Rgb(r, g, b) => (r, g, b),
            Color::Indexed(i) => indexed(i),
            other => panic!("{other} has no known light"),
        };
        let part = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
    }

    pub(crate) fn contrast(a: Color, b: Color) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    const APPS: [&str; 6] = ["messenger", "instagram", "whatsapp", "matrix", "signal", "x"];

    #[test]
    fn everything_can_be_read() {
        for name in Theme::names() {
            for depth in [Depth::True, Depth::Indexed256] {
                let theme = Theme::load(name, depth).unwrap();
                let mut styles: Vec<_> =
                    NAMED.iter().map(|(r, n)| ((*n).to_owned(), theme.style(*r))).collect();
                styles
                    .extend((0..8).map(|n| (format!("sender {n}"), theme.style(Role::Sender(n)))));
                for slug in APPS {
                    styles.push((slug.to_owned(), theme.badge(&SourceId::new(slug))));
                }
                let ground = theme.style(Role::Selected).bg;
                for (role, style) in styles {
                    let Some(fg) = style.fg else { continue };
                    let own = style.bg.unwrap_or(theme.file.background.0);
                    let ratio = contrast(fg, own);
                    assert!(ratio >= 4.5, "{name} {depth:?} {role}: {ratio:.2}");
                    // What a list row is made of keeps its colours when the row is selected.
                    let in_rows = ["text", "muted", "title", "accent", "unread", "warning"];
                    let in_row = in_rows.contains(&&*role) || APPS.contains(&&*role);
                    if let Some(ground) = ground.filter(|_| in_row && style.bg.is_none()) {
                        let ratio = contrast(fg, ground);
                        assert!(ratio >= 4.5, "{name} {depth:?} selected {role}: {ratio:.2}");
                    }
                }
            }
        }
    }

    #[test]
    fn greyed_never_is_grey_alone() {
        for name in Theme::names() {
            for depth in [Depth::None, Depth::Ansi16, Depth::Indexed256, Depth::True] {
                let theme = Theme::load(name, depth).unwrap();
                let greyed = theme.style(Role::Greyed);
                assert!(greyed.add_modifier.contains(Modifier::ITALIC));
                assert_ne!(greyed, theme.style(Role::Text));
                let poor = depth <= Depth::Ansi16;
                assert_eq!(greyed.add_modifier.contains(Modifier::DIM), poor);
                let selected = theme.style(Role::Selected);
                let ground = selected.bg.is_some();
                assert!(ground || selected.add_modifier.contains(Modifier::REVERSED));
                assert!(!(ground && poor), "a ground needs colours");
            }
        }
    }

    #[test]
    fn no_colours_means_none() {
        for name in Theme::names() {
            let theme = Theme::load(name, Depth::None).unwrap();
            let styles = NAMED.iter().map(|(r, _)| theme.style(*r));
            let badge = theme.badge(&SourceId::known("messenger"));
            for style in styles.chain([badge, theme.style(Role::Sender(3))]) {
                assert!(matches!(style.fg, None | Some(Color::Reset)) && style.bg.is_none());
            }
        }
    }

    #[test]
    fn badges_differ() {
        for depth in [Depth::Ansi16, Depth::Indexed256, Depth::True] {
            let theme = Theme::load("dark", depth).unwrap();
            let of = |slug| theme.badge(&SourceId::known(slug));
            assert_ne!(of("messenger"), of("instagram"));
            assert_ne!(of("instagram"), of("whatsapp"));
            assert_eq!(of("matrix"), of("matrix"));
        }
    }

    #[test]
    fn sixteen_colour_names_are_colours() {
        for name in Theme::names() {
            let theme = Theme::load(name, Depth::Ansi16).unwrap();
            for look in theme.file.roles.values().chain(theme.file.badges.values()) {
                let Some(ansi) = &look.ansi else { continue };
                assert!(ansi.parse::<Color>().is_ok(), "{ansi}");
            }
        }
        assert!(matches!(Theme::load("pink", Depth::True), Err(ThemeError::Unknown(_))));
    }

    #[test]
    fn depth_follows_the_environment() {
        let with = |vars: &[(&str, &str)]| {
            Depth::detect(|k| vars.iter().find(|(n, _)| *n == k).map(|(_, v)| (*v).to_owned()))
        };
        assert_eq!(with(&[("TERM", "xterm")]), Depth::Ansi16);
        assert_eq!(with(&[("TERM", "xterm-256color")]), Depth::Indexed256);
        assert_eq!(with(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(with(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), Depth::None);
        assert_eq!(with(&[("NO_COLOR", ""), ("COLORTERM", "24bit")]), Depth::True);
        assert_eq!(with(&[("TERM", "dumb")]), Depth::None);
    }

    #[test]
    fn the_background_chooses_the_theme() {
        for (value, theme) in [
            (Some("15;0"), "dark"),
            (Some("0;15"), "light"),
            (Some("0;default;7"), "light"),
            (Some("12;8"), "dark"),
            (Some("default;default"), "dark"),
            (Some("0;700"), "dark"),
            (None, "dark"),
        ] {
            assert_eq!(fitting(|_| value.map(str::to_owned)), theme, "{value:?}");
        }
    }
}
