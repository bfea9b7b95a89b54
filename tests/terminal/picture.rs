//! The picture in README: the demo as it stands on the glass, cell by cell, as SVG and PNG.
//!
//! `ONEBOX_WRITE_PICTURE=1 cargo test --features picture --test terminal picture` draws it anew;
//! without the feature only the SVG. Fonts: see `FONTS`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::pty::Terminal;

/// What a cell is in pixels, in DejaVu Sans Mono at 15: lines and corners meet.
const WIDTH: f32 = 9.0;
const HEIGHT: f32 = 17.5;
const BASELINE: f32 = 13.5;
const MARGIN: f32 = 14.0;
const PAPER: &str = "#1a1b26";
const INK: &str = "#d7d7d7";

/// What a cell looks like, but for its text.
#[derive(Clone, PartialEq)]
struct Look {
    ink: String,
    paper: String,
    bold: bool,
    italic: bool,
    underline: bool,
    dim: bool,
    /// The emoji font has digits too: it is named only where an emoji stands.
    emoji: bool,
}

struct Glyph {
    col: u16,
    cols: u16,
    text: String,
    look: Look,
}

/// The first sixteen as a dark terminal has them; the others are the same everywhere.
fn palette(i: u8) -> String {
    const FIRST: [&str; 16] = [
        "#15161e", "#f7768e", "#9ece6a", "#e0af68", "#7aa2f7", "#bb9af7", "#7dcfff", "#a9b1d6",
        "#737aa2", "#ff899d", "#9fe044", "#faba4a", "#8db0ff", "#c7a9ff", "#a4daff", "#c0caf5",
    ];
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match i {
        0..=15 => FIRST[usize::from(i)].into(),
        16..=231 => {
            let n = usize::from(i - 16);
            let [r, g, b] = [n / 36, n / 6 % 6, n % 6].map(|step| STEPS[step]);
            format!("#{r:02x}{g:02x}{b:02x}")
        }
        232..=255 => format!("#{0:02x}{0:02x}{0:02x}", 8 + (i - 232) * 10),
    }
}

fn colour(colour: vt100::Color, default: &str) -> String {
    match colour {
        vt100::Color::Default => default.to_owned(),
        vt100::Color::Idx(i) => palette(i),
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
    }
}

fn is_emoji(text: &str) -> bool {
    text.chars().any(|c| matches!(c as u32, 0x1f000..=0x1faff | 0xfe0f))
}

fn glyphs(s: &vt100::Screen, row: u16) -> Vec<Glyph> {
    let mut out: Vec<Glyph> = Vec::new();
    for col in 0..s.size().1.get() {
        let Some(cell) = s.cell(row, col).filter(|c| !c.is_wide_continuation()) else { continue };
        let text = if cell.has_contents() { cell.contents() } else { " " };
        // The model counts characters where terminals of today count what they make together.
        let joins = |before: &Glyph| {
            before.text.ends_with('\u{200d}')
                || text.starts_with(
                    |c| matches!(c as u32, 0x1f3fb..=0x1f3ff | 0x900..=0x903 | 0x93a..=0x94f),
                )
        };
        if let Some(before) = out.last_mut().filter(|g| joins(g)) {
            before.text.push_str(text);
            before.cols += 1;
            continue;
        }
        let (ink, paper) = (colour(cell.fgcolor(), INK), colour(cell.bgcolor(), PAPER));
        let (ink, paper) = if cell.inverse() { (paper, ink) } else { (ink, paper) };
        let look = Look {
            ink,
            paper,
            bold: cell.bold(),
            italic: cell.italic(),
            underline: cell.underline(),
            dim: cell.dim(),
            emoji: is_emoji(text),
        };
        out.push(Glyph { col, cols: 1 + u16::from(cell.is_wide()), text: text.into(), look });
    }
    out
}

/// Every glyph at an x of its own, so that no font can bend the grid.
fn svg(s: &vt100::Screen) -> String {
    let (rows, cols) = (s.size().0.get(), s.size().1.get());
    let (w, h) = (f32::from(cols) * WIDTH, f32::from(rows) * HEIGHT);
    let (w, h) = (w + 2.0 * MARGIN, h + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" \
         viewBox=\"0 0 {w} {h}\" font-family=\"DejaVu Sans Mono, Noto Sans Mono CJK JP, \
         Lohit Devanagari, monospace\" font-size=\"15\" xml:space=\"preserve\">\n\
         <rect width=\"{w}\" height=\"{h}\" rx=\"8\" fill=\"{PAPER}\"/>\n"
    );
    for row in 0..rows {
        let top = MARGIN + f32::from(row) * HEIGHT;
        let all = glyphs(s, row);
        for run in all.chunk_by(|a, b| a.look.paper == b.look.paper) {
            let paper = &run[0].look.paper;
            if paper != PAPER {
                let x = MARGIN + f32::from(run[0].col) * WIDTH;
                let w = f32::from(run.iter().map(|g| g.cols).sum::<u16>()) * WIDTH;
                writeln!(out, "<rect x=\"{x}\" y=\"{top}\" width=\"{w}\" height=\"{HEIGHT}\" fill=\"{paper}\"/>")
                    .expect("a string takes all");
            }
        }
        let plain = |g: &Glyph| g.text.chars().count() == 1;
        for run in all.chunk_by(|a, b| a.look == b.look && plain(a) && plain(b)) {
            out.push_str(&text(run, top + BASELINE));
        }
    }
    out.push_str("</svg>\n");
    out
}

fn text(run: &[Glyph], y: f32) -> String {
    let seen: Vec<&Glyph> = run.iter().filter(|g| !g.text.trim().is_empty()).collect();
    let Some(first) = seen.first() else { return String::new() };
    let x: Vec<String> =
        seen.iter().map(|g| (MARGIN + f32::from(g.col) * WIDTH).to_string()).collect();
    let mut style = String::new();
    for (on, attribute) in [
        (first.look.bold, " font-weight=\"bold\""),
        (first.look.italic, " font-style=\"italic\""),
        (first.look.underline, " text-decoration=\"underline\""),
        (first.look.dim, " opacity=\"0.6\""),
        (first.look.emoji, " font-family=\"Noto Color Emoji\" font-size=\"13\""),
    ] {
        style.push_str(if on { attribute } else { "" });
    }
    let words: String = seen.iter().map(|g| g.text.as_str()).collect();
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<text x=\"{}\" y=\"{y}\" fill=\"{}\"{style}>{words}</text>\n",
        x.join(" "),
        first.look.ink
    )
}

/// The whole inbox, with the closed conversation chosen.
fn shown() -> vt100::Screen {
    let home = crate::home();
    let env = [("COLORTERM", "truecolor")];
    let mut t = Terminal::start(100, 30, home.path(), &["--demo"], &env);
    t.text("see you at six?");
    t.keys("G");
    t.text("Salsa Tuesdays ·");
    t.keys("k");
    t.text("ended in mid-December 2023");
    t.text("did the parcel arrive?");
    // Drawn anew: what earlier frames left where the model counts cells differently is no part.
    let before = t.bytes().len();
    t.keys("\x0c");
    t.written("a fresh frame", before + 2_000);
    let screen = t.text("did the parcel arrive?");
    t.quit();
    screen
}

fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name)
}

#[test]
fn the_picture_is_what_the_demo_shows() {
    let fresh = svg(&shown());
    if std::env::var_os("ONEBOX_WRITE_PICTURE").is_some() {
        std::fs::write(asset("screen.svg"), &fresh).expect("a writable asset");
        #[cfg(feature = "picture")]
        std::fs::write(asset("screen.png"), png(&fresh)).expect("a writable asset");
        return;
    }
    let kept = std::fs::read_to_string(asset("screen.svg")).expect("assets/screen.svg");
    assert!(
        fresh == kept,
        "assets/screen.svg is not what the demo shows; to draw it anew: \
         ONEBOX_WRITE_PICTURE=1 cargo test --features picture --test terminal picture"
    );
}

/// Debian's fonts-dejavu-core, fonts-dejavu-extra, fonts-noto-cjk, fonts-noto-color-emoji and fonts-lohit-deva; only
/// these, so that the picture is the same wherever it is made.
#[cfg(feature = "picture")]
const FONTS: [&str; 6] = [
    "truetype/dejavu/DejaVuSansMono.ttf",
    "truetype/dejavu/DejaVuSansMono-Bold.ttf",
    "truetype/dejavu/DejaVuSansMono-Oblique.ttf",
    "opentype/noto/NotoSansCJK-Regular.ttc",
    "truetype/noto/NotoColorEmoji.ttf",
    "truetype/lohit-devanagari/Lohit-Devanagari.ttf",
];

#[cfg(feature = "picture")]
fn png(svg: &str) -> Vec<u8> {
    use resvg::{tiny_skia, usvg};
    const ZOOM: f32 = 2.0;
    let mut options = usvg::Options::default();
    for font in FONTS {
        let path = Path::new("/usr/share/fonts").join(font);
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        options.fontdb_mut().load_font_data(bytes);
    }
    let tree = usvg::Tree::from_str(svg, &options).expect("our own SVG");
    let size = tree.size();
    let (w, h) = ((size.width() * ZOOM) as u32, (size.height() * ZOOM) as u32);
    let mut pixels = tiny_skia::Pixmap::new(w, h).expect("a size");
    resvg::render(&tree, tiny_skia::Transform::from_scale(ZOOM, ZOOM), &mut pixels.as_mut());
    pixels.encode_png().expect("a picture")
}
