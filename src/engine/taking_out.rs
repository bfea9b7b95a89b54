//! Copies of files: of such as lie inside archives or are locked by themselves, to be opened, in a
//! folder that only the person can look into and that goes when onebox ends; and of any, to be kept,
//! among the person's downloads. One after the other, in a thread of their own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::opening::{self, Inside};
use super::shelf::{self, Copied, Shelf};
use crate::inbox::{Notice, Severity, Update};
use crate::model::Bytes;
use crate::pages::{media_name, saved_name};
use crate::sources::{Private, has_room};

/// A larger file is left where it is.
const LARGEST: u64 = 1 << 30;
/// Of a larger one it is said that it is being copied.
const LONG: u64 = 32 << 20;
/// So many files of one name are saved beside each other.
const SAME: u32 = 999;
/// So many may wait.
const QUEUE: usize = 16;

/// Opens a copy, and says what to tell.
type Opener = fn(&Path) -> Notice;

/// Copies files out and opens them, in a thread that begins with the first one.
pub struct TakingOut {
    demo: bool,
    opener: Opener,
    /// Where what is saved goes; `None`: nowhere known.
    downloads: Option<PathBuf>,
    updates: SyncSender<Update>,
    at_work: Option<(SyncSender<Job>, JoinHandle<()>)>,
    stop: Arc<AtomicBool>,
}

/// A file, and where it is to be saved; `None`: it is to be opened.
type Job = (Inside, Option<PathBuf>);

impl TakingOut {
    /// Of exports, or of the demo.
    pub fn new(demo: bool, updates: SyncSender<Update>) -> Self {
        let user = directories::UserDirs::new();
        let downloads = user.map(|u| u.download_dir().unwrap_or(u.home_dir()).to_owned());
        let (opener, stop) = (opening::open, Arc::default());
        Self { demo, opener, downloads, updates, at_work: None, stop }
    }

    /// Copies a file out and opens it, unless it may do something. What to tell at once.
    pub fn open(&mut self, file: Inside) -> Option<Notice> {
        let Inside { container, path, called, .. } = &file;
        if !opening::is_harmless(Path::new(called)) {
            let what = format!("The file lies in {container} as {path}");
            let why = "a file of this kind may do something";
            let todo = "`onebox export` copies it out";
            return Some(Notice::new(Severity::Info, what, why, todo));
        }
        self.begin((file, None))
    }

    /// Saves a file. What to tell at once.
    pub fn save(&mut self, file: Inside) -> Option<Notice> {
        match self.downloads.clone() {
            Some(folder) => self.begin((file, Some(folder))),
            None => {
                let why = "no folder for downloads is known here".to_owned();
                Some(opening::refused("The file cannot be saved from here", why))
            }
        }
    }

    fn begin(&mut self, job: Job) -> Option<Notice> {
        let (work, _) = self.at_work.get_or_insert_with(|| {
            let (send, work) = sync_channel(QUEUE);
            let worker = Worker {
                shelf: Shelf::new(self.demo),
                folder: None,
                there: HashMap::new(),
                opener: self.opener,
                updates: self.updates.clone(),
                stop: Arc::clone(&self.stop),
            };
            (send, std::thread::spawn(move || worker.run(&work)))
        });
        let busy = || {
            let what = "Other files are still being copied";
            Notice::new(Severity::Info, what, "", "try again in a moment")
        };
        work.try_send(job).is_err().then(busy)
    }
}

impl Drop for TakingOut {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some((work, thread)) = self.at_work.take() {
            drop(work);
            // One that panicked has already been reported by the panic hook.
            drop(thread.join());
        }
    }
}

struct Worker {
    shelf: Shelf,
    folder: Option<Private>,
    /// Copies by container and path.
    there: HashMap<(Arc<str>, String), PathBuf>,
    opener: Opener,
    updates: SyncSender<Update>,
    stop: Arc<AtomicBool>,
}

impl Worker {
    fn run(mut self, work: &Receiver<Job>) {
        while let Ok((file, to)) = work.recv() {
            let done = match &to {
                Some(folder) => self.save(&file, folder),
                None => self.open(&file),
            };
            let told = match done {
                Ok(Some(told)) => told,
                Ok(None) => return,
                Err(why) => {
                    let what = if to.is_some() { "saved" } else { "opened" };
                    opening::refused(&format!("The file cannot be {what} from here"), why)
                }
            };
            // A screen that does not listen any more has closed.
            drop(self.updates.try_send(Update::Notice(told)));
        }
    }

    /// `None`: nobody waits any more.
    fn open(&mut self, file: &Inside) -> Result<Option<Notice>, String> {
        let key = (Arc::clone(&file.container), file.whole());
        if let Some(copy) = self.there.get(&key).filter(|copy| copy.is_file()) {
            return Ok(Some((self.opener)(copy)));
        }
        if self.folder.is_none() {
            let none = |why| format!("no temporary folder can be made: {why}");
            self.folder = Some(Private::new().map_err(none)?);
        }
        let Some(folder) = &self.folder else { return Ok(None) };
        let number = format!("{}\0{}", file.container, key.1);
        let number = twox_hash::XxHash3_64::oneshot(number.as_bytes());
        let target = folder.path().join(media_name(&file.called, number));
        if !self.copy(file, &target)? {
            return Ok(None);
        }
        let told = (self.opener)(&target);
        self.there.insert(key, target);
        Ok(Some(told))
    }

    /// `None`: nobody waits any more. What is there already stays.
    fn save(&mut self, file: &Inside, folder: &Path) -> Result<Option<Notice>, String> {
        let failed = |why| format!("{}: {why}", folder.display());
        std::fs::create_dir_all(folder).map_err(failed)?;
        let target = (1..=SAME)
            .map(|count| folder.join(saved_name(&file.called, count)))
            .find(|target| target.symlink_metadata().is_err())
            .ok_or_else(|| format!("{} has too many of this name", folder.display()))?;
        let saved = self.copy(file, &target)?;
        let what = format!("Saved as {}", target.display());
        Ok(saved.then(|| Notice::new(Severity::Info, what, "", "")))
    }

    /// Copies a file. False: nobody waits any more.
    fn copy(&mut self, file: &Inside, target: &Path) -> Result<bool, String> {
        let Inside { container, path, wrapped, .. } = file;
        let folder = target.parent().unwrap_or(target);
        let (updates, stop) = (&self.updates, &self.stop);
        let mut bytes = 0;
        self.shelf.look_again();
        let copied = self.shelf.with((container, path, wrapped.as_ref()), |size, from| {
            bytes = size;
            if size > LARGEST {
                return Copied::TooLarge;
            }
            if !has_room(folder, size) {
                return Copied::Failed(std::io::ErrorKind::StorageFull.into());
            }
            if size > LONG {
                let what = format!("Copying {} out of {container}", Bytes(size));
                let notice = Notice::new(Severity::Info, what, "", "");
                drop(updates.try_send(Update::Notice(notice)));
            }
            shelf::copy(target, from, wrapped.as_ref(), LARGEST, stop)
        });
        match copied.map_err(|e| e.why())? {
            Some(Copied::Here) => Ok(true),
            Some(Copied::Stopped) => Ok(false),
            Some(Copied::TooLarge) => Err(format!(
                "it has {} and lies in {container} as {path}: {} are copied at most",
                Bytes(bytes),
                Bytes(LARGEST)
            )),
            Some(Copied::Failed(why)) => {
                let (size, folder) = (Bytes(bytes), folder.display());
                Err(format!("its {size} cannot be copied to {folder}: {why}"))
            }
            Some(Copied::Unreadable(why)) => Err(format!("it is damaged in {container}: {why}")),
            None => Err(format!(
                "{container} is not as it was when it was imported: put it back, or import it again"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::sync::mpsc::Receiver;

    use super::*;

    fn zip(at: &Path) -> Arc<str> {
        let mut zip = zip::ZipWriter::new(fs::File::create(at).expect("a file"));
        for (name, text) in [("a/photo.jpg", "a photo"), ("b/photo.jpg", "another"), ("x.sh", "rm")]
        {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("a name");
            zip.write_all(text.as_bytes()).expect("bytes");
        }
        zip.finish().expect("a zip");
        at.to_string_lossy().into()
    }

    fn told(updates: &Receiver<Update>) -> String {
        match updates.recv().expect("a word") {
            Update::Notice(notice) => notice.line(),
            other => panic!("{other:?}"),
        }
    }

    /// Tells what was to be opened instead of opening it.
    fn opener(path: &Path) -> Notice {
        let text = fs::read_to_string(path).expect("a copy");
        Notice::new(Severity::Info, path.display().to_string(), text, "")
    }

    #[test]
    fn what_lies_in_a_zip_is_opened_from_a_copy_that_goes_in_the_end() {
        let dir = tempfile::tempdir().expect("a folder");
        let container = zip(&dir.path().join("export.zip"));
        let file = |path: &str| Inside {
            container: Arc::clone(&container),
            path: path.to_owned(),
            wrapped: None,
            called: path.to_owned(),
        };
        let (updates, listen) = std::sync::mpsc::sync_channel(9);
        let mut out = TakingOut::new(false, updates);
        out.opener = opener;
        assert!(out.open(file("x.sh")).is_some_and(|n| n.line().contains("may do something")));
        for path in ["a/photo.jpg", "b/photo.jpg", "a/photo.jpg", "c/photo.jpg"] {
            assert_eq!(out.open(file(path)), None, "{path}");
        }
        let [one, other, again, none] = std::array::from_fn(|_| told(&listen));
        assert!(one.contains("a photo") && one.contains("photo-"), "{one}");
        assert!(other.contains("another"), "{other}");
        assert_eq!(one, again, "one copy is enough");
        assert!(none.contains("cannot be opened") && none.contains("is not as it was"), "{none}");
        let copy = one.split(".jpg").next().map(|p| PathBuf::from(format!("{p}.jpg")));
        let copy = copy.expect("a path");
        assert!(copy.is_file(), "{one}");
        let saved = dir.path().join("downloads");
        out.downloads = Some(saved.clone());
        for (path, wanted) in
            [("a/photo.jpg", "photo.jpg"), ("b/photo.jpg", "photo (2).jpg"), ("x.sh", "x.sh")]
        {
            assert_eq!(out.save(file(path)), None, "{path}");
            let at = saved.join(wanted);
            assert_eq!(told(&listen), format!("Saved as {}", at.display()));
        }
        assert_eq!(fs::read_to_string(saved.join("photo (2).jpg")).expect("a file"), "another");
        // Without the zip it says so.
        fs::remove_file(&*container).expect("it was there");
        drop(out);
        assert!(!copy.exists(), "the copy stays");
        let (updates, listen) = std::sync::mpsc::sync_channel(9);
        let mut out = TakingOut::new(false, updates);
        out.opener = opener;
        assert_eq!(out.open(file("a/photo.jpg")), None);
        assert!(told(&listen).contains("import it again"));
        // Put back, it opens.
        zip(Path::new(&*container));
        assert_eq!(out.open(file("a/photo.jpg")), None);
        assert!(told(&listen).contains("a photo"));
    }
}
