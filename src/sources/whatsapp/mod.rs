//! WhatsApp: "Export chat", a text file for each chat, from iOS, Android or the Web, with or without
//! media; the phone's own database (`android`, `ios`), and Android's locked backups of it (`crypt`).
//!
//! Every file is walked over twice. The first walk ([`survey`]) learns what no single line can
//! tell: which number of a date is the day, who is who. The second one tells the records. Neither
//! holds more than one message. `header` knows where a message begins, `lines` joins its lines,
//! `body` and `notices` know what the app writes in words, `phrases` is where those words are, and
//! `glance` tells of most lines at once that they are none of them. `web` knows what the Web's own
//! export has beside the text, and writes otherwise.

mod android;
mod body;
mod calls;
mod crypt;
mod dates;
mod file_names;
mod glance;
mod header;
mod ios;
mod lines;
mod marks;
mod notices;
mod people;
mod phrases;
mod polls;
mod survey;
mod tell;
mod web;
pub mod wire;

pub mod parts {
    //! See `sources::parts`.
    pub use super::crypt::header as crypt_header;
    pub use super::wire;
}

use std::collections::HashMap;

use self::dates::Decision;
use self::header::Shape;
use self::lines::Step;
use self::people::ChatName;
use self::survey::Survey;
use crate::model::{AccountRecord, Oddity, OrderKnown, Record, SourceId};
use crate::sources::{
    Confidence, DateOrder, Entry, FileTree, Found, Quiet, ReadError, ReadOptions, Sink, Source,
    Stop,
};

/// WhatsApp.
pub const SOURCE: Source = Source { id: "whatsapp", parts_share_a_tree: false, recognise, read };

/// Enough to see a file's shape in spite of long first messages.
const HEAD: usize = 128 << 10;
/// So many text files are looked into for recognition.
const MOST_LOOKS: usize = 200;

/// A chat's file, after the first walk.
struct Chat<'t> {
    entry: &'t Entry,
    name: ChatName,
    survey: Survey,
    dates: Decision,
    /// The dates are the web's, which has one order only.
    settled: bool,
    /// How their order is known.
    order_known: OrderKnown,
    /// The same chat as a page, from the Web.
    page: Option<web::Page<'t>>,
}

fn recognise(tree: &FileTree) -> Vec<Found> {
    let mut best = None;
    let mut chats = 0_usize;
    for entry in text_files(tree).take(MOST_LOOKS) {
        let Some((_, confidence)) = sniff(tree, entry) else { continue };
        chats += 1;
        best = best.max(Some(confidence));
    }
    let mut what = match chats {
        0 => String::new(),
        1 => "WhatsApp chat export".to_owned(),
        n => format!("WhatsApp chat exports ({n})"),
    };
    if android::files(tree).chain(ios::files(tree)).next().is_some() {
        best = Some(Confidence::Sure);
        what.push_str(if chats == 0 { "WhatsApp database" } else { " and a database" });
    } else if android::backups(tree).next().is_some() {
        let is_one = android::backups(tree).any(|b| crypt::is_one(tree, b));
        best = best.max(Some(if is_one { Confidence::Sure } else { Confidence::Likely }));
        what.push_str(if chats == 0 { "WhatsApp backup, locked" } else { " and a locked backup" });
    }
    if best.is_none() && ios::locked(tree).is_some() {
        best = Some(Confidence::Likely);
        what.push_str("WhatsApp in an encrypted iPhone backup");
    }
    best.map(|confidence| Found { root: String::new(), confidence, what }).into_iter().collect()
}

fn text_files(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    let is_text = |e: &&Entry| {
        let tail = e.path.len().saturating_sub(4);
        e.path.get(tail..).is_some_and(|t| t.eq_ignore_ascii_case(".txt"))
            && !e.path.starts_with("__MACOSX/")
    };
    tree.entries().iter().filter(is_text)
}

/// The shape of a file's headers and how sure it is that they are the app's.
fn sniff(tree: &FileTree, entry: &Entry) -> Option<(Shape, Confidence)> {
    let head = tree.head(entry, HEAD).ok()?;
    let mut lines = lines::Lines::new(Box::new(&head[..]));
    let mut raw = Vec::new();
    let mut shapes: Vec<(Shape, u32, u32)> = Vec::new();
    let (mut all, mut by_app, mut begins_so) = (0_u32, false, false);
    while let Ok(Some(line)) = lines.next(&mut raw) {
        all += u32::from(!line.text.trim().is_empty());
        let Some(h) = header::parse(&line.text) else {
            begins_so |= all == 1 && notices::is_of_encryption(&line.text);
            continue;
        };
        let split = people::split(h.rest);
        // One is enough, and looking for the app's sentences is the dear part.
        by_app = by_app
            || split.is_none_or(|(_, b)| b.starts_with(marks::is_mark) || b.starts_with('<'))
            || notices::is_certain(h.rest);
        let signed = u32::from(split.is_some());
        let room = shapes.len() < 64;
        match shapes.iter_mut().find(|(shape, ..)| *shape == h.shape) {
            Some(found) => (found.1, found.2) = (found.1 + 1, found.2 + signed),
            None if room => shapes.push((h.shape, 1, signed)),
            None => {}
        }
    }
    // The first of equals: a pasted line comes later than the file's own.
    let (shape, count, signed) = shapes.into_iter().rev().max_by_key(|(_, n, _)| *n)?;
    by_app |= begins_so && shape.is_web();
    let named = entry.path.to_lowercase().contains("whatsapp")
        || file_stem(&entry.path).eq_ignore_ascii_case("_chat")
        || tree.name().to_lowercase().contains("whatsapp");
    // Signal's text export looks like an iOS file without seconds and with ISO dates.
    let foreign = shape.bracket && !shape.seconds && shape.date_sep == '-' && !named && !by_app;
    // A log or a calendar has dates, too, but few of its lines are somebody's.
    let thin = signed * 2 < count || count * 50 < all;
    if foreign || (thin && !named && !by_app) || (signed == 0 && !named) {
        return None;
    }
    let sure = count > 1 && (named || by_app);
    Some((shape, if sure { Confidence::Sure } else { Confidence::Likely }))
}

fn file_stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// What the file, its folder or its zip is called after.
fn name_of(tree: &FileTree, entry: &Entry) -> ChatName {
    let own = people::chat_name(file_stem(&entry.path));
    if !own.name.is_empty() {
        return own;
    }
    let container = match entry.path.rsplit_once('/') {
        Some((folders, _)) => folders.rsplit('/').next().unwrap_or(folders),
        None => {
            let name = tree.name();
            name.strip_suffix(".zip").or_else(|| name.strip_suffix(".txt")).unwrap_or(name)
        }
    };
    people::chat_name(container)
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut chats = Vec::new();
    for entry in text_files(tree) {
        let Some((shape, _)) = sniff(tree, entry) else { continue };
        let page = if shape.is_web() { web::page(tree, entry) } else { None };
        let (page, title) = page.unzip();
        let mut survey = Survey::new(shape);
        survey.web = page.is_some();
        if let Some(mut survey) = first_walk(tree, entry, survey, sink)? {
            let mut name = name_of(tree, entry);
            if let Some(title) = title {
                name = ChatName { name: title, certain: true };
            } else if let Some(better) = survey.preamble.clone().filter(|_| !name.certain) {
                name = better;
            }
            survey.settle(&name);
            // The web's is settled, whatever is said of the others.
            let settled = survey.web && survey.dates.may_be_web(&survey.shape);
            let dates = match settled {
                true => Decision { order: DateOrder::Mdy, guessed: false },
                false => survey.dates.decide(&survey.shape),
            };
            chats.push(Chat {
                entry,
                name,
                survey,
                dates,
                settled,
                order_known: OrderKnown::Shown,
                page,
            });
        }
    }
    let ios: Vec<&Entry> = ios::files(tree).collect();
    let android = android::files(tree).chain(android::backups(tree)).next().is_some();
    if chats.is_empty()
        && !android
        && ios.is_empty()
        && let Some(why) = ios::locked(tree)
    {
        return Err(why);
    }
    if !chats.is_empty() || (!android && ios.is_empty()) {
        tell_texts(tree, &mut chats, options, sink)?;
    }
    let locked = android::read(tree, options, sink)?;
    for entry in ios {
        ios::read(tree, entry, options, sink)?;
    }
    locked.map_or(Ok(()), |lock| Err(ReadError::Locked(lock)))
}

fn tell_texts(
    tree: &FileTree,
    chats: &mut [Chat<'_>],
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    settle_dates(chats, options, sink)?;
    let me = find_me(chats, options);
    if !chats.is_empty() && me.names.is_empty() {
        sink.remark(match &options.me {
            Some(said) => {
                format!("Nobody in these chats is called {said}; nothing is shown as yours")
            }
            None => "WhatsApp's exports do not say who you are; give your name with --me NAME"
                .to_owned(),
        })?;
    }
    sink.take(Record::Account(account(&me, options)))?;
    for chat in chats.iter() {
        tell::chat(tree, chat, &me, options, sink)?;
    }
    Ok(())
}

/// One phone writes all its chats alike: what is open in one may be plain in another. What stays
/// open is said, once for each order.
fn settle_dates(
    chats: &mut [Chat<'_>],
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let mut plain: HashMap<Shape, DateOrder> = HashMap::new();
    let own = |c: &&Chat<'_>| !c.dates.guessed && !c.settled && c.survey.dates.tells();
    for chat in chats.iter().filter(own) {
        plain.entry(chat.survey.shape).or_insert(chat.dates.order);
    }
    let mut open: [Vec<&str>; 3] = Default::default();
    for chat in chats.iter_mut().filter(|c| !c.settled) {
        if let Some(order) = options.date_order {
            chat.dates = Decision { order, guessed: false };
            chat.order_known = OrderKnown::Said;
        } else if let Some(order) = plain.get(&chat.survey.shape)
            && chat.dates.guessed
            && chat.survey.dates.fits(*order, chat.dates.order)
        {
            chat.dates = Decision { order: *order, guessed: false };
        }
        if chat.dates.guessed {
            chat.order_known = OrderKnown::Guessed;
            open[chat.dates.order as usize].push(&chat.entry.path);
        }
    }
    let words = ["day first", "month first", "year first"];
    for (paths, words) in open.iter().zip(words) {
        let Some(first) = paths.first() else { continue };
        let more = match paths.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        sink.remark(format!(
            "{first}{more}: the dates fit more than one order; read as {words}. If that is wrong, \
             import it again with --date-order"
        ))?;
    }
    Ok(())
}

fn first_walk(
    tree: &FileTree,
    entry: &Entry,
    fresh: Survey,
    sink: &mut dyn Sink,
) -> Result<Option<Survey>, Stop> {
    let reader = match tree.open_entry(entry) {
        Ok(reader) => reader,
        Err(why) => {
            sink.odd(Oddity::file(&entry.path, why.to_string()))?;
            return Ok(None);
        }
    };
    let mut again = fresh.clone();
    let mut survey = look_through(reader, fresh, sink)?;
    if survey.holds_pasted() {
        again.returns = true;
        if let Ok(reader) = tree.open_entry(entry) {
            survey = look_through(reader, again, &mut Quiet(sink))?;
        }
    }
    Ok((survey.messages > 0).then_some(survey))
}

fn look_through(
    reader: Box<dyn std::io::Read + '_>,
    mut survey: Survey,
    sink: &mut dyn Sink,
) -> Result<Survey, Stop> {
    let (shape, returns) = (survey.shape, survey.returns);
    // What cannot be read is told by the second walk, which comes to the same place.
    let _cut_short = lines::walk(reader, (&shape, returns), &mut |step| {
        match step {
            Step::Preamble(line) => survey.before(line),
            Step::Message(m) => survey.look(m),
            Step::Progress(bytes) => sink.advance(bytes / 2)?,
        }
        Ok::<(), Stop>(())
    })?;
    survey.end();
    Ok(survey)
}

/// Who I am, over all chats of an import.
struct Me {
    /// Every written name of mine, by its key.
    names: HashMap<String, String>,
    /// The one that is shown.
    shown: String,
    known_by: String,
}

fn find_me(chats: &[Chat<'_>], options: &ReadOptions) -> Me {
    // "You" is nobody's name, where another is known.
    let named = |name: &str| !phrases::YOU.contains(&name);
    let earlier = options.known_me.iter().filter(|name| named(name));
    let mut votes: HashMap<String, (usize, String, &'static str)> = HashMap::new();
    for Chat { survey, name, .. } in chats {
        // Where nothing tells, whoever is called as I was before.
        let before = || {
            let found = earlier.clone().find_map(|me| survey.me(name, Some(me)));
            found.map(|(me, _)| (me, "an earlier export")).filter(|_| options.me.is_none())
        };
        if let Some((name, how)) = survey.me(name, options.me.as_deref()).or_else(before) {
            let vote = votes.entry(people::key(&name)).or_insert((0, people::shown(&name), how));
            vote.0 += 1;
        }
    }
    let of_names = votes.iter().filter(|(_, (_, name, _))| named(name));
    let most = of_names.max_by(|a, b| (a.1.0, b.0).cmp(&(b.1.0, a.0)));
    let (shown, known_by) = if let Some((_, (_, name, how))) = most {
        (name.clone(), (*how).to_owned())
    } else if let Some(said) = &options.me {
        (said.clone(), "--me".to_owned())
    } else if let Some((_, you, how)) = votes.values().next() {
        let name = earlier.clone().next().unwrap_or(you);
        (name.clone(), (*how).to_owned())
    } else {
        (String::new(), "the export does not say".to_owned())
    };
    let names = votes.into_iter().map(|(key, (_, name, _))| (key, name)).collect();
    Me { names, shown, known_by }
}

fn account(me: &Me, options: &ReadOptions) -> AccountRecord {
    let mut me_names: Vec<String> = me.names.values().cloned().collect();
    me_names.sort();
    AccountRecord {
        source: SourceId::known(SOURCE.id),
        key: options.account.clone().unwrap_or_default(),
        name: me.shown.clone(),
        me_names,
        known_by: me.known_by.clone(),
    }
}
