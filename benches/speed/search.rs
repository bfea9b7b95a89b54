//! Searching: whole searches as the screen makes them, beside a plain scan and beside FTS5, over
//! the same messages in the same run.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use onebox::engine::{Engine, Rules, Settings, Store};
use onebox::inbox::{HitOrder, Scope, SearchRequest, Ticket};
use onebox::search::{Pattern, Query};
use onebox::store::index::{Find, Look};

use crate::Plan;
use crate::asked::{self, Asked, Class};
use crate::column::Column;
use crate::cost::{self, Cost};
use crate::fts::Fts;
use crate::generate::{Form, Words};
use crate::import;
use crate::live;
use crate::table::{Row, Runs, Target};

/// Hits of one answer.
const SHOWN: usize = 50;
/// A baseline that took so long for a class is not asked on.
const PATIENCE: Duration = Duration::from_secs(15);
/// Whole sets of hits are compared for so many queries of a class in a large store.
const COMPARED: usize = 10;
/// First searches after opening.
const OPENED: usize = 15;

/// What is searched: everything, the newest hits first.
pub fn request(query: Query) -> SearchRequest {
    SearchRequest {
        ticket: Ticket(1),
        query,
        scope: Scope::Everything,
        order: HitOrder::Newest,
        offset: 0,
        limit: SHOWN,
    }
}

/// An engine over a store.
pub fn engine(store: &Path) -> Result<Engine> {
    let settings = Settings::plain(Rules::builtin()?);
    Ok(Engine::new(Arc::new(Store::open(store)?), Arc::new(settings))?)
}

/// A store that is searched, and what it cost to store and to index.
fn store(plan: &Plan) -> Result<(PathBuf, Cost, Cost)> {
    let export = plan.export(Form::MessengerFolder, plan.messages)?;
    let name = format!("search-{}", plan.messages);
    let store = plan.scratch.join(&name);
    let stored = once(&store.join("stored"), || {
        cost::of(&import::ours(&export, &import::fresh(plan, &name)?))
    })?;
    let indexed = once(&store.join("search/indexed"), || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onebox"));
        command.arg("--data-dir").arg(&store).args(["search", "--json", "--limit", "1", "nothing"]);
        cost::of(&command)
    })?;
    Ok((store, stored, indexed))
}

/// Messages that come in while it is searched.
pub fn live(plan: &Plan) -> Result<Vec<Row>> {
    let (store, ..) = store(plan)?;
    // From here on there is more in the store than its export told.
    fs::remove_file(store.join("stored"))?;
    live::rows(plan, &store)
}

/// Everything about searching a store that nothing comes into.
pub fn rows(plan: &Plan) -> Result<Vec<Row>> {
    let (store, stored, indexed) = store(plan)?;
    plan.say("the column for the scan");
    let column = Column::of(&store)?;
    plan.say("FTS5");
    let dir = import::fresh(plan, "fts")?;
    let fts = Fts::fill(&dir, &column)?;
    let mut engine = engine(&store)?;
    let mut out = costs(&engine, &column, &fts, stored, indexed)?;
    plan.say("first searches");
    out.push(first(&store)?);
    plan.say("drawing queries");
    let words = Words::new(plan.seed);
    let classes = asked::classes(&store, plan.seed, &words, &column)?;
    let mut recall = Recall::default();
    for class in &classes {
        plan.say(class.name);
        let took = Took::of(class, &mut engine, &column, &fts)?;
        out.extend(took.rows(class));
        recall.check(class, &mut engine, &column)?;
    }
    drop(fts);
    fs::remove_dir_all(dir)?;
    out.extend(recall.rows());
    Ok(out)
}

/// Does something dear unless it was done in this folder before.
fn once(mark: &Path, work: impl FnOnce() -> Result<Cost>) -> Result<Cost> {
    if let Ok(text) = fs::read_to_string(mark) {
        let n: Vec<f64> = text.split_whitespace().filter_map(|n| n.parse().ok()).collect();
        if let [cpu, wall, memory] = n.as_slice() {
            return Ok(Cost { cpu: *cpu, wall: *wall, memory: *memory as u64 });
        }
    }
    let cost = work()?;
    fs::write(mark, format!("{} {} {}", cost.cpu, cost.wall, cost.memory))?;
    Ok(cost)
}

fn costs(
    engine: &Engine,
    column: &Column,
    fts: &Fts,
    stored: Cost,
    indexed: Cost,
) -> Result<Vec<Row>> {
    let state = engine.index_state()?;
    let raw = column.raw as f64;
    let share = state.bytes as f64 / raw;
    let of_text = |bytes: u64| format!("{:.0} MB", bytes as f64 / 1e6);
    let s = |n: f64| format!("{n:.1} s");
    let whole = stored.cpu + indexed.cpu;
    Ok(vec![
        Row::told("index, of the text", of_text(state.bytes))
            .against(format!(
                "{} text; FTS5 {:.2} of it",
                of_text(column.raw),
                fts.bytes as f64 / raw
            ))
            .ratio(&share.into(), "", Some(Target::AtMost(0.8))),
        Row::told("indexing, CPU", s(indexed.cpu)).against(format!("FTS5 {}", s(fts.cpu))).ratio(
            &(fts.cpu / indexed.cpu).into(),
            "×",
            None,
        ),
        Row::told("· rate", format!("{:.0} k msg/s", column.len() as f64 / indexed.wall / 1e3)),
        Row::told("· peak memory", of_text(indexed.memory)),
        Row::told("import, searchable too, CPU", s(whole))
            .against(format!("{} import alone", s(stored.cpu)))
            .ratio(&(whole / stored.cpu).into(), "×", None),
    ])
}

/// The first search after opening, with everything that is kept for the next one.
fn first(store: &Path) -> Result<Row> {
    let mut took = Runs::default();
    for _ in 0..OPENED {
        let mut engine = engine(store)?;
        let query = Query::Word { text: "the".to_owned(), prefix: false };
        let begun = Instant::now();
        engine.search(&request(query), &AtomicBool::new(false))?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let middle = took.median();
    Ok(Row::told("first search after opening", took.shown(1, "ms")).held(
        middle,
        "ms",
        Some(Target::AtMost(50.0)),
    ))
}

/// How long each took for a class.
#[derive(Default)]
struct Took {
    ours: Runs,
    /// The numbers of the messages alone, as a scan finds them: no rows for the screen.
    finding: Runs,
    scan: Runs,
    fts: Runs,
    hits: usize,
    fts_hits: usize,
    fts_asked_hits: usize,
}

fn timed<T>(runs: &mut Runs, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    let got = work()?;
    runs.push(begun.elapsed().as_secs_f64() * 1e3);
    Ok(got)
}

impl Took {
    fn of(class: &Class, engine: &mut Engine, column: &Column, fts: &Fts) -> Result<Self> {
        let mut took = Self::default();
        let never = AtomicBool::new(false);
        let (mut scanned, mut asked_fts) = (Duration::ZERO, Duration::ZERO);
        for round in 0..3 {
            for asked in &class.asked {
                // The first round warms the page cache for everyone.
                let mut cold = Runs::default();
                let warm = round > 0;
                let runs = if warm { &mut took.ours } else { &mut cold };
                let hits = timed(runs, || {
                    engine.search(&request(asked.query.clone()), &never)?.context("an answer")
                })?;
                if warm && let Some(find) = plain(&asked.query) {
                    let index = engine.store().index()?;
                    let look = Look {
                        find: &find,
                        but: &[],
                        best: false,
                        offset: 0,
                        limit: SHOWN,
                        cancel: &never,
                    };
                    timed(&mut took.finding, || Ok(index.look(&look)?))?;
                }
                if round == 1 && scanned < PATIENCE {
                    let begun = Instant::now();
                    timed(&mut took.scan, || Ok(column.scan(&asked.needles, SHOWN)))?;
                    scanned += begun.elapsed();
                }
                if round < 2 && asked_fts < PATIENCE {
                    let runs = if warm { &mut took.fts } else { &mut cold };
                    let begun = Instant::now();
                    let found = timed(runs, || fts.ask(asked, SHOWN))?;
                    asked_fts += begun.elapsed();
                    took.fts_hits += found.len();
                    took.fts_asked_hits += hits.rows.len();
                }
                took.hits += hits.rows.len();
            }
        }
        Ok(took)
    }

    fn rows(&self, class: &Class) -> Vec<Row> {
        let ms = |n: f64| format!("{n:.2}");
        let fts = match self.fts.count() {
            0 => "FTS5 –".to_owned(),
            _ => format!("FTS5 {} / {}", ms(self.fts.median()), ms(self.fts.percentile(99))),
        };
        let scan = format!("scan {} / {}", ms(self.scan.median()), ms(self.scan.percentile(99)));
        let (p50, p99) = (self.ours.median(), self.ours.percentile(99));
        let times: Runs = (self.scan.median() / p50).into();
        let mut rows = vec![
            Row::told(format!("{}, p50", class.name), format!("{} ms", ms(p50)))
                .against(format!("{scan}; {fts}"))
                .held(p50, "ms", Some(Target::AtMost(10.0))),
            Row::told("· p99", format!("{} ms", ms(p99))).held(
                p99,
                "ms",
                Some(Target::AtMost(50.0)),
            ),
            Row::told("· scan / ours, p50", "").ratio(&times, "×", None),
        ];
        // A scan gives numbers of messages, not rows for a screen.
        if class.hundredfold {
            let finding = self.finding.median();
            rows.push(
                Row::told("· the numbers alone, p50", format!("{finding:.3} ms"))
                    .against(format!("scan {}", ms(self.scan.median())))
                    .ratio(
                        &(self.scan.median() / finding).into(),
                        "×",
                        Some(Target::AtLeast(100.0)),
                    ),
            );
        }
        if class.chinese {
            let share = |hits: usize, of: usize| hits as f64 / of.max(1) as f64;
            rows.push(
                Row::told(
                    "· hits a query, at most 50",
                    format!("{:.1}", share(self.hits, class.asked.len() * 3)),
                )
                .against(format!(
                    "FTS5 finds {:.0} % of them",
                    100.0 * share(self.fts_hits, self.fts_asked_hits)
                )),
            );
        }
        rows
    }
}

/// Ours against the scan, hit by hit.
#[derive(Default)]
struct Recall {
    queries: usize,
    wrong: Vec<String>,
    sets: usize,
    messages: usize,
}

impl Recall {
    fn check(&mut self, class: &Class, engine: &mut Engine, column: &Column) -> Result<()> {
        let whole = if column.len() > 2_000_000 { COMPARED } else { class.asked.len() };
        for (n, asked) in class.asked.iter().enumerate() {
            // The newest as they are shown.
            if n < whole * 2 {
                let never = AtomicBool::new(false);
                let hits = engine.search(&request(asked.query.clone()), &never)?;
                let ours: Vec<i64> =
                    hits.context("an answer")?.rows.iter().map(|r| r.message.0).collect();
                let expected = column.scan(&asked.needles, SHOWN);
                let expected: Vec<i64> = expected.into_iter().map(|n| column.place(n).id).collect();
                self.queries += 1;
                if ours != expected {
                    self.wrong.push(format!("{}: {}", class.name, asked.query));
                }
            }
            // All of them, whatever there are: words, prefixes and phrases as the index has them.
            if n < whole
                && let Some(find) = plain(&asked.query)
            {
                self.compare(class, asked, &find, engine, column)?;
            }
        }
        Ok(())
    }

    fn compare(
        &mut self,
        class: &Class,
        asked: &Asked,
        find: &Find,
        engine: &Engine,
        column: &Column,
    ) -> Result<()> {
        let cancel = AtomicBool::new(false);
        let look =
            Look { find, but: &[], best: false, offset: 0, limit: usize::MAX, cancel: &cancel };
        let found = engine.store().index()?.look(&look)?.context("an answer")?;
        let ours: HashSet<i64> = found.hits.iter().map(|(_, id)| id.0).collect();
        let expected = column.scan(&asked.needles, usize::MAX);
        let expected: HashSet<i64> = expected.into_iter().map(|n| column.place(n).id).collect();
        self.sets += 1;
        self.messages += expected.len();
        if ours != expected {
            self.wrong.push(format!("{}: {}, all of it", class.name, asked.query));
        }
        Ok(())
    }

    fn rows(&self) -> Vec<Row> {
        for wrong in self.wrong.iter().take(20) {
            eprintln!("not as the scan has it: {wrong}");
        }
        let wrong = self.wrong.len() as f64;
        vec![
            Row::told(
                format!(
                    "recall: queries not as the scan has them, of {}",
                    self.queries + self.sets
                ),
                format!("{wrong}"),
            )
            .against(format!("{} whole sets, {} messages", self.sets, self.messages))
            .held(wrong, "", Some(Target::AtMost(0.0))),
        ]
    }
}

/// A query without filters, for the index itself.
fn plain(query: &Query) -> Option<Find> {
    match query {
        Query::Word { text, prefix } | Query::Phrase { text, prefix } => {
            Pattern::new(text, *prefix).map(Find::Words)
        }
        Query::All(parts) => parts.iter().map(plain).collect::<Option<_>>().map(Find::All),
        _ => None,
    }
}
