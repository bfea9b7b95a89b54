//! Names of files: readable, and the same on every file system.

use std::collections::HashSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::escape;

/// Bytes of a title in a name: with a number, an ending, `_media` and `.part` it stays below the
/// 255 that file systems take, and below what encrypted ones leave.
const TITLE: usize = 80;
/// Bytes of a media file's own name.
const MEDIA: usize = 40;

const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What Windows takes for a device, whatever its ending.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "com", "lpt", "conin$", "conout$", "clock$"];

/// What a browser or system would run instead of show.
const RUNS: &[&str] = &[
    "html", "htm", "xhtml", "xht", "shtml", "svg", "svgz", "xml", "xsl", "mht", "mhtml", "js",
    "mjs", "wasm", "swf", "exe", "com", "bat", "cmd", "msi", "scr", "pif", "lnk", "url", "hta",
    "vbs", "vbe", "ps1", "jar", "wsf", "desktop", "sh", "command", "app", "apk", "reg", "webloc",
];

/// The names that were given out in a folder.
#[derive(Debug, Default)]
pub struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// Keeps a name from being given out.
    pub fn reserve(&mut self, name: &str) {
        self.taken.insert(folded(name));
    }

    /// A name, without an ending, that no other document in the folder has.
    pub fn unique(&mut self, title: &str, rest: &str) -> String {
        let title = match safe(title, TITLE) {
            empty if empty.is_empty() => "Conversation".to_owned(),
            title => title,
        };
        let rest = safe(rest, TITLE);
        let base = if rest.is_empty() { title } else { format!("{title} - {rest}") };
        let mut name = base.clone();
        let mut n = 1u64;
        while !self.taken.insert(folded(&name)) {
            n += 1;
            name = format!("{base} ({n})");
        }
        name
    }
}

/// As file systems that know no case compare names.
fn folded(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).collect::<String>().nfc().collect()
}

/// A part of a name: letters, digits and a little punctuation, of a bounded length.
fn safe(text: &str, most: usize) -> String {
    let mut out = String::new();
    for c in escape::line(text).nfc() {
        let kept = match c.general_category_group() {
            GeneralCategoryGroup::Letter
            | GeneralCategoryGroup::Mark
            | GeneralCategoryGroup::Number => c,
            _ if "-_.,()'+&".contains(c) => c,
            _ => ' ',
        };
        // A mark needs something to sit on, a space something to part.
        let alone = kept.general_category_group() == GeneralCategoryGroup::Mark;
        if (kept == ' ' || alone) && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        if out.len() + kept.len_utf8() > most {
            break;
        }
        out.push(kept);
    }
    // Windows drops dots and spaces at the end; in front they hide a file or make an option of it.
    let name = out.trim_matches(|c: char| c == ' ' || c == '.' || c == '-').to_owned();
    let stem = name.split('.').next().unwrap_or("").trim().to_lowercase();
    let device = DEVICES.iter().any(|d| {
        stem.strip_prefix(d).is_some_and(|n| n.is_empty() || n.chars().count() == 1 && d.len() == 3)
    });
    if device { format!("_{name}") } else { name }
}

/// A file's ending, in small letters; empty if it has none that is one.
pub fn ending(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match name.rsplit_once('.') {
        Some((_, e))
            if (1..=8).contains(&e.len()) && e.bytes().all(|b| b.is_ascii_alphanumeric()) =>
        {
            e.to_ascii_lowercase()
        }
        _ => String::new(),
    }
}

/// Opening such a file could run something.
pub fn runs(ending: &str) -> bool {
    RUNS.contains(&ending)
}

/// Sound, by its ending.
pub fn is_sound(ending: &str) -> bool {
    matches!(ending, "mp4" | "amr" | "3gp" | "")
}

/// The name under which a media file is kept: its own, as far as it is safe, and a number that
/// tells it from all others. What could run gets `.txt` behind it.
pub fn media_name(path: &str, number: u64) -> String {
    let (stem, ending) = stem_and_ending(path);
    let tail = number & 0xffff_ffff_ffff;
    match (ending.as_str(), runs(&ending)) {
        ("", _) => format!("{stem}-{tail:012x}"),
        (e, false) => format!("{stem}-{tail:012x}.{e}"),
        (e, true) => format!("{stem}-{tail:012x}.{e}.txt"),
    }
}

/// The name under which a person saves a media file: its own, as far as it is safe; the second of
/// this name is `name (2)`.
pub fn saved_name(path: &str, count: u32) -> String {
    let (mut stem, ending) = stem_and_ending(path);
    if count > 1 {
        stem = format!("{stem} ({count})");
    }
    if ending.is_empty() { stem } else { format!("{stem}.{ending}") }
}

fn stem_and_ending(path: &str) -> (String, String) {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let ending = ending(name);
    let stem = match ending.len() {
        0 => name,
        n => &name[..name.len() - n - 1],
    };
    let stem = safe(&stem.replace('.', "-"), MEDIA);
    (if stem.is_empty() { "file".to_owned() } else { stem }, ending)
}

/// An address that [`href`] made, as a path again.
pub fn readable(href: &str) -> String {
    percent_decode_str(href.strip_prefix("file://").unwrap_or(href)).decode_utf8_lossy().into()
}

/// A path of `/`-separated names as a relative address.
pub fn href(path: &str) -> String {
    let parts: Vec<String> =
        path.split('/').map(|p| utf8_percent_encode(p, KEPT).to_string()).collect();
    parts.join("/")
}
