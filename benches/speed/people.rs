//! What a key waits for beside search: a person's timeline, the views, where somebody is reached.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use onebox::engine::Engine;
use onebox::inbox::{
    Direction, ListOrder, MessageRow, OpenAt, PeopleChange, PersonRow, ThreadFilter, TranscriptPos,
    TriageChange,
};
use onebox::model::{PersonId, ThreadId};

use crate::Plan;
use crate::cost;
use crate::generate::{Chance, Form};
use crate::import;
use crate::search::engine;
use crate::table::{Row, Runs, Target};

/// Messages of one page, as the screen asks for them.
const PAGE: usize = 100;
/// Rows of the list, as the screen asks for them.
const LISTED: usize = 200;
/// How often something is asked.
const TIMES: usize = 100;
/// How often something dear is asked.
const FEW: usize = 15;
/// What a key may wait for.
const KEY: f64 = 50.0;

/// Half of the messages in each of two apps, and people joined over both.
fn store(plan: &Plan) -> Result<PathBuf> {
    let store = plan.scratch.join(format!("people-{}", plan.messages));
    let done = store.join("filled");
    if !done.exists() {
        import::fresh(plan, &format!("people-{}", plan.messages))?;
        for form in [Form::MessengerFolder, Form::WhatsApp] {
            let export = plan.export(form, plan.messages / 2)?;
            cost::of(&import::ours(&export, &store))?;
        }
        join(&store)?;
        std::fs::write(done, "")?;
    }
    Ok(store)
}

/// A hundred people of three threads each, by the person's word: nothing joins these exports by
/// itself.
fn join(store: &Path) -> Result<()> {
    let mut engine = engine(store)?;
    let people = everybody(&mut engine)?;
    for three in people.chunks_exact(3).take(100) {
        for other in &three[1..] {
            engine.change_people(&PeopleChange::Link(three[0].id, other.id))?;
        }
    }
    Ok(())
}

/// Milliseconds of each of so many.
fn timed<T>(times: usize, mut work: impl FnMut(usize) -> Result<T>) -> Result<Runs> {
    let mut took = Runs::default();
    for n in 0..times {
        let begun = Instant::now();
        std::hint::black_box(work(n)?);
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(took)
}

fn told(what: impl Into<String>, took: &Runs) -> Row {
    let (half, most) = (took.median(), took.percentile(99));
    Row::told(what, format!("{half:.2} ms, p99 {most:.2}")).held(
        most,
        "ms at p99",
        Some(Target::AtMost(KEY)),
    )
}

/// The same with what it is beside, of the same rounds.
fn beside(what: impl Into<String>, ours: &Runs, theirs: &Runs, named: &str) -> Row {
    let ratio = ours.median() / theirs.median();
    told(what, ours)
        .against(format!("{:.2} ms, p99 {:.2} {named}", theirs.median(), theirs.percentile(99)))
        .ratio(&Runs::from(ratio), "×", None)
        .held(ours.percentile(99), "ms at p99", Some(Target::AtMost(KEY)))
}

fn oldest(rows: &[MessageRow]) -> Option<TranscriptPos> {
    rows.first().map(|m| m.pos)
}

/// Everything about people and views.
pub fn rows(plan: &Plan) -> Result<Vec<Row>> {
    let store = store(plan)?;
    plan.say("people, first asked");
    let mut out = vec![told("everybody worked out, first asked after opening", &cold(&store)?)];
    let mut engine = engine(&store)?;
    let everybody = everybody(&mut engine)?;
    let busiest = everybody.iter().max_by_key(|p| p.messages).context("a person")?.id;
    plan.say("timelines");
    out.extend(timelines(&mut engine, "the busiest person", &[busiest])?);
    let mut chance = Chance::new(plan.seed, 91);
    let drawn: Vec<PersonId> = (0..TIMES).map(|_| chance.of(&everybody).id).collect();
    out.extend(timelines(&mut engine, "random people", &drawn)?);
    let several: Vec<PersonId> = everybody.iter().filter(|p| p.threads > 1).map(|p| p.id).collect();
    if !several.is_empty() {
        let name = format!("the {} with several threads", several.len());
        out.extend(timelines(&mut engine, &name, &several)?);
    }
    plan.say("reach and suggestions");
    let threads: Vec<ThreadId> =
        drawn.iter().filter_map(|p| engine.people().ok()?.threads(*p).first().copied()).collect();
    out.push(told(
        "reach card",
        &timed(TIMES, |n| Ok(engine.reach(threads[n % threads.len().max(1)])?))?,
    ));
    out.push(told("suggestions, first asked", &first_links(&store)?));
    out.push(told("suggestions, asked again", &timed(FEW, |_| Ok(engine.links()?))?));
    out.push(told(
        "everybody, first 200",
        &timed(FEW, |_| Ok(engine.list_people("", 0, LISTED)?))?,
    ));
    out.push(told(
        "everybody called so",
        &timed(TIMES, |n| {
            Ok(engine.list_people(&everybody[n % everybody.len()].name, 0, LISTED)?)
        })?,
    ));
    plan.say("views");
    out.extend(counts(&store)?);
    out.extend(views(&mut engine)?);
    let last = everybody.len();
    out.push(Row::told(
        "people, of them with several threads",
        format!("{last}, {}", several.len()),
    ));
    Ok(out)
}

/// Everybody who has a thread.
fn everybody(engine: &mut Engine) -> Result<Vec<PersonRow>> {
    let mut all = Vec::new();
    loop {
        let (page, total) = engine.list_people("", all.len(), LISTED)?;
        let done = page.is_empty();
        all.extend(page);
        if done || all.len() >= total {
            break;
        }
    }
    all.retain(|p: &PersonRow| p.threads > 0);
    Ok(all)
}

/// Each in an engine that knows nothing yet.
fn cold(store: &Path) -> Result<Runs> {
    let mut took = Runs::default();
    for _ in 0..FEW {
        let mut engine = engine(store)?;
        let begun = Instant::now();
        engine.people()?;
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(took)
}

fn first_links(store: &Path) -> Result<Runs> {
    let mut took = Runs::default();
    for _ in 0..FEW {
        let mut engine = engine(store)?;
        engine.people()?;
        let begun = Instant::now();
        engine.links()?;
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(took)
}

/// Opening a timeline and paging on, beside the same in the person's largest thread.
fn timelines(engine: &mut Engine, whose: &str, people: &[PersonId]) -> Result<Vec<Row>> {
    let [mut opened, mut paged, mut plain, mut plain_paged] =
        std::array::from_fn(|_| Runs::default());
    for n in 0..TIMES {
        let person = people[n % people.len()];
        let known = engine.people()?;
        let largest = known
            .threads(person)
            .into_iter()
            .max_by_key(|t| known.activity.get(t).map_or(0, |(n, _)| *n))
            .context("a thread")?;
        let begun = Instant::now();
        let page = engine.open_person(person, OpenAt::End, PAGE)?;
        opened.push(begun.elapsed().as_secs_f64() * 1000.0);
        let begun = Instant::now();
        let thread = engine.open(largest, OpenAt::End, PAGE)?;
        plain.push(begun.elapsed().as_secs_f64() * 1000.0);
        if let (Some(a), Some(b)) = (oldest(&page.rows), oldest(&thread.rows)) {
            let begun = Instant::now();
            engine.page_person(person, a, Direction::Older, PAGE)?;
            paged.push(begun.elapsed().as_secs_f64() * 1000.0);
            let begun = Instant::now();
            engine.page(largest, b, Direction::Older, PAGE)?;
            plain_paged.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
    }
    Ok(vec![
        beside(format!("timeline of {whose}, opened"), &opened, &plain, "their largest thread"),
        beside("· one more page", &paged, &plain_paged, "their largest thread"),
    ])
}

/// The counts of every view: first asked, known, and after each change of triage.
fn counts(store: &Path) -> Result<Vec<Row>> {
    let mut first = Runs::default();
    for _ in 0..FEW {
        let mut engine = engine(store)?;
        let begun = Instant::now();
        engine.counts()?;
        first.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let mut engine = engine(store)?;
    let page = engine.threads(&ThreadFilter::default(), 0, LISTED, None)?;
    let ids: Vec<ThreadId> = page.rows.iter().map(|r| r.id).collect();
    engine.counts()?;
    let known = timed(TIMES, |_| Ok(engine.counts()?))?;
    let mut after = Runs::default();
    for n in 0..FEW {
        for on in [true, false] {
            engine.triage(&ids[n % ids.len()..][..1], &TriageChange::Pin(on))?;
            let begun = Instant::now();
            engine.counts()?;
            after.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
    }
    Ok(vec![
        told("every view's count, first asked after opening", &first),
        told("· nothing changed since", &known),
        told("· after a change", &after),
    ])
}

/// The first page of every view.
fn views(engine: &mut Engine) -> Result<Vec<Row>> {
    let none = ThreadFilter::default;
    let source = engine.counts()?.sources.first().map(|s| s.badge.source.clone());
    let views = [
        ("all", none()),
        ("one app", ThreadFilter { source, ..none() }),
        ("cross-app", ThreadFilter { cross_app: true, ..none() }),
        ("read-only", ThreadFilter { read_only: true, ..none() }),
        ("archived", ThreadFilter { archived: true, ..none() }),
        ("unread", ThreadFilter { unread: true, ..none() }),
        ("drafts", ThreadFilter { drafts: true, ..none() }),
        ("awaiting", ThreadFilter { awaiting: true, ..none() }),
        ("mentions", ThreadFilter { mentions: true, ..none() }),
        ("snoozed", ThreadFilter { snoozed: true, ..none() }),
        ("starred", ThreadFilter { starred: true, ..none() }),
        ("a label", ThreadFilter { label: Some("friends".to_owned()), ..none() }),
    ];
    let mut out = Vec::new();
    for (name, filter) in views {
        let total = engine.threads(&filter, 0, LISTED, None)?.total;
        let took = timed(TIMES, |_| Ok(engine.threads(&filter, 0, LISTED, None)?))?;
        out.push(told(format!("view “{name}”, first {LISTED} of {total}"), &took));
    }
    let unread = timed(TIMES, |_| {
        Ok(engine.threads_in(&none(), ListOrder::UnreadFirst, 0, LISTED, None)?)
    })?;
    out.push(told("view “all”, unread first", &unread));
    Ok(out)
}
