//! The table: what was measured beside what it is held against.

/// Numbers of several runs.
#[derive(Clone, Debug, Default)]
pub struct Runs(Vec<f64>);

impl Runs {
    /// The middle one.
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The one below which so many of a hundred lie.
    pub fn percentile(&self, n: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
            .get((sorted.len() * n / 100).min(sorted.len().saturating_sub(1)))
            .copied()
            .unwrap_or(f64::NAN)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// One more.
    pub fn push(&mut self, n: f64) {
        self.0.push(n);
    }

    /// Each of these, changed.
    pub fn each(&self, change: impl Fn(f64) -> f64) -> Self {
        self.0.iter().map(|n| change(*n)).collect()
    }

    /// Median, with smallest and largest where there are several.
    pub fn shown(&self, decimals: usize, unit: &str) -> String {
        let median = self.median();
        if self.0.len() < 2 {
            return format!("{median:.decimals$} {unit}");
        }
        let (least, most) = (self.percentile(0), self.percentile(100));
        format!("{median:.decimals$} {unit} ({least:.decimals$}–{most:.decimals$})")
    }

    /// Each of these by the other's of the same round: noise of the machine hits both.
    pub fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a / b).collect())
    }
}

impl FromIterator<f64> for Runs {
    fn from_iter<I: IntoIterator<Item = f64>>(numbers: I) -> Self {
        Self(numbers.into_iter().collect())
    }
}

impl From<f64> for Runs {
    fn from(one: f64) -> Self {
        Self(vec![one])
    }
}

/// What a number should be.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
}

/// A line of the table.
pub struct Row {
    measure: String,
    ours: String,
    baseline: String,
    ratio: String,
    target: String,
    met: &'static str,
}

impl Row {
    /// A number that is only told.
    pub fn told(measure: impl Into<String>, ours: impl Into<String>) -> Self {
        Self {
            measure: measure.into(),
            ours: ours.into(),
            baseline: String::new(),
            ratio: String::new(),
            target: String::new(),
            met: "",
        }
    }

    /// Says what it is held against.
    pub fn against(mut self, baseline: impl Into<String>) -> Self {
        self.baseline = baseline.into();
        self
    }

    /// A ratio, and its target where there is one.
    pub fn ratio(mut self, ratio: &Runs, unit: &str, target: Option<Target>) -> Self {
        self.ratio = ratio.shown(2, unit);
        self.held(ratio.median(), unit, target)
    }

    /// Holds a number against its target.
    pub fn held(mut self, number: f64, unit: &str, target: Option<Target>) -> Self {
        let Some(target) = target else { return self };
        let (words, met) = match target {
            Target::AtMost(most) => (format!("≤ {most} {unit}"), number <= most),
            Target::AtLeast(least) => (format!("≥ {least} {unit}"), number >= least),
        };
        self.target = words;
        self.met = if met { "yes" } else { "NO" };
        self
    }
}

/// The rows as a Markdown table, columns aligned.
pub fn render(rows: &[Row]) -> String {
    let head = ["measure", "ours", "baseline", "ratio", "target", "met?"].map(str::to_owned);
    let mut cells: Vec<[String; 6]> = vec![head];
    cells.extend(rows.iter().map(|r| {
        [&r.measure, &r.ours, &r.baseline, &r.ratio, &r.target, &r.met.to_owned()].map(Clone::clone)
    }));
    let width = |n: usize| cells.iter().map(|c| c[n].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(width).collect();
    let mut out = String::new();
    for (n, row) in cells.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            let gap = width - cell.chars().count();
            out.push_str(&format!("| {cell}{:gap$} ", ""));
        }
        out.push_str("|\n");
        if n == 0 {
            for width in &widths {
                out.push_str(&format!("|{:-<1$}", "", width + 2));
            }
            out.push_str("|\n");
        }
    }
    out
}
