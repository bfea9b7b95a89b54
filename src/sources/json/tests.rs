//! The walk over whole, damaged and hostile files.

use serde_json::{Value, json};

use super::{ITEM, Listener, Want, parse, walk};
use crate::model::{Oddity, Record};
use crate::sources::{FileTree, Sink, Stop};

#[derive(Default)]
struct Heard {
    values: Vec<(String, Value, bool)>,
    ended: Vec<String>,
}

impl Listener for Heard {
    fn names(&self) -> &'static [&'static str] {
        &["chats", "list", "name"]
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        match path {
            [] | ["chats"] | ["chats", ITEM] | ["chats", ITEM, "list"] => Want::Inside,
            ["chats", ITEM, "name"] | ["chats", ITEM, "list", ITEM] => Want::Whole,
            _ => Want::Skip,
        }
    }

    fn whole(
        &mut self,
        path: &[&'static str],
        value: Value,
        cut: bool,
        _: &mut dyn Sink,
    ) -> Result<(), Stop> {
        self.values.push((path.join("."), value, cut));
        Ok(())
    }

    fn ended(&mut self, path: &[&'static str], _: &mut dyn Sink) -> Result<(), Stop> {
        self.ended.push(path.join("."));
        Ok(())
    }
}

#[derive(Default)]
struct Told {
    oddities: Vec<Oddity>,
    bytes: u64,
    patience: Option<u64>,
}

impl Sink for Told {
    fn take(&mut self, _: Record) -> Result<(), Stop> {
        Ok(())
    }
    fn odd(&mut self, oddity: Oddity) -> Result<(), Stop> {
        self.oddities.push(oddity);
        Ok(())
    }
    fn remark(&mut self, _: String) -> Result<(), Stop> {
        Ok(())
    }
    fn advance(&mut self, bytes: u64) -> Result<(), Stop> {
        self.bytes += bytes;
        if self.patience.is_some_and(|p| self.bytes > p) { Err(Stop) } else { Ok(()) }
    }
}

fn heard(json: &[u8]) -> (Heard, Told) {
    let tree = FileTree::memory([("a.json".to_owned(), json.to_vec())]);
    let (mut heard, mut told) = (Heard::default(), Told::default());
    walk(&tree, &tree.entries()[0], &mut heard, &mut told).expect("nobody stops");
    (heard, told)
}

#[test]
fn values_come_by_their_paths() {
    let text = br#"{"x": [1, {"chats": 2}], "chats": [{"name": "a", "list": [{"n": 1}, 2], "y": {}}, 7, null]}"#;
    let (heard, told) = heard(text);
    let paths: Vec<&str> = heard.values.iter().map(|(p, ..)| p.as_str()).collect();
    assert_eq!(paths, ["chats.*.name", "chats.*.list.*", "chats.*.list.*"]);
    assert_eq!(heard.values[1].1, json!({"n": 1}));
    assert_eq!(heard.ended, ["chats.*.list", "chats.*", "chats", ""]);
    assert_eq!((told.bytes, told.oddities), (text.len() as u64, vec![]));
}

#[test]
fn what_came_before_the_damage_is_kept() {
    for (text, values, why) in [
        (&br#"{"chats": [{"list": [1, 2, {"a""#[..], 2, "breaks off"),
        (br#"{"chats": [{"list": [1, 2, }"#, 2, "no valid JSON"),
        (br#"{"chats": [{"list": [1]}]} {"chats": []}"#, 1, "no valid JSON"),
        (b"  \n", 0, "empty"),
        (b"{\"chats\": [{\"name\": \"x\xFF\"}]}", 1, "no UTF-8"),
    ] {
        let (heard, told) = heard(text);
        assert_eq!(heard.values.len(), values, "{text:?}");
        assert!(told.oddities.len() == 1 && told.oddities[0].why.contains(why), "{told:?}");
        assert_eq!(told.bytes, text.len() as u64);
    }
}

/// One broken element costs itself alone, in small files and in streamed ones.
#[test]
fn behind_what_is_broken_it_is_read_on() {
    let long = format!("\"x\": \"{}\",", "y".repeat(25 << 20));
    for (list, kept) in [
        (r#"{"n": 1}, {"n": oops}, {"n": 3}"#, &[1, 3][..]),
        (r#"{"n": 1}, {"n": [{"n": 7}, {"m": oops}, {"n": 8}], "o": "],{"}, {"n": 3}"#, &[1, 3]),
        (r#"{"n": 1}, {"n": 2, "m": "a\xb [\" {"}, {"n": 3}"#, &[1, 3]),
        (r#"{"n": 1}, {"n": 2, "m": }, {"n": 3}"#, &[1, 3]),
        (r#"{"n": 1}, {"n": 2,}, {"n": 3}"#, &[1, 3]),
        (r#"{"n": 1}, {"n": 2 "m": 3}, {"n": 3}"#, &[1, 3]),
        (r#"{"n": 1}, {"n": 2}} , {"n": 3}, {"n": 4}"#, &[1, 2, 3, 4]),
        // The end of a line ends a text.
        ("{\"n\": 1},\n{\"n\": 2, \"m\": \"a\n},\n { \"n\": 3}, {\"n\": 4}", &[1, 3, 4]),
        (r#"{"n": 1}, {"n": nope}, {"n": nope}, {"n": 4}, {"n": nope}"#, &[1, 4]),
        (r#"{"n": nope}, {"n": 2}"#, &[2]),
    ] {
        for front in ["", &long] {
            let text = format!(
                r#"{{{front} "chats": [{{"list": [{list}], "name": "a"}}, {{"list": [{{"n": 90}}, {{"n": 91}}], "name": "b"}}]}}"#
            );
            let (heard, told) = heard(text.as_bytes());
            let numbers: Vec<i64> =
                heard.values.iter().filter_map(|(_, v, _)| v["n"].as_i64()).collect();
            assert_eq!(numbers, [kept, &[90, 91]].concat(), "{list} {} {told:?}", front.len());
            let names: Vec<&str> = heard.values.iter().filter_map(|(_, v, _)| v.as_str()).collect();
            assert_eq!(names, ["a", "b"], "{list}");
            let broken = list.matches("nope").count().max(1);
            let told: Vec<&str> = told.oddities.iter().map(|o| o.why.as_str()).collect();
            let passed = told.iter().filter(|w| w.contains("passed over")).count();
            assert_eq!(passed, broken, "{list}: {told:?}");
        }
    }
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.oddities.fmt(f)
    }
}

#[test]
fn a_value_is_bounded_in_size_and_depth() {
    let mut text = br#"{"chats": [{"list": [["#.to_vec();
    text.extend(b"7,".repeat(700_000));
    text.extend(b"7], 1]}]}");
    let (large, told) = heard(&text);
    assert!(large.values[0].2, "told to be cut");
    let kept = large.values[0].1.as_array().map_or(0, Vec::len);
    assert!((1..700_000).contains(&kept), "{kept}");
    assert_eq!(large.values[1].1, json!(1), "what follows is read");
    assert_eq!(told.oddities, []);

    let deep =
        format!(r#"{{"chats": [{{"list": [{}1{}, 2]}}]}}"#, "[".repeat(1000), "]".repeat(1000));
    let (deep, told) = heard(deep.as_bytes());
    assert!(deep.values[0].2 && deep.values[1].1 == json!(2));
    assert_eq!(told.oddities, []);
}

#[test]
fn a_stop_is_heeded() {
    let mut text = br#"{"chats": [{"list": ["#.to_vec();
    text.extend(b"7,".repeat(20_000_000));
    text.extend(b"7]}]}");
    let tree = FileTree::memory([("a.json".to_owned(), text)]);
    let (mut heard, mut told) = (Heard::default(), Told { patience: Some(1), ..Told::default() });
    let result = walk(&tree, &tree.entries()[0], &mut heard, &mut told);
    assert_eq!(result, Err(Stop));
    assert!(heard.values.len() < 1_000_000, "{}", heard.values.len());
}

#[test]
fn members_are_taken_as_they_are() {
    let v =
        parse(br#"{"a": "7", "b": 7.9, "c": true, "d": "", "e": null, "f": [1]}"#).expect("JSON");
    assert_eq!(
        (super::int(&v, "a"), super::int(&v, "b"), super::int(&v, "c")),
        (Some(7), Some(7), None)
    );
    assert!(super::flag(&v, "c") && !super::flag(&v, "a"));
    assert_eq!((super::words(&v, "d"), super::words(&v, "b")), (None, Some("7.9".to_owned())));
    assert_eq!(
        (super::member(&v, "e"), super::list(&v, "f").len(), super::list(&v, "a").len()),
        (None, 1, 0)
    );
    assert_eq!(super::text(&v, "a"), Some("7"));
    let long = serde_json::json!({ "name": "é".repeat(900) });
    assert_eq!(super::brief(&long, "name").map(|n| n.len()), Some(1000), "between letters");
    assert_eq!(parse(b"{} x"), None);
    let twice = parse(br#"{"a": "told", "b": 1, "a": "", "b": 2, "c": [], "c": [1]}"#);
    assert_eq!(twice, Some(serde_json::json!({"a": "told", "b": 2, "c": [1]})));
}
