//! Halves of the day as Meta's pages write them: `da manhã`, `da tarde/noite`, `rano`, `po południu`,
//! `sáng` and `chiều` stand in real pages. The rest is what the CLDR says for the languages that
//! Meta's apps exist in, and what is said there by day.

/// Behind the clock's hands, in small letters, without dots and without joiners.
const MORNING: &[&str] = &[
    "am",
    "a m",
    "da manhã",
    "manhã",
    "da madrugada",
    "da mañá",
    "mañá",
    "de la mañana",
    "mañana",
    "de la madrugada",
    "del matí",
    "matí",
    "goizeko",
    "dimineața",
    "dimineaţa",
    "rano",
    "ráno",
    "prijepodne",
    "prije podne",
    "ujutro",
    "ujutru",
    "pre podne",
    "пре подне",
    "прије подне",
    "претпладне",
    "претпл",
    "przed południem",
    "w nocy",
    "du matin",
    "matin",
    "vorm",
    "vormittags",
    "morgens",
    "vm",
    "voormiddag",
    "'s ochtends",
    "\u{2019}s ochtends",
    "mattina",
    "di mattina",
    "öö",
    "öğleden önce",
    "sabah",
    "dop",
    "dopoledne",
    "dopoludnia",
    "dopoldne",
    "fm",
    "f m",
    "förmiddag",
    "førmiddag",
    "formiddag",
    "ap",
    "aamupäivällä",
    "aamupäivä",
    "de",
    "délelőtt",
    "reggel",
    "enne keskpäeva",
    "priekšp",
    "priekšpusdienā",
    "priešpiet",
    "pr p",
    "e paradites",
    "paradite",
    "p d",
    "π μ",
    "πμ",
    "дп",
    "ранку",
    "утра",
    "ночи",
    "пр об",
    "преди обяд",
    "преди обед",
    "сутринта",
    "да палудня",
    "раніцы",
    "ү ө",
    "үө",
    "таңкы",
    "түске дейін",
    "пе чо",
    "կա",
    "կ ա",
    "կեսօրից առաջ",
    "ص",
    "صباحا",
    "صباحًا",
    "صباحاً",
    "ق ظ",
    "قظ",
    "قبلازظهر",
    "قبل از ظهر",
    "صبح",
    "غ م",
    "ب ن",
    "قبل دوپہر",
    "چۈشتىن بۇرۇن",
    "पूर्वाह्न",
    "म पू",
    "सुबह",
    "सकाळी",
    "पूर्व मध्यान्ह",
    "পূর্বাহ্ণ",
    "পূর্বাহ্ন",
    "পূৰ্বাহ্ন",
    "সকাল",
    "முற்பகல்",
    "மு ப",
    "காலை",
    "పూర్వాహ్న",
    "పూర్వాహ్నం",
    "ಪೂರ್ವಾಹ್ನ",
    "രാവിലെ",
    "പൂർവ്വാഹ്നം",
    "પૂર્વાહ્ન",
    "પૂર્વ મધ્યાહ્ન",
    "સવારે",
    "ਪੂ ਦੁ",
    "ਪੂਰਵ ਦੁਪਹਿਰ",
    "ਸਵੇਰੇ",
    "ପୂର୍ବାହ୍ନ",
    "පෙ ව",
    "ก่อนเที่ยง",
    "ກ່ອນທ່ຽງ",
    "ព្រឹក",
    "មុនថ្ងៃត្រង់",
    "နံနက်",
    "မနက်",
    "上午",
    "午前",
    "오전",
    "sa",
    "sáng",
    "pagi",
    "isuk",
    "ng umaga",
    "umaga",
    "asubuhi",
    "ጥዋት",
    "לפנה״צ",
    "לפנה\"צ",
    "לפני הצהריים",
    "בבוקר",
    "pg",
    "f h",
    "yb",
    "y b",
    "r n",
    "bn",
    "atm",
    "to",
];
const AFTERNOON: &[&str] = &[
    "pm",
    "p m",
    "da tarde",
    "da noite",
    "tarde",
    "noite",
    "de la tarde",
    "de la noche",
    "de la tarda",
    "tarda",
    "arratsaldeko",
    "după-amiaza",
    "după-amiază",
    "după amiaza",
    "seara",
    "po południu",
    "popodne",
    "poslijepodne",
    "poslije podne",
    "navečer",
    "uveče",
    "po podne",
    "по подне",
    "послије подне",
    "попладне",
    "попл",
    "po poł",
    "wieczorem",
    "večer",
    "de l'après-midi",
    "de l\u{2019}après-midi",
    "après-midi",
    "du soir",
    "nachm",
    "nachmittags",
    "abends",
    "nm",
    "namiddag",
    "'s middags",
    "\u{2019}s middags",
    "'s avonds",
    "\u{2019}s avonds",
    "pomeriggio",
    "del pomeriggio",
    "di sera",
    "ös",
    "öğleden sonra",
    "akşam",
    "odp",
    "odpoledne",
    "popoludní",
    "popoldne",
    "pop",
    "em",
    "e m",
    "eftermiddag",
    "ettermiddag",
    "ip",
    "iltapäivällä",
    "iltapäivä",
    "du",
    "délután",
    "este",
    "pärast keskpäeva",
    "pēcp",
    "pēcpusdienā",
    "popiet",
    "e pasdites",
    "pasdite",
    "m d",
    "μ μ",
    "μμ",
    "пп",
    "дня",
    "вечора",
    "вечера",
    "сл об",
    "след обяд",
    "следобед",
    "вечерта",
    "пасля палудня",
    "вечара",
    "ү х",
    "үх",
    "түштөн кийинки",
    "түстен кейін",
    "па чо",
    "կհ",
    "կ հ",
    "կեսօրից հետո",
    "م",
    "مساء",
    "مساءً",
    "ب ظ",
    "بظ",
    "بعدازظهر",
    "بعد از ظهر",
    "عصر",
    "غ و",
    "د ن",
    "بعد دوپہر",
    "شام",
    "چۈشتىن كېيىن",
    "अपराह्न",
    "म उ",
    "शाम",
    "संध्याकाळी",
    "उत्तर मध्यान्ह",
    "অপরাহ্ণ",
    "অপরাহ্ন",
    "অপৰাহ্ন",
    "বিকাল",
    "பிற்பகல்",
    "பி ப",
    "மாலை",
    "అపరాహ్న",
    "అపరాహ్నం",
    "ಅಪರಾಹ್ನ",
    "വൈകുന്നേരം",
    "അപരാഹ്നം",
    "અપરાહ્ન",
    "ઉત્તર મધ્યાહ્ન",
    "સાંજે",
    "ਬਾ ਦੁ",
    "ਬਾਅਦ ਦੁਪਹਿਰ",
    "ਸ਼ਾਮ",
    "ଅପରାହ୍ନ",
    "ප ව",
    "หลังเที่ยง",
    "ຫຼັງທ່ຽງ",
    "ល្ងាច",
    "ក្រោយថ្ងៃត្រង់",
    "ညနေ",
    "下午",
    "午後",
    "오후",
    "ch",
    "chiều",
    "malam",
    "sore",
    "petang",
    "tengah hari",
    "wengi",
    "ng hapon",
    "hapon",
    "ng gabi",
    "gabi",
    "mchana",
    "jioni",
    "ከሰዓት",
    "אחה״צ",
    "אחה\"צ",
    "אחר הצהריים",
    "אחרי הצהריים",
    "בערב",
    "ptg",
    "e h",
    "yh",
    "y h",
    "i n",
    "pn",
    "ptm",
    "tk",
];

/// Words that stand behind a clock's hands and say nothing of the half of the day.
const NEITHER: &[&str] = &[
    "uhr", "h", "hs", "hrs", "hod", "hodin", "klo", "kl", "uur", "val", "óra", "ora", "saat",
    "horas", "heures", "น", "ч", "час", "г", "giờ", "時", "时",
];

/// Whether the words behind a clock's hands say afternoon; `None`: they say neither.
pub fn afternoon(words: &str) -> Option<bool> {
    let words = words.trim();
    // Nearly all pages are of these.
    match words {
        "" => return None,
        "am" | "AM" => return Some(false),
        "pm" | "PM" => return Some(true),
        _ => {}
    }
    let plain = plain(words);
    // The longest that fits: `de la tarde` is no `de`.
    let best = |list: &[&str]| {
        list.iter().filter(|w| begins(&plain, w)).map(|w| w.len()).max().unwrap_or(0)
    };
    match (best(MORNING), best(AFTERNOON)) {
        (0, 0) => None,
        (m, a) => Some(a > m),
    }
}

/// Before the clock's hands, as in Chinese, Japanese, Korean, Tamil, Burmese and Turkish.
pub fn afternoon_before(words: &str) -> Option<bool> {
    if words.is_ascii() {
        return None;
    }
    let has = |list: &[&str]| list.iter().any(|w| words.contains(w));
    if has(&["下午", "午後", "오후", "中午", "晚上", "저녁", "பிற்பகல்", "மாலை", "ညနေ", " ÖS "])
    {
        Some(true)
    } else if has(&[
        "上午",
        "午前",
        "오전",
        "凌晨",
        "清晨",
        "早上",
        "새벽",
        "아침",
        "முற்பகல்",
        "காலை",
        "နံနက်",
        " ÖÖ ",
    ]) {
        Some(false)
    } else {
        None
    }
}

/// Whether words behind a clock's hands may be a half of the day that nobody here knows: they are
/// not a date, not a zone, and not a word for the hour.
pub fn may_be_one(words: &str) -> bool {
    let words = words.trim();
    let is_zone = words.len() > 2 && words.bytes().all(|b| b.is_ascii_uppercase());
    let has_letters = words.contains(char::is_alphabetic) && !words.contains(char::is_numeric);
    has_letters && !is_zone && !NEITHER.contains(&plain(words).as_str())
}

fn plain(words: &str) -> String {
    let lower = words.to_lowercase().replace(['.', '\u{200e}', '\u{200f}'], " ");
    let lower = lower.replace(['\u{200b}', '\u{200c}', '\u{200d}'], "");
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn begins(text: &str, word: &str) -> bool {
    text.strip_prefix(word)
        .is_some_and(|rest| rest.chars().next().is_none_or(|c| !c.is_alphabetic()))
}

/// What the clocks of one page have shown.
#[derive(Clone, Debug, Default)]
pub struct Halves {
    /// Past twelve: the words behind them are no halves of the day.
    pub beyond: bool,
    /// The first word that nobody knows.
    pub unknown: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_in_many_languages() {
        for (morning, afternoon) in [
            ("am", "pm"),
            ("a.\u{a0}m.", "p.\u{a0}m."),
            ("sáng", "chiều"),
            ("SA", "CH"),
            ("PG", "PTG"),
            ("pagi", "petang"),
            ("صباحًا", "مساءً"),
            ("ص", "م"),
            ("ق.ظ.", "ب.ظ."),
            ("قبل\u{200c}ازظهر", "بعدازظهر"),
            ("পূর্বাহ্ণ", "অপরাহ্ণ"),
            ("முற்பகல்", "பிற்பகல்"),
            ("पूर्वाह्न", "अपराह्न"),
            ("ಪೂರ್ವಾಹ್ನ", "ಅಪರಾಹ್ನ"),
            ("ਪੂ.ਦੁ.", "ਬਾ.ਦੁ."),
            ("म.पू.", "म.उ."),
            ("пр.об.", "сл.об."),
            ("претпл.", "попл."),
            ("vm.", "nm."),
            ("e paradites", "e pasdites"),
            ("ү.ө.", "ү.х."),
            ("ҮӨ", "ҮХ"),
            ("לפנה״צ", "אחה״צ"),
            ("ก่อนเที่ยง", "หลังเที่ยง"),
            ("មុន\u{200b}ថ្ងៃត្រង់", "ល្ងាច"),
            ("နံနက်", "ညနေ"),
            ("오전", "오후"),
            ("午前", "午後"),
            ("ÖÖ", "ÖS"),
            ("da manhã", "da tarde/noite"),
            ("rano", "po południu"),
        ] {
            let both = (super::afternoon(morning), super::afternoon(afternoon));
            assert_eq!(both, (Some(false), Some(true)), "{morning} {afternoon}");
        }
        // No word is both.
        for word in MORNING {
            assert!(!AFTERNOON.contains(word), "{word}");
        }
    }

    #[test]
    fn what_may_be_a_half_of_the_day() {
        for (words, may) in [
            (" xyzzy", true),
            ("QX", true),
            ("", false),
            (" Uhr", false),
            (" น.", false),
            (" ICT", false),
            (", 19 Oct 2019", false),
            (" ", false),
        ] {
            assert_eq!(may_be_one(words), may, "{words}");
        }
    }
}
