//! Finds the threads of an export by their places, whatever year's layout it has.

use std::collections::BTreeMap;

use memchr::memmem;

use super::kind::{Kind, Sign, judge};
use super::peek::Peek;
use crate::sources::{Confidence, Entry, FileTree};

/// The box that a thread lies in; the order is that of trust in what it says of the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tray {
    /// The inbox.
    Inbox,
    /// Archived.
    Archived,
    /// Requests.
    Requests,
    /// Filtered.
    Filtered,
    /// History up to encryption.
    Cutover,
    /// Older ones.
    Legacy,
    /// None known.
    Other,
    /// A copy of a group's thread.
    Groups,
}

impl Tray {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "inbox" => Self::Inbox,
            "archived_threads" => Self::Archived,
            "message_requests" => Self::Requests,
            "filtered_threads" => Self::Filtered,
            "e2ee_cutover" => Self::Cutover,
            "legacy_threads" => Self::Legacy,
            _ => return None,
        })
    }

    /// Both apps' downloads have it.
    pub fn is_both(self) -> bool {
        matches!(self, Self::Inbox | Self::Requests)
    }

    /// The word of `ThreadRecord::folder`.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Inbox => Some("inbox"),
            Self::Archived => Some("archived"),
            Self::Requests => Some("requests"),
            Self::Filtered => Some("filtered"),
            Self::Cutover => Some("cutover"),
            Self::Legacy => Some("legacy"),
            Self::Other | Self::Groups => None,
        }
    }
}

/// One telling of a thread: the parts in one folder.
#[derive(Clone, Debug)]
pub struct Telling {
    /// The folder, ending in `/`.
    pub folder: String,
    /// Its box.
    pub tray: Tray,
    /// The name that the key is made of.
    pub name: String,
    /// Indices of entries, `message_1` first.
    pub parts: Vec<usize>,
    /// The same as pages, `message_1` first.
    pub pages: Vec<usize>,
}

/// A message root and what hangs on it.
#[derive(Clone, Debug)]
pub struct Home {
    /// The export's folder: empty or ending in `/`.
    pub base: String,
    /// The message root: empty or ending in `/`.
    pub root: String,
    /// Whose.
    pub kind: Kind,
    /// How sure that is.
    pub confidence: Confidence,
    /// What tells it.
    pub sign: Sign,
    /// Thread folders.
    pub tellings: Vec<Telling>,
    /// JSON files that lie flat: encrypted threads, loose ones, and other things.
    pub flat: Vec<usize>,
    /// Pages of up to 2017 that lie flat.
    pub flat_pages: Vec<usize>,
    /// The flat ones are of an encrypted download, by the first of them.
    pub encrypted: bool,
}

const MEDIA: &[&str] =
    &["photos", "videos", "audio", "gifs", "files", "media", "stickers_used", "media_files"];
/// The folder of Facebook's downloads of 2024.
pub const OF_ACROSS: &str = "your_activity_across_facebook";
/// Folders that only Facebook's downloads have.
pub const OF_FACEBOOK: &[&str] = &[OF_ACROSS, "your_facebook_activity"];
/// The folder that only Instagram's have.
pub const OF_INSTAGRAM: &str = "your_instagram_activity";
/// What stands in the first kilobytes of a page, by era.
const OF_PAGES: &[&str] = &[
    "_a6-g",
    "_a706",
    "_4t5n",
    "uiBoxWhite",
    "class=\"thread\"",
    "class=\"message_header\"",
    "facebook.com",
    "instagram.com",
    "- Messages</title>",
];
/// Those of them that are classes of a thread's own pages.
const OF_PARTS: &[&str] = &["_a6-g", "_a706", "_4t5n", "uiBoxWhite"];
/// Bytes looked at to tell whose a file is.
pub const HEAD: usize = 16 << 10;
/// The same for a page, whose style stands before its first word.
const STYLED: usize = 64 << 10;

enum Spot<'p> {
    Thread { root: &'p str, folder: &'p str, tray: Tray, name: &'p str },
    GroupCopy { root: &'p str, folder: &'p str },
    Flat { root: &'p str },
}

/// The path's part before its last `n` components, with the `/`.
fn before(path: &str, n: usize) -> &str {
    path.rmatch_indices('/').nth(n - 1).map_or("", |(i, _)| &path[..=i])
}

fn spot<'p>(path: &'p str, page: bool) -> Option<Spot<'p>> {
    let mut back = path.rsplit('/');
    let file = back.next()?;
    let (Some(name), above, top) = (back.next(), back.next(), back.next()) else { return None };
    if name == "your_group_messages" && above == Some("groups") {
        let root = before(path, 3);
        return Some(Spot::GroupCopy { root, folder: before(path, 1) });
    }
    let tray = above.and_then(Tray::of);
    if let Some(tray) = tray.filter(|_| !MEDIA.contains(&name)) {
        let root = before(path, 3);
        return Some(Spot::Thread { root, folder: before(path, 1), tray, name });
    }
    if top == Some("messages")
        && !MEDIA.contains(&name)
        && above.is_some_and(|a| !MEDIA.contains(&a))
    {
        let (root, folder, tray) = (before(path, 3), before(path, 1), Tray::Other);
        return Some(Spot::Thread { root, folder, tray, name });
    }
    if above == Some("messages")
        && Tray::of(name).is_none()
        && !MEDIA.contains(&name)
        && file.starts_with("mess")
    {
        let (root, folder, tray) = (before(path, 2), before(path, 1), Tray::Other);
        return Some(Spot::Thread { root, folder, tray, name });
    }
    (name == "messages" || (page && name == "html" && file.starts_with("messages")))
        .then(|| Spot::Flat { root: before(path, 1) })
}

/// The number at the end of a part's name; the only part has none.
fn part_number(path: &str) -> u64 {
    let stem = path.rsplit('/').next().unwrap_or(path);
    let stem = stem.rsplit_once('.').map_or(stem, |(s, _)| s);
    let digits = stem.len() - stem.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    stem[stem.len() - digits..].parse().unwrap_or(0)
}

/// The running number at the end of a name (`Alice_12`), and the name before it.
pub fn running_number(name: &str) -> (&str, Option<u64>) {
    match name.rsplit_once('_') {
        Some((before, n)) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => {
            (before, n.parse().ok())
        }
        _ => (name, None),
    }
}

/// The file's name without folder and ending.
pub fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(s, _)| s)
}

/// The thread's key: the id, where it is long enough to be one of a kind, else the folder's name.
/// The slug before the id follows the title, and a title may change between two exports.
pub fn key(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((_, id))
            if id.len() >= 10
                && id.bytes().all(|b| b.is_ascii_alphanumeric())
                && id.bytes().any(|b| b.is_ascii_digit()) =>
        {
            id
        }
        _ => name,
    }
}

fn has_ending(path: &str, ending: &str) -> bool {
    path.len() > ending.len()
        && path.as_bytes()[path.len() - ending.len()..].eq_ignore_ascii_case(ending.as_bytes())
}

/// Finds every message root of a tree.
pub fn discover(tree: &FileTree) -> Vec<Home> {
    let mut homes: BTreeMap<String, Home> = BTreeMap::new();
    let mut others: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut other_pages: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, entry) in tree.entries().iter().enumerate() {
        let path = entry.path.as_str();
        let page = has_ending(path, ".html") || has_ending(path, ".htm");
        if !page && !has_ending(path, ".json") {
            continue;
        }
        match spot(path, page) {
            Some(spot) => settle(&mut homes, spot, i, path, page),
            None => {
                let others = if page { &mut other_pages } else { &mut others };
                others.entry(before(path, 1)).or_default().push(i);
            }
        }
    }
    let mut homes: Vec<Home> = homes.into_values().collect();
    for home in &mut homes {
        for telling in &mut home.tellings {
            let entries = tree.entries();
            for parts in [&mut telling.parts, &mut telling.pages] {
                parts.sort_by_key(|i| {
                    entries.get(*i).map_or((0, ""), |e| (part_number(&e.path), e.path.as_str()))
                });
            }
        }
        settle_flat(tree, home);
        home.flat_pages.retain(|i| tree.entries().get(*i).is_some_and(|e| is_old_page(tree, e)));
        if !home.encrypted && !is_marked(home) && !is_real(tree, home) {
            home.tellings.clear();
        }
        judge(tree, home);
    }
    homes.retain(|h| !h.tellings.is_empty() || !h.flat.is_empty() || !h.flat_pages.is_empty());
    strays(tree, &others, &mut homes);
    if homes.is_empty() {
        stray_pages(tree, &other_pages, &mut homes);
    }
    homes
}

fn home<'h>(homes: &'h mut BTreeMap<String, Home>, root: &str) -> &'h mut Home {
    homes.entry(root.to_owned()).or_insert_with(|| Home {
        base: base_of(root).to_owned(),
        root: root.to_owned(),
        kind: Kind::Messenger,
        confidence: Confidence::Maybe,
        sign: Sign::Nothing,
        tellings: Vec::new(),
        flat: Vec::new(),
        flat_pages: Vec::new(),
        encrypted: false,
    })
}

fn settle(homes: &mut BTreeMap<String, Home>, spot: Spot<'_>, i: usize, path: &str, page: bool) {
    let (root, folder, tray, name) = match spot {
        Spot::Thread { root, folder, tray, name } => (root, folder, tray, name),
        Spot::GroupCopy { root, folder } => {
            // The copies belong to the message root beside them, whichever it is called.
            let root = format!("{root}messages/");
            let name = stem(path).to_owned();
            let folder = folder.to_owned();
            let pages = vec![];
            let telling = Telling { folder, tray: Tray::Groups, name, parts: vec![i], pages };
            if !page {
                home(homes, &root).tellings.push(telling);
            }
            return;
        }
        Spot::Flat { root } => {
            let home = home(homes, root);
            let into = if page { &mut home.flat_pages } else { &mut home.flat };
            into.push(i);
            return;
        }
    };
    let (parts, pages) = if page { (vec![], vec![i]) } else { (vec![i], vec![]) };
    let (folder, name) = (folder.to_owned(), name.to_owned());
    add(home(homes, root), Telling { folder, tray, name, parts, pages });
}

/// Entries come sorted by path, so a folder's files come one after the other, but for files of
/// its subfolders.
fn add(home: &mut Home, telling: Telling) {
    match home
        .tellings
        .iter_mut()
        .rev()
        .take(2)
        .find(|t| t.folder == telling.folder && t.tray != Tray::Groups)
    {
        Some(known) => {
            known.parts.extend(telling.parts);
            known.pages.extend(telling.pages);
        }
        None => home.tellings.push(telling),
    }
}

fn base_of(root: &str) -> &str {
    // Up to 2017 the pages lay in `html/`.
    let above = ["messages/", "html/"].iter().find_map(|end| root.strip_suffix(end));
    let above = above.unwrap_or(root);
    let marker = OF_FACEBOOK.iter().chain([&OF_INSTAGRAM]).find_map(|m| {
        above.strip_suffix('/')?.strip_suffix(m).filter(|b| b.is_empty() || b.ends_with('/'))
    });
    marker.unwrap_or(above)
}

/// Whether the flat files hold threads; a root with nothing but settings is none.
fn settle_flat(tree: &FileTree, home: &mut Home) {
    let looks: Vec<Peek> = home
        .flat
        .iter()
        .filter_map(|i| tree.entries().get(*i))
        .take(64)
        .map(|e| Peek::head(tree, e, HEAD))
        .collect();
    home.encrypted = looks.iter().any(Peek::is_encrypted);
    let loose = looks.iter().any(Peek::is_plain);
    let broken = looks.iter().any(|p| p.broken) && home.tellings.is_empty();
    if !(home.encrypted || loose || broken || home.flat.len() > 64) {
        home.flat.clear();
    }
}

/// JSON files in folders of other names: an encrypted download unpacked anywhere, or a thread's
/// file by itself. Their content must say so.
fn strays(tree: &FileTree, others: &BTreeMap<&str, Vec<usize>>, homes: &mut Vec<Home>) {
    let alone = homes.is_empty();
    let mut looks = 0;
    for (folder, files) in others {
        let numbered = |i: &&usize| {
            let path = tree.entries().get(**i).map_or("", |e| e.path.as_str());
            running_number(stem(path)).1.is_some() || stem(path) == "messages"
        };
        let files: Vec<usize> = files.iter().filter(|i| alone || numbered(i)).copied().collect();
        let mut encrypted = false;
        let mut plain: Option<Peek> = None;
        let mut early = false;
        for entry in files.iter().filter_map(|i| tree.entries().get(*i)).take(8) {
            looks += 1;
            let peek = Peek::head(tree, entry, HEAD);
            encrypted |= peek.is_encrypted();
            early |= peek.early;
            plain = plain.or(Some(peek).filter(|p| p.is_plain() && alone));
        }
        if encrypted || early || plain.is_some() {
            let mut home = Home {
                base: (*folder).to_owned(),
                root: (*folder).to_owned(),
                kind: Kind::Messenger,
                confidence: Confidence::Likely,
                sign: Sign::Nothing,
                tellings: Vec::new(),
                flat: files,
                flat_pages: Vec::new(),
                encrypted,
            };
            judge(tree, &mut home);
            let bare = plain.is_some_and(|p| p.participants.is_empty() && !p.typed);
            if bare && home.confidence < Confidence::Sure && !encrypted {
                (home.kind, home.confidence) = (Kind::Instagram, Confidence::Maybe);
            }
            if early {
                (home.kind, home.confidence) = (Kind::Instagram, Confidence::Sure);
                home.sign = Sign::Beside;
            }
            homes.push(home);
        }
        if looks > 512 {
            return;
        }
    }
}

/// Pages by themselves: the one page of up to 2017 under any name, or a thread's pages without their
/// folder. Their markup must say so.
fn stray_pages(tree: &FileTree, others: &BTreeMap<&str, Vec<usize>>, homes: &mut Vec<Home>) {
    let looked = others.iter().flat_map(|(folder, files)| files.iter().map(move |i| (*folder, *i)));
    for (folder, i) in looked.take(512) {
        let Some(entry) = tree.entries().get(i) else { continue };
        let known = homes.last().is_some_and(|h| h.root == folder);
        let (old, part) = (is_whole_page(tree, entry), is_part(tree, entry));
        if !known && (old || part) {
            homes.push(Home {
                base: folder.to_owned(),
                root: folder.to_owned(),
                kind: Kind::Messenger,
                confidence: Confidence::Likely,
                sign: Sign::Nothing,
                tellings: Vec::new(),
                flat: Vec::new(),
                flat_pages: Vec::new(),
                encrypted: false,
            });
        }
        let Some(home) = homes.last_mut().filter(|h| h.root == folder) else { continue };
        if old {
            home.flat_pages.push(i);
        } else if part {
            // What the folder would say, the title says, as of a thread's JSON by itself.
            let title = super::page::peek(tree, entry).title.unwrap_or_default();
            let name = format!("loose/{title}");
            match home.tellings.iter_mut().find(|t| t.name == name) {
                Some(known) => known.pages.push(i),
                None => home.tellings.push(Telling {
                    folder: folder.to_owned(),
                    tray: Tray::Other,
                    name,
                    parts: vec![],
                    pages: vec![i],
                }),
            }
        }
    }
    for telling in homes.iter_mut().flat_map(|h| &mut h.tellings) {
        telling.pages.sort_by_key(|i| tree.entries().get(*i).map_or(0, |e| part_number(&e.path)));
    }
}

/// The page of up to 2017 with all conversations, whatever it is called. Forums have threads, too.
fn is_whole_page(tree: &FileTree, entry: &Entry) -> bool {
    let head = tree.head(entry, STYLED).unwrap_or_default();
    ["<div class=\"thread\"", "class=\"message_header\""]
        .iter()
        .all(|word| memmem::find(&head, word.as_bytes()).is_some())
}

/// A page of one thread, by what it is called and by Meta's classes: other apps' pages are called
/// nearly so.
fn is_part(tree: &FileTree, entry: &Entry) -> bool {
    let (name, number) = running_number(stem(&entry.path));
    if name != "message" || number.is_none() {
        return false;
    }
    let head = tree.head(entry, STYLED).unwrap_or_default();
    OF_PARTS.iter().any(|class| memmem::find(&head, class.as_bytes()).is_some())
}

/// The download names itself in the path.
fn is_marked(home: &Home) -> bool {
    home.root.split('/').any(|p| p == OF_INSTAGRAM || OF_FACEBOOK.contains(&p))
}

/// Anything may be called `inbox`: one of the first threads must look like one.
fn is_real(tree: &FileTree, home: &Home) -> bool {
    let entries = tree.entries();
    let first = |t: &Telling| t.parts.first().and_then(|i| entries.get(*i));
    let json = home.tellings.iter().filter_map(first).take(32);
    let page = |t: &Telling| t.pages.first().and_then(|i| entries.get(*i));
    json.map(|e| Peek::head(tree, e, HEAD)).any(|p| p.hints_at_thread())
        || home.tellings.iter().filter_map(page).take(32).any(|e| {
            let head = tree.head(e, STYLED).unwrap_or_default();
            OF_PAGES.iter().any(|word| memmem::find(&head, word.as_bytes()).is_some())
        })
}

/// The pages of up to 2017, which hold all conversations or one each.
fn is_old_page(tree: &FileTree, entry: &Entry) -> bool {
    let head = tree.head(entry, HEAD).unwrap_or_default();
    ["class=\"thread\"", "class=\"message_header\""]
        .iter()
        .any(|word| memmem::find(&head, word.as_bytes()).is_some())
}

/// The entries of a telling, or its pages.
pub fn parts<'t>(tree: &'t FileTree, telling: &Telling, pages: bool) -> Vec<&'t Entry> {
    let files = if pages { &telling.pages } else { &telling.parts };
    files.iter().filter_map(|i| tree.entries().get(*i)).collect()
}
