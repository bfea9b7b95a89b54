//! Files: fetched when they are asked for, and what is told of those that are sent.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use matrix_sdk::attachment::{
    AttachmentInfo, BaseAudioInfo, BaseFileInfo, BaseImageInfo, BaseVideoInfo,
};
use matrix_sdk::media::{MediaFormat, MediaRequestParameters};
use matrix_sdk::ruma::UInt;
use matrix_sdk::ruma::events::room::MediaSource;
use mime::Mime;
use onebox::model::AttachmentKind;
use onebox::sources::live::{News, SendFile};

use super::content::Handle;
use super::live::Live;
use super::outcome;

/// So much of a name's end is kept as the kind of file.
const LONGEST_ENDING: usize = 10;

/// No file takes longer than this and what its size takes on a slow line.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes that a slow line carries in a second.
const SLOW_LINE: u64 = 16_000;

fn patience(size: u64) -> Duration {
    PATIENCE + Duration::from_secs(size / SLOW_LINE)
}

/// What is said of a file that is sent.
pub fn info(kind: AttachmentKind, size: usize) -> AttachmentInfo {
    let size = u64::try_from(size).ok().and_then(|s| UInt::try_from(s).ok());
    match kind {
        AttachmentKind::Photo | AttachmentKind::Sticker | AttachmentKind::Gif => {
            AttachmentInfo::Image(BaseImageInfo { size, ..BaseImageInfo::default() })
        }
        AttachmentKind::Video => {
            AttachmentInfo::Video(BaseVideoInfo { size, ..BaseVideoInfo::default() })
        }
        AttachmentKind::Audio => {
            AttachmentInfo::Audio(BaseAudioInfo { size, ..BaseAudioInfo::default() })
        }
        AttachmentKind::Voice => {
            AttachmentInfo::Voice(BaseAudioInfo { size, ..BaseAudioInfo::default() })
        }
        _ => AttachmentInfo::File(BaseFileInfo { size }),
    }
}

/// The type of a file, by what it is and how its name ends.
pub fn mime(file: &SendFile) -> Mime {
    let ending =
        file.name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    let of_ending = match ending.as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "heic" => "image/heic",
        "mp4" | "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "webm" => "video/webm",
        "ogg" | "opus" | "oga" => "audio/ogg",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "wav" => "audio/wav",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        _ => "",
    };
    let (group, other) = match file.kind {
        AttachmentKind::Photo | AttachmentKind::Gif | AttachmentKind::Sticker => {
            ("image/", "image/jpeg")
        }
        AttachmentKind::Video => ("video/", "video/mp4"),
        AttachmentKind::Audio | AttachmentKind::Voice => ("audio/", "audio/ogg"),
        _ => ("application/", "application/octet-stream"),
    };
    let fits = of_ending.starts_with(group) || group == "application/" && !of_ending.is_empty();
    // A picture that is sent as a document stays one.
    let is_document = group == "application/" && !of_ending.starts_with("application/");
    let name = match (fits, is_document) {
        (true, false) => of_ending,
        _ => other,
    };
    name.parse().unwrap_or(mime::APPLICATION_OCTET_STREAM)
}

/// Fetches a file.
pub async fn fetch(live: Arc<Live>, key: String, handle: String, limit: u64) {
    // The SDK brings a file whole: how much there is can be told, not how much has come.
    let size = serde_json::from_str::<Handle>(&handle).ok().and_then(|h| h.size);
    if size.is_some_and(|size| size <= limit) {
        let begun =
            News::Media { key: key.clone(), done: 0, total: size, path: None, failed: None };
        live.desk.out.tell(begun).await;
    }
    let (path, failed, total) = match get(&live, &handle, limit).await {
        Ok((path, size)) => (Some(path), None, Some(size)),
        Err(why) => (None, Some(why), None),
    };
    let done = total.unwrap_or_default();
    live.desk.out.tell(News::Media { key, done, total, path, failed }).await;
}

async fn get(live: &Live, handle: &str, limit: u64) -> Result<(PathBuf, u64), String> {
    let unknown = || "That file is not known.".to_owned();
    let handle: Handle = serde_json::from_str(handle).map_err(|_| unknown())?;
    let source: MediaSource = serde_json::from_value(handle.source).map_err(|_| unknown())?;
    let large = |size: u64| format!("It is larger than {limit} bytes: {size}.");
    if let Some(size) = handle.size.filter(|size| *size > limit) {
        return Err(large(size));
    }
    let place = live.desk.media_dir.join(name_of(&source, &handle.name));
    if let Ok(meta) = tokio::fs::metadata(&place).await {
        return Ok((place, meta.len()));
    }
    let request = MediaRequestParameters { source, format: MediaFormat::File };
    // The SDK waits for ever.
    let patience = patience(handle.size.unwrap_or(limit));
    let media = live.client.media();
    let fetched = media.get_media_content(&request, false);
    let bytes = tokio::time::timeout(patience, fetched).await;
    let bytes = bytes.map_err(|_| "The server does not send all of it.".to_owned())?;
    let bytes = bytes.map_err(|e| outcome::sentence(&e))?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > limit {
        return Err(large(size));
    }
    let written = tokio::task::spawn_blocking(move || {
        if let Some(dir) = place.parent() {
            std::fs::create_dir_all(dir)?;
        }
        super::secret::write_private(&place, &bytes).map(|()| place)
    });
    match written.await {
        Ok(Ok(place)) => Ok((place, size)),
        Ok(Err(e)) => Err(format!("It cannot be written: {e}.")),
        Err(_) => Err("It cannot be written.".to_owned()),
    }
}

/// A file's name on this machine: what the server calls it, and the ending that its sender gave
/// it. Nothing of either can leave the folder.
fn name_of(source: &MediaSource, given: &str) -> String {
    let url = match source {
        MediaSource::Plain(url) => url.as_str(),
        MediaSource::Encrypted(file) => file.url.as_str(),
    };
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let stem: String = url.trim_start_matches("mxc://").chars().map(plain).take(150).collect();
    let ending = given.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    let short = (1..=LONGEST_ENDING).contains(&ending.len());
    if short && ending.bytes().all(|b| b.is_ascii_alphanumeric()) {
        format!("{stem}.{}", ending.to_ascii_lowercase())
    } else {
        stem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_in_the_folder() {
        let of = |url: &str, name: &str| name_of(&MediaSource::Plain(url.into()), name);
        assert_eq!(of("mxc://a.b/XyZ", "cat.JPG"), "a_b_XyZ.jpg");
        assert_eq!(of("mxc://a/../../etc", "x/../../.ssh"), "a_______etc.ssh");
        assert_eq!(of("mxc://a/b", "no ending.at all"), "a_b");
    }

    #[test]
    fn the_type_follows_what_it_is_sent_as() {
        let of = |name: &str, kind| {
            let file = SendFile { path: PathBuf::new(), name: name.to_owned(), kind };
            mime(&file).to_string()
        };
        assert_eq!(of("cat.png", AttachmentKind::Photo), "image/png");
        assert_eq!(of("cat.png", AttachmentKind::File), "application/octet-stream");
        assert_eq!(of("paper.pdf", AttachmentKind::File), "application/pdf");
        assert_eq!(of("note", AttachmentKind::Voice), "audio/ogg");
    }
}
