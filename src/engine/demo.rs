//! The demo: small invented exports of three apps, built in, read like anybody's own.

use chrono::{Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

use crate::model::{Day, Timestamp};
use crate::sources::FileTree;

/// My name in the demo's exports; what an import of a person's own would be told with `--me`.
pub const ME: &str = "Sam Rivera";

/// The morning on which the demo is told: soon after its last message, whenever it is looked at.
const MORNING: NaiveDateTime =
    match (NaiveDate::from_ymd_opt(2026, 11, 21), NaiveTime::from_hms_opt(10, 0, 0)) {
        (Some(day), Some(time)) => NaiveDateTime::new(day, time),
        _ => NaiveDateTime::MIN,
    };

/// The demo's present, by this machine's wall clock as its WhatsApp messages are.
pub fn now() -> Timestamp {
    let local = Local.from_local_datetime(&MORNING).earliest();
    Timestamp(local.map_or(MORNING.and_utc().timestamp_millis(), |t| t.timestamp_millis()))
}

/// The demo's day.
pub fn today() -> Day {
    Day(MORNING.date())
}

struct Export {
    name: &'static str,
    files: &'static [(&'static str, &'static [u8])],
}

macro_rules! export {
    ($name:literal: $($path:literal),* $(,)?) => {
        Export {
            name: $name,
            files: &[$((
                $path,
                include_bytes!(concat!("../../assets/samples/demo/", $name, "/", $path)),
            )),*],
        }
    };
}

const EXPORTS: &[Export] = &[
    export!("WhatsApp Chat - Flat 4B 🏠":
        "00000007-PHOTO-2025-09-13-10-12-40.jpg",
        "_chat.txt",
    ),
    export!("WhatsApp Chat - Maya Okafor":
        "00000005-PHOTO-2024-02-29-12-13-10.jpg",
        "00000031-AUDIO-2026-11-21-09-35-01.opus",
        "_chat.txt",
    ),
    export!("WhatsApp Chat with Jonas Weber":
        "IMG-20240803-WA0004.jpg",
        "WhatsApp Chat with Jonas Weber.txt",
    ),
    export!("WhatsApp Chat with Salsa Tuesdays":
        "WhatsApp Chat with Salsa Tuesdays.txt",
    ),
    export!("facebook-sam":
        "connections/friends/your_friends.json",
        "personal_information/profile_information/profile_information.json",
        "your_facebook_activity/messages/archived_threads/bookclub_5500981234410077/message_1.json",
        "your_facebook_activity/messages/e2ee_cutover/jonasweber_2261175140786102/message_1.json",
        "your_facebook_activity/messages/e2ee_cutover/jonasweber_2261175140786102/photos/sourdough.png",
        "your_facebook_activity/messages/inbox/climbingcrew_7190442310118824/message_1.json",
        "your_facebook_activity/messages/inbox/climbingcrew_7190442310118824/photos/ridge.png",
        "your_facebook_activity/messages/inbox/luciafernandez_9120045718834017/message_1.json",
        "your_facebook_activity/messages/inbox/luciafernandez_9120045718834017/photos/gazpacho.png",
        "your_facebook_activity/messages/inbox/luciafernandez_9120045718834017/photos/nora.png",
        "your_facebook_activity/messages/inbox/tomasnovak_3341209900071256/message_1.json",
        "your_facebook_activity/messages/inbox/tomasnovak_3341209900071256/photos/cathedral_roof.png",
        "your_facebook_activity/messages/inbox/yukitanaka_8042217719503361/message_1.json",
        "your_facebook_activity/messages/inbox/yukitanaka_8042217719503361/photos/sakura.png",
        "your_facebook_activity/messages/photos/climbing_crew.png",
        "your_facebook_activity/messages/stickers_used/39178562_1505197616293642.png",
    ),
    export!("instagram-sam.rivera":
        "personal_information/personal_information/personal_information.json",
        "your_instagram_activity/messages/inbox/jonasweber_1187720453309918/message_1.json",
        "your_instagram_activity/messages/inbox/jonasweber_1187720453309918/photos/oktober.png",
        "your_instagram_activity/messages/inbox/studiolindqvist_5509217734/message_1.json",
        "your_instagram_activity/messages/inbox/studiolindqvist_5509217734/photos/bowl_no_7.png",
        "your_instagram_activity/messages/inbox/studiolindqvist_5509217734/photos/exhibition_1.png",
        "your_instagram_activity/messages/inbox/tomasnovak_2093381175546/message_1.json",
        "your_instagram_activity/messages/inbox/tomasnovak_2093381175546/photos/route_7a.png",
        "your_instagram_activity/messages/inbox/weekendinlisbon_6120934587712/message_1.json",
        "your_instagram_activity/messages/inbox/weekendinlisbon_6120934587712/photos/tram28.png",
    ),
    export!("messages":
        "Jonas Weber_3.json",
        "media/0b9d7e11-30c2-4b1e-8a45-92c4d1f7a6b3.ogg",
        "media/5f0b1c52-7f0e-4f5e-9a57-0d3f6c1be1a1.jpeg",
    ),
];

/// One tree for each export of the demo.
pub fn demo_trees() -> Vec<FileTree> {
    let tree = |export: &Export| {
        let files = export.files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
        FileTree::memory(files).with_name(export.name)
    };
    EXPORTS.iter().map(tree).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_demo_is_built_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/demo");
        let on_disk: BTreeSet<String> =
            FileTree::open(&root).unwrap()[0].entries().iter().map(|e| e.path.clone()).collect();
        let built_in: BTreeSet<String> = demo_trees()
            .iter()
            .flat_map(|t| t.entries().iter().map(|e| format!("{}/{}", t.name(), e.path)))
            .collect();
        assert_eq!(on_disk, built_in);
    }

    /// Meta writes UTF-8 bytes as if they were Latin-1 letters; the demo must do the same.
    #[test]
    fn its_meta_exports_are_written_as_meta_writes() {
        let trees = demo_trees();
        let text = |tree: &str, end: &str| {
            let tree = trees.iter().find(|t| t.name() == tree).unwrap();
            let entry = tree.entries().iter().find(|e| e.path.ends_with(end)).unwrap();
            String::from_utf8(tree.read(entry, 1 << 20).unwrap()).unwrap()
        };
        let crew = text("facebook-sam", "climbingcrew_7190442310118824/message_1.json");
        assert!(crew.is_ascii());
        assert!(crew.contains("Tom\\u00c3\\u00a1\\u00c5\\u00a1 Nov\\u00c3\\u00a1k"));
        let jonas = text("instagram-sam.rivera", "jonasweber_1187720453309918/message_1.json");
        assert!(jonas.contains("\"is_xac_thread\": true"));
        assert!(jonas.contains("\"is_xac_readonly\": true"));
        let encrypted = text("messages", "Jonas Weber_3.json");
        assert!(encrypted.contains("Natürlich"));
    }
}
