//! Names of the months, of the halves of the day and of zones, as Google's dates have them.
//!
//! Months as the CLDR writes them in a date, with the short forms of English. Whole words, since a
//! weekday may begin like a month (`martes`, `szerda`).

use std::collections::HashMap;
use std::sync::LazyLock;

/// Where one word is the name of two months, the language decides; see [`month`].
const MONTHS: [&str; 12] = [
    "january jan januar jänner janvier enero janeiro gennaio januari stycznia ocak января січня \
     ledna januára január tammikuuta ianuarie януари јануар siječnja ιανουαρίου ינואר jaanuar \
     janvāris sausio gener يناير जनवरी มกราคม",
    "february feb februar februari février febrero fevereiro febbraio lutego şubat февраля лютого \
     února februára február helmikuuta februarie февруари фебруар veljače φεβρουαρίου פברואר \
     veebruar februāris vasario febrer فبراير फ़रवरी फरवरी กุมภาพันธ์",
    "march mar märz mars marzo março maart marts marca marec mart марта березня března március \
     maaliskuuta martie март ožujka μαρτίου מרץ märts maret kovo març مارس मार्च มีนาคม mac",
    "april apr avril abril aprile kwietnia nisan апреля квітня dubna apríla április huhtikuuta \
     aprilie април travnja απριλίου אפריל aprill aprīlis balandžio أبريل ابريل अप्रैल เมษายน",
    "may mai mayo maio maggio mei maj maja mayıs мая травня května mája május toukokuuta май мај \
     svibnja μαΐου מאי maijs gegužės maig مايو मई พฤษภาคม",
    "june jun juni juin junio junho giugno czerwca haziran июня червня června júna június \
     kesäkuuta iunie юни јун lipnja ιουνίου יוני juuni jūnijs birželio juny junij يونيو जून มิถุนายน",
    "july jul juli juillet julio julho luglio lipca temmuz июля липня července júla július \
     heinäkuuta iulie юли јул srpnja ιουλίου יולי juuli jūlijs liepos juliol julij julai يوليو \
     जुलाई กรกฎาคม",
    "august aug août agosto augustus augusti sierpnia ağustos августа серпня srpna augusta \
     augusztus elokuuta август kolovoza αυγούστου אוגוסט augusts rugpjūčio agost avgust agustus \
     ogos أغسطس اغسطس अगस्त สิงหาคม",
    "september sep sept septembre septiembre setembro settembre września eylül сентября вересня \
     září septembra szeptember syyskuuta septembrie септември септембар rujna σεπτεμβρίου ספטמבר \
     septembris rugsėjo setembre سبتمبر सितंबर सितम्बर กันยายน",
    "october oct oktober octobre octubre outubro ottobre okt października ekim октября жовтня \
     října októbra október lokakuuta octombrie октомври октобар οκτωβρίου אוקטובר oktoober \
     oktobris spalio أكتوبر اكتوبر अक्टूबर अक्तूबर ตุลาคม",
    "november nov novembre noviembre novembro listopada listopadu kasım ноября листопада novembra \
     marraskuuta noiembrie ноември новембар studenoga νοεμβρίου נובמבר novembris lapkričio نوفمبر \
     नवंबर नवम्बर พฤศจิกายน",
    "december dec dezember décembre diciembre dezembro dicembre grudnia aralık декабря грудня \
     prosince decembra joulukuuta decembrie декември децембар prosinca δεκεμβρίου דצמבר \
     detsember decembris gruodžio desembre desember ديسمبر दिसंबर दिसम्बर ธันวาคม",
];

/// Croatian weekdays: of them `listopada` is October, of Polish ones it is November.
const CROATIAN: [&str; 7] =
    ["ponedjeljak", "utorak", "srijeda", "četvrtak", "petak", "subota", "nedjelja"];

/// Which of them bears a name, counted from 0; of several the first.
static NAMED: LazyLock<HashMap<&str, usize>> = LazyLock::new(|| {
    let mut named = HashMap::new();
    for (at, all) in MONTHS.iter().enumerate() {
        for name in all.split(' ') {
            named.entry(name).or_insert(at);
        }
    }
    named
});

/// The month that one of a date's words names. The words are in lower case.
pub fn month<'w>(words: impl Iterator<Item = &'w str> + Clone) -> Option<u32> {
    let named = |word: &str| NAMED.get(word).copied();
    // Hebrew writes the `in` onto the name.
    let found = |word: &'w str| {
        named(word).or_else(|| named(word.strip_prefix('ב')?)).map(|at| (word, at + 1))
    };
    let (word, at) = words.clone().find_map(found)?;
    let croatian = word == "listopada" && words.clone().any(|w| CROATIAN.contains(&w));
    u32::try_from(if croatian { 10 } else { at }).ok()
}

/// Whether a time is of the second half of the day, where one of its words says so. The words are
/// in lower case, and a dot parts two: `p. m.`, `π.μ.`.
pub fn afternoon(words: &[&str]) -> Option<bool> {
    words.iter().enumerate().find_map(|(i, word)| {
        let next = words.get(i + 1).copied();
        match *word {
            "pm" | "下午" | "午後" | "오후" | "晚上" | "中午" | "م" | "अपराह्न" => {
                Some(true)
            }
            "am"
            | "上午"
            | "午前"
            | "오전"
            | "凌晨"
            | "清晨"
            | "早上"
            | "半夜"
            | "ص"
            | "पूर्वाह्न" => Some(false),
            "p" if next == Some("m") => Some(true),
            "a" if next == Some("m") => Some(false),
            "μ" if next == Some("μ") => Some(true),
            "π" if next == Some("μ") => Some(false),
            _ => None,
        }
    })
}

/// Zones by their abbreviations, as far as each is one zone's own or nearly always meant so, and
/// minutes east of UTC.
const ZONES: &[(&str, i64)] = &[
    ("HST", -600),
    ("AKST", -540),
    ("AKDT", -480),
    ("PST", -480),
    ("PDT", -420),
    ("MST", -420),
    ("MDT", -360),
    ("CST", -360),
    ("CDT", -300),
    ("EST", -300),
    ("EDT", -240),
    ("AST", -240),
    ("ADT", -180),
    ("NST", -210),
    ("NDT", -150),
    ("BRT", -180),
    ("ART", -180),
    ("WET", 0),
    ("WEST", 60),
    ("BST", 60),
    ("CET", 60),
    ("MEZ", 60),
    ("CEST", 120),
    ("MESZ", 120),
    ("SAST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("PKT", 300),
    ("IST", 330),
    ("WIB", 420),
    ("ICT", 420),
    ("HKT", 480),
    ("SGT", 480),
    ("PHT", 480),
    ("AWST", 480),
    ("JST", 540),
    ("KST", 540),
    ("ACST", 570),
    ("ACDT", 630),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
];

/// What a zone is east of UTC, in minutes. The word is as it stands, since some in lower case are
/// words of a language (`est`).
pub fn zone(word: &str) -> Option<i64> {
    ZONES.iter().find(|(name, _)| *name == word).map(|(_, minutes)| *minutes)
}

/// Whether a word looks like a zone's abbreviation.
pub fn is_zone_like(word: &str) -> bool {
    (3..=5).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_uppercase())
        && month(std::iter::once(word.to_lowercase().as_str())).is_none()
}

/// Which part of a time the word behind a number makes of it: 0 hours, 1 minutes, 2 seconds.
pub fn unit(word: &str) -> Option<usize> {
    match word {
        "時" | "时" | "點" | "点" | "시" | "h" | "นาฬิกา" | "giờ" => Some(0),
        "分" | "분" | "min" | "นาที" | "phút" => Some(1),
        "秒" | "초" | "s" | "วินาที" | "giây" => Some(2),
        _ => None,
    }
}
