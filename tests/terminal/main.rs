//! The screen in a real terminal: what a person sees on the glass, and what the terminal is left
//! with.

mod picture;
mod pty;

use std::fmt::Write as _;
use std::path::Path;

use pty::{Terminal, find, find_from, given_back};
use tempfile::TempDir;

/// The thread list's columns at the width that the tests use.
const LIST: u16 = 38;

fn home() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// The bundled inbox, judged as of a day.
fn demo(home: &TempDir, day: &str, env: &[(&str, &str)]) -> Terminal {
    Terminal::start(110, 36, home.path(), &["--demo", "--as-of", day], env)
}

/// A person's own store.
fn inbox(home: &TempDir) -> Terminal {
    Terminal::start(110, 36, home.path(), &["--data-dir", "store"], &[])
}

/// Imports lines of the interchange format without a screen.
fn import(home: &Path, lines: &[serde_json::Value]) {
    let mut text = "{\"onebox\":1}\n".to_owned();
    lines.iter().for_each(|l| writeln!(text, "{l}").expect("a string takes all"));
    std::fs::write(home.join("inbox.jsonl"), text).expect("a writable home");
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_onebox"))
        .args(["--data-dir", "store", "import", "inbox.jsonl"])
        .current_dir(home)
        .output()
        .expect("the program starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn message(thread: &str, at: &str, text: &str) -> serde_json::Value {
    serde_json::json!({"record": "message", "thread": thread, "sender": thread, "sent_at": at,
                       "text": text})
}

/// Leaves what is open. An escape is a key of its own only if nothing follows at once, so this
/// waits until what was open is gone.
fn escape(t: &mut Terminal, open: &str) {
    t.keys("\x1b");
    t.frame("an end of what was open", |s| find(s, open).is_none());
}

/// Opens the cross-app thread with Jonas: the only one of that name among the cross-app threads.
fn open_jonas(t: &mut Terminal) -> vt100::Screen {
    t.text("Maya Okafor");
    t.keys("x");
    t.frame("only cross-app threads", |s| {
        find(s, "Jonas Weber").is_some() && find(s, "Studio Lindqvist").is_none()
    });
    // Down to the row, and in.
    t.keys("G\r");
    t.text("did the parcel arrive?")
}

/// How the list's row with this name is drawn: colour and slant of the name, and the row as text.
fn drawn(s: &vt100::Screen, name: &str) -> (vt100::Color, bool, String) {
    let rows = 0..s.size().0.get();
    let mut found = rows.filter_map(|r| find_from(s, r, name).filter(|f| f.0 == r && f.1 < LIST));
    let (r, c) = found.next().expect("a row of the list");
    let cell = s.cell(r, c).expect("a cell");
    let both = (r..=r + 1).flat_map(|r| pty::row(s, r)).filter(|(col, _)| *col < LIST);
    let both = both.map(|(_, text)| text).collect();
    (cell.fgcolor(), cell.italic(), both)
}

#[test]
fn the_greyed_row_is_seen_opened_and_refuses_everything() {
    let home = home();
    let mut t = demo(&home, "2026-11-22", &[]);
    t.text("Maya Okafor");
    t.keys("x");
    let s = t.frame("cross-app threads", |s| {
        find(s, "Jonas Weber").is_some() && find(s, "Studio Lindqvist").is_none()
    });
    // Grey, slanted, and said without colour: a mark before the name, a word below it.
    let (grey, slanted, row) = drawn(&s, "Jonas Weber");
    assert!(slanted && row.contains('⊘') && row.contains("read-only"), "{row}");
    assert!(row.contains("IG↔FB"), "{row}");
    t.keys("0");
    let s = t.text("Studio Lindqvist");
    let (normal, upright, row) = drawn(&s, "Studio Lindqvist");
    assert!(normal != grey && !upright && !row.contains('⊘') && row.contains("archive"), "{row}");

    open_jonas(&mut t);
    let why = "Instagram ↔ Facebook chats ended in mid-December 2023.";
    let s = t.text(why);
    assert!(find(&s, "read-only since mid-December 2023").is_some(), "{}", s.contents());

    // Typing changes nothing but that the reason is told at once. It is also told after Enter.
    for keys in ["i", "hello", "\r"] {
        t.keys(keys);
        let told = t.frame("the reason as a notice", |s| {
            let first = find(s, why);
            first.is_some_and(|(row, _)| find_from(s, row + 1, why).is_some())
        });
        assert!(find(&told, "hello").is_none(), "{}", told.contents());
    }
    escape(&mut t, "F1 help");
    t.keys("N");
    let s = t.text("cannot be started");
    assert!(find(&s, "Instagram cannot start chats with Facebook accounts").is_some());
    assert!(find(&s, "ended in mid-December 2023").is_some());
    assert!(find(&s, "Messenger").is_some(), "no way on:\n{}", s.contents());
    escape(&mut t, "Reach Jonas");
    t.keys("c");
    let s = t.text("cannot be called");
    assert!(find(&s, "Instagram cannot call Facebook accounts").is_some());

    // The whole ladder, with the deciding line marked.
    t.keys("w");
    t.text("→ Has a rule ended chats between Instagram and Messenger?");
    assert_eq!(t.deeds.of_strangers(), Vec::<String>::new());
    escape(&mut t, "Why ·");
    t.quit();
    assert_eq!(std::fs::read_dir(home.path()).expect("home").count(), 0, "the demo wrote a file");
}

/// What stands in every cell.
fn glass(s: &vt100::Screen) -> String {
    let row = |r| pty::row(s, r).into_iter().map(|(_, text)| text).chain(["\n".to_owned()]);
    (0..s.size().0.get()).flat_map(row).collect()
}

/// Nothing of earlier frames is left on the glass, in a terminal that counts characters where
/// the program counts clusters: drawing everything anew changes nothing.
#[test]
fn nothing_of_an_earlier_frame_stays() {
    let home = home();
    let mut t = demo(&home, "2026-11-22", &[]);
    t.text("see you at six?");
    // Counted on the side, once; nothing comes after it.
    t.text("Archived 1");
    for (key, what) in
        [("o", "Salsa Tuesdays"), ("G", "Book club"), ("0", "Maya Okafor"), ("x", "IG↔FB")]
    {
        t.keys(key);
        t.text(what);
        // The engine answers in order: after a question of ours all that the key asked for is
        // there, and after a second one what those answers asked for (the selected thread).
        for _ in 0..2 {
            t.keys("R");
            t.text("touching threads of yours");
            escape(&mut t, "touching threads of yours");
        }
        let before = t.bytes().len();
        let shown = glass(&t.text(what));
        t.keys("\x0c");
        t.written("the screen drawn anew", before + 2_000);
        let anew = glass(&t.text(what));
        assert!(shown == anew, "after {key}, as it was:\n{shown}\nand anew:\n{anew}");
    }
    t.quit();
}

#[test]
fn before_the_end_the_same_row_is_not_grey() {
    let home = home();
    let mut t = demo(&home, "2023-11-01", &[]);
    let s = open_jonas(&mut t);
    let (_, slanted, row) = drawn(&s, "Jonas Weber");
    assert!(!slanted && !row.contains('⊘') && !row.contains("read-only"), "{row}");
    // And it can be written in.
    t.keys("ihello Jonas");
    t.text("hello Jonas");
    t.quit();
}

#[test]
fn without_colours_mark_word_and_slant_remain() {
    let home = home();
    let mut t = demo(&home, "2026-11-22", &[("NO_COLOR", "1")]);
    let s = open_jonas(&mut t);
    let (colour, slanted, row) = drawn(&s, "Jonas Weber");
    assert_eq!(colour, vt100::Color::Default);
    assert!(slanted && row.contains('⊘') && row.contains("read-only"), "{row}");
    let rows = (0..s.size().0.get()).flat_map(|r| (0..s.size().1.get()).map(move |c| (r, c)));
    for (r, c) in rows {
        let cell = s.cell(r, c).expect("a cell");
        assert_eq!((cell.fgcolor(), cell.bgcolor()), Default::default(), "row {r}, column {c}");
    }
    t.quit();
}

#[test]
fn strangers_cannot_reach_the_terminal() {
    let home = home();
    let marks = "\u{301}".repeat(10_000);
    let evil = format!(
        "\u{1b}]0;owned\u{7}\u{1b}]52;c;cHduZWQ=\u{7}\u{1b}[2J\u{1b}[?1049l\u{9b}31m\u{9d}0;x\u{9c}\
         \u{202e}txt.exe\u{2066}\u{e0041}\u{e0042}a{marks}\r\u{8}"
    );
    import(
        home.path(),
        &[
            serde_json::json!({"record": "thread", "thread": evil, "title": evil}),
            message(&evil, "2024-05-01T10:00:00Z", &evil),
            message(&evil, "2024-05-01T10:01:00Z", "and in the end a plain word"),
        ],
    );
    let mut t = inbox(&home);
    t.text("and in the end a plain word");
    // Every place that shows names or texts: transcript, ladder, notices, new chat.
    t.keys("\r");
    t.text("10:01");
    t.keys("w");
    t.text("Why ·");
    escape(&mut t, "Why ·");
    t.keys("m");
    t.text("You marked this thread read-only");
    t.keys("N");
    t.text("Reach ");
    escape(&mut t, "Reach ");
    t.keys("!");
    t.text("Notices");
    escape(&mut t, "Notices");
    let s = t.text("and in the end a plain word");
    assert!(s.alternate_screen(), "the program was thrown off its screen");
    assert_eq!(t.deeds.of_strangers(), Vec::<String>::new());
    let written = String::from_utf8(t.bytes()).expect("whole characters only");
    // The program's own title ends with the bell's character; nothing else may.
    let written = written.replace("\x1b]0;onebox\x07", "");
    let bad = ['\u{7}', '\u{9b}', '\u{9d}', '\u{202e}', '\u{2066}', '\u{e0041}'];
    assert!(!written.contains(bad));
    assert!(written.matches('\u{301}').count() < 2_000, "the flood came through");
    t.quit();
}

#[test]
fn a_storm_of_sizes_ends_in_a_whole_screen() {
    let home = home();
    let mut t = demo(&home, "2026-11-22", &[]);
    t.text("Maya Okafor");
    for i in 0..60u16 {
        t.resize(1 + i * 7 % 200, 1 + i * 5 % 60);
    }
    for (cols, rows) in [(1, 1), (2, 1), (1, 40), (200, 1), (40, 12), (1, 1)] {
        t.resize(cols, rows);
        t.keys("j");
    }
    t.resize(110, 36);
    t.keys("g");
    let corner = |s: &vt100::Screen| s.cell(34, 109).is_some_and(|c| c.contents() == "╯");
    let s = t.frame("the whole screen", |s| corner(s) && find(s, "Maya Okafor").is_some());
    assert!(find(&s, "onebox").is_some() && find(&s, "quit").is_some(), "{}", s.contents());
    // Drawing everything again asks the terminal nothing: this one answers no questions.
    let before = t.bytes().len();
    t.keys("\x0c");
    t.written("another frame", before + 2_000);
    t.text("Maya Okafor");
    t.quit();
}

#[test]
fn however_it_ends_the_draft_is_kept() {
    killed();
    terminated();
}

fn killed() {
    let home = home();
    import(home.path(), &[message("Ana", "2024-05-01T10:00:00Z", "are you there?")]);
    let mut t = inbox(&home);
    t.text("are you there?");
    t.keys("\ri");
    t.keys("dear Ana, žluťoučký 🎉");
    t.text("dear Ana, žluťoučký 🎉");
    // Drafts are kept as one types; how soon is asked of the store, not of a clock.
    let stored = || {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        rusqlite::Connection::open_with_flags(home.path().join("store/onebox.db"), flags)
            .and_then(|db| db.query_row("SELECT text FROM draft", [], |r| r.get::<_, String>(0)))
            .unwrap_or_default()
    };
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !stored().contains("🎉") {
        assert!(std::time::Instant::now() < end, "the draft was never kept: {:?}", stored());
        // Moving about in the text is what a person does; it also makes time pass in the screen.
        t.keys("\x1b[D\x1b[C");
    }
    t.signal("KILL");
    assert!(!t.end().0);

    let mut t = inbox(&home);
    t.text("are you there?");
    t.keys("\ri");
    t.text("dear Ana, žluťoučký 🎉");
    t.quit();
}

/// Asked to end, it also gives the terminal back.
fn terminated() {
    let home = home();
    import(home.path(), &[message("Ana", "2024-05-01T10:00:00Z", "are you there?")]);
    for signal in ["TERM", "HUP"] {
        let mut t = inbox(&home);
        t.text("are you there?");
        t.keys("\ri");
        t.keys(signal);
        t.text(signal);
        t.signal(signal);
        given_back(&t.end().1);
    }
    let mut t = inbox(&home);
    t.text("are you there?");
    t.keys("\ri");
    // Typed by both, kept by both.
    t.frame("both drafts", |s| find(s, "TERMHUP").is_some() || find(s, "HUPTERM").is_some());
    t.quit();
}

/// An editor of a few lines of shell, and the person's environment that names it.
fn editor(home: &Path, script: &str) -> String {
    let path = home.join("my editor.sh");
    std::fs::write(&path, script).expect("a writable home");
    format!("sh '{}'", path.display())
}

/// What the screen and an editor that reads keys do with one terminal: the keys go to whoever has
/// it, and everything is as it was afterwards.
#[test]
fn the_persons_editor_has_the_terminal_to_itself() {
    let home = home();
    import(home.path(), &[message("Ana", "2024-05-01T10:00:00Z", "are you there?")]);
    let script = "echo THE-EDITOR; stty -g >/dev/null && read word; \
                  echo \"$(cat \"$1\") and $word\" > \"$1.new\"; mv \"$1.new\" \"$1\"";
    let command = editor(home.path(), script);
    let path = std::env::var("PATH").unwrap_or_default();
    let env = [("EDITOR", command.as_str()), ("PATH", path.as_str())];
    let mut t = Terminal::start(110, 36, home.path(), &["--data-dir", "store"], &env);
    t.text("are you there?");
    t.keys("\ridear Ana");
    t.text("dear Ana");
    t.keys("\x1be");
    let s = t.shown("the editor", |s| find(s, "THE-EDITOR").is_some());
    given_back(&s);
    // A signal that the keys send is the editor's business (a shell's `read` goes on at Enter).
    t.keys("qqq quit\r");
    let s = t.text("dear Ana and qqq quit");
    assert!(s.alternate_screen() && s.bracketed_paste(), "the screen is ours again");
    // Every key is ours again, and one step goes back.
    t.keys("!");
    t.text("dear Ana and qqq quit!");
    t.keys("\x1f\x1f");
    t.frame("the draft as it was", |s| find(s, "dear Ana").is_some() && find(s, "qqq").is_none());
    assert_eq!(t.deeds.of_strangers(), Vec::<String>::new());
    t.quit();
}

#[test]
fn an_editor_that_fails_takes_nothing_with_it() {
    let home = home();
    import(home.path(), &[message("Ana", "2024-05-01T10:00:00Z", "are you there?")]);
    // Leaves the terminal in a mess, throws the text away and is killed; its Ctrl-C is its own.
    let script = "printf '\\033[?1049h\\033[?25l\\033[?2004h'; stty raw -echo; : > \"$1\"; \
                  kill -INT 0; kill -9 $$";
    let command = editor(home.path(), script);
    let path = std::env::var("PATH").unwrap_or_default();
    let env = [("VISUAL", command.as_str()), ("PATH", path.as_str())];
    let mut t = Terminal::start(110, 36, home.path(), &["--data-dir", "store"], &env);
    t.text("are you there?");
    t.keys("\ridear Ana");
    t.text("dear Ana");
    t.keys("\x1be");
    let s = t.text("The editor gave nothing back");
    assert!(find(&s, "dear Ana").is_some(), "{}", s.contents());
    t.keys(", hello");
    t.text("dear Ana, hello");
    t.quit();
}

/// A group in which nothing says who I am.
fn a_group(home: &Path) -> std::path::PathBuf {
    let file = home.join("WhatsApp Chat with Book club.txt");
    let text = "14/03/2024, 10:00 - Ana created group \"Book club\"\n\
                14/03/2024, 10:01 - Jonas: what do we read?\n\
                14/03/2024, 10:03 - Maya: something short\n";
    std::fs::write(&file, text).expect("a writable home");
    file
}

#[test]
fn an_import_asks_who_i_am_on_screen() {
    let home = home();
    let file = a_group(home.path());
    let mut t = inbox(&home);
    t.frame("the first run", |s| find(s, "demo").is_some());
    t.keys("I");
    t.frame("the form", |s| !s.hide_cursor());
    t.keys(file.to_str().expect("a path"));
    t.text("club.txt");
    t.keys("\r");
    let s = t.text("say who you are");
    assert!(find(&s, "--me").is_none(), "{}", s.contents());
    t.keys("\r");
    t.frame("the question", |s| find(s, "Who are you?").is_some() && find(s, "Jonas").is_some());
    t.keys("may");
    t.frame("what is typed narrows it", |s| s.contents().matches("1 thread").count() == 1);
    t.keys("\r");
    t.text("You: something short");
    t.quit();
}

#[test]
fn an_import_asks_who_i_am_in_the_shell() {
    let home = home();
    let file = a_group(home.path());
    let args = ["--data-dir", "store", "import", file.to_str().expect("a path")];
    let mut t = Terminal::start(100, 30, home.path(), &args, &[]);
    let s = t.shown("the question", |s| find(s, "Enter alone leaves it open").is_some());
    assert!(find(&s, "2  Maya  1 thread").is_some(), "{}", s.contents());
    t.keys("nobody\r");
    t.shown("no", |s| find(s, "nobody is called nobody there").is_some());
    t.keys("2\r");
    t.shown("said", |s| find(s, "You are Maya there now").is_some());
    let (fine, s) = t.end();
    assert!(fine, "{}", s.contents());
}

/// Of several exports only what is chosen is imported; Ctrl-C at a question ends it at once.
#[test]
fn an_import_of_several_exports_asks_which() {
    let home = home();
    a_group(home.path());
    let other = format!("{{\"onebox\":1}}\n{}\n", message("Zoe", "2024-05-01T10:00:00Z", "hello"));
    std::fs::write(home.path().join("export.jsonl"), other).expect("a writable home");
    let folder = home.path().to_str().expect("a path");
    let args = ["--data-dir", "store", "import", folder];
    let mut t = Terminal::start(100, 30, home.path(), &args, &[]);
    let s = t.shown("the question", |s| find(s, "Enter imports all of them").is_some());
    assert!(find(&s, "Found 2 exports").is_some(), "{}", s.contents());
    let whatsapp = s.contents().lines().find(|l| l.contains("WhatsApp")).expect("it").to_owned();
    t.keys("7\r");
    t.shown("no such one", |s| find(s, "7 is none of 1 to 2").is_some());
    let number = whatsapp.trim_start().chars().next().expect("a number");
    t.keys(&format!("{number}\r"));
    t.shown("who", |s| find(s, "Who are you in WhatsApp?").is_some());
    t.keys("\x03");
    let (fine, s) = t.end();
    assert!(!fine, "{}", s.contents());
    let args = ["--data-dir", "store", "threads"];
    let t = Terminal::start(100, 30, home.path(), &args, &[]);
    let (fine, s) = t.end();
    assert!(fine && find(&s, "Book club").is_some(), "{}", s.contents());
    assert!(find(&s, "Zoe").is_none(), "{}", s.contents());
}

#[test]
fn the_first_run_imports_and_a_click_opens_a_row() {
    let home = home();
    let mut lines = Vec::new();
    for (i, name) in ["Ana", "Ben", "Cleo"].iter().enumerate() {
        lines.push(message(
            name,
            &format!("2024-05-0{}T10:00:00Z", i + 1),
            &format!("I am {name}"),
        ));
    }
    let mut text = "{\"onebox\":1}\n".to_owned();
    lines.iter().for_each(|l| writeln!(text, "{l}").expect("a string takes all"));
    std::fs::write(home.path().join("export.jsonl"), text).expect("a writable home");
    let mut t = inbox(&home);
    // Nothing is there yet: three ways in, no empty boxes.
    let s = t.frame("the first run", |s| find(s, "demo").is_some());
    assert!(find(&s, "mport").is_some(), "{}", s.contents());
    t.keys("I");
    t.frame("the form", |s| !s.hide_cursor());
    t.keys(home.path().join("export.jsonl").to_str().expect("a path"));
    t.text("export.jsonl");
    t.keys("\r");
    let s = t.text("Import · report");
    assert!(find(&s, "3 new · 0 known").is_some(), "{}", s.contents());
    // Who of them I am may stay open.
    escape(&mut t, "Import · report");
    let s = t.frame("the list", |s| find(s, "report").is_none() && find(s, "Ben").is_some());

    let (r, c) = find(&s, "Ben").expect("the row");
    t.keys(&format!("\x1b[<0;{};{}M\x1b[<0;{};{}m", c + 1, r + 1, c + 1, r + 1));
    t.frame("Ben's conversation", |s| {
        find(s, "Ben · Onebox").is_some() && find(s, "▏ I am Ben").is_some()
    });
    t.quit();
}
