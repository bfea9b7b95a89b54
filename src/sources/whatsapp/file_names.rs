//! How the app's files are called, and what their names tell of them.

use crate::model::AttachmentKind;

/// Whether it is a name that a file can have here.
pub fn is_file_name(name: &str) -> bool {
    has_extension(name) || is_camera_name(name)
}

/// `x.pdf`: an ending, and nothing that no file name has.
pub fn has_extension(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    !stem.is_empty()
        && (1..=8).contains(&ending.len())
        && ending.bytes().all(|b| b.is_ascii_alphanumeric())
        && !name.contains(['/', '\\', '\n', '<', '>'])
        && name.len() <= 255
}

/// `00000035-…`: iOS numbers its files.
pub fn is_numbered(name: &str) -> bool {
    let b = name.as_bytes();
    b.len() > 9 && b[..8].iter().all(u8::is_ascii_digit) && b[8] == b'-'
}

/// `IMG-20220327-WA0001…`.
pub fn is_camera_name(name: &str) -> bool {
    let Some((kind, rest)) = name.split_once('-') else { return false };
    let b = rest.as_bytes();
    kind.len() == 3
        && b.len() > 11
        && b[..8].iter().all(u8::is_ascii_digit)
        && &b[8..11] == b"-WA"
        && !name.contains(['/', '\\'])
}

/// What a file is, by what the app calls it, else by its ending.
pub fn kind_of(name: &str) -> AttachmentKind {
    use AttachmentKind as K;
    let called = name.get(9..).filter(|_| is_numbered(name)).unwrap_or(name);
    let (prefix, ours) =
        (called.split('-').next().unwrap_or(""), is_numbered(name) || is_camera_name(name));
    let ending = name.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    match prefix {
        "PTT" if ours => return K::Voice,
        "GIF" if ours => return K::Gif,
        "STICKER" | "STK" if ours => return K::Sticker,
        "DOC" if ours => return K::File,
        "PHOTO" | "IMG" if ours => return K::Photo,
        "VIDEO" | "VID" if ours => return K::Video,
        "AUDIO" | "AUD" if ours => return if ending == "opus" { K::Voice } else { K::Audio },
        _ => {}
    }
    match ending.as_str() {
        "jpg" | "jpeg" | "png" | "heic" | "bmp" => K::Photo,
        "webp" => K::Sticker,
        "gif" => K::Gif,
        "mp4" | "mov" | "3gp" | "mkv" | "avi" | "webm" => K::Video,
        "opus" => K::Voice,
        "mp3" | "m4a" | "aac" | "ogg" | "wav" | "amr" | "flac" => K::Audio,
        "vcf" => K::Contact,
        _ => K::File,
    }
}
