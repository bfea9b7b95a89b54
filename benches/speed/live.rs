//! A message that comes in while the inbox is open: how soon a search finds it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use onebox::engine::{Engine, Followed};
use onebox::model::{
    AccountRecord, LiveThread, MessageRecord, Moment, Record, SourceId, ThreadRecord, Timestamp,
    Wish,
};
use onebox::search::Query;

use crate::Plan;
use crate::generate::Form;
use crate::search::{engine, request};
use crate::table::{Row, Runs, Target};

/// Messages that come in.
const MANY: usize = 300;
/// How long a search of the screen reads what is new.
const HURRY: Duration = Duration::from_millis(4);
/// The index has followed once in so many.
const FOLLOWS: usize = 100;

#[derive(Default)]
struct Took {
    stored: Runs,
    found: Runs,
    both: Runs,
    /// Answers that had to be completed before it was among them.
    again: u32,
}

/// Messages one by one into a store that is indexed: beside nothing else, then beside an import.
pub fn rows(plan: &Plan, store: &Path) -> Result<Vec<Row>> {
    plan.say("messages one by one");
    let mut engine = engine(store)?;
    // As the screen searches.
    engine.hurry(HURRY);
    let alone = one_by_one(&mut engine, "alone", None)?;
    let mut out = told("live message stored and found", &alone);
    // A tenth of the messages comes in from another program meanwhile.
    let export = plan.export(Form::WhatsApp, (plan.messages / 10).max(1_000))?;
    let mut command: Command = crate::import::ours(&export, store);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let beside = one_by_one(&mut engine, "beside", Some(child))?;
    out.extend(told("the same while another onebox imports", &beside));
    Ok(out)
}

fn told(what: &str, took: &Took) -> Vec<Row> {
    let ms = |n: f64| format!("{n:.2} ms");
    let held = |target| Some(Target::AtMost(target));
    let most = took.both.percentile(100);
    vec![
        Row::told(format!("{what}, p50 of {}", took.both.count()), ms(took.both.median()))
            .against(format!(
                "storing {}, searching {}, {} found in a completed answer only",
                ms(took.stored.median()),
                ms(took.found.median()),
                took.again
            ))
            .held(took.both.median(), "ms", held(16.0)),
        Row::told("· p99", ms(took.both.percentile(99))),
        Row::told("· worst", ms(most))
            .against(format!(
                "storing {}, searching {}",
                ms(took.stored.percentile(100)),
                ms(took.found.percentile(100))
            ))
            .held(most, "ms", held(50.0)),
        Row::told("· searching alone, p50", ms(took.found.median())).held(
            took.found.median(),
            "ms",
            held(10.0),
        ),
        Row::told("· p99", ms(took.found.percentile(99)))
            .against(format!("the worst {}", ms(took.found.percentile(100))))
            .held(took.found.percentile(99), "ms", held(50.0)),
    ]
}

fn one_by_one(engine: &mut Engine, name: &str, mut beside: Option<Child>) -> Result<Took> {
    let store = Arc::new(onebox::store::Store::open(
        engine.store().file().and_then(Path::parent).context("a store on disk")?,
    )?);
    let account = store.writer()?.add_live_account(name)?;
    let now = Timestamp(1_790_000_000_000);
    // As the switchboard does it: a writer for each batch, which is one commit.
    let tell = |records: Vec<Record>| -> Result<()> {
        let mut writer = store.writer()?;
        let mut batch = writer.live_batch(account, false, now)?;
        batch.take(Record::Account(AccountRecord {
            source: SourceId::known("telegram"),
            key: name.to_owned(),
            name: "Sam Rivera".to_owned(),
            me_names: vec!["Sam Rivera".to_owned()],
            known_by: String::new(),
        }))?;
        for record in records {
            batch.take(record)?;
        }
        batch.finish_live()?;
        Ok(())
    };
    let mut thread = ThreadRecord::new("live", "live");
    thread.live = Some(LiveThread { can: [Wish::Send].into(), ..LiveThread::default() });
    tell(vec![Record::Thread(Box::new(thread))])?;
    let mut took = Took::default();
    for n in 0..MANY {
        if let Some(child) = &mut beside
            && child.try_wait()?.is_some()
        {
            break;
        }
        let word = format!("zq{name}{n}");
        let sent = Moment::exact(Timestamp(now.0 + n as i64));
        let begun = Instant::now();
        let mut message =
            MessageRecord::text("live".into(), Some("Ana".into()), sent, word.clone());
        message.native_id = Some(word.clone());
        tell(vec![Record::Message(Box::new(message))])?;
        let stored = begun.elapsed();
        let query = Query::Word { text: word, prefix: false };
        // As the screen does it: an answer that left something out is asked for again once the rest
        // is read.
        let hits = loop {
            let never = AtomicBool::new(false);
            let hits = engine.search(&request(query.clone()), &never)?.context("an answer")?;
            if !hits.rows.is_empty() || !engine.is_behind() {
                break hits;
            }
            took.again += 1;
            while engine.is_behind() {
                engine.read_on()?;
            }
        };
        let both = begun.elapsed();
        if hits.rows.len() != 1 {
            bail!("message {n} was found {} times", hits.rows.len());
        }
        took.stored.push(stored.as_secs_f64() * 1e3);
        took.found.push((both - stored).as_secs_f64() * 1e3);
        took.both.push(both.as_secs_f64() * 1e3);
        if n % FOLLOWS == FOLLOWS - 1 && beside.is_none() {
            let followed = engine.follow_index(&mut |_, _| true)?;
            if followed != Followed::All {
                bail!("the index did not follow: {followed:?}");
            }
        }
    }
    if let Some(mut child) = beside {
        child.kill()?;
        child.wait()?;
    }
    Ok(took)
}
