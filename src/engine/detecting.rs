//! Finds exports at paths: which source each is, and what belongs together.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{EngineError, opening};
use crate::inbox::ExportKey;
use crate::model::Oddity;
use crate::sources::{
    Age, CATALOG, Confidence, Download, Entry, FileTree, Source, TreeError, account_of, differ,
    is_undecided, made_on, messenger_owners, newest, over_each_other, said_to_be, strangers,
};

/// Files that are tried to be opened where nothing was found in them, and how much of each.
const LOOKED_AT: usize = 2_000;
const HEAD: usize = 64 << 10;
/// Where nothing is found, so many reasons are told beside the first.
const OTHERS: usize = 3;

/// An export that was found, ready to be read.
pub struct Detected {
    /// Its source.
    pub source: &'static Source,
    /// What it is: `Messenger export (JSON)`.
    pub what: String,
    /// The zips and folders that were opened for it.
    pub places: Vec<String>,
    /// The same with the folder inside each below which it lies; for people, and to name it by.
    pub lies: Vec<String>,
    /// Its files.
    pub tree: FileTree,
}

impl Detected {
    /// What tells it from everything else that was found with it.
    pub fn key(&self) -> ExportKey {
        ExportKey { source: self.source.id.to_owned(), lies: self.lies.clone() }
    }
}

/// Looks for exports at paths. Every file there is looked at by content, never by name alone.
/// What could not be opened, or holds nothing, is told with the first export that was found.
pub fn detect(paths: &[PathBuf], source: Option<&str>) -> Result<Vec<Detected>, EngineError> {
    let mut trees: Vec<(PathBuf, FileTree)> = Vec::new();
    let mut broken: Vec<Oddity> = Vec::new();
    let mut first_error = None;
    for path in paths {
        match FileTree::open(path) {
            Ok(found) => trees.extend(found.into_iter().map(|t| (path.clone(), t))),
            Err(e) => {
                broken.push(Oddity::file(path.display().to_string(), e.why()));
                first_error = first_error.or(Some(e));
            }
        }
    }
    if let (true, Some(e)) = (trees.is_empty(), first_error) {
        return Err(e.into());
    }
    let (mut found, used) = sort_out(&trees, &wanted(source)?);
    for ((path, tree), _) in trees.iter().zip(&used).filter(|(_, used)| !**used) {
        // Of a folder that is no export itself, only what is packed in it matters.
        let archive = path.is_file() || is_packed(tree.name());
        let packed =
            |o: &&Oddity| archive || (Path::new(&o.file).is_absolute() && is_packed(&o.file));
        broken.extend(tree.oddities().iter().filter(packed).cloned());
    }
    for (_, tree) in &trees {
        let of =
            |d: &Detected| d.tree.entries().iter().map(|e| d.tree.whole(e)).collect::<Vec<_>>();
        let taken: HashSet<String> = found.iter().flat_map(of).collect();
        let left = |e: &Entry| e.size > 0 && !taken.contains(&tree.whole(e));
        // What no reader reads is nobody's, also where a single file's export has all of its folder;
        // a download of many files is all its own. Who asks for one source misses nothing else.
        let downloads = found.iter().filter(|d| d.source.parts_share_a_tree);
        let own: HashSet<String> = downloads.flat_map(of).collect();
        let nobodys = |e: &Entry| source.is_none() && !own.contains(&tree.whole(e));
        let strange = strangers(tree, nobodys);
        broken.extend(strange.iter().map(|(e, count, stranger)| {
            let this = match count {
                1 => "this is".to_owned(),
                n => format!("this, like {} more, is", n - 1),
            };
            Oddity::file(tree.whole(e), format!("{this} {}", stranger.why))
        }));
        broken.extend(unreadable(tree, left));
    }
    let Some(first) = found.first_mut() else {
        return Err(nothing(paths, &trees, broken));
    };
    broken.extend(useless(paths, trees.iter().zip(&used), &broken));
    first.tree = std::mem::take(&mut first.tree).with_oddities(broken);
    Ok(found)
}

/// Why nothing was found.
fn nothing(paths: &[PathBuf], trees: &[(PathBuf, FileTree)], broken: Vec<Oddity>) -> EngineError {
    // What is wrong inside the one zip that was given is why nothing was found in it.
    let packed = |(path, t): &&(PathBuf, FileTree)| path.is_file() || is_packed(t.name());
    let mut inside = trees.iter().filter(packed).flat_map(|(_, t)| t.oddities());
    let more = broken.len().saturating_sub(1 + OTHERS);
    let mut all = broken.into_iter();
    if let Some(Oddity { file, mut why, .. }) = all.next().or_else(|| inside.next().cloned()) {
        for other in all.take(OTHERS) {
            why.push_str(&format!("; {}: {}", other.file, other.why));
        }
        if more > 0 {
            why.push_str(&format!("; and {more} more"));
        }
        return TreeError::Container { path: file, why }.into();
    }
    let files = || trees.iter().flat_map(|(_, t)| t.entries()).map(|e| e.path.as_str());
    let looked_at = files().count();
    let media_alone = looked_at > 0 && files().all(is_media);
    let paths: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    EngineError::NothingFound { paths: paths.join(", "), looked_at, media_alone }
}

/// Paths that nothing was taken of, and of which no more is told.
fn useless<'t>(
    paths: &[PathBuf],
    trees: impl Iterator<Item = (&'t (PathBuf, FileTree), &'t bool)> + Clone,
    broken: &[Oddity],
) -> Vec<Oddity> {
    let told: HashSet<PathBuf> = broken.iter().map(|o| PathBuf::from(&o.file)).collect();
    let is_told = |path: &PathBuf| {
        told.contains(path) || std::path::absolute(path).is_ok_and(|whole| told.contains(&whole))
    };
    let is_useless = |path: &&PathBuf| {
        let mut of_path = trees.clone().filter(|((p, _), _)| p == *path).peekable();
        of_path.peek().is_some() && of_path.all(|(_, used)| !used)
    };
    let why = "nothing in it is an export that onebox knows; left out";
    let useless = paths.iter().filter(|path| !is_told(path)).filter(is_useless);
    useless.map(|path| Oddity::file(path.display().to_string(), why)).collect()
}

/// Files that might be somebody's messages, belong to nothing that was found, and cannot be opened:
/// nobody knows what is in them.
fn unreadable(tree: &FileTree, left: impl Fn(&Entry) -> bool) -> Vec<Oddity> {
    let tried = tree.entries().iter().filter(|e| is_read(&e.path) && left(e)).take(LOOKED_AT);
    let failing = tried.filter_map(|e| Some((e, tree.head(e, HEAD).err()?)));
    failing.map(|(e, why)| Oddity::file(tree.whole(e), why.why())).collect()
}

/// Several exports may lie in one folder, and each has the folder's oddities: the first tells them.
fn told_once(found: &mut [Detected]) {
    let mut told: HashSet<[String; 4]> = HashSet::new();
    for d in found {
        let known = told.clone();
        let mut new = Vec::new();
        for o in d.tree.oddities() {
            let keys = d.places.iter().map(|p| [p, &o.file, &o.at, &o.why].map(String::clone));
            let keys: Vec<_> = keys.collect();
            if !keys.iter().any(|k| known.contains(k)) {
                new.push(o.clone());
            }
            told.extend(keys);
        }
        d.tree = std::mem::take(&mut d.tree).only_oddities(new);
    }
}

/// Looks for exports in opened trees, each with the path that it was opened by.
pub fn detect_in(
    trees: &[(PathBuf, FileTree)],
    source: Option<&str>,
) -> Result<Vec<Detected>, EngineError> {
    Ok(sort_out(trees, &wanted(source)?).0)
}

fn wanted(source: Option<&str>) -> Result<Vec<&'static Source>, EngineError> {
    let wanted: Vec<&'static Source> =
        CATALOG.iter().filter(|s| source.is_none_or(|want| want == s.id)).collect();
    if wanted.is_empty() {
        let known: Vec<&str> = CATALOG.iter().map(|s| s.id).collect();
        return Err(EngineError::Source(format!(
            "there is no source {:?}; there are {}",
            source.unwrap_or_default(),
            known.join(", ")
        )));
    }
    Ok(wanted)
}

/// Gives each part of each tree to the source that is surest of it, and puts the parts of one
/// export that lie in several zips together. Also says of which trees anything was taken.
fn sort_out(
    trees: &[(PathBuf, FileTree)],
    wanted: &[&'static Source],
) -> (Vec<Detected>, Vec<bool>) {
    let mut claimed: Vec<Detected> = Vec::new();
    let mut used = Vec::with_capacity(trees.len());
    for (path, tree) in trees {
        let mut claims: Vec<(Confidence, &'static Source, String, String)> = Vec::new();
        for source in wanted {
            let mut found = (source.recognise)(tree);
            if found.is_empty() && wanted.len() == 1 {
                found = said_to_be(source.id, tree);
            }
            claims.extend(found.into_iter().map(|f| (f.confidence, *source, f.root, f.what)));
        }
        // Stable: of equally sure sources the first in the catalog stays first.
        claims.sort_by_key(|(c, ..)| std::cmp::Reverse(*c));
        let sure: Vec<String> = claims
            .iter()
            .filter(|(c, ..)| *c == Confidence::Sure)
            .map(|(_, _, root, _)| root.clone())
            .collect();
        let mut taken: Vec<(String, &'static str)> = Vec::new();
        let roots: Vec<(&'static str, String)> =
            claims.iter().map(|(_, source, root, _)| (source.id, root.clone())).collect();
        for (confidence, source, root, what) in claims {
            // Of an app that parts its exports, one folder in another is another's download.
            let within = |outer: &str| {
                root == outer || (!source.parts_share_a_tree && lies_in(&root, outer))
            };
            // One folder may hold exports of several apps, and each reader takes its own; but what
            // only might be an app's gives way to what surely is another's.
            let guess = confidence == Confidence::Maybe && sure.contains(&root);
            if guess || taken.iter().any(|(r, s)| *s == source.id && within(r)) {
                continue;
            }
            taken.push((root.clone(), source.id));
            // What one source uses of a folder is not the other's.
            let mut part = if root.is_empty() { tree.unused() } else { tree.below(&root) };
            if source.parts_share_a_tree {
                let others = roots.iter().filter(|(id, r)| *id == source.id && lies_in(r, &root));
                let others = others.filter_map(|(_, r)| r.get(root.len()..));
                part = part.without(&others.map(|r| r.trim_start_matches('/')).collect::<Vec<_>>());
            }
            let place = place_of(path, tree);
            let lies = match root.as_str() {
                "" => place.clone(),
                root => format!("{}/{root}", place.trim_end_matches('/')),
            };
            let (places, lies) = (vec![place], vec![lies]);
            claimed.extend(taken_apart(Detected { source, what, places, lies, tree: part }));
        }
        used.push(!taken.is_empty());
    }
    let left: Vec<(String, &FileTree)> = trees
        .iter()
        .zip(&used)
        .filter(|(_, used)| !**used)
        .map(|((path, tree), _)| (place_of(path, tree), tree))
        .collect();
    settle_by_others(&mut claimed, &left, wanted);
    let mut out = put_together(claimed);
    for ((path, tree), used) in trees.iter().zip(&mut used) {
        *used = *used || (is_packed(tree.name()) && adopt(&mut out, &place_of(path, tree), tree));
    }
    told_once(&mut out);
    (out, used)
}

/// Whether a folder lies in another one.
fn lies_in(root: &str, outer: &str) -> bool {
    root != outer && (outer.is_empty() || root.starts_with(&format!("{outer}/")))
}

fn place_of(path: &Path, tree: &FileTree) -> String {
    if tree.name().is_empty() { path.display().to_string() } else { tree.name().to_owned() }
}

/// Downloads of several years may have been unpacked over each other: each is an export.
fn taken_apart(d: Detected) -> Vec<Detected> {
    let others = match d.source.parts_share_a_tree {
        true => over_each_other(d.source.id, &d.tree),
        false => Vec::new(),
    };
    if others.is_empty() {
        return vec![d];
    }
    let roots: Vec<&String> = others.iter().flatten().collect();
    let one = |others: &Vec<String>| {
        let tree = d.tree.unused().without(&others.iter().map(String::as_str).collect::<Vec<_>>());
        let own = roots.iter().find(|root| !others.contains(root));
        let lies = d.lies.iter().map(|at| match own {
            Some(own) => format!("{}/{own}", at.trim_end_matches('/')),
            None => at.clone(),
        });
        let found = (d.source.recognise)(&tree).into_iter().find(|f| f.root.is_empty());
        let what = found.map_or_else(|| d.what.clone(), |f| f.what);
        Detected { source: d.source, what, places: d.places.clone(), lies: lies.collect(), tree }
    };
    others.iter().map(one).collect()
}

/// What other parts of a download tell of whose it is.
struct Witness {
    source: &'static str,
    lies: Vec<String>,
    tree: FileTree,
    of: Download,
    /// It holds messages itself.
    told: bool,
}

/// Where nothing in a part tells which app's it is, the other parts of the same download may: those
/// with the account's files, and those that are called like it.
fn settle_by_others(
    claimed: &mut [Detected],
    left: &[(String, &FileTree)],
    wanted: &[&'static Source],
) {
    let open = |d: &Detected| d.source.parts_share_a_tree && is_undecided(&d.tree);
    let open: Vec<bool> = claimed.iter().map(open).collect();
    if wanted.len() < 2 || !open.contains(&true) {
        return;
    }
    let others = claimed.iter().zip(&open).filter(|(_, open)| !**open).map(|(d, _)| d);
    let others = others.map(|d| (d.source.id, d.lies.clone(), &d.tree, true));
    let accounts = left
        .iter()
        .filter_map(|(place, tree)| Some((account_of(tree)?, vec![place.clone()], *tree, false)));
    let witness = |(source, lies, tree, told): (&'static str, Vec<String>, &FileTree, bool)| {
        let of = Download::of(source, &lies.join("/"), tree);
        Witness { source, lies, tree: tree.clone(), of, told }
    };
    let witnesses: Vec<Witness> = others.chain(accounts).map(witness).collect();
    for (d, _) in claimed.iter_mut().zip(open).filter(|(_, open)| *open) {
        let told: HashSet<&str> =
            witnesses.iter().filter(|w| may_tell_of(w, d)).map(|w| w.source).collect();
        let source = wanted.iter().find(|s| told.contains(s.id)).filter(|_| told.len() == 1);
        let Some(source) = source.filter(|s| s.id != d.source.id) else { continue };
        if let Some(found) = said_to_be(source.id, &d.tree).into_iter().next() {
            (d.source, d.what) = (source, found.what);
        }
    }
}

fn may_tell_of(w: &Witness, d: &Detected) -> bool {
    let all = |may: fn(&str, &str) -> bool| w.lies.iter().all(|a| d.lies.iter().all(|b| may(a, b)));
    let other = Download::of(w.source, &d.lies.join("/"), &d.tree);
    all(may_be_one)
        && (!w.told || all(are_called_alike))
        && !w.of.is_apart(&other)
        && !conflict(&w.tree, &d.tree)
}

/// `download-1.zip` and `download-2.zip`.
fn are_called_alike(a: &str, b: &str) -> bool {
    let stem = |place: &str| {
        let name = place.rsplit(['/', '\\']).next().unwrap_or("").to_lowercase();
        let name = name.split('.').next().unwrap_or("").to_owned();
        name.trim_end_matches(|c: char| !c.is_alphabetic()).to_owned()
    };
    !stem(a).is_empty() && stem(a) == stem(b)
}

/// A part of an export, or all of it.
struct Part {
    /// Where it stood among all that was found.
    at: usize,
    found: Detected,
    of: Download,
}

/// Puts the parts of one export together that lie in several zips. Those that say whose they are
/// come first, so that the others find whom they belong to; what is encrypted goes with the newest.
fn put_together(claimed: Vec<Detected>) -> Vec<Detected> {
    let profiled = |d: &Detected| {
        d.source.parts_share_a_tree
            && d.tree.entries().iter().any(|e| e.path.contains("profile_information"))
    };
    let ids: Vec<&str> = claimed.iter().map(|d| d.source.id).collect();
    let alone = |d: &Detected| {
        !d.source.parts_share_a_tree || ids.iter().filter(|id| **id == d.source.id).count() < 2
    };
    let part = |(at, found): (usize, Detected)| {
        let of = match alone(&found) {
            true => Download::default(),
            false => Download::of(found.source.id, &found.lies.join("/"), &found.tree),
        };
        Part { at, found, of }
    };
    let mut parts: Vec<Part> = claimed.into_iter().enumerate().map(part).collect();
    parts.sort_by_key(|p| (!profiled(&p.found), p.of.is_encrypted(), p.at));
    let mut out: Vec<Part> = Vec::new();
    for part in parts {
        // Of equally near ones the first.
        let fitting = out.iter_mut().rev().filter(|whole| are_one(whole, &part));
        match fitting.max_by_key(|whole| whole.of.nearness(&part.of)) {
            Some(whole) => {
                whole.at = part.at.min(whole.at);
                whole.of.absorb(part.of);
                join(&mut whole.found, part.found);
            }
            None => out.push(part),
        }
    }
    out.sort_by_key(|part| part.at);
    older_first(&mut out);
    out.into_iter().map(|part| part.found).collect()
}

/// Of several downloads of an app the older one is imported first: what a newer one tells otherwise
/// (a friend's new name, a message taken back) is recognised by what was known before.
fn older_first(out: &mut [Part]) {
    for source in CATALOG.iter().filter(|s| s.parts_share_a_tree) {
        let mut own: Vec<&mut Part> =
            out.iter_mut().filter(|p| p.found.source.id == source.id).collect();
        if own.len() < 2 {
            continue;
        }
        let mut ages: Vec<Age> = own.iter().map(|p| p.of.age()).collect();
        Age::comparable(&mut ages, |n| newest(source.id, &own.get(n)?.found.tree));
        let places: Vec<usize> = own.iter().map(|p| p.at).collect();
        let mut order: Vec<(Age, usize)> = ages.into_iter().zip(0..).collect();
        order.sort();
        for ((_, n), at) in order.into_iter().zip(places) {
            if let Some(part) = own.get_mut(n) {
                part.at = at;
            }
        }
    }
    out.sort_by_key(|part| part.at);
}

fn join(d: &mut Detected, part: Detected) {
    let whole = std::mem::take(&mut d.tree);
    d.tree = FileTree::union(vec![whole, part.tree]);
    d.places.extend(part.places);
    d.lies.extend(part.lies);
}

fn are_one(whole: &Part, part: &Part) -> bool {
    let (d, other) = (&whole.found, &part.found);
    d.source.parts_share_a_tree
        && d.source.id == other.source.id
        && d.lies.iter().all(|p| other.lies.iter().all(|q| may_be_one(p, q)))
        && !whole.of.is_apart(&part.of)
        && !conflict(&d.tree, &other.tree)
        && of_one_person(d, other)
}

/// Two people's downloads are no parts of one. Instagram's do not say whose they are so surely.
fn of_one_person(a: &Detected, b: &Detected) -> bool {
    if a.source.id != "messenger" {
        return true;
    }
    let [a, b] = [a, b].map(|d| messenger_owners(&d.tree));
    a.is_empty() || b.is_empty() || !a.is_disjoint(&b)
}

/// A zip without messages may still be a part of an export: the one with the pictures, or with the
/// account's files. It is, if its folders are those of one export alone, or of that account.
fn adopt(out: &mut [Detected], place: &str, tree: &FileTree) -> bool {
    let first = |path: &str| path.split_once('/').map(|(folder, _)| folder.to_owned());
    let tops: HashSet<String> = tree.entries().iter().filter_map(|e| first(&e.path)).collect();
    let account = account_of(tree);
    let mut fitting: Vec<&mut Detected> = out
        .iter_mut()
        .filter(|d| {
            d.source.parts_share_a_tree
                && d.lies == d.places
                && d.places.iter().all(|p| is_packed(p) && may_be_one(p, place))
                && account.is_none_or(|id| id == d.source.id)
                && (account.is_some()
                    || d.tree
                        .entries()
                        .iter()
                        .any(|e| first(&e.path).is_some_and(|f| tops.contains(&f))))
                && !conflict(&d.tree, tree)
        })
        .collect();
    // Names tell where folders do not: on which day each was made, and whose it is.
    let day = made_on(place).filter(|_| fitting.len() > 1);
    let from_it = |d: &Detected| {
        let days = d.places.iter().filter_map(|p| Some((made_on(p)? - day?).num_days().abs()));
        days.min()
    };
    if let Some(nearest) = fitting.iter().filter_map(|d| from_it(d)).min() {
        fitting.retain(|d| from_it(d) == Some(nearest));
    }
    if fitting.len() > 1 && whose(place).is_some() {
        fitting.retain(|d| d.places.iter().all(|p| whose(p) == whose(place)));
    }
    let [d] = fitting.as_mut_slice() else { return false };
    let (places, lies) = (vec![place.to_owned()], vec![place.to_owned()]);
    let part =
        Detected { source: d.source, what: String::new(), places, lies, tree: tree.unused() };
    join(d, part);
    true
}

/// Parts of one export hold no text file twice, unless it is the same one (a profile, an index);
/// two exports do.
fn conflict(a: &FileTree, b: &FileTree) -> bool {
    let (small, large) = if a.entries().len() <= b.entries().len() { (a, b) } else { (b, a) };
    small
        .entries()
        .iter()
        .filter(|e| is_text(&e.path))
        .any(|e| large.find(&e.path).is_some_and(|other| differ(other, e)))
}

/// Downloads are called after whose they are and when they were made: `facebook-maya-2025-06-20-x1.zip`.
/// Those of two people are no parts of one.
fn may_be_one(a: &str, b: &str) -> bool {
    match (whose(a), whose(b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

fn whose(place: &str) -> Option<&str> {
    place.rsplit(['/', '\\']).find_map(named_after)
}

fn named_after(name: &str) -> Option<&str> {
    let rest = ["facebook-", "instagram-"].iter().find_map(|app| name.strip_prefix(app))?;
    let is_date = |at: usize| {
        let shape = rest.as_bytes().get(at..at + 12)?;
        let digits = |range: std::ops::Range<usize>| shape[range].iter().all(u8::is_ascii_digit);
        let dashes = [0, 5, 8, 11].iter().all(|i| shape[*i] == b'-');
        (dashes && digits(1..5) && digits(6..8) && digits(9..11)).then_some(at)
    };
    let end = (1..rest.len()).find_map(is_date)?;
    rest.get(..end)
}

fn is_packed(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    ["zip", "tar", "tgz", "gz", "txz", "xz", "tbz2", "bz2", "zst"].contains(&ending.as_str())
}

/// Its bytes count for how far an import is.
pub fn is_read(path: &str) -> bool {
    is_text(path) || {
        let name = path.rsplit('/').next().unwrap_or("").to_ascii_lowercase();
        [".db", ".sqlite", ".sqlitedb", ".mbox", ".eml"].iter().any(|end| name.ends_with(end))
            || name.contains(".db.crypt")
    }
}

fn is_media(path: &str) -> bool {
    !is_text(path) && opening::is_harmless(Path::new(path))
}

fn is_text(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    matches!(ending.as_str(), "json" | "jsonl" | "txt" | "html" | "htm" | "xml" | "csv")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_is_called_after_whose_it_is() {
        for (name, expected) in [
            ("/home/x/facebook-maya.okafor-2025-06-20-a1B2.zip", Some("maya.okafor")),
            ("instagram-maya-o-2024-01-02-xyz.zip", Some("maya-o")),
            ("facebook-2025-06-20-a1.zip", None),
            ("facebook-maya.zip", None),
            ("facebook-é-2025-06-20-a1.zip", Some("é")),
            ("messages.zip", None),
            ("", None),
        ] {
            assert_eq!(whose(name), expected, "{name}");
        }
        assert!(may_be_one("facebook-maya-2025-06-20-a.zip", "facebook-maya-2025-06-20-b.zip"));
        assert!(may_be_one("facebook-maya-2025-06-20-a.zip", "Downloads"));
        assert!(!may_be_one("facebook-maya-2025-06-20-a.zip", "facebook-sam-2025-06-20-b.zip"));
    }
}
