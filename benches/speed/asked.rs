//! What is asked, drawn from the generator's vocabulary and from the messages by a seed.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, bail};
use chrono::{Datelike, Local, NaiveDate, TimeZone};
use onebox::model::Day;
use onebox::search::{Filter, Pattern, Query, Span, Who, tokens};
use rusqlite::Connection;

use crate::column::{Column, Needles};
use crate::generate::{Chance, RARE, SPACED, Words};

/// Queries of each class.
pub const EACH: usize = 100;
const ALWAYS: Range<i64> = i64::MIN..i64::MAX;

/// One question, as each of the three understands it.
pub struct Asked {
    /// For ours.
    pub query: Query,
    /// For the scan.
    pub needles: Needles,
    /// For FTS5.
    pub fts: String,
    /// What FTS5 is told to filter by.
    pub sql: Option<String>,
}

/// Questions of one kind.
pub struct Class {
    /// What they are.
    pub name: &'static str,
    /// The questions.
    pub asked: Vec<Asked>,
    /// They should be a hundred times faster than a scan.
    pub hundredfold: bool,
    /// FTS5 splits their script wrongly.
    pub chinese: bool,
}

struct Draw<'a> {
    words: &'a Words,
    column: &'a Column,
    chance: Chance,
    /// Draws before it is given up: not every small inbox has what is asked for.
    left: u32,
    threads: Vec<(i64, Vec<i64>)>,
    people: Vec<(i64, String)>,
    named: Vec<String>,
}

/// Every class.
pub fn classes(store: &Path, seed: u64, words: &Words, column: &Column) -> Result<Vec<Class>> {
    let mut d = Draw::new(store, seed, words, column)?;
    let class = |name, asked| Class { name, asked, hundredfold: false, chinese: false };
    let mut out = vec![
        Class { hundredfold: true, ..class("rare word", d.each(Draw::rare)?) },
        class("mid word", d.each(|d| d.word(40..400))?),
        class("common word", d.each(|d| d.word(0..20))?),
        class("two common words", d.each(Draw::two)?),
        class("two-letter word", d.each(Draw::short)?),
        class("prefix of 2", d.each(|d| d.prefix(2))?),
        class("prefix of 4", d.each(|d| d.prefix(4))?),
        class("common word and prefix of 3", d.each(Draw::word_and_prefix)?),
        class("phrase of 2", d.each(Draw::phrase)?),
        Class { hundredfold: true, ..class("rare phrase", d.each(Draw::rare_phrase)?) },
    ];
    for (name, n) in [("Chinese, 2 characters", 2), ("Chinese, 3 characters", 3)] {
        out.push(Class { chinese: true, ..class(name, d.each(|d| d.chinese(n))?) });
    }
    out.push(class("common word in a mid-size thread", d.each(Draw::in_thread)?));
    out.push(class("common word from somebody", d.each(Draw::from)?));
    out.push(class("common word before a month", d.each(|d| d.dated(true))?));
    out.push(class("common word after a month", d.each(|d| d.dated(false))?));
    out.push(class("one letter", d.each(|d| d.prefix(1))?));
    out.push(Class { chinese: true, ..class("Chinese, 1 character", d.each(|d| d.chinese(1))?) });
    Ok(out)
}

/// A word's form in the column.
fn folded(text: &str) -> Result<Vec<String>> {
    let pattern = Pattern::new(text, false).context("a word")?;
    Ok(pattern.words.into_iter().map(|w| w.folded).collect())
}

fn word(text: &str, prefix: bool) -> Result<Asked> {
    let form = folded(text)?.concat();
    let end = if prefix { "" } else { " " };
    Ok(Asked {
        query: Query::Word { text: text.to_owned(), prefix },
        needles: needles(vec![format!(" {form}{end}")]),
        fts: format!("\"{form}\"{}", if prefix { "*" } else { "" }),
        sql: None,
    })
}

fn needles(texts: Vec<String>) -> Needles {
    Needles { texts, strands: None, senders: None, sent: ALWAYS }
}

fn both(a: Asked, b: Asked) -> Asked {
    let mut texts = a.needles.texts;
    texts.extend(b.needles.texts);
    Asked {
        query: Query::All(vec![a.query, b.query]),
        needles: needles(texts),
        fts: format!("{} {}", a.fts, b.fts),
        sql: None,
    }
}

fn filtered(mut a: Asked, filter: Filter) -> Asked {
    a.query = Query::All(vec![a.query, Query::Filter(filter)]);
    a
}

fn listed(numbers: &HashSet<i64>) -> String {
    let all: Vec<String> = numbers.iter().map(i64::to_string).collect();
    all.join(",")
}

impl<'a> Draw<'a> {
    fn new(store: &Path, seed: u64, words: &'a Words, column: &'a Column) -> Result<Self> {
        let db = Connection::open(store.join("onebox.db"))?;
        let ids = |sql: &str| -> Result<Vec<i64>> {
            Ok(db.prepare(sql)?.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
        };
        // Neither the giants nor those of a few messages.
        let mid = ids("SELECT id FROM thread ORDER BY messages DESC, id LIMIT 100 OFFSET 20")?;
        let mut threads = Vec::new();
        for thread in mid {
            threads
                .push((thread, ids(&format!("SELECT id FROM strand WHERE thread_id = {thread}"))?));
        }
        let mut q = db.prepare("SELECT id, name, is_me, strand_id FROM participant ORDER BY id")?;
        let mut rows = q.query([])?;
        let (mut people, mut named) = (Vec::new(), Vec::new());
        while let Some(r) = rows.next()? {
            let (id, name): (i64, String) = (r.get(0)?, r.get(1)?);
            let strand: i64 = r.get(3)?;
            if !r.get::<_, bool>(2)? && threads.iter().any(|(_, s)| s.contains(&strand)) {
                named.push(name.clone());
            }
            people.push((id, name));
        }
        if threads.is_empty() || named.is_empty() {
            bail!("too few threads to draw queries from");
        }
        let chance = Chance::new(seed, 77);
        Ok(Self { words, column, chance, left: 1_000_000, threads, people, named })
    }

    /// One more draw.
    fn again(&mut self) -> Result<()> {
        self.left = self.left.checked_sub(1).context("too few messages to draw queries from")?;
        Ok(())
    }

    /// A hundred of a kind.
    fn each(&mut self, mut one: impl FnMut(&mut Self) -> Result<Asked>) -> Result<Vec<Asked>> {
        (0..EACH).map(|_| one(self)).collect()
    }

    /// A script that writes with spaces, as often as it is written.
    fn script(&mut self) -> usize {
        loop {
            let script = self.words.script(&mut self.chance);
            if script < SPACED {
                return script;
            }
        }
    }

    fn listed(&mut self, script: usize, ranks: Range<u64>) -> String {
        let n = ranks.start + self.chance.below(ranks.end - ranks.start);
        self.words.list(script)[n as usize].clone()
    }

    fn word(&mut self, ranks: Range<u64>) -> Result<Asked> {
        let script = self.script();
        word(&self.listed(script, ranks), false)
    }

    /// A word that stands in some messages, in fewer than are shown.
    fn rare(&mut self) -> Result<Asked> {
        loop {
            self.again()?;
            let script = self.script();
            let asked = word(&self.words.rare(script, self.chance.below(RARE)), false)?;
            let hits = self.column.scan(&asked.needles, 50).len();
            if (1..50).contains(&hits) {
                return Ok(asked);
            }
        }
    }

    fn two(&mut self) -> Result<Asked> {
        let script = self.script();
        let one = word(&self.listed(script, 0..20), false)?;
        Ok(both(one, word(&self.listed(script, 0..60), false)?))
    }

    fn long_enough(&mut self, least: usize) -> Result<String> {
        loop {
            let script = self.script();
            let list = self.words.list(script);
            let one = folded(self.chance.skewed::<String>(list))?.concat();
            if one.chars().count() >= least {
                return Ok(one);
            }
        }
    }

    fn short(&mut self) -> Result<Asked> {
        loop {
            let one = self.long_enough(2)?;
            if one.chars().count() == 2 {
                return word(&one, false);
            }
        }
    }

    fn prefix(&mut self, letters: usize) -> Result<Asked> {
        let one = self.long_enough(letters + 1)?;
        word(&one.chars().take(letters).collect::<String>(), true)
    }

    fn word_and_prefix(&mut self) -> Result<Asked> {
        loop {
            let script = self.script();
            let one = word(&self.listed(script, 0..20), false)?;
            let other = folded(&self.listed(script, 0..400))?.concat();
            if other.chars().count() > 3 {
                let begins: String = other.chars().take(3).collect();
                return Ok(both(one, word(&begins, true)?));
            }
        }
    }

    /// Two neighbours out of a message: what somebody remembers of it.
    fn phrase(&mut self) -> Result<Asked> {
        loop {
            self.again()?;
            let n = self.chance.below(self.column.len() as u64) as usize;
            let text = self.column.text(n).to_owned();
            let all: Vec<&str> = text.split(' ').collect();
            let at = self.chance.below(all.len() as u64) as usize;
            let Some([a, b]) = all.get(at..at + 2) else { continue };
            let pair = format!("{a} {b}");
            let plain = |w: &str| w.chars().count() > 1 && w.chars().all(char::is_alphabetic);
            let forms = tokens::tokens(&pair);
            // As many tokens as words: a script with spaces.
            if !(plain(a) && plain(b) && forms.len() == 2) {
                continue;
            }
            return Ok(Asked {
                query: Query::Phrase { text: pair.clone(), prefix: false },
                needles: needles(vec![format!(" {pair} ")]),
                fts: format!("\"{pair}\""),
                sql: None,
            });
        }
    }

    /// A phrase that fewer messages hold than are shown, so that a scan has to see them all.
    fn rare_phrase(&mut self) -> Result<Asked> {
        loop {
            self.again()?;
            let asked = self.phrase()?;
            if self.column.scan(&asked.needles, 50).len() < 50 {
                return Ok(asked);
            }
        }
    }

    fn chinese(&mut self, many: usize) -> Result<Asked> {
        let han = |c: &char| ('\u{4e00}'..='\u{9fff}').contains(c);
        loop {
            self.again()?;
            let n = self.chance.below(self.column.len() as u64) as usize;
            let letters: Vec<char> = self.column.text(n).chars().collect();
            let at = self.chance.below(letters.len() as u64 + 1) as usize;
            let Some(part) = letters.get(at..at + many).filter(|p| p.iter().all(han)) else {
                continue;
            };
            let text: String = part.iter().collect();
            return Ok(Asked {
                query: Query::Word { text: text.clone(), prefix: false },
                fts: format!("\"{text}\""),
                needles: needles(vec![text]),
                sql: None,
            });
        }
    }

    fn in_thread(&mut self) -> Result<Asked> {
        let (thread, strands) = self.chance.of(&self.threads).clone();
        let strands: HashSet<i64> = strands.into_iter().collect();
        let mut asked = filtered(self.word(0..20)?, Filter::In(thread.to_string()));
        asked.sql = Some(format!("m.strand IN ({})", listed(&strands)));
        asked.needles.strands = Some(strands);
        Ok(asked)
    }

    fn from(&mut self) -> Result<Asked> {
        let name = self.chance.of(&self.named).clone();
        let wanted = forms(&name);
        let has = |name: &str| {
            let have = forms(name);
            wanted.iter().all(|w| have.contains(w))
        };
        let ids: HashSet<i64> =
            self.people.iter().filter(|(_, n)| has(n)).map(|(id, _)| *id).collect();
        let mut asked = filtered(self.word(0..20)?, Filter::From(Who::Named(name)));
        asked.sql = Some(format!("m.sender IN ({})", listed(&ids)));
        asked.needles.senders = Some(ids);
        Ok(asked)
    }

    fn dated(&mut self, before: bool) -> Result<Asked> {
        let n = self.chance.below(self.column.len() as u64) as usize;
        let day = Local.timestamp_millis_opt(self.column.place(n).at).single().context("a day")?;
        let first = NaiveDate::from_ymd_opt(day.year(), day.month(), 1).context("a month")?;
        let next = first.checked_add_months(chrono::Months::new(1)).context("a month")?;
        let span = Span { first: Day(first), last: Day(next.pred_opt().context("a day")?) };
        let at = |d: NaiveDate| -> Result<i64> {
            let start = d.and_hms_opt(0, 0, 0).context("midnight")?;
            Ok(Local.from_local_datetime(&start).earliest().context("midnight")?.timestamp_millis())
        };
        let one = self.word(0..20)?;
        Ok(if before {
            let end = at(first)?;
            let mut asked = filtered(one, Filter::Before(span));
            asked.sql = Some(format!("m.at < {end}"));
            asked.needles.sent.end = end;
            asked
        } else {
            let start = at(next)?;
            let mut asked = filtered(one, Filter::After(span));
            asked.sql = Some(format!("m.at >= {start}"));
            asked.needles.sent.start = start;
            asked
        })
    }
}

fn forms(name: &str) -> HashSet<String> {
    tokens::tokens(name).into_iter().map(|t| t.folded).collect()
}
