//! The shape of a rules file, and its complaints by line.

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use crate::model::{Day, DayRange, Precision, SourceId};

use super::link;
use super::rule::{
    App, Existing, LinkRule, Needs, NewThreads, Rule, RuleKind, RuleSureness, Scope,
};
use super::rules::RulesError;

/// Far more than any rules file needs; a larger one is a mistake.
const MAX_BYTES: usize = 1 << 20;
const MAX_SLUG: usize = 64;

/// A file, read and checked on its own. Ids that point at rules keep their line.
pub(super) struct RulesFile {
    pub apps: Vec<App>,
    pub links: Vec<LinkRule>,
    pub rules: Vec<(Rule, usize)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileShape {
    #[serde(default)]
    app: Vec<AppShape>,
    #[serde(default)]
    link: Vec<LinkShape>,
    #[serde(default)]
    rule: Vec<RuleShape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppShape {
    id: Spanned<Slug>,
    name: Option<Words>,
    short: Option<Words>,
    account: Option<Words>,
    account_short: Option<Words>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkShape {
    app: Slug,
    url: Spanned<String>,
    needs: Needs,
    prefill: Option<Slug>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleShape {
    id: Spanned<Slug>,
    apps: Spanned<Vec<Slug>>,
    kind: RuleKind,
    when: Option<When>,
    #[serde(default)]
    region: String,
    scope: Spanned<Vec<Scope>>,
    #[serde(default)]
    existing: Existing,
    #[serde(default)]
    new: NewThreads,
    #[serde(default)]
    handoff: String,
    announced: Option<When>,
    superseded_by: Option<Spanned<Slug>>,
    sources: Option<Spanned<Vec<Words>>>,
    sure: Option<RuleSureness>,
    text: Words,
}

/// A lower-case name of letters, digits and dashes.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
struct Slug(String);

impl TryFrom<String> for Slug {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if text.is_empty() || text.len() > MAX_SLUG || !text.chars().all(fits) {
            return Err(format!(
                "`{}` is not a name of small letters, digits and dashes",
                text.escape_debug().take(MAX_SLUG).collect::<String>()
            ));
        }
        Ok(Self(text))
    }
}

impl Slug {
    fn source(&self) -> SourceId {
        SourceId::new(&self.0)
    }
}

/// A sentence that says something.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Words(String);

impl TryFrom<String> for Words {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("this must not be empty".into());
        }
        Ok(Self(text))
    }
}

/// A day, or a stretch of days with how exactly it is known.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "toml::Value")]
struct When(DayRange);

impl TryFrom<toml::Value> for When {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        let Some(table) = value.as_table() else {
            let day = day(&value)?;
            return Ok(Self(DayRange { from: day, to: day, precision: Precision::Day }));
        };
        if let Some(odd) = table.keys().find(|k| !["from", "to", "precision"].contains(&k.as_str()))
        {
            return Err(format!("unknown field `{odd}`, expected `from`, `to`, `precision`"));
        }
        let end = |key: &str| {
            table.get(key).ok_or_else(|| format!("a stretch of days needs `{key}`")).and_then(day)
        };
        let (from, to) = (end("from")?, end("to")?);
        if to < from {
            return Err(format!("it ends ({to}) before it begins ({from})"));
        }
        let precision = match table.get("precision").map(|p| p.as_str().unwrap_or("")) {
            None => return Err("a stretch of days needs `precision`".into()),
            Some("day") => Precision::Day,
            Some("part-of-month") => Precision::PartOfMonth,
            Some("month") => Precision::Month,
            Some("season") => Precision::Season,
            Some("year") => Precision::Year,
            Some(_) => {
                return Err("precision is one of day, part-of-month, month, season, year".into());
            }
        };
        Ok(Self(DayRange { from, to, precision }))
    }
}

fn day(value: &toml::Value) -> Result<Day, String> {
    // TOML has dates of its own: 2023-12-10 without quotes is as good.
    let text = value
        .as_str()
        .map(str::to_owned)
        .or_else(|| value.as_datetime().map(ToString::to_string))
        .ok_or("a date is written 2023-12-31")?;
    let day = Day::parse(&text)
        .ok_or_else(|| format!("`{}` is not a day like 2023-12-31", text.escape_debug()))?;
    let sane = NaiveDate::from_ymd_opt(1970, 1, 1)..NaiveDate::from_ymd_opt(3000, 1, 1);
    if !sane.contains(&Some(day.0)) {
        return Err(format!("{day} is not a year in which apps had doors"));
    }
    Ok(day)
}

/// Reads one file. `yours`: it is the person's own, which need not name its sources.
pub(super) fn read(text: &str, yours: bool) -> Result<RulesFile, RulesError> {
    if text.len() > MAX_BYTES {
        return Err(RulesError::new(1, "the file is larger than a rules file can be"));
    }
    let lines = Lines(text);
    let shape: FileShape = toml::from_str(text).map_err(|e| {
        RulesError::new(lines.at(e.span().map_or(0, |s| s.start)), e.message().replace('\n', ", "))
    })?;
    let apps = shape.app.into_iter().map(app).collect();
    let links =
        shape.link.into_iter().map(|l| checked_link(l, &lines)).collect::<Result<_, _>>()?;
    let mut rules: Vec<(Rule, usize)> = Vec::with_capacity(shape.rule.len());
    for raw in shape.rule {
        let line = lines.at(raw.id.span().start);
        let rule = rule(raw, &lines, yours)?;
        if rules.iter().any(|(r, _)| r.id == rule.id) {
            return Err(RulesError::new(line, format!("a second rule named `{}`", rule.id)));
        }
        rules.push((rule, line));
    }
    Ok(RulesFile { apps, links, rules })
}

struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn at(&self, byte: usize) -> usize {
        1 + self.0.bytes().take(byte).filter(|b| *b == b'\n').count()
    }
}

fn app(raw: AppShape) -> App {
    let plain = App::unknown(&raw.id.into_inner().source());
    let name = raw.name.map_or(plain.name, |w| w.0);
    let short = raw.short.map_or(plain.short, |w| w.0);
    App {
        id: plain.id,
        account: raw.account.map_or_else(|| format!("{name} account"), |w| w.0),
        account_short: raw.account_short.map_or_else(|| short.clone(), |w| w.0),
        name,
        short,
    }
}

fn checked_link(raw: LinkShape, lines: &Lines<'_>) -> Result<LinkRule, RulesError> {
    let line = lines.at(raw.url.span().start);
    let url = raw.url.into_inner();
    if let Err(why) = link::check_template(&url) {
        return Err(RulesError::new(line, why));
    }
    Ok(LinkRule { app: raw.app.source(), url, needs: raw.needs, prefill: raw.prefill.map(|p| p.0) })
}

fn rule(raw: RuleShape, lines: &Lines<'_>, yours: bool) -> Result<Rule, RulesError> {
    let line = lines.at(raw.id.span().start);
    check_apps(raw.kind, &raw.apps, lines)?;
    if raw.scope.get_ref().is_empty() {
        let line = lines.at(raw.scope.span().start);
        return Err(RulesError::new(line, "`scope` names nothing"));
    }
    let sources = match raw.sources {
        Some(s) if s.get_ref().is_empty() => {
            return Err(RulesError::new(lines.at(s.span().start), "`sources` names nothing"));
        }
        Some(s) => s.into_inner().into_iter().map(|w| w.0).collect(),
        None if yours => vec!["your own rules file".to_owned()],
        None => return Err(RulesError::new(line, "the rule names no `sources`")),
    };
    let sure = match raw.sure {
        Some(sure) => sure,
        None if yours => RuleSureness::High,
        None => return Err(RulesError::new(line, "the rule does not say how `sure` it is")),
    };
    Ok(Rule {
        id: raw.id.into_inner().0,
        apps: raw.apps.into_inner().iter().map(Slug::source).collect(),
        kind: raw.kind,
        when: raw.when.map(|w| w.0),
        region: raw.region,
        scope: raw.scope.into_inner(),
        existing: raw.existing,
        new: raw.new,
        handoff: raw.handoff,
        announced: raw.announced.map(|w| w.0),
        superseded_by: raw.superseded_by.map(|s| s.into_inner().0),
        sources,
        sure,
        text: raw.text.0,
        yours,
    })
}

fn check_apps(
    kind: RuleKind,
    apps: &Spanned<Vec<Slug>>,
    lines: &Lines<'_>,
) -> Result<(), RulesError> {
    let why = match (kind, apps.get_ref().as_slice()) {
        (_, [a, b]) if a == b => "the two apps are the same",
        (RuleKind::Migrates | RuleKind::Lossy, [_]) => "this kind of rule needs two apps",
        (RuleKind::Deletes, [_, _]) => "this kind of rule is about one app",
        (_, [_] | [_, _]) => return Ok(()),
        (_, _) => "`apps` names one app, or the two between which the door stands",
    };
    Err(RulesError::new(lines.at(apps.span().start), why))
}
