//! The one table of commands: keymap, help and palette are all made from it.

/// Where a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Anywhere, unless the context has its own meaning for the key.
    Global,
    /// The thread list.
    List,
    /// The transcript.
    Transcript,
    /// The composer: plain characters are text.
    Composer,
    /// A popup: help, the ladder, rules, a question.
    Popup,
    /// The import form: plain characters are text.
    Import,
    /// The search: plain characters are text.
    Search,
}

impl Context {
    /// Every context, most general first.
    pub const ALL: [Context; 7] = [
        Context::Global,
        Context::List,
        Context::Transcript,
        Context::Composer,
        Context::Popup,
        Context::Import,
        Context::Search,
    ];

    /// Its name in the keymap.
    pub const fn name(self) -> &'static str {
        match self {
            Context::Global => "global",
            Context::List => "list",
            Context::Transcript => "transcript",
            Context::Composer => "composer",
            Context::Popup => "popup",
            Context::Import => "import",
            Context::Search => "search",
        }
    }

    /// Characters without Ctrl or Alt are text here.
    pub const fn takes_text(self) -> bool {
        matches!(self, Context::Composer | Context::Import | Context::Search)
    }
}

/// Under which heading help shows a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Moving about.
    Move,
    /// Narrowing the list.
    Filter,
    /// Doing something with a thread.
    Thread,
    /// Writing.
    Write,
    /// The program itself.
    Program,
}

impl Group {
    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Group::Move => "Move",
            Group::Filter => "Filter",
            Group::Thread => "Thread",
            Group::Write => "Write",
            Group::Program => "Program",
        }
    }
}

/// A command with all that is told of it.
#[derive(Clone, Copy, Debug)]
pub struct CommandInfo {
    /// The command.
    pub command: Command,
    /// Its name in the keymap and the palette.
    pub name: &'static str,
    /// Where it means something. Keys may be bound in these contexts only.
    pub contexts: &'static [Context],
    /// One line of help.
    pub help: &'static str,
    /// The heading in help.
    pub group: Group,
}

macro_rules! commands {
    ($( $command:ident $name:literal $group:ident [$($context:ident)+] $help:literal )+) => {
        /// Something that a person can make the screen do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Command {
            $( #[doc = $help] $command, )+
        }

        /// Every command, in the order of help.
        pub const COMMANDS: &[CommandInfo] = &[
            $( CommandInfo {
                command: Command::$command,
                name: $name,
                contexts: &[$(Context::$context),+],
                help: $help,
                group: Group::$group,
            }, )+
        ];
    };
}

commands! {
    MoveUp "move-up" Move [List Transcript Composer Popup Import Search] "One row up"
    MoveDown "move-down" Move [List Transcript Composer Popup Import Search] "One row down"
    PageUp "page-up" Move [List Transcript Popup Search] "One page up"
    PageDown "page-down" Move [List Transcript Popup Search] "One page down"
    HalfPageUp "half-page-up" Move [List Transcript Popup] "Half a page up"
    HalfPageDown "half-page-down" Move [List Transcript Popup] "Half a page down"
    Top "top" Move [List Transcript Popup] "To the first row"
    Bottom "bottom" Move [List Transcript Popup] "To the last row"
    OpenThread "open-thread" Move [List] "Open the thread"
    Back "back" Move [Global] "Back, or close what is open"
    FocusNext "focus-next" Move [Global Popup] "To the next pane"
    FocusPrevious "focus-previous" Move [Global] "To the previous pane"
    JumpToDate "jump-to-date" Move [Transcript List] "Jump to a date"
    GoTo "go-to-thread" Move [List Transcript Composer] "Go to a thread by its name"

    Search "search" Move [List Transcript] "Search"
    SearchWhere "search-where" Move [Search] "Search elsewhere: this thread, everywhere"
    SearchOrder "search-order" Move [Search] "Newest hits first, or the best"
    NextHit "next-hit" Move [Transcript] "To the next hit of the search"
    PreviousHit "previous-hit" Move [Transcript] "To the hit before"

    FilterAll "filter-all" Filter [List Transcript] "Show all threads"
    FilterNext "filter-next" Filter [List Transcript] "The next view"
    FilterPrevious "filter-previous" Filter [List Transcript] "The view before"
    FilterSource "filter-source" Filter [List] "Show one app after the other"
    FilterCrossApp "filter-cross-app" Filter [List] "Show cross-app threads only"
    FilterReadOnly "filter-read-only" Filter [List] "Show read-only threads only"
    FilterArchived "filter-archived" Filter [List] "Show archived threads only"
    FilterUnread "filter-unread" Filter [List] "Show unread threads only"

    Views "views" Filter [List] "All views and labels"
    Order "order" Filter [List] "Newest first, or unread first"
    SelectRow "select-row" Filter [List] "Select the thread, or not"
    SelectRange "select-range" Filter [List] "Select from the last selected to here"
    SelectView "select-view" Filter [List] "Select all of this view"

    Archive "archive" Thread [List Transcript] "Archive, or take out of the archive"
    Pin "pin" Thread [List Transcript] "Pin, or unpin"
    Mute "mute" Thread [List Transcript] "Mute, or not"
    MarkUnread "mark-unread" Thread [List Transcript] "Mark as read, or unread"
    Snooze "snooze" Thread [List Transcript] "Snooze until later"
    Labels "labels" Thread [List Transcript] "Put labels on, or take them off"
    Star "star" Thread [Transcript] "Star the message, or not"
    TakeBack "take-back" Thread [List Transcript] "Undo the last change"
    Closing "closing" Thread [List Transcript] "What is about to close"
    Why "why" Thread [List Transcript] "Why may I write here, or not"
    Rules "rules" Thread [List Transcript] "The rules between apps"
    AcceptSuggestion "accept-suggestion" Thread [List Transcript] "Accept the suggestion"
    RefuseSuggestion "refuse-suggestion" Thread [List Transcript] "Refuse the suggestion"
    MarkReadOnly "mark-read-only" Thread [List Transcript] "Mark as read-only"
    MarkCrossApp "mark-cross-app" Thread [List Transcript] "Mark as a cross-app thread"
    ClearMarks "clear-marks" Thread [List Transcript] "Take my marks back"
    Call "call" Thread [List Transcript] "Call"
    Reach "reach" Thread [List Transcript] "Reach them: every thread and address"
    Timeline "timeline" Thread [List Transcript] "Their timeline over all apps"
    Review "review" Thread [List Transcript] "Who is who: review suggestions"
    WhoTheyAre "who-they-are" Thread [List Transcript Import] "Who they are where; take one account out"
    TakeOut "take-out" Thread [Popup] "This account is somebody else"
    NewConversation "new-conversation" Thread [List Transcript] "Start a new conversation"
    React "react" Thread [Transcript] "React to the message"
    Accept "accept" Thread [Transcript] "Accept the invitation (Y as well)"
    SendAgain "send-again" Thread [Transcript] "Send a message again that did not go"
    EditMessage "edit-message" Thread [Transcript] "Edit your own message"
    DeleteMessage "delete-message" Thread [Transcript] "Delete your own message, or discard it"
    FetchOlder "fetch-older" Thread [Transcript] "Fetch missing messages from the server"
    OpenFile "open-file" Thread [Transcript] "Open the message's file; fetch it first"
    SaveFile "save-file" Thread [Transcript] "Save the message's file among the downloads"
    CopyMessage "copy-message" Thread [Transcript] "Copy the message"
    OpenLink "open-link" Thread [Transcript] "Copy the message's link"

    Compose "compose" Write [List Transcript] "Write a message"
    Send "send" Write [Composer] "Send, or hand off to the app"
    Newline "newline" Write [Composer] "New line"
    Reply "reply" Write [Transcript] "Reply to the message"
    Attach "attach" Write [Transcript Composer] "Attach files"
    DropFile "drop-file" Write [Composer Import] "Take an attached file out again"
    DropReply "drop-reply" Write [Composer] "Reply to no message; the text stays"
    EditOutside "edit-outside" Write [Transcript Composer] "Write in your own editor ($EDITOR)"
    HandedOff "handed-off" Write [List Transcript Composer] "What was handed off from here"
    DiscardDraft "discard-draft" Write [Composer] "Discard the draft"
    Left "left" Write [Composer Import Search] "One character left"
    Right "right" Write [Composer Import Search] "One character right"
    WordLeft "word-left" Write [Composer Import Search] "One word left"
    WordRight "word-right" Write [Composer Import Search] "One word right"
    LineStart "line-start" Write [Composer Import Search] "To the start of the line"
    LineEnd "line-end" Write [Composer Import Search] "To the end of the line"
    TextStart "text-start" Write [Composer] "To the start of the text"
    TextEnd "text-end" Write [Composer] "To the end of the text"
    SelectLeft "select-left" Write [Composer] "Select one character left"
    SelectRight "select-right" Write [Composer] "Select one character right"
    SelectWordLeft "select-word-left" Write [Composer] "Select one word left"
    SelectWordRight "select-word-right" Write [Composer] "Select one word right"
    SelectUp "select-up" Write [Composer] "Select one row up"
    SelectDown "select-down" Write [Composer] "Select one row down"
    SelectLineStart "select-line-start" Write [Composer] "Select to the start of the line"
    SelectLineEnd "select-line-end" Write [Composer] "Select to the end of the line"
    SelectAll "select-all" Write [Composer] "Select everything"
    DeleteBack "delete-back" Write [Composer Import Search] "Delete the character before"
    DeleteForward "delete-forward" Write [Composer Import Search] "Delete the character after"
    DeleteWordBack "delete-word-back" Write [Composer Import Search] "Delete the word before"
    DeleteWordForward "delete-word-forward" Write [Composer Import Search] "Delete the word after"
    DeleteToLineStart "delete-to-line-start" Write [Composer Import Search] "Delete to the start of the line"
    DeleteToLineEnd "delete-to-line-end" Write [Composer Import Search] "Delete to the end of the line"
    Cut "cut" Write [Composer] "Cut the selection"
    Copy "copy" Write [Composer] "Copy the selection"
    Undo "undo" Write [Composer Import Search] "Undo"
    Redo "redo" Write [Composer Import Search] "Redo"

    Confirm "confirm" Program [Popup Import Search] "Yes, go on"
    Cancel "cancel" Program [Popup Import Search] "Cancel"
    CompletePath "complete-path" Program [Import] "Complete the path"
    Import "import" Program [List Transcript] "Import an export"
    Accounts "accounts" Program [List Transcript] "Live accounts"
    Palette "palette" Program [List Transcript] "Find a command by its name"
    Notices "notices" Program [List Transcript] "What onebox has told so far"
    Help "help" Program [Global] "Help"
    ToggleMouse "toggle-mouse" Program [Global] "Mouse on or off (off: the terminal selects)"
    Redraw "redraw" Program [Global] "Draw everything again"
    Suspend "suspend" Program [Global] "Back to the shell; fg returns"
    Quit "quit" Program [Global List Transcript] "Quit"
}

impl Command {
    /// The command of that name.
    pub fn named(name: &str) -> Option<Self> {
        COMMANDS.iter().find(|i| i.name == name).map(|i| i.command)
    }

    /// Worth looking for by its name: not what steps through rows or edits a line.
    pub fn is_found_by_name(self) -> bool {
        let steps = matches!(
            self,
            Self::MoveUp
                | Self::MoveDown
                | Self::PageUp
                | Self::PageDown
                | Self::HalfPageUp
                | Self::HalfPageDown
                | Self::Back
                | Self::Palette
        );
        let panes = [Context::Global, Context::List, Context::Transcript];
        let draft = matches!(self, Self::DropReply | Self::DiscardDraft);
        !steps && (draft || self.info().contexts.iter().any(|c| panes.contains(c)))
    }

    /// What the table says of it. The table is made in the order of the variants.
    pub fn info(self) -> &'static CommandInfo {
        &COMMANDS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_is_whole() {
        let names: BTreeSet<_> = COMMANDS.iter().map(|i| i.name).collect();
        assert_eq!(names.len(), COMMANDS.len(), "a name is taken twice");
        for info in COMMANDS {
            assert_eq!(info.command.info().name, info.name);
            assert_eq!(Command::named(info.name), Some(info.command));
            assert!(!info.help.trim().is_empty() && info.help.len() <= 50, "{}", info.name);
            assert!(!info.contexts.is_empty(), "{}", info.name);
            assert!(info.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        }
        assert_eq!(Command::named("fly"), None);
    }
}
