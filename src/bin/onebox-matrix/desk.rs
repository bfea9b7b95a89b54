//! Where orders arrive: the hand-shake, and who carries out what.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use onebox::sources::live::{Ability, News, Order, Outcome, OutcomeState, VERSION};
use tokio::sync::{Mutex, Notify, mpsc, watch};

use super::account;
use super::live::Live;
use super::orders;
use super::pipe::{self, Out};
use super::talk::Talk;

/// An order that comes while nobody is signed in may be tried again after this.
const SIGNED_OUT_PAUSE: Duration = Duration::from_secs(30);
/// So long onebox may take to say what it has.
const SAYING: Duration = Duration::from_secs(10);
/// So long the account may take to put its things away.
const CLOSING: Duration = Duration::from_secs(3);

/// So long onebox may take to read what is left.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What every part of the connector shares.
pub struct Desk {
    /// The way out.
    pub out: Out,
    /// The conversation with the person.
    pub talk: Talk,
    /// The private folder.
    pub state_dir: PathBuf,
    /// Where fetched media goes.
    pub media_dir: PathBuf,
    /// The person wants a connection.
    pub online: watch::Receiver<bool>,
    /// The person wants to sign out.
    pub sign_out: Notify,
    /// It was ordered, and is not done yet.
    pub leaving: AtomicBool,
    /// The person wants to try again after giving up.
    pub again: Notify,
    /// The end has come.
    pub stop: watch::Receiver<bool>,
    /// What onebox has of each room: the newest message.
    pub has: Mutex<HashMap<String, Option<String>>>,
    /// onebox keeps where to go on from.
    pub places: bool,
    /// Where that is: it has everything that was told before.
    pub place: Mutex<Option<String>>,
    /// onebox has said all that it has.
    pub said: watch::Receiver<bool>,
    /// Hosts that were contacted since the start.
    pub contacts: std::sync::Mutex<BTreeSet<String>>,
}

impl Desk {
    /// Remembers that a host was contacted.
    pub fn contacted(&self, host: Option<&str>) {
        if let (Some(host), Ok(mut contacts)) = (host, self.contacts.lock()) {
            contacts.insert(host.to_owned());
        }
    }

    /// Hosts that were contacted since the start.
    pub fn hosts(&self) -> Vec<String> {
        self.contacts.lock().map(|hosts| hosts.iter().cloned().collect()).unwrap_or_default()
    }

    /// Waits until a connection is wanted.
    pub async fn wanted(&self) {
        let mut online = self.online.clone();
        online.wait_for(|on| *on).await.ok();
    }

    /// Waits until none is wanted any more.
    pub async fn unwanted(&self) {
        let mut online = self.online.clone();
        online.wait_for(|on| !*on).await.ok();
    }

    /// Waits until it is known what onebox has. One that never says so has nothing.
    pub async fn all_said(&self) {
        let mut said = self.said.clone();
        tokio::time::timeout(SAYING, said.wait_for(|said| *said)).await.map(drop).ok();
    }

    /// The newest message of a room that onebox has; asked once, when the room first comes.
    pub async fn newest_there(&self, room: &str) -> Option<String> {
        self.has.lock().await.remove(room).flatten()
    }

    /// Waits for the end.
    pub async fn ending(&self) {
        let mut stop = self.stop.clone();
        stop.wait_for(|stop| *stop).await.ok();
    }
}

/// Who is signed in, if anybody.
pub type Signed = watch::Receiver<Option<Arc<Live>>>;

fn hello() -> News {
    News::Hello {
        version: VERSION,
        name: "Matrix".to_owned(),
        release: env!("CARGO_PKG_VERSION").to_owned(),
        can: vec![
            Ability::Send,
            Ability::Reply,
            Ability::React,
            Ability::Edit,
            Ability::Delete,
            Ability::Attach,
            Ability::MarkRead,
            Ability::Typing,
            Ability::FetchOlder,
            Ability::FetchMedia,
            Ability::Accept,
            Ability::Verify,
            Ability::SignOut,
        ],
        idempotent: true,
    }
}

/// Runs until onebox says stop or goes away.
pub async fn run() -> ExitCode {
    let out = pipe::writer();
    let mut orders = pipe::reader(out.clone());
    let Some(Order::Hello { versions, state_dir, media_dir, offline, places, .. }) =
        orders.recv().await
    else {
        out.log("The first order was no hello.").await;
        out.flush().await;
        return ExitCode::FAILURE;
    };
    if !versions.contains(&VERSION) {
        out.log(format!("This connector speaks version {VERSION} of the contract only.")).await;
        out.flush().await;
        return ExitCode::FAILURE;
    }
    out.tell(hello()).await;
    let (online, wanted) = watch::channel(!offline);
    let (stop, stopping) = watch::channel(false);
    let (saying, said) = watch::channel(false);
    let desk = Arc::new(Desk {
        talk: Talk::new(out.clone()),
        out: out.clone(),
        state_dir,
        media_dir,
        online: wanted,
        sign_out: Notify::new(),
        leaving: AtomicBool::new(false),
        again: Notify::new(),
        stop: stopping,
        has: Mutex::default(),
        places,
        place: Mutex::default(),
        said,
        contacts: std::sync::Mutex::default(),
    });
    let (signed, who) = watch::channel(None);
    let keeper = tokio::spawn(account::keep(Arc::clone(&desk), signed));
    serve(&desk, &mut orders, &who, &online, &saying).await;
    stop.send_replace(true);
    tokio::time::timeout(CLOSING, keeper).await.ok();
    // A onebox that has stopped reading must not keep the connector alive.
    tokio::time::timeout(LAST_WORDS, out.flush()).await.ok();
    ExitCode::SUCCESS
}

/// Hands out orders until the last.
async fn serve(
    desk: &Arc<Desk>,
    orders: &mut mpsc::UnboundedReceiver<Order>,
    who: &Signed,
    online: &watch::Sender<bool>,
    saying: &watch::Sender<bool>,
) {
    while let Some(order) = orders.recv().await {
        match order {
            Order::Stop => return,
            Order::Hello { .. } => {}
            Order::Ping { n } => desk.out.tell(News::Pong { n }).await,
            Order::Known { threads, last, place } => {
                let rooms = threads.into_iter().map(|t| (t.thread.to_string(), t.message));
                desk.has.lock().await.extend(rooms);
                if last {
                    *desk.place.lock().await = place;
                    saying.send_replace(true);
                }
            }
            Order::Answer { id, value } => desk.talk.answer(&id, value).await,
            Order::Online { online: wanted } => {
                online.send_replace(wanted);
                if wanted {
                    desk.again.notify_waiters();
                }
            }
            Order::SignOut => {
                desk.leaving.store(true, Ordering::Relaxed);
                desk.sign_out.notify_one();
            }
            order => {
                let live = who.borrow().clone();
                match live {
                    Some(live) => orders::take(&live, order).await,
                    None => refuse(desk, &order).await,
                }
            }
        }
    }
}

/// Nobody is signed in.
async fn refuse(desk: &Desk, order: &Order) {
    let why = "Not signed in.".to_owned();
    match order {
        Order::FetchMedia { key, .. } => {
            let (key, failed) = (key.clone(), Some(why));
            desk.out.tell(News::Media { key, done: 0, total: None, path: None, failed }).await;
        }
        order => {
            let Some(key) = order.key() else { return };
            desk.out
                .tell(News::Outcome(Outcome {
                    key: key.to_owned(),
                    state: OutcomeState::Retry,
                    id: None,
                    why: Some(why),
                    after_ms: u64::try_from(SIGNED_OUT_PAUSE.as_millis()).ok(),
                }))
                .await;
        }
    }
}
