//! Finds the file that a message's `uri` means; exports write it in half a dozen ways.

use crate::model::{Attachment, AttachmentKind, MediaPlace};
use crate::sources::FileTree;

const FOLDERS: &[&str] = &["photos", "videos", "audio", "gifs", "files", "media"];

/// Resolves addresses as seen from one thread's files.
pub struct MediaFinder<'a> {
    tree: &'a FileTree,
    base: &'a str,
    root: &'a str,
    folder: &'a str,
    // Most exports hold no media, yet name it in every tenth message: where there is nothing,
    // nothing is looked for.
    below_folder: bool,
    stickers: bool,
}

impl<'a> MediaFinder<'a> {
    /// `base`: the export's own folder; `root`: its message root; `folder`: the thread's. Each is
    /// empty or ends in `/`.
    pub fn new(tree: &'a FileTree, base: &'a str, root: &'a str, folder: &'a str) -> Self {
        let here = tree.under(folder);
        let below_folder = here.iter().any(|e| e.path[folder.len()..].contains('/'));
        let stickers = !tree.under(&format!("{root}stickers_used/")).is_empty();
        Self { tree, base, root, folder, below_folder, stickers }
    }

    /// The attachment of an address, from the list that it stood in.
    pub fn attachment(&self, listed: Option<AttachmentKind>, uri: &str) -> Attachment {
        let name = (!is_web(uri)).then(|| last(uri)).filter(|n| !n.is_empty());
        let kind = kind(listed, uri);
        if uri == "Failed to download media" {
            return Attachment { kind, name: None, place: MediaPlace::Omitted };
        }
        let name = name.filter(|_| kind != AttachmentKind::Sticker).map(str::to_owned);
        Attachment { kind, name, place: self.place(uri) }
    }

    fn place(&self, uri: &str) -> MediaPlace {
        if is_web(uri) {
            return MediaPlace::Web { url: uri.to_owned() };
        }
        let path = inside(uri);
        if path.is_empty() {
            return MediaPlace::Omitted;
        }
        let base = format!("{}{path}", self.base);
        let found = self.candidates(&path).find(|p| self.tree.find(p).is_some());
        self.tree.media(&found.unwrap_or(base))
    }

    /// Where the file may be, likeliest first.
    fn candidates(&self, path: &str) -> impl Iterator<Item = String> {
        let below_root = path.split_once("messages/").map_or(path, |(_, rest)| rest);
        let name = last(path);
        let folders = if self.below_folder { FOLDERS } else { &[] };
        [
            format!("{}{path}", self.base),
            format!("{}{below_root}", self.root),
            path.to_owned(),
            format!("{}{path}", self.folder),
            format!("{}{name}", self.folder),
        ]
        .into_iter()
        .chain(folders.iter().map(move |f| format!("{}{f}/{name}", self.folder)))
        .chain(self.stickers.then(|| format!("{}stickers_used/{name}", self.root)))
    }
}

fn is_web(uri: &str) -> bool {
    let begins =
        |scheme: &str| uri.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme));
    begins("https://") || begins("http://")
}

fn last(uri: &str) -> &str {
    uri.rsplit(['/', '\\']).next().unwrap_or("")
}

/// The address as a path that cannot climb out, whichever way its folders are parted.
fn inside(uri: &str) -> String {
    FileTree::inside(&uri.replace('\\', "/"))
}

fn kind(listed: Option<AttachmentKind>, uri: &str) -> AttachmentKind {
    let ending = last(uri).rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
    match (listed, ending.as_str()) {
        (Some(AttachmentKind::Audio), "mp3" | "wav" | "flac") => AttachmentKind::Audio,
        (Some(AttachmentKind::Audio), _) => AttachmentKind::Voice,
        (Some(kind), _) => kind,
        (None, "jpg" | "jpeg" | "png" | "webp" | "heic") => AttachmentKind::Photo,
        (None, "mp4" | "mov" | "webm") => AttachmentKind::Video,
        (None, "ogg" | "opus" | "aac" | "m4a") => AttachmentKind::Voice,
        (None, "gif") => AttachmentKind::Gif,
        (None, "mp3" | "wav" | "flac") => AttachmentKind::Audio,
        (None, _) => AttachmentKind::File,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of(uri: &str) -> String {
        let files = [
            "your_facebook_activity/messages/inbox/bo_1/photos/a.jpg",
            "your_facebook_activity/messages/stickers_used/s.png",
        ];
        let tree = FileTree::memory(files.map(|f| (f.to_owned(), vec![1])));
        let root = "your_facebook_activity/messages/";
        let folder = "your_facebook_activity/messages/inbox/bo_1/";
        match MediaFinder::new(&tree, "", root, folder).attachment(None, uri).place {
            MediaPlace::Export { path, .. } => path,
            MediaPlace::Web { url } => url,
            MediaPlace::Live { .. } | MediaPlace::Omitted => "omitted".to_owned(),
        }
    }

    #[test]
    fn every_way_to_write_an_address() {
        let photo = "your_facebook_activity/messages/inbox/bo_1/photos/a.jpg";
        for uri in [
            photo,
            "messages/inbox/bo_1/photos/a.jpg",
            "photos/a.jpg",
            "a.jpg",
            "./photos/a.jpg",
            "your_activity_across_facebook/messages/inbox/bo_1/photos/a.jpg",
        ] {
            assert_eq!(path_of(uri), photo, "{uri}");
        }
        let sticker = "your_facebook_activity/messages/stickers_used/s.png";
        assert_eq!(path_of("messages/stickers_used/s.png"), sticker);
        assert_eq!(path_of("posts/media/stickers_used/s.png"), sticker);
        assert_eq!(path_of("https://cdn.example/x.jpg"), "https://cdn.example/x.jpg");
        assert_eq!(path_of("Failed to download media"), "omitted");
    }

    #[test]
    fn no_address_climbs_out() {
        for uri in ["../../etc/passwd", "/etc/passwd", "..\\..\\etc\\passwd", "./../etc/passwd"] {
            assert_eq!(path_of(uri), "etc/passwd");
        }
        assert_eq!(path_of("../.."), "omitted");
        assert_eq!(
            path_of("C:\\photos\\a.jpg"),
            "your_facebook_activity/messages/inbox/bo_1/photos/a.jpg"
        );
    }
}
