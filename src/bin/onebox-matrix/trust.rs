//! Whether this device is trusted: how encryption stands is told, what is missing is offered once
//! something is encrypted, and other devices of mine are answered.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use matrix_sdk::encryption::VerificationState;
use matrix_sdk::encryption::recovery::RecoveryState;
use matrix_sdk::encryption::verification::{VerificationRequest, VerificationRequestState};
use matrix_sdk::ruma::events::key::verification::request::ToDeviceKeyVerificationRequestEvent;
use matrix_sdk::{Client, Error};
use onebox::sources::live::{Asking, Fact, News};
use tokio::sync::{mpsc, watch};

use super::live::Live;
use super::recover;
use super::verify::{self, End};

/// So long the other device may take to hand its keys over.
const HANDING: Duration = Duration::from_secs(20);
/// Where the server could not be asked, it is asked again after this.
const AGAIN: Duration = Duration::from_secs(60);

/// A device calls itself what it likes; so much of that is shown.
const LONGEST_NAME: usize = 60;

const SET_UP: &str = "Set it up now";
const DEVICE: &str = "Compare emoji with another device of mine";
const KEY: &str = "Give the recovery key or its pass-phrase";
const HAVE: &str = "I have it written down";
const ANEW: &str = "Make a new one";
const NOT_NOW: &str = "Later";

/// Another device of mine asks to be verified.
pub struct Incoming {
    /// Its request.
    pub request: VerificationRequest,
    /// Its name and id.
    pub device: String,
}

/// Another device has asked: whatever else was being asked must wait.
pub struct Interrupted;

/// What a question comes to.
pub type Turn<T> = Result<T, Interrupted>;

/// How encryption stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts of the account")]
pub struct Standing {
    /// The account has keys by which its devices know each other.
    pub identity: bool,
    /// They vouch for this device.
    pub verified: bool,
    /// This device has them, too, and can vouch for others.
    pub keys: bool,
    /// The server keeps the secrets, locked with a recovery key.
    pub storage: bool,
    /// That key was made here, and the person has not said that they have it.
    pub unseen: bool,
    /// The server keeps a backup of message keys.
    pub backup: bool,
    /// This device can read and write it.
    pub backup_open: bool,
    /// There is another device that could vouch for this one.
    pub others: bool,
}

/// What is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Nothing is missing, or nothing can be done from here.
    Nothing,
    /// The account has no keys yet.
    SetUp,
    /// It has, and nothing that opens them on a new device.
    MakeKey,
    /// It has one that was made here, and the person may not have it.
    UnseenKey,
    /// This device lacks something that the others or the server have.
    Verify {
        /// Another device can help.
        device: bool,
        /// The recovery key can.
        key: bool,
    },
}

impl Standing {
    /// What is to be offered.
    pub fn offer(self) -> Offer {
        let verify = Offer::Verify { device: self.others, key: self.storage };
        if !self.identity {
            // A backup without keys is another app's half-done work: it would be in the way.
            return if self.backup && !self.backup_open { Offer::Nothing } else { Offer::SetUp };
        }
        if !self.verified || !self.keys {
            return if self.others || self.storage { verify } else { Offer::Nothing };
        }
        if self.backup && !self.backup_open {
            return if self.storage { verify } else { Offer::Nothing };
        }
        match (self.storage, self.unseen) {
            (false, _) => Offer::MakeKey,
            (true, true) => Offer::UnseenKey,
            (true, false) => Offer::Nothing,
        }
    }

    /// For people.
    pub fn sentence(self) -> &'static str {
        if !self.identity {
            return "not set up: others cannot tell that this device is yours";
        }
        if !self.verified {
            return match (self.others, self.storage) {
                (false, false) => "this device is not verified, and no other device can do it",
                _ => "this device is not verified: others are warned of what it sends",
            };
        }
        match (self.keys, self.backup, self.backup_open) {
            (false, ..) => "this device is verified; it waits for the account’s keys",
            (true, _, true) => "this device is verified; message keys are backed up",
            (true, true, false) => "this device is verified; the backup is not open here",
            (true, false, false) => "this device is verified; there is no backup of message keys",
        }
    }
}

impl Standing {
    /// How encryption stands, by what is here and on the server.
    async fn of(live: &Live) -> Result<Self, Error> {
        let Some(me) = live.client.user_id() else { return Ok(Self::default()) };
        let encryption = live.client.encryption();
        let identity = match encryption.get_user_identity(me).await? {
            Some(identity) => Some(identity),
            None => encryption.request_user_identity(me).await?,
        };
        let device = encryption.get_own_device().await?;
        let key = recover::key_id(&live.client).await?;
        Ok(Self {
            identity: identity.is_some(),
            verified: device.is_some_and(|device| device.is_cross_signed_by_owner()),
            keys: encryption.cross_signing_status().await.is_some_and(|keys| keys.is_complete()),
            storage: key.is_some(),
            unseen: recover::is_unseen(live, key.as_deref()).await,
            backup: encryption.backups().fetch_exists_on_server().await?,
            backup_open: encryption.backups().are_enabled().await,
            others: identity.is_some() && encryption.has_devices_to_verify_against().await?,
        })
    }

    /// What is said to who wants to verify where nothing can be done from here.
    fn answer(self) -> String {
        let how = self.sentence();
        match (self.identity, self.verified, self.backup && !self.backup_open) {
            (true, true, false) => format!("Nothing is missing: {how}."),
            (true, ..) => format!(
                "Nothing can be done from here: {how}. Sign in to another app that still has your \
                 keys, and verify this device there."
            ),
            (false, ..) => format!(
                "Nothing can be done from here: {how}, and another app has begun a backup. Set it \
                 up there."
            ),
        }
    }
}

impl Offer {
    /// How it is asked.
    fn question(self) -> (&'static str, Vec<&'static str>) {
        let (text, mut choices) = match self {
            Self::Nothing => ("", Vec::new()),
            Self::SetUp => (
                "Nothing vouches yet for this device of yours, and your encrypted messages could \
                 be read nowhere else. Set that up?",
                vec![SET_UP],
            ),
            Self::MakeKey => (
                "Nothing opens your encrypted messages on a new device yet. Make a recovery key?",
                vec![SET_UP],
            ),
            Self::UnseenKey => (
                "A recovery key was made here, and you have not said that you have it. It cannot \
                 be shown again. A new one can be made: then the former one, and its pass-phrase, \
                 open nothing any more.",
                vec![HAVE, ANEW],
            ),
            Self::Verify { device, key } => {
                let ways = [(device, DEVICE), (key, KEY)].into_iter();
                (
                    "This device is new to your account: older encrypted messages stay sealed, \
                     and others are warned of it. Verify it?",
                    ways.filter_map(|(can, choice)| can.then_some(choice)).collect(),
                )
            }
        };
        choices.push(NOT_NOW);
        (text, choices)
    }

    /// Waits until a device that was to be verified need not be: another one has vouched for it, or
    /// what it said only now got here.
    async fn is_stale(self, live: Arc<Live>) {
        if !matches!(self, Self::Verify { .. }) {
            return std::future::pending().await;
        }
        let mut signs = Signs::new(&live);
        loop {
            signs.remember();
            let now = Standing::of(&live).await;
            if now.is_ok_and(|now| !matches!(now.offer(), Self::Verify { .. })) {
                return;
            }
            if !signs.changed().await {
                return std::future::pending().await;
            }
        }
    }

    /// Names what was put off.
    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "later.nothing",
            Self::SetUp => "later.set-up",
            Self::MakeKey => "later.make-key",
            Self::UnseenKey => recover::UNSEEN_LATER,
            Self::Verify { .. } => "later.verify",
        }
    }
}

/// What says that encryption may stand otherwise now.
struct Signs {
    client: Client,
    verified: BoxStream<'static, VerificationState>,
    recovery: BoxStream<'static, RecoveryState>,
    encrypted: watch::Receiver<bool>,
    seen: (VerificationState, RecoveryState),
}

impl Signs {
    fn new(live: &Live) -> Self {
        let encryption = live.client.encryption();
        Self {
            verified: encryption.verification_state().boxed(),
            recovery: encryption.recovery().state_stream().boxed(),
            encrypted: live.encrypted.subscribe(),
            seen: (VerificationState::Unknown, RecoveryState::Unknown),
            client: live.client.clone(),
        }
    }

    fn now(&self) -> (VerificationState, RecoveryState) {
        let encryption = self.client.encryption();
        (encryption.verification_state().get(), encryption.recovery().state())
    }

    /// What changes from here on counts.
    fn remember(&mut self) {
        self.encrypted.mark_unchanged();
        self.seen = self.now();
    }

    /// Waits for a change; `false`: there will be none. Looking makes the SDK say what is as it
    /// was, too, which is none.
    async fn changed(&mut self) -> bool {
        while self.now() == self.seen {
            tokio::select! {
                state = self.verified.next() => if state.is_none() { return false },
                state = self.recovery.next() => if state.is_none() { return false },
                changed = self.encrypted.changed() => return changed.is_ok(),
            }
        }
        true
    }
}

/// The conversation about trust.
pub struct Trust {
    /// The account.
    pub live: Arc<Live>,
    requests: mpsc::UnboundedReceiver<Incoming>,
    next: Option<Incoming>,
    told: Option<&'static str>,
    /// The person wants to be asked.
    wished: bool,
}

/// Keeps trust as long as the account is signed in.
pub async fn keep(live: Arc<Live>) {
    let (found, requests) = mpsc::unbounded_channel();
    let me = live.me.clone();
    let handler = live.client.add_event_handler(
        move |event: ToDeviceKeyVerificationRequestEvent, client: Client| {
            let (found, me) = (found.clone(), me.clone());
            async move {
                if event.sender != me {
                    return;
                }
                let id = event.content.transaction_id.as_str();
                let encryption = client.encryption();
                let request = encryption.get_verification_request(&event.sender, id).await;
                if let Some(request) = request.filter(|r| !r.we_started()) {
                    let device = device_of(&request);
                    found.send(Incoming { request, device }).ok();
                }
            }
        },
    );
    let _as_long = live.client.event_handler_drop_guard(handler);
    let mut complete = live.complete.subscribe();
    let mut trust = Trust { live, requests, next: None, told: None, wished: false };
    tokio::select! {
        _ = complete.wait_for(|complete| *complete) => {}
        next = trust.requests.recv() => trust.next = next,
    }
    trust.run().await;
}

/// A device’s name and id, as the person knows them from its settings.
fn device_of(request: &VerificationRequest) -> String {
    match request.state() {
        VerificationRequestState::Requested { other_device_data: device, .. } => {
            let id = device.device_id();
            match device.display_name() {
                Some(name) => {
                    let name: String = name.chars().take(LONGEST_NAME).collect();
                    format!("“{name}” ({id})")
                }
                None => id.to_string(),
            }
        }
        _ => "on another machine".to_owned(),
    }
}

impl Trust {
    async fn run(&mut self) {
        self.live.client.encryption().wait_for_e2ee_initialization_tasks().await;
        let mut signs = Signs::new(&self.live);
        let mut problem = None;
        loop {
            if let Some(incoming) = self.next.take() {
                problem = self.answer(&incoming).await;
            }
            signs.remember();
            let asked = match self.standing().await {
                Ok(standing) => {
                    self.tell(standing).await;
                    self.offer(standing, problem.take()).await.map_err(|_| None)
                }
                Err(_) => Err(Some(AGAIN)),
            };
            self.live.desk.talk.rest();
            let wait = match asked {
                Ok(()) => None,
                Err(Some(pause)) => Some(pause),
                Err(None) => continue,
            };
            let again = async {
                match wait {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                next = self.requests.recv() => {
                    let Some(next) = next else { return };
                    self.next = Some(next);
                }
                () = self.live.verify.notified() => self.wished = true,
                changed = signs.changed() => if !changed { return },
                () = again => {}
            }
        }
    }

    /// How encryption stands.
    async fn standing(&self) -> Result<Standing, Error> {
        Standing::of(&self.live).await
    }

    async fn tell(&mut self, standing: Standing) {
        let sentence = standing.sentence();
        if self.told != Some(sentence) {
            self.told = Some(sentence);
            let facts = vec![Fact { name: "encryption".to_owned(), text: sentence.to_owned() }];
            self.live.desk.out.tell(News::About { facts }).await;
        }
    }

    /// Asks, unless another device asks meanwhile. `None`: the person gave up.
    pub async fn ask(
        &mut self,
        text: &str,
        problem: Option<String>,
        asking: Asking,
    ) -> Turn<Option<String>> {
        self.ask_unless(text, problem, asking, std::future::pending()).await
    }

    /// The same, unless there is nothing to ask any more.
    async fn ask_unless(
        &mut self,
        text: &str,
        problem: Option<String>,
        asking: Asking,
        stale: impl Future<Output = ()>,
    ) -> Turn<Option<String>> {
        if self.next.is_some() {
            return Err(Interrupted);
        }
        let open = self.live.desk.talk.put(text, problem, asking).await;
        let id = open.id.clone();
        tokio::select! {
            said = open.answered() => Ok(said.ok()),
            Some(next) = self.requests.recv() => {
                self.live.desk.talk.over(id).await;
                self.next = Some(next);
                Err(Interrupted)
            }
            () = stale => {
                self.live.desk.talk.over(id).await;
                Err(Interrupted)
            }
        }
    }

    /// Another device has asked; what is wrong afterwards.
    async fn answer(&mut self, incoming: &Incoming) -> Option<String> {
        if incoming.request.is_cancelled() {
            return None;
        }
        match verify::answer(&self.live, incoming).await {
            Ok(()) => {
                self.handed_over().await;
                None
            }
            Err(End::Elsewhere | End::Stopped) => None,
            Err(end) => Some(end.to_string()),
        }
    }

    /// Asks the other devices; what went wrong is said by the next question.
    async fn verify(&self) -> Result<bool, String> {
        verify::ask(&self.live).await.map_err(|end| end.to_string())?;
        self.handed_over().await;
        Ok(true)
    }

    /// Waits a while for the keys that come after a verification, and for the other device's word
    /// for this one: either may come first.
    async fn handed_over(&self) {
        let encryption = self.live.client.encryption();
        let mut states = Box::pin(encryption.recovery().state_stream());
        let mut verified = encryption.verification_state();
        let whole = async {
            while let Some(state) = states.next().await {
                if state != RecoveryState::Incomplete && state != RecoveryState::Unknown {
                    break;
                }
            }
            while verified.get() != VerificationState::Verified && verified.next().await.is_some() {
            }
        };
        tokio::time::timeout(HANDING, whole).await.ok();
    }

    /// Offers what is missing, once something is encrypted. `problem`: what has just gone wrong.
    async fn offer(&mut self, standing: Standing, mut problem: Option<String>) -> Turn<()> {
        let mut offer = standing.offer();
        if !self.may_ask(standing, offer, problem.as_deref()).await? {
            return Ok(());
        }
        loop {
            let (text, choices) = offer.question();
            let choices = choices.into_iter().map(str::to_owned).collect();
            let asking = Asking::Choice { choices };
            let stale = offer.is_stale(Arc::clone(&self.live));
            let said = self.ask_unless(text, problem.take(), asking, stale).await?;
            let done = match said.as_deref() {
                Some(SET_UP) => recover::make(self, offer == Offer::SetUp).await?.map(|_| true),
                Some(HAVE) => {
                    recover::noted(&self.live).await;
                    Ok(true)
                }
                Some(ANEW) => recover::make_anew(self).await?,
                Some(KEY) => recover::give(self).await?,
                Some(DEVICE) => self.verify().await,
                _ => {
                    self.live.memory.put(offer.name(), &true).await;
                    Ok(true)
                }
            };
            match done {
                Ok(true) => {
                    if let Ok(standing) = self.standing().await {
                        self.tell(standing).await;
                    }
                    return Ok(());
                }
                Ok(false) => {}
                Err(why) => {
                    // What came in between may have changed what can be done.
                    offer = self.standing().await.map_or(offer, Standing::offer);
                    if offer == Offer::Nothing {
                        return self.say("That did not work.", Some(why)).await;
                    }
                    problem = Some(why);
                }
            }
        }
    }

    /// Whether the offer is made now. Where nothing is to be offered, that is said to who asked.
    async fn may_ask(
        &mut self,
        standing: Standing,
        offer: Offer,
        problem: Option<&str>,
    ) -> Turn<bool> {
        let wished = std::mem::take(&mut self.wished);
        if offer == Offer::Nothing {
            if problem.is_some() {
                self.say("That did not work.", problem.map(str::to_owned)).await?;
            } else if wished {
                self.say(&standing.answer(), None).await?;
            }
            return Ok(false);
        }
        let put_off = self.live.memory.get::<bool>(offer.name()).await.is_some();
        // Of a key that was just made, the person knows: nothing need be encrypted yet.
        let due = offer == Offer::UnseenKey || *self.live.encrypted.borrow();
        let unasked = !put_off && due;
        Ok(wished || problem.is_some() || unasked)
    }

    /// Says something that needs no answer.
    async fn say(&mut self, what: &str, problem: Option<String>) -> Turn<()> {
        let choices = vec!["All right".to_owned()];
        self.ask(what, problem, Asking::Choice { choices }).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Standing = Standing {
        identity: true,
        verified: true,
        keys: true,
        storage: true,
        unseen: false,
        backup: true,
        backup_open: true,
        others: true,
    };

    #[test]
    fn what_is_missing_is_offered() {
        let new = Standing { verified: false, keys: false, backup_open: false, ..WHOLE };
        for (standing, offer) in [
            (WHOLE, Offer::Nothing),
            (Standing::default(), Offer::SetUp),
            // Another app has begun: what is there is not overwritten.
            (Standing { backup: true, ..Standing::default() }, Offer::Nothing),
            (new, Offer::Verify { device: true, key: true }),
            (Standing { others: false, ..new }, Offer::Verify { device: false, key: true }),
            (Standing { storage: false, ..new }, Offer::Verify { device: true, key: false }),
            (Standing { others: false, storage: false, ..new }, Offer::Nothing),
            (Standing { keys: false, ..WHOLE }, Offer::Verify { device: true, key: true }),
            (Standing { backup_open: false, ..WHOLE }, Offer::Verify { device: true, key: true }),
            (Standing { storage: false, ..WHOLE }, Offer::MakeKey),
            (Standing { storage: false, backup_open: false, ..WHOLE }, Offer::Nothing),
            (Standing { unseen: true, ..WHOLE }, Offer::UnseenKey),
            (Standing { unseen: true, storage: false, ..WHOLE }, Offer::MakeKey),
            // What is not whole here is not made anew from here.
            (
                Standing { unseen: true, backup_open: false, ..WHOLE },
                Offer::Verify { device: true, key: true },
            ),
            // The person wants no backup: theirs to say.
            (Standing { backup: false, backup_open: false, ..WHOLE }, Offer::Nothing),
        ] {
            assert_eq!(standing.offer(), offer, "{standing:?}");
        }
    }

    #[test]
    fn how_it_stands_is_said() {
        assert!(Standing::default().sentence().starts_with("not set up"));
        assert!(WHOLE.sentence().ends_with("backed up"));
        let lost = Standing { verified: false, others: false, storage: false, ..WHOLE };
        assert!(lost.sentence().contains("no other device"));
        let shut = Standing { backup_open: false, ..WHOLE };
        assert!(shut.sentence().contains("not open"));
    }
}
