//! All that the screen knows, as one value. Events change it, drawing reads it.

use std::collections::HashMap;

use super::accounts::SigningIn;
use super::attach::Attaching;
use super::clock::Zone;
use super::complete::Completing;
use super::keymap::{KeyChord, Keymap};
use super::layout::{self, Areas, Wishes};
use super::live::LiveState;
use super::media::Media;
use super::panes::accounts::AccountsState;
use super::panes::attach::AttachState;
use super::panes::composer::ComposerPane;
use super::panes::date::DateState;
use super::panes::go::GoState;
use super::panes::history::HistoryState;
use super::panes::import::{ImportState, Step};
use super::panes::message::MessageSheet;
use super::panes::people::PeopleSheet;
use super::panes::search::SearchState;
use super::panes::sheet::Sheet;
use super::panes::threads::{Load, Threads};
use super::panes::transcript::{Stage, Transcript};
use super::panes::{
    accounts, attach, composer, date, go, handoff, help, history, import, message, notices, people,
    rules, search, suggestion, threads, why,
};
use super::presence::Presence;
use super::sheets::TriageSheet;
use super::theme::Theme;
use crate::config::Call;
use crate::inbox::{
    AccountRow, Badge, ComposerState, Counts, HandOffRow, ImportProgress, LadderTable,
    MyAccountRow, Notice, ReplyRow, Request, RuleRow, Status, SuggestionRow, Ticket, Update,
};
use crate::model::{IdentityId, ThreadId, Timestamp};
use crate::text::Clean;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A key.
    Key(KeyChord),
    /// The terminal came to the front, or went behind something else.
    Focus(bool),
    /// The moment that was waited for has come.
    Moment,
    /// A paste: text, whatever is in it, never keys.
    Paste(String),
    /// The mouse.
    Mouse(Mouse),
    /// The terminal's new size.
    Resize(u16, u16),
    /// The engine's word.
    Update(Update),
    /// The person's editor has ended: its text, or why there is none.
    Edited(ThreadId, Result<String, Notice>),
    /// The engine is gone.
    EngineGone,
}

/// The mouse did something at a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub did: MouseDid,
    /// Column.
    pub x: u16,
    /// Row.
    pub y: u16,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseDid {
    /// The left button went down.
    Press,
    /// The wheel turned up.
    WheelUp,
    /// The wheel turned down.
    WheelDown,
}

/// What is to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the engine.
    Ask(Request),
    /// Put text on the clipboard.
    Copy(String),
    /// Call the person, who looks elsewhere: in these words.
    Call(Clean),
    /// Report the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Draw everything anew.
    Redraw,
    /// Give the terminal back for a while.
    Suspend,
    /// Let the person's editor at a draft.
    Edit {
        /// The thread.
        thread: ThreadId,
        /// The draft.
        text: String,
    },
    /// The end.
    Quit,
}

/// The pane that takes keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The thread list.
    #[default]
    Threads,
    /// The transcript.
    Transcript,
    /// The composer.
    Composer,
}

/// Something that lies above the panes. The last one takes the keys.
#[allow(clippy::large_enum_variant, reason = "a handful of them lie upon each other at most")]
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// The verdict ladder.
    Why {
        /// The thread's title.
        title: String,
        /// One a wish; empty until it has come.
        tables: Option<Vec<LadderTable>>,
        /// Lines scrolled down.
        scroll: usize,
    },
    /// The interop rules.
    Rules {
        /// `None` until they have come.
        rows: Option<Vec<RuleRow>>,
        /// Lines scrolled down.
        scroll: usize,
    },
    /// The keys.
    Help {
        /// Lines scrolled down.
        scroll: usize,
    },
    /// What was told.
    Notices {
        /// Lines scrolled down.
        scroll: usize,
    },
    /// A hand-off, to be confirmed.
    HandOff {
        /// It.
        row: HandOffRow,
        /// Lines scrolled down.
        scroll: usize,
    },
    /// Jump to a date.
    Date(DateState),
    /// Import.
    Import(ImportState),
    /// A guess that waits for an answer.
    Suggestion {
        /// The thread.
        thread: ThreadId,
        /// It.
        row: SuggestionRow,
    },
    /// Which app a thread crosses to.
    CrossTo {
        /// The thread.
        thread: ThreadId,
        /// The apps that it may be.
        others: Vec<Badge>,
        /// The chosen one.
        chosen: usize,
    },
    /// Live accounts.
    Accounts(Box<AccountsState>),
    /// A search.
    Search(Box<SearchState>),
    /// A sheet for tidying the inbox.
    Triage(Box<TriageSheet>),
    /// People: reach, review, everybody.
    People(Box<PeopleSheet>),
    /// One message of a live thread.
    Message(Box<MessageSheet>),
    /// Files that go with a message.
    Attach(Box<AttachState>),
    /// What was handed off from here.
    History(Box<HistoryState>),
    /// A thread or a command by its name.
    Go(Box<GoState>),
}

impl Layer {
    /// What it shows on a screen of a size.
    pub fn sheet(&self, app: &App) -> Sheet {
        let width = app.size.0;
        match self {
            Self::Why { title, tables, .. } => why::sheet(title, tables.as_deref(), width),
            Self::Rules { rows, .. } => rules::sheet(rows.as_deref(), width),
            Self::Help { .. } => help::sheet(app, width),
            Self::Notices { .. } => notices::sheet(app, width),
            Self::HandOff { row, .. } => handoff::sheet(row, width),
            Self::Date(state) => date::sheet(state, app, width),
            Self::Import(state) => import::sheet(state, app.zone, width),
            Self::Suggestion { row, .. } => suggestion::sheet(row, width),
            Self::CrossTo { others, chosen, .. } => suggestion::cross_to(others, *chosen, width),
            Self::Search(state) => search::sheet(state, app),
            Self::Triage(sheet) => sheet.sheet(app),
            Self::People(sheet) => people::sheet(sheet, app),
            Self::History(state) => history::sheet(state, app),
            Self::Go(state) => go::sheet(state, app),
            Self::Accounts(state) => accounts::sheet(state, app),
            Self::Message(sheet) => message::sheet(sheet, app),
            Self::Attach(state) => attach::sheet(state, app),
        }
    }

    /// How far it is scrolled.
    pub fn scroll(&self) -> usize {
        match self {
            Self::Why { scroll, .. }
            | Self::Rules { scroll, .. }
            | Self::Help { scroll }
            | Self::Notices { scroll }
            | Self::HandOff { scroll, .. } => *scroll,
            Self::Import(ImportState { step: Step::Report { scroll, .. }, .. }) => *scroll,
            Self::Triage(sheet) => sheet.scroll(),
            Self::Accounts(state) => state.scroll,
            Self::People(_) => 0,
            Self::Import(_)
            | Self::Date(_)
            | Self::Suggestion { .. }
            | Self::CrossTo { .. }
            | Self::Search(_)
            | Self::Attach(_)
            | Self::History(_)
            | Self::Go(_)
            | Self::Message(_) => 0,
        }
    }

    /// Where its scrolling is kept, if it scrolls.
    pub fn scroll_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::Why { scroll, .. }
            | Self::Rules { scroll, .. }
            | Self::Help { scroll }
            | Self::Notices { scroll }
            | Self::HandOff { scroll, .. } => Some(scroll),
            Self::Import(ImportState { step: Step::Report { scroll, .. }, .. }) => Some(scroll),
            Self::Triage(sheet) => sheet.scroll_mut(),
            Self::Accounts(state) => Some(&mut state.scroll),
            Self::People(_) => None,
            Self::Import(_)
            | Self::Date(_)
            | Self::Suggestion { .. }
            | Self::CrossTo { .. }
            | Self::Search(_)
            | Self::Attach(_)
            | Self::History(_)
            | Self::Go(_)
            | Self::Message(_) => None,
        }
    }
}

/// Beginning at a bare address waits for an answer, or for the person's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// Of the request.
    pub ticket: Ticket,
    /// Whose address.
    pub identity: IdentityId,
}

/// Tickets of the popups' requests: only the latest answer of each is taken.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// The ladder.
    pub why: Option<Ticket>,
    /// The rules.
    pub rules: Option<Ticket>,
    /// A message that is being sent.
    pub send: Option<Ticket>,
    /// Messages that the engine was given and has not answered yet.
    pub sent: Vec<super::sent::Sent>,
    /// Another wish.
    pub wish: Option<Ticket>,
    /// A text on its way to another thread: the request, where it was written, the text.
    pub carry: Option<(Ticket, ThreadId, String)>,
    /// A thread whose person's timeline opens as soon as it is known who that is.
    pub timeline: Option<ThreadId>,
    /// Whether a new conversation may begin in the open thread.
    pub begin: Option<Ticket>,
    /// A conversation that begins at a bare address.
    pub start: Option<Start>,
    /// A reply that was begun, and in which thread.
    pub reply: Option<(Ticket, ThreadId)>,
    /// A thread whose suggestion is to be shown as soon as it is open.
    pub suggestion: Option<ThreadId>,
    /// A change that can be undone is on its way: what is told next names the key.
    pub triage: bool,
}

/// The screen's state.
pub struct App {
    /// The terminal's size.
    pub size: (u16, u16),
    /// The present, as of the last event.
    pub now: Timestamp,
    /// How far this inbox's present is from everybody's, in milliseconds.
    shift: i64,
    /// The clock that times are shown by.
    pub zone: Zone,
    /// Colours.
    pub theme: Theme,
    /// Keys.
    pub keymap: Keymap,
    /// The mouse is reported.
    pub mouse: bool,
    /// Nothing moves by itself.
    pub reduced_motion: bool,
    /// When the terminal calls.
    pub call: Call,
    /// Facts for the status line; `None` until the engine has spoken.
    pub status: Option<Status>,
    /// How many threads each view holds.
    pub counts: Counts,
    /// The pane that takes keys.
    pub focus: Focus,
    /// The list.
    pub threads: Threads,
    /// The open thread.
    pub transcript: Transcript,
    /// What is being written.
    pub composer: ComposerPane,
    /// What lies above.
    pub layers: Vec<Layer>,
    /// Everything that was told, oldest first.
    pub notices: Vec<(Timestamp, Notice)>,
    /// What was told last, until the next key.
    pub toast: Option<Notice>,
    /// Tickets of the popups' requests.
    pub waiting: Waiting,
    /// An import is running.
    pub importing: bool,
    /// How far it is.
    pub progress: Option<ImportProgress>,
    /// Texts that were written in this session, by thread.
    pub drafts: HashMap<ThreadId, String>,
    /// Live accounts.
    pub accounts: Vec<AccountRow>,
    /// My accounts in every app, as they were last asked for.
    pub mine: Vec<MyAccountRow>,
    /// Accounts that are being signed in here.
    pub signing: SigningIn,
    /// What is done in live threads.
    pub live: LiveState,
    /// Whether somebody is there.
    pub presence: Presence,
    /// Files that are fetched.
    pub media: Media,
    /// Files that go with what is written.
    pub attaching: Attaching,
    /// Who is typing, by thread.
    pub typing: HashMap<ThreadId, Vec<String>>,
    /// What they answer, as far as it was chosen or came in this session.
    pub replies: HashMap<ThreadId, Option<ReplyRow>>,
    /// The popup above the composer.
    pub completing: Completing,
    /// The search whose hits are being walked.
    pub found: Option<SearchState>,
    /// Former searches, the latest last.
    pub searches: Vec<String>,
    /// Threads that were read or written in, the latest last.
    pub visited: Vec<ThreadId>,
    /// Messages are being made searchable: how many of how many.
    pub indexing: Option<(u64, u64)>,
    /// The engine is gone.
    pub engine_gone: bool,
    tickets: u64,
}

/// Notices kept in the history.
const HISTORY: usize = 500;

impl App {
    /// The screen before anything is known.
    pub fn new(theme: Theme, keymap: Keymap, zone: Zone) -> Self {
        Self {
            size: (80, 24),
            now: Timestamp(0),
            shift: 0,
            zone,
            theme,
            keymap,
            mouse: true,
            reduced_motion: false,
            call: Call::default(),
            status: None,
            counts: Counts::default(),
            focus: Focus::Threads,
            threads: Threads::default(),
            transcript: Transcript::default(),
            composer: ComposerPane::default(),
            layers: Vec::new(),
            notices: Vec::new(),
            toast: None,
            waiting: Waiting::default(),
            importing: false,
            progress: None,
            drafts: HashMap::new(),
            accounts: Vec::new(),
            mine: Vec::new(),
            signing: SigningIn::default(),
            live: LiveState::default(),
            presence: Presence::default(),
            media: Media::default(),
            attaching: Attaching::default(),
            typing: HashMap::new(),
            replies: HashMap::new(),
            completing: Completing::default(),
            found: None,
            searches: Vec::new(),
            visited: Vec::new(),
            indexing: None,
            engine_gone: false,
            tickets: 0,
        }
    }

    /// What to ask at the start.
    pub fn begin(&mut self) -> Vec<Effect> {
        let ticket = self.ticket();
        self.threads.refresh(|| ticket).map(Effect::Ask).into_iter().collect()
    }

    /// A ticket that was not used before.
    pub fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    /// Where everything stands.
    pub fn areas(&self) -> Areas {
        let first = layout::layout(self.size.0, self.size.1, self.wishes(1));
        match first.composer {
            Some(area) => {
                let rows = composer::rows_wanted(self, area.width);
                layout::layout(self.size.0, self.size.1, self.wishes(rows))
            }
            None => first,
        }
    }

    fn wishes(&self, composer: u16) -> Wishes {
        Wishes {
            transcript: self.focus != Focus::Threads,
            composer,
            // A timeline is read; one writes in its threads.
            open: self.transcript.stage != Stage::None && self.transcript.person.is_none(),
        }
    }

    /// The list and the transcript stand side by side.
    pub fn is_wide(&self) -> bool {
        self.size.0 >= layout::SIDE_BY_SIDE
    }

    /// The page for an empty store is shown.
    pub fn is_first_run(&self) -> bool {
        self.status.as_ref().is_some_and(|s| s.empty)
    }

    /// A guess waits in the open thread.
    pub fn has_suggestion(&self) -> bool {
        self.transcript.header.as_ref().is_some_and(|h| h.suggestion.is_some())
    }

    /// The open thread is read-only because the person said so.
    pub fn is_marked(&self) -> bool {
        let header = self.transcript.header.as_ref();
        header.is_some_and(
            |h| matches!(&h.composer, ComposerState::Closed(reason) if reason.sure == "yours"),
        )
    }

    /// The open thread's title.
    pub fn open_title(&self) -> String {
        let listed = self.threads.current().filter(|r| Some(r.id) == self.transcript.thread);
        let row = self.transcript.header.as_ref().map(|h| &h.row).or(listed);
        row.map(|r| r.title.clone()).unwrap_or_default()
    }

    /// How far a running import is, in a few words; not while its popup says so.
    pub fn import_line(&self) -> Option<String> {
        if !self.importing || matches!(self.layers.last(), Some(Layer::Import(_))) {
            return None;
        }
        let Some(progress) = &self.progress else { return Some("importing…".into()) };
        let messages = super::clock::number(progress.messages);
        Some(match import::pace(progress).done {
            Some(done) => format!("importing {:.0} % · {messages} messages", done * 100.0),
            None => format!("importing · {messages} messages"),
        })
    }

    /// How long it is from everybody's present until an instant of this inbox, in milliseconds.
    pub fn until(&self, at: Timestamp, present: Timestamp) -> u64 {
        let here = present.0.saturating_add(self.shift);
        at.0.saturating_sub(here).max(1).unsigned_abs()
    }

    /// Takes the present, as everybody has it.
    pub fn tick(&mut self, present: Timestamp) {
        self.now = Timestamp(present.0.saturating_add(self.shift));
    }

    /// Takes what is told of the inbox as a whole. The first word on its clock counts: from then
    /// on that clock runs as every other.
    pub fn opened(&mut self, status: Status) {
        let before = self.status.as_ref().and_then(|s| s.clock);
        if status.clock != before {
            let present = self.now.0.saturating_sub(self.shift);
            self.shift = status.clock.map_or(0, |c| c.0.saturating_sub(present));
            self.tick(Timestamp(present));
        }
        self.status = Some(status);
    }

    /// Tells something: at once, and in the history.
    pub fn tell(&mut self, notice: Notice) {
        if self.notices.len() >= HISTORY {
            self.notices.remove(0);
        }
        self.notices.push((self.now, notice.clone()));
        self.toast = Some(notice);
    }

    /// Fits every pane's state to the present size, so that drawing only reads.
    pub fn settle(&mut self) -> Vec<Effect> {
        let areas = self.areas();
        if areas.too_small {
            return Vec::new();
        }
        if let Some(area) = areas.threads {
            self.threads.resize(threads::fits(area));
        }
        let inner = areas.transcript.map(layout::inside).unwrap_or_default();
        self.transcript.resize(inner.width, inner.height, self.zone);
        self.transcript.older = super::live::older_line(self);
        self.transcript.gaps = super::live::gap_lines(self);
        self.transcript.media = self.media.states.clone();
        self.transcript.look();
        self.clamp_scroll();
        let mut asks = Vec::new();
        let mut next = self.tickets;
        let mut ticket = || {
            next += 1;
            Ticket(next)
        };
        asks.extend(self.threads.missing(&mut ticket));
        asks.extend(self.transcript.missing(&mut ticket));
        self.tickets = next;
        let more = super::find::more(self);
        asks.into_iter().map(Effect::Ask).chain(more).collect()
    }

    fn clamp_scroll(&mut self) {
        let Some(layer) = self.layers.last() else { return };
        if layer.scroll() == 0 {
            return;
        }
        let sheet = layer.sheet(self);
        let all = layout::layout(self.size.0, self.size.1, Wishes::default()).all;
        let most = sheet.lines.len().saturating_sub(super::panes::sheet::visible(&sheet, all));
        if let Some(scroll) = self.layers.last_mut().and_then(Layer::scroll_mut) {
            *scroll = (*scroll).min(most);
        }
    }

    /// The engine is gone: say so where rows would come.
    pub fn engine_left(&mut self) {
        self.engine_gone = true;
        if self.threads.load == Load::Loading {
            self.threads.load = Load::Failed;
        }
    }
}
