//! Whose a download is: by its folders, by what stands beside the messages, by what they hold, and
//! by what it is called.

use std::collections::BTreeSet;

use memchr::memmem;

use super::App;
use super::download::made_on;
use super::layout::{HEAD, Home, OF_FACEBOOK, OF_INSTAGRAM, Telling, Tray, discover};
use crate::sources::{Confidence, Entry, FileTree, Found};

/// Threads that are looked into, and files whose places are.
const FEW: usize = 24;
const PLACES: usize = 2_000;

/// Whose export it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Facebook's.
    Messenger,
    /// Instagram's.
    Instagram,
}

impl Kind {
    /// Whose exports a source reads, if they are Meta's.
    pub fn of(source: &str) -> Option<Self> {
        match source {
            "messenger" => Some(Self::Messenger),
            "instagram" => Some(Self::Instagram),
            _ => None,
        }
    }

    /// The source that reads them.
    fn source(self) -> &'static str {
        match self {
            Self::Messenger => "messenger",
            Self::Instagram => "instagram",
        }
    }
}

/// What tells whose a download is, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// Nothing does.
    Nothing,
    /// What its zip or folder is called.
    Name,
    /// What the threads hold.
    Content,
    /// What stands beside the threads, or what the folder around them is called.
    Beside,
}

/// Works out whose a message root is.
pub fn judge(tree: &FileTree, home: &mut Home) {
    let by_name = || by_name(tree, home).map(|kind| (kind, Sign::Name));
    let by_content = || by_content(tree, home).map(|kind| (kind, Sign::Content));
    let beside = by_folder(home).or_else(|| by_siblings(tree, home)).map(|k| (k, Sign::Beside));
    (home.kind, home.sign) =
        beside.or_else(by_content).or_else(by_name).unwrap_or((Kind::Messenger, Sign::Nothing));
    home.confidence = if home.sign == Sign::Beside { Confidence::Sure } else { Confidence::Likely };
}

/// The download names itself in the path.
fn by_folder(home: &Home) -> Option<Kind> {
    let part = |name: &str| home.root.split('/').any(|p| p == name);
    if part(OF_INSTAGRAM) {
        return Some(Kind::Instagram);
    }
    (home.encrypted || OF_FACEBOOK.iter().any(|m| part(m))).then_some(Kind::Messenger)
}

/// What stands beside the messages.
fn by_siblings(tree: &FileTree, home: &Home) -> Option<Kind> {
    let of_facebook = [Tray::Archived, Tray::Filtered, Tray::Cutover, Tray::Legacy, Tray::Groups];
    if home.tellings.iter().any(|t| of_facebook.contains(&t.tray)) {
        return Some(Kind::Messenger);
    }
    if let Some(kind) = by_account(tree, &home.base) {
        return Some(kind);
    }
    let beside = |name: &str| !tree.under(&format!("{}{name}/", home.base)).is_empty();
    if beside("friends") || !tree.under(&format!("{}stickers_used/", home.root)).is_empty() {
        return Some(Kind::Messenger);
    }
    called(home.base.trim_end_matches('/').rsplit('/').next().unwrap_or(""))
}

/// The folders and files of an account that only one of the apps has.
fn by_account(tree: &FileTree, base: &str) -> Option<Kind> {
    let has = |name: &str| !tree.under(&format!("{base}{name}/")).is_empty();
    let file = |name: &str| {
        let there = |ending: &str| tree.find(&format!("{base}{name}{ending}")).is_some();
        there("") || there(".json") || there(".html")
    };
    if has("followers_and_following")
        || has("account_information")
        || has(OF_INSTAGRAM)
        || has("ads_and_content")
        || file("personal_information/personal_information")
        || file("personal_information/personal_information/personal_information")
        || file("connections/followers_and_following/following")
        || file("messages/no-data.txt")
    {
        return Some(Kind::Instagram);
    }
    let facebook = has("profile_information")
        || has("friends_and_followers")
        || file("personal_information/profile_information/profile_information");
    facebook.then_some(Kind::Messenger)
}

/// What the first threads hold, and what their folders are called.
fn by_content(tree: &FileTree, home: &Home) -> Option<Kind> {
    let mut sides = (0usize, 0usize);
    for telling in &home.tellings {
        sides.0 += usize::from(telling.name.starts_with("instagramuser_"));
        sides.1 += usize::from(telling.name.starts_with("facebookuser_"));
    }
    let first = |t: &'_ Telling| t.parts.first().or(t.pages.first()).copied();
    let parts = home.tellings.iter().filter_map(first).chain(home.flat.iter().copied());
    for entry in parts.filter_map(|i| tree.entries().get(i)).take(FEW) {
        let head: Vec<u8> = tree.head(entry, HEAD).unwrap_or_default();
        let has = |word: &str| usize::from(memmem::find(&head, word.as_bytes()).is_some());
        sides.0 += has("Instagram User")
            + has("instagram.com/stories/")
            + has("Liked a message")
            + has("\"original_content_owner\"")
            + has("\"profile_share_")
            + has("\"is_xac_")
            + has("\"will_xac_")
            + has("your_instagram_activity/");
        sides.1 += has("Facebook User")
            + has("\"Facebook user\"")
            + has(">Facebook user<")
            + has("\"sticker\"")
            + has("\"gifs\"")
            + has("stickers_used/")
            + has("connected on Messenger")
            + has("your_facebook_activity/")
            + has("your_activity_across_facebook/");
    }
    match sides {
        (a, b) if a > b => Some(Kind::Instagram),
        (a, b) if b > a => Some(Kind::Messenger),
        _ => None,
    }
}

/// What the zips and folders are called in which the threads lie.
fn by_name(tree: &FileTree, home: &Home) -> Option<Kind> {
    let threads = home.tellings.iter().flat_map(|t| t.parts.iter().chain(&t.pages));
    let files = threads.chain(&home.flat).take(PLACES).filter_map(|i| tree.entries().get(*i));
    let places: BTreeSet<_> = files.map(|e| tree.container(e)).collect();
    let kinds: BTreeSet<Kind> = places.iter().filter_map(|place| by_place(place)).collect();
    kinds.first().copied().filter(|_| kinds.len() == 1)
}

/// Further up only a name counts that bears a day: a folder of somebody's own may be called so, too.
fn by_place(place: &str) -> Option<Kind> {
    let mut names = place.rsplit(['/', '\\']).enumerate();
    let packed = |name: &str| [".zip", ".tar"].iter().any(|e| name.to_lowercase().ends_with(e));
    names.find_map(|(n, name)| {
        called(name).filter(|_| n == 0 || packed(name) || made_on(name).is_some())
    })
}

fn called(name: &str) -> Option<Kind> {
    let is = |app: &str| name.starts_with(app);
    match (is("instagram-"), is("facebook-")) {
        (true, _) => Some(Kind::Instagram),
        (_, true) => Some(Kind::Messenger),
        _ => None,
    }
}

/// Nothing in a download tells whose it is.
pub fn is_undecided(tree: &FileTree) -> bool {
    let homes = discover(tree);
    !homes.is_empty() && homes.iter().all(|h| h.sign == Sign::Nothing)
}

/// The source of which a part without messages is: the one with the files of the account.
pub fn account_of(tree: &FileTree) -> Option<&'static str> {
    let told = |e: &Entry| e.path.ends_with(".json") || e.path.ends_with(".html");
    tree.entries().iter().any(told).then(|| by_account(tree, ""))?.map(Kind::source)
}

/// What an app might read, too, where only its content or its name, or nothing, tells whose it is.
pub fn said_to_be(app: &App, tree: &FileTree) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for home in discover(tree).iter().filter(|h| h.sign < Sign::Beside) {
        let root = home.base.trim_end_matches('/').to_owned();
        if !found.iter().any(|f| f.root == root) {
            let what = super::describe(app, home);
            found.push(Found { root, confidence: Confidence::Likely, what });
        }
    }
    found
}
