//! Months and halves of the day as Meta's pages write them, in the languages known.
//!
//! The months are those of the CLDR, by the letters that they begin with; `da manhã`,
//! `da tarde/noite`, `rano` and `po południu` stand in real pages.

/// (what it begins with, the month); the longer beginning goes before the shorter.
const MONTHS: &[(&str, u32)] = &[
    // Croatian, where the whole word differs from the Polish or Czech one of another month.
    ("lipanj", 6),
    ("lipnja", 6),
    ("srpanj", 7),
    ("srpnja", 7),
    // Finnish: its November begins like everybody's March.
    ("tammi", 1),
    ("helmi", 2),
    ("maalis", 3),
    ("huhti", 4),
    ("touko", 5),
    ("kesä", 6),
    ("heinä", 7),
    ("elok", 8),
    ("syys", 9),
    ("loka", 10),
    ("marras", 11),
    ("joulu", 12),
    // Romance and Germanic languages.
    ("janv", 1),
    ("jan", 1),
    ("jän", 1),
    ("ene", 1),
    ("gen", 1),
    ("ian", 1),
    ("fév", 2),
    ("feb", 2),
    ("fev", 2),
    ("mar", 3),
    ("mär", 3),
    ("mrt", 3),
    ("maa", 3),
    ("már", 3),
    ("apr", 4),
    ("abr", 4),
    ("avr", 4),
    ("ápr", 4),
    ("may", 5),
    ("mai", 5),
    ("maj", 5),
    ("mei", 5),
    ("mag", 5),
    ("máj", 5),
    ("juin", 6),
    ("juil", 7),
    ("jun", 6),
    ("jul", 7),
    ("jún", 6),
    ("júl", 7),
    ("giu", 6),
    ("lug", 7),
    ("iun", 6),
    ("iul", 7),
    ("aug", 8),
    ("ago", 8),
    ("aoû", 8),
    ("agu", 8),
    ("sep", 9),
    ("set", 9),
    ("sze", 9),
    ("oct", 10),
    ("okt", 10),
    ("out", 10),
    ("ott", 10),
    ("nov", 11),
    ("noi", 11),
    ("dec", 12),
    ("déc", 12),
    ("dez", 12),
    ("dic", 12),
    ("des", 12),
    // Turkish.
    ("oca", 1),
    ("şub", 2),
    ("nis", 4),
    ("haz", 6),
    ("tem", 7),
    ("ağu", 8),
    ("eyl", 9),
    ("eki", 10),
    ("kas", 11),
    ("ara", 12),
    // Polish and Czech.
    ("sty", 1),
    ("lut", 2),
    ("kwi", 4),
    ("cze", 6),
    ("lip", 7),
    ("sie", 8),
    ("wrz", 9),
    ("paź", 10),
    ("lis", 11),
    ("gru", 12),
    ("led", 1),
    ("úno", 2),
    ("bře", 3),
    ("dub", 4),
    ("kvě", 5),
    ("červenc", 7),
    ("červen", 6),
    ("čvn", 6),
    ("čvc", 7),
    ("srp", 8),
    ("zář", 9),
    ("říj", 10),
    ("pro", 12),
    // Russian and Ukrainian.
    ("янв", 1),
    ("фев", 2),
    ("мар", 3),
    ("апр", 4),
    ("мая", 5),
    ("май", 5),
    ("июн", 6),
    ("июл", 7),
    ("авг", 8),
    ("сен", 9),
    ("окт", 10),
    ("ноя", 11),
    ("дек", 12),
    ("січ", 1),
    ("лют", 2),
    ("бер", 3),
    ("кві", 4),
    ("тра", 5),
    ("чер", 6),
    ("лип", 7),
    ("сер", 8),
    ("вер", 9),
    ("жов", 10),
    ("лис", 11),
    ("гру", 12),
    // Greek.
    ("ιαν", 1),
    ("φεβ", 2),
    ("μαρ", 3),
    ("μάρ", 3),
    ("απρ", 4),
    ("μαΐ", 5),
    ("μαΪ", 5),
    ("μάι", 5),
    ("ιουν", 6),
    ("ιούν", 6),
    ("ιουλ", 7),
    ("ιούλ", 7),
    ("αυγ", 8),
    ("αύγ", 8),
    ("σεπ", 9),
    ("οκτ", 10),
    ("νοε", 11),
    ("νοέ", 11),
    ("δεκ", 12),
    // Bulgarian and Serbian, Slovene, the Baltic languages.
    ("яну", 1),
    ("юни", 6),
    ("юли", 7),
    ("јан", 1),
    ("мај", 5),
    ("јун", 6),
    ("јул", 7),
    ("avg", 8),
    ("veeb", 2),
    ("juun", 6),
    ("juul", 7),
    ("jūn", 6),
    ("jūl", 7),
    ("saus", 1),
    ("vas", 2),
    ("kov", 3),
    ("bal", 4),
    ("geg", 5),
    ("birž", 6),
    ("liep", 7),
    ("rugp", 8),
    ("rugs", 9),
    ("spal", 10),
    ("lapkr", 11),
    // Thai, whose short forms have dots within them.
    ("มกร", 1),
    ("กุมภ", 2),
    ("มีน", 3),
    ("เมษ", 4),
    ("พฤษภ", 5),
    ("มิถุน", 6),
    ("กรกฎ", 7),
    ("สิงห", 8),
    ("กันย", 9),
    ("ตุล", 10),
    ("พฤศจ", 11),
    ("ธันว", 12),
    // Croatian; `lip`, `srp` and `lis` are told by the others (see `croatian`).
    ("sij", 1),
    ("velj", 2),
    ("ožu", 3),
    ("tra", 4),
    ("svi", 5),
    ("kol", 8),
    ("ruj", 9),
    ("stu", 11),
    // Bulgarian's, Macedonian's and Serbian's November, Estonian's December, Catalan's August.
    ("ное", 11),
    ("нов", 11),
    ("dets", 12),
    ("ag", 8),
    // Icelandic, Galician, Basque.
    ("maí", 5),
    ("ágú", 8),
    ("xan", 1),
    ("xuñ", 6),
    ("xul", 7),
    ("urt", 1),
    ("ots", 2),
    ("api", 4),
    ("eka", 6),
    ("uzt", 7),
    ("abu", 8),
    ("ira", 9),
    ("urr", 10),
    ("aza", 11),
    ("abe", 12),
    // Albanian.
    ("shk", 2),
    ("pri", 4),
    ("qer", 6),
    ("kor", 7),
    ("gus", 8),
    ("sht", 9),
    ("tet", 10),
    ("nën", 11),
    ("dhj", 12),
    // Malay, Filipino.
    ("mac", 3),
    ("ogo", 8),
    ("dis", 12),
    ("peb", 2),
    ("hun", 6),
    ("hul", 7),
    ("nob", 11),
    // Belarusian.
    ("сту", 1),
    ("сак", 3),
    ("кра", 4),
    ("чэр", 6),
    ("ліп", 7),
    ("жні", 8),
    ("кас", 10),
    ("ліс", 11),
    ("сне", 12),
    // Georgian, Armenian.
    ("იან", 1),
    ("თებ", 2),
    ("მარ", 3),
    ("აპრ", 4),
    ("მაი", 5),
    ("ივნ", 6),
    ("ივლ", 7),
    ("აგვ", 8),
    ("სექ", 9),
    ("ოქტ", 10),
    ("ნოე", 11),
    ("დეკ", 12),
    ("հունվ", 1),
    ("հնվ", 1),
    ("փետ", 2),
    ("փտվ", 2),
    ("մար", 3),
    ("մրտ", 3),
    ("ապր", 4),
    ("մայ", 5),
    ("մյս", 5),
    ("հունիս", 6),
    ("հնս", 6),
    ("հուլ", 7),
    ("հլս", 7),
    ("օգս", 8),
    ("օգոս", 8),
    ("սեպ", 9),
    ("հոկ", 10),
    ("նոյ", 11),
    ("դեկ", 12),
    // Persian's names of our months.
    ("ژانویه", 1),
    ("فوریه", 2),
    ("آوریل", 4),
    ("ژوئن", 6),
    ("ژوئیه", 7),
    ("اوت", 8),
    ("سپتامبر", 9),
    ("اکتبر", 10),
    ("نوامبر", 11),
    ("دسامبر", 12),
    // Arabic, Hebrew, Hindi.
    ("يناير", 1),
    ("فبراير", 2),
    ("مارس", 3),
    ("أبريل", 4),
    ("ابريل", 4),
    ("مايو", 5),
    ("يونيو", 6),
    ("يوليو", 7),
    ("أغسطس", 8),
    ("اغسطس", 8),
    ("سبتمبر", 9),
    ("أكتوبر", 10),
    ("اكتوبر", 10),
    ("نوفمبر", 11),
    ("ديسمبر", 12),
    ("ינו", 1),
    ("פבר", 2),
    ("מרץ", 3),
    ("אפר", 4),
    ("מאי", 5),
    ("יונ", 6),
    ("יול", 7),
    ("אוג", 8),
    ("ספט", 9),
    ("אוק", 10),
    ("נוב", 11),
    ("דצמ", 12),
    ("जन", 1),
    ("फ़र", 2),
    ("फर", 2),
    ("मार्च", 3),
    ("अप्र", 4),
    ("मई", 5),
    ("जून", 6),
    ("जुल", 7),
    ("अग", 8),
    ("सित", 9),
    ("अक्", 10),
    ("नव", 11),
    ("दिस", 12),
];

/// Weekdays that begin like a month and stand behind it (Hungarian).
const DAYS: &[&str] = &["szerda"];

/// Months that only Croatian calls so.
const ONLY_CROATIAN: &[&str] = &["sij", "velj", "ožu", "tra", "svi", "kol", "ruj", "stu"];
/// Days of the week and halves of the day as neither Polish nor Czech calls them, short and long.
const CROATIAN: &[&str] = &[
    "ponedjeljak",
    "utorak",
    "srijeda",
    "četvrtak",
    "petak",
    "subota",
    "nedjelja",
    "uto",
    "sri",
    "čet",
    "pet",
    "sub",
    "ned",
    "prijepodne",
    "poslijepodne",
    "popodne",
    "podne",
    "ujutro",
    "navečer",
];
/// What Croatian calls like another month of Polish or Czech, and a name for it that nobody does.
const SHARED: &[(&str, &str)] = &[("lip", "jun"), ("srp", "jul"), ("lis", "okt")];

/// Whether a date is Croatian, where its words say so: three of its months are called like other
/// ones in Polish and Czech.
pub fn is_croatian(date: &str) -> bool {
    let lower = date.to_lowercase();
    let mut words = lower.split_whitespace().peekable();
    let letters = |word: &str| word.trim_matches(|c: char| !c.is_alphabetic()).to_owned();
    let digit =
        |word: Option<&&str>| word.is_some_and(|w| w.starts_with(|c: char| c.is_ascii_digit()));
    while let Some(word) = words.next() {
        let name = letters(word);
        let next = words.peek();
        // `u 22:05`; only Croatian writes a dot behind the year (`lis 2013.`).
        let at = name == "u" && digit(next);
        let year = next.is_some_and(|w| w.len() == 5 && w.ends_with('.')) && digit(next);
        let shared = year && SHARED.iter().any(|(theirs, _)| name.starts_with(theirs));
        let own =
            ONLY_CROATIAN.iter().any(|begin| name.starts_with(begin)) && month(&name).is_some();
        if at || shared || own || CROATIAN.contains(&name.as_str()) {
            return true;
        }
    }
    false
}

/// A Croatian date with the months that others would misread under names that nobody can.
pub fn from_croatian(date: &str) -> String {
    let mut out = String::with_capacity(date.len());
    for word in date.split_inclusive(|c: char| !c.is_alphabetic()) {
        let lower = word.to_lowercase();
        match SHARED.iter().find(|(theirs, _)| lower.starts_with(theirs)) {
            Some((_, ours)) => {
                out.push_str(ours);
                out.extend(word.chars().filter(|c| !c.is_alphabetic()));
            }
            None => out.push_str(word),
        }
    }
    out
}

/// The month that a word names.
pub fn month(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    if DAYS.contains(&word.as_str()) {
        return None;
    }
    let named = |word: &str| MONTHS.iter().find(|(begin, _)| word.starts_with(begin));
    // Hebrew writes the `in` onto the name.
    let found = named(&word).or_else(|| named(word.strip_prefix('ב')?))?;
    Some(found.1)
}

/// Thai's short months (`ม.ค.`) as words without dots.
pub fn undotted(text: String) -> String {
    const SHORT: [(&str, &str); 12] = [
        ("ม.ค.", "มกรา"),
        ("ก.พ.", "กุมภา"),
        ("มี.ค.", "มีนา"),
        ("เม.ย.", "เมษา"),
        ("พ.ค.", "พฤษภา"),
        ("มิ.ย.", "มิถุนา"),
        ("ก.ค.", "กรกฎา"),
        ("ส.ค.", "สิงหา"),
        ("ก.ย.", "กันยา"),
        ("ต.ค.", "ตุลา"),
        ("พ.ย.", "พฤศจิกา"),
        ("ธ.ค.", "ธันวา"),
    ];
    match SHORT.iter().find(|(short, _)| text.contains(short)) {
        Some((short, whole)) => text.replace(short, whole),
        None => text,
    }
}

const MORNING: &[&str] = &[
    "am",
    "a m",
    "da manhã",
    "manhã",
    "de la mañana",
    "mañana",
    "rano",
    "prijepodne",
    "ujutro",
    "pre podne",
    "пре подне",
    "przed południem",
    "w nocy",
    "du matin",
    "matin",
    "vorm",
    "mattina",
    "di mattina",
    "öö",
    "dop",
    "fm",
    "ap",
    "de",
    "π μ",
    "πμ",
    "дп",
    "утра",
    "ص",
    "पूर्वाह्न",
    "ก่อนเที่ยง",
    "上午",
    "午前",
    "오전",
    "sa",
    "formiddag",
    "pagi",
    "לפנה״צ",
    "לפנה\"צ",
    "pg",
    "f h",
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
    "po południu",
    "popodne",
    "poslijepodne",
    "navečer",
    "po podne",
    "по подне",
    "po poł",
    "wieczorem",
    "de l'après-midi",
    "après-midi",
    "du soir",
    "nachm",
    "pomeriggio",
    "del pomeriggio",
    "di sera",
    "ös",
    "odp",
    "em",
    "ip",
    "du",
    "μ μ",
    "μμ",
    "пп",
    "дня",
    "вечера",
    "م",
    "अपराह्न",
    "หลังเที่ยง",
    "下午",
    "午後",
    "오후",
    "ch",
    "eftermiddag",
    "malam",
    "sore",
    "אחה״צ",
    "אחה\"צ",
    "ptg",
    "e h",
];

/// Whether the words behind a clock's hands say afternoon; `None`: they say neither.
pub fn afternoon(words: &str) -> Option<bool> {
    let lower = words.to_lowercase().replace(['.', '\u{200e}', '\u{200f}'], " ");
    let plain = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    // The longest that fits: `de la tarde` is no `de`.
    let best = |list: &[&str]| {
        list.iter().filter(|w| begins(&plain, w)).map(|w| w.len()).max().unwrap_or(0)
    };
    match (best(MORNING), best(AFTERNOON)) {
        (0, 0) => None,
        (m, a) => Some(a > m),
    }
}

/// Before the clock's hands, as in Chinese, Japanese and Korean.
pub fn afternoon_before(words: &str) -> Option<bool> {
    let has = |list: &[&str]| list.iter().any(|w| words.contains(w));
    if has(&["下午", "午後", "오후", "中午", "晚上"]) {
        Some(true)
    } else if has(&["上午", "午前", "오전", "凌晨", "清晨", "早上"]) {
        Some(false)
    } else {
        None
    }
}

fn begins(text: &str, word: &str) -> bool {
    text.strip_prefix(word)
        .is_some_and(|rest| rest.chars().next().is_none_or(|c| !c.is_alphabetic()))
}
