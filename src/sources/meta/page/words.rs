//! Words of dates as Meta's pages write them, in the languages known.

use super::months::MONTHS;

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
