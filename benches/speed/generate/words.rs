//! Invented words in several scripts, as people write them: some common, most rare.

use super::chance::Chance;

const WORDS: usize = 4_000;
/// Words that hardly anybody uses (names, places, slips of the thumb), in each script.
pub const RARE: u64 = 200_000;

struct Script {
    /// Of a hundred threads, how many write in it.
    share: u64,
    /// What stands between words.
    space: &'static str,
    syllables: &'static str,
}

const SCRIPTS: &[Script] = &[
    Script {
        share: 56,
        space: " ",
        syllables: "the a to in o ver mi la so re ten ka li na mo ra shi ing er al en ve is de \
                    ly ta ro pe gu ch an do fi be st ma ho wa ye né ü ça ño ß",
    },
    Script {
        share: 10,
        space: " ",
        syllables: "не на по ко ра то ли за ве до пре сто го ми ня ем ть ло ка ши ну да вы ж",
    },
    Script {
        share: 9,
        space: " ",
        syllables: "ال من في يا لا مر حب كم سل ام شو نا عل بت دا رو كي هم تع حا ني مو",
    },
    Script {
        share: 5,
        space: " ",
        syllables: "क्या है में हाँ नहीं का रे मि ता सु नो जी प्र भा लो वि आ ज ब दे ख",
    },
    Script {
        share: 5,
        space: " ",
        syllables: "안 녕 하 세 요 오 늘 진 짜 가 는 고 맙 다 우 리 지 금 뭐 해 너 무",
    },
    Script {
        share: 8,
        space: "",
        syllables: "你 好 我 们 今 天 的 是 不 在 吃 了 吗 明 去 看 想 很 人 大 家 来 时 候 说 有 点 那 个",
    },
    Script {
        share: 5,
        space: "",
        syllables: "です ます これ は を に 今日 ね よ って 行 食べ 楽し 会 時 と も な い し て 人 本 明日",
    },
    Script {
        share: 2,
        space: "",
        syllables: "ไป มา กิน ข้าว รัก ดี ที่ นี่ ครับ ค่ะ วัน นี้ ไม่ ใช่ เธอ เรา จะ ได้ ยัง",
    },
];

const EMOJI: &[&str] = &[
    "😂",
    "❤️",
    "👍",
    "😍",
    "🙏",
    "😭",
    "😊",
    "🔥",
    "🎉",
    "😘",
    "🤣",
    "👀",
    "👩🏽‍💻",
    "🇫🇷",
    "👨‍👩‍👧‍👦",
    "☕",
];

/// The scripts that write with spaces, in the order of their numbers.
pub const SPACED: usize = 5;

/// The words of every script.
pub struct Words {
    seed: u64,
    lists: Vec<Vec<String>>,
}

impl Words {
    /// The words of a seed.
    pub fn new(seed: u64) -> Self {
        let list = |(n, script): (usize, &Script)| {
            let mut chance = Chance::new(seed, 100 + n as u64);
            let syllables: Vec<&str> = script.syllables.split_whitespace().collect();
            let word = |rank: usize| {
                // Frequent words are short.
                let longest = 1 + u64::from((rank + 1).ilog2()) / 3;
                (0..=chance.below(longest)).map(|_| *chance.of(&syllables)).collect()
            };
            (0..WORDS).map(word).collect()
        };
        Self { seed, lists: SCRIPTS.iter().enumerate().map(list).collect() }
    }

    /// The words of a script, the frequent ones first.
    pub fn list(&self, script: usize) -> &[String] {
        &self.lists[script]
    }

    /// One of the words that hardly anybody uses.
    pub fn rare(&self, script: usize, n: u64) -> String {
        let mut chance = Chance::new(self.seed, 1_000_000_000 * (script as u64 + 1) + n);
        let syllables: Vec<&str> = SCRIPTS[script].syllables.split_whitespace().collect();
        (0..4 + chance.below(2)).map(|_| *chance.of(&syllables)).collect()
    }

    /// The script of a thread.
    pub fn script(&self, chance: &mut Chance) -> usize {
        let mut n = chance.below(100);
        for (i, script) in SCRIPTS.iter().enumerate() {
            if n < script.share {
                return i;
            }
            n -= script.share;
        }
        0
    }

    /// A person's name.
    pub fn name(&self, chance: &mut Chance) -> String {
        let script = if chance.percent(70) { 0 } else { self.script(chance) };
        let one = |chance: &mut Chance| {
            let word = chance.of(&self.lists[script]);
            let mut letters = word.chars();
            let first = letters.next().map(char::to_uppercase);
            first.into_iter().flatten().chain(letters).collect::<String>()
        };
        format!("{} {}", one(chance), one(chance))
    }

    /// An emoji.
    pub fn emoji(&self, chance: &mut Chance) -> &'static str {
        chance.skewed::<&'static str>(EMOJI)
    }

    /// A message: most are short, a few are long and have lines.
    pub fn text(&self, script: usize, chance: &mut Chance, out: &mut String) {
        out.clear();
        let script = if chance.percent(10) { 0 } else { script };
        let many = match chance.below(100) {
            0..25 => 1 + chance.below(2),
            25..80 => 3 + chance.below(9),
            80..97 => 10 + chance.below(25),
            _ => 40 + chance.below(120),
        };
        for n in 0..many {
            if n > 0 {
                let line = many > 30 && chance.percent(4);
                out.push_str(if line { "\n" } else { SCRIPTS[script].space });
            }
            if chance.below(64) == 0 {
                out.push_str(&self.rare(script, chance.below(RARE)));
            } else {
                out.push_str(chance.skewed::<String>(&self.lists[script]));
            }
            if n + 1 < many && chance.percent(5) {
                out.push(',');
            }
        }
        match chance.below(20) {
            0 => out.push('?'),
            1 => out.push('!'),
            2..5 => {
                out.push(' ');
                for _ in 0..=chance.below(3) {
                    out.push_str(self.emoji(chance));
                }
            }
            5 => {
                out.push_str(" https://example.org/");
                out.push_str(&chance.below(1_000_000).to_string());
            }
            _ => {}
        }
    }
}
