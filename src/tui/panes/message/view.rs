//! Puts what is asked of one message on a sheet.

use super::state::MessageSheet;
use crate::text::Clean;
use crate::tui::app::App;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;

/// Offers shown at once.
const OFFERS: usize = 6;

/// The sheet.
pub fn sheet(state: &MessageSheet, app: &App) -> Sheet {
    match state {
        MessageSheet::React { typed, chosen, allowed, .. } => {
            let mut sheet = Sheet::new("React", Sheet::columns(46, app.size.0));
            let (shown, column) = typed.view(usize::from(sheet.width).saturating_sub(3));
            sheet.cursor = Some((0, column.saturating_add(2)));
            sheet.line(vec![Piece::ours(": ", Ink::Accent), Piece::line(&shown, Ink::Text)]);
            let offers = state.offers();
            if offers.is_empty() {
                let none = match allowed.is_empty() {
                    true => "No emoji is called so.",
                    false => "None of those that are taken here is called so.",
                };
                sheet.text(none, Ink::Muted, 2);
            }
            let from = (chosen + 1).saturating_sub(OFFERS);
            for (at, (emoji, name)) in offers.iter().enumerate().skip(from).take(OFFERS) {
                let here = at == *chosen;
                if here {
                    sheet.show = Some(sheet.lines.len());
                }
                let emoji = Clean::line(emoji);
                sheet.line(vec![
                    Piece::ours(if here { "▌ " } else { "  " }, Ink::Accent),
                    Piece::of(&emoji, Ink::Text),
                    Piece::spaces(4usize.saturating_sub(emoji.width())),
                    Piece::line(name, if here { Ink::Strong } else { Ink::Muted }),
                ]);
            }
            if !allowed.is_empty() {
                sheet.text("No others are taken here.", Ink::Faint, 2);
            }
            sheet.key("Enter", "react, or take it back").key("Esc", "back")
        }
        MessageSheet::Delete { text, unsent, .. } => {
            let title = if *unsent { "Discard the message" } else { "Delete the message" };
            let mut sheet = Sheet::new(title, Sheet::columns(56, app.size.0));
            let lead = vec![Piece::ours("┆ ", Ink::Faint)];
            let text = Clean::line(text).fit(160);
            sheet.text_led(text.as_str(), Ink::Quote, lead, 2);
            sheet.gap();
            let what = match unsent {
                true => "It was not sent. Its text goes with it.",
                false => {
                    "It is taken back for everybody. Who has read it has read it, and an app \
                     behind a bridge may keep it."
                }
            };
            sheet.text(what, Ink::Text, 0);
            sheet.key("y", if *unsent { "discard" } else { "delete" }).key("n", "keep")
        }
    }
}
