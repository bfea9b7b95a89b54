//! Where everything stands: one pure function of the size, for drawing and for mouse hits alike.

use ratatui::layout::Rect;

/// Below this nothing useful fits.
pub const LEAST: (u16, u16) = (40, 10);
/// From this width on the list and the transcript stand side by side.
pub const SIDE_BY_SIDE: u16 = 72;

/// What decides the layout besides the size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Where only one pane fits: show the transcript rather than the list.
    pub transcript: bool,
    /// Rows that the composer would like inside its border.
    pub composer: u16,
    /// There is a thread to show.
    pub open: bool,
}

/// Every pane's place. A pane that is not shown has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// The whole screen.
    pub all: Rect,
    /// It is too small to show anything but that.
    pub too_small: bool,
    /// The top bar.
    pub tabs: Rect,
    /// The thread list with its border.
    pub threads: Option<Rect>,
    /// The transcript with its border.
    pub transcript: Option<Rect>,
    /// The composer with its border.
    pub composer: Option<Rect>,
    /// The status line.
    pub status: Rect,
}

impl Areas {
    /// Between the top bar and the status line.
    pub fn middle(&self) -> Rect {
        let top = self.tabs.bottom();
        Rect::new(self.all.x, top, self.all.width, self.status.y.saturating_sub(top))
    }
}

/// Divides the screen.
pub fn layout(width: u16, height: u16, wishes: Wishes) -> Areas {
    let all = Rect::new(0, 0, width, height);
    if width < LEAST.0 || height < LEAST.1 {
        return Areas { all, too_small: true, ..Areas::default() };
    }
    let tabs = Rect::new(0, 0, width, 1);
    let status = Rect::new(0, height - 1, width, 1);
    let middle = Rect::new(0, 1, width, height - 2);
    let mut areas = Areas { all, tabs, status, ..Areas::default() };
    let right = if width >= SIDE_BY_SIDE {
        let list = (width / 8 * 3).clamp(34, 50);
        areas.threads = Some(Rect { width: list, ..middle });
        Rect { x: list, width: width - list, ..middle }
    } else if wishes.transcript {
        middle
    } else {
        areas.threads = Some(middle);
        return areas;
    };
    // The transcript keeps the larger half, whatever is being written.
    let composer = (wishes.composer + 2).min(middle.height * 2 / 5).max(3);
    if wishes.open && middle.height >= 8 {
        areas.transcript = Some(Rect { height: right.height - composer, ..right });
        areas.composer = Some(Rect { y: right.bottom() - composer, height: composer, ..right });
    } else {
        areas.transcript = Some(right);
    }
    areas
}

/// The inside of a bordered pane.
pub fn inside(area: Rect) -> Rect {
    Rect::new(
        area.x.saturating_add(1),
        area.y.saturating_add(1),
        area.width.saturating_sub(2),
        area.height.saturating_sub(2),
    )
}

/// A popup in the middle, no larger than the screen leaves room for.
pub fn popup(all: Rect, width: u16, height: u16) -> Rect {
    // Slivers of what lies below are only in the way.
    let width = if width.saturating_add(6) > all.width { all.width } else { width.max(1) };
    let height = height.min(all.height.saturating_sub(2)).max(1).min(all.height);
    Rect::new(all.x + (all.width - width) / 2, all.y + (all.height - height) / 2, width, height)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn side_by_side_from_72_columns() {
        let wishes = Wishes { open: true, composer: 1, transcript: false };
        let wide = layout(80, 24, wishes);
        assert!(wide.threads.is_some() && wide.transcript.is_some() && wide.composer.is_some());
        let narrow = layout(60, 24, wishes);
        assert!(narrow.threads.is_some() && narrow.transcript.is_none());
        let narrow = layout(60, 24, Wishes { transcript: true, ..wishes });
        assert!(narrow.threads.is_none() && narrow.transcript.is_some());
    }

    proptest! {
        #[test]
        fn panes_stay_on_the_screen(
            w in 0u16..300, h in 0u16..120, composer in 0u16..40, transcript: bool, open: bool,
        ) {
            let a = layout(w, h, Wishes { transcript, composer, open });
            for r in [Some(a.tabs), Some(a.status), a.threads, a.transcript, a.composer]
                .into_iter()
                .flatten()
            {
                prop_assert!(r.right() <= w && r.bottom() <= h);
            }
            if let (Some(t), Some(c)) = (a.transcript, a.composer) {
                prop_assert!(t.bottom() == c.y && t.height >= 3 && c.height >= 3);
            }
            let p = popup(a.all, 64, 20);
            prop_assert!(p.right() <= w && p.bottom() <= h);
        }
    }
}
