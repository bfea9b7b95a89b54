//! Every dependency's licence is one that fits MIT OR Apache-2.0, and every dependency comes from
//! crates.io.
//!
//! Looks at what this build uses. With `ONEBOX_LICENCES=all` (after `cargo fetch`) it looks at
//! every feature on every platform.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Licences that ask for no more than naming the authors; MPL-2.0 asks for changes to its own
/// files only.
const FITTING: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    // A list of certificates: data, not code.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "MPL-2.0+",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "WTFPL",
    "Zlib",
];

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Whether an SPDX expression can be met with the fitting licences. An old spelling separates
/// alternatives with a slash.
fn fits(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let fit = any_of(&words, &mut at);
    fit && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize) -> bool {
    let mut fit = all_of(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        // Read to its end even if the first already fits.
        fit |= all_of(words, at);
    }
    fit
}

fn all_of(words: &[&str], at: &mut usize) -> bool {
    let mut fit = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        fit &= one(words, at);
    }
    fit
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let word = words.get(*at);
    *at += 1;
    // A step past the end: such an expression is never read whole.
    let Some(word) = word else { return false };
    if *word == "(" {
        let fit = any_of(words, at);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return fit && closed;
    }
    let mut name = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    FITTING.contains(&name.as_str())
}

fn run(program: &str, args: &[&str]) -> String {
    let out = Command::new(program)
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("a program of the toolchain");
    assert!(out.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("text")
}

/// What cargo knows of the dependencies, without asking anybody.
fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut args = vec!["metadata", "--offline", "--locked", "--format-version", "1"];
    let host = run("rustc", &["-vV"]);
    let host = host.lines().find_map(|l| l.strip_prefix("host: ")).expect("a host");
    if std::env::var("ONEBOX_LICENCES").is_ok_and(|v| v == "all") {
        args.push("--all-features");
    } else {
        args.extend(["--filter-platform", host]);
        if cfg!(feature = "picture") {
            args.extend(["--features", "picture"]);
        }
    }
    serde_json::from_str(&run(&cargo, &args)).expect("JSON")
}

#[test]
fn every_dependency_may_be_used() {
    let all = metadata();
    let text = |v: &Value, field: &str| v[field].as_str().unwrap_or_default().to_owned();
    let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
    let links: BTreeMap<String, Vec<String>> = list(&all["resolve"]["nodes"])
        .iter()
        .map(|n| (text(n, "id"), list(&n["deps"]).iter().map(|d| text(d, "pkg")).collect()))
        .collect();
    // The list of packages also holds those that only a feature nobody asked for would bring.
    let root = text(&all["resolve"], "root");
    let mut used = BTreeSet::from([root.clone()]);
    let mut next = vec![root.clone()];
    while let Some(id) = next.pop() {
        for dep in links.get(&id).expect("every package of the graph") {
            if used.insert(dep.clone()) {
                next.push(dep.clone());
            }
        }
    }
    assert!(used.len() > 50, "the graph is not read: {} packages", used.len());
    let mut wrong = Vec::new();
    for p in list(&all["packages"]).iter().filter(|p| used.contains(&text(p, "id"))) {
        let name = format!("{} {}", text(p, "name"), text(p, "version"));
        if !fits(&text(p, "license")) {
            wrong.push(format!("{name}: licence {:?}", text(p, "license")));
        }
        if text(p, "id") != root && text(p, "source") != REGISTRY {
            wrong.push(format!("{name}: comes from {}", p["source"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn expressions_are_read() {
    for good in [
        "MIT",
        "MIT OR GPL-3.0",
        "GPL-3.0/MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
        "MIT AND (GPL-3.0 OR Zlib)",
    ] {
        assert!(fits(good), "{good}");
    }
    for bad in [
        "",
        "GPL-3.0-or-later",
        "MIT AND GPL-3.0",
        "MIT OR",
        "(MIT",
        "MIT)",
        "Apache-2.0 WITH other-exception",
        "(MIT OR Apache-2.0) AND GPL-2.0",
    ] {
        assert!(!fits(bad), "{bad}");
    }
}
