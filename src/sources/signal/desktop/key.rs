//! The key of the database: the one that the person gave, else the one in the app's settings.

use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use super::pages::{Cipher, PAGE};
use crate::model::{Key, Locked};
use crate::sources::json::parse;
use crate::sources::{Entry, FileTree, ReadError, ReadOptions};

const CONFIG: &str = "config.json";
/// No settings are larger.
const LARGEST: u64 = 1 << 20;

/// What the app's settings say of the key. Of the key itself nothing else is kept in memory.
pub struct Settings {
    key: Option<Zeroizing<[u8; 32]>>,
    /// It is locked by the system's keyring.
    kept: bool,
    /// Which one that is, for people.
    keyring: &'static str,
}

impl Settings {
    /// Of the app's folder; `None`: there are none.
    pub fn of(tree: &FileTree, home: &str) -> Option<Self> {
        let path = if home.is_empty() { CONFIG.to_owned() } else { format!("{home}/{CONFIG}") };
        let bytes = Zeroizing::new(tree.read(tree.find(&path)?, LARGEST).ok()?);
        let Some(Value::Object(mut all)) = parse(&bytes) else { return None };
        let mut take = |name: &str| match all.remove(name) {
            Some(Value::String(text)) => Some(Zeroizing::new(text)),
            _ => None,
        };
        let key = take("key").and_then(|mut text| {
            let digits = Key::new(text.as_bytes().to_vec()).digits();
            text.zeroize();
            digits
        });
        let keyring = match take("safeStorageBackend").as_deref().map(String::as_str) {
            Some("gnome_libsecret" | "gnome_keyring") => "the GNOME keyring",
            Some("kwallet" | "kwallet5" | "kwallet6") => "KWallet",
            _ => "the system's keyring",
        };
        Some(Self { key, kept: take("encryptedKey").is_some(), keyring })
    }

    /// They tell of a key, open or locked.
    pub fn has_key(&self) -> bool {
        self.key.is_some() || self.kept
    }
}

/// What the person has to give, and which programs print it.
fn wants(settings: Option<&Settings>) -> String {
    let key = "the 64-digit key of Signal Desktop's database";
    let tools = "“sigtop export-key -D” or “signalbackup-tools --showdesktopkey” prints it";
    match settings {
        Some(settings) if settings.kept => {
            format!("{key}, which {} keeps locked; {tools}", settings.keyring)
        }
        Some(_) => format!("{key}; {tools}"),
        None => format!(
            "{key}; older installs hold it in config.json, so give Signal's whole folder; of \
             newer ones {tools}"
        ),
    }
}

/// What the first key that fits makes of itself; else what is wanted, and why what there is does
/// not do.
pub fn fitting(
    tree: &FileTree,
    entry: &Entry,
    home: &str,
    options: &ReadOptions,
) -> Result<Cipher, ReadError> {
    let first = tree.head(entry, PAGE)?;
    if first.len() < PAGE {
        let why = "it is shorter than any database of Signal Desktop: it is damaged or cut short";
        return Err(ReadError::Format { file: entry.path.clone(), why: why.to_owned() });
    }
    let settings = Settings::of(tree, home);
    let given = options.key.as_ref().map(Key::digits);
    let there = settings.as_ref().and_then(|s| s.key.clone());
    let all = given.iter().flatten().chain(&there);
    if let Some(cipher) = all.clone().find_map(|key| Cipher::new(key, &first)) {
        return Ok(cipher);
    }
    let refused = match (given, there.is_some()) {
        (Some(None), _) => Some("what was given is not 64 hexadecimal digits"),
        (Some(Some(_)), _) => Some("the key does not open it"),
        (None, true) => Some("the key in config.json does not open it"),
        (None, false) => None,
    };
    Err(ReadError::Locked(Locked {
        file: entry.path.clone(),
        wants: wants(settings.as_ref()),
        refused: refused.map(str::to_owned),
    }))
}
