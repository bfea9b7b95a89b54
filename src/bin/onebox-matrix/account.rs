//! The account's life: signed in from what is kept or by asking, kept up, signed out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use matrix_sdk::Client;
use onebox::sources::live::{LinkState, News};
use tokio::sync::futures::Notified;
use tokio::sync::{Mutex, Notify, mpsc, watch};
use tokio::task::JoinSet;

use super::bounds;
use super::bridge::localpart;
use super::desk::Desk;
use super::live::Live;
use super::locking;
use super::memory::Memory;
use super::profile;
use super::rules::Rules;
use super::sealed;
use super::secret::{Safe, Secrets};
use super::session::{self, Session};
use super::sign_in::{self, NotIn, SignedIn};
use super::sync::{self, End};
use super::trust;

/// So long the server has to say my name.
const NAME_PATIENCE: Duration = Duration::from_secs(5);

/// So long the server may take to hear that the person signs out. onebox waits 5 seconds in all.
const LEAVING: Duration = Duration::from_secs(2);
/// So long the stores may take to close.
const PUTTING_AWAY: Duration = Duration::from_secs(1);
const NOT_TOLD: &str = "Signed out here, but the server could not be told: remove the device \
                        “onebox” in another client.";

/// A session that the server has refused, with its open safe.
type Refused = Option<(Session, Safe, Secrets)>;

/// Keeps the account until the end.
pub async fn keep(desk: Arc<Desk>, signed: watch::Sender<Option<Arc<Live>>>) {
    rounds(&desk, signed).await;
    // The end may come right behind the order to sign out.
    if desk.leaving.load(Ordering::Relaxed) {
        forget(&desk).await;
    }
}

/// Forgets everything of the account.
async fn forget(desk: &Desk) {
    session::forget(&desk.state_dir).await;
    desk.leaving.store(false, Ordering::Relaxed);
}

async fn rounds(desk: &Arc<Desk>, signed: watch::Sender<Option<Arc<Live>>>) {
    let mut refused = None;
    loop {
        let entered = tokio::select! {
            biased;
            entered = enter(desk, refused.take()) => entered,
            () = desk.sign_out.notified() => Err(NotIn::SignedOut(sign_out_kept(desk).await)),
            () = desk.ending() => return,
        };
        let ended = match entered {
            Ok(entered) => stay(desk, entered, &signed).await,
            Err(why) => Err(why),
        };
        match ended {
            Ok(Some(again)) => refused = Some(again),
            Ok(None) => return,
            Err(why) => {
                // Listened for before it is said: whoever hears it may answer at once.
                let again = desk.again.notified();
                say_signed_out(desk, why.sentence()).await;
                tokio::select! {
                    () = wait(desk, again) => {}
                    () = desk.ending() => return,
                }
            }
        }
    }
}

/// Stays signed in until something ends it; `None`: onebox stops.
async fn stay(
    desk: &Arc<Desk>,
    entered: SignedIn,
    signed: &watch::Sender<Option<Arc<Live>>>,
) -> Result<Refused, NotIn> {
    let SignedIn { client, session, safe, secrets } = entered;
    session::keep_fresh(&client, safe.clone(), secrets.clone());
    let end = live(desk, &client, &secrets.store_key, signed).await;
    if end != End::SignOut {
        put_away(&client).await;
    }
    match end {
        End::Stop => Ok(None),
        End::SignOut => {
            let told = tokio::time::timeout(LEAVING, client.logout()).await;
            put_away(&client).await;
            drop(client);
            forget(desk).await;
            Err(NotIn::SignedOut((!matches!(told, Ok(Ok(())))).then(|| NOT_TOLD.to_owned())))
        }
        End::Refused => {
            say_signed_out(desk, Some(sign_in::AGAIN.to_owned())).await;
            Ok(Some((session, safe, secrets)))
        }
    }
}

/// Closes the client's stores: what the SDK still does in the background ends, instead of meeting
/// files that are no longer there, or a program that goes.
async fn put_away(client: &Client) {
    tokio::time::timeout(PUTTING_AWAY, client.pause()).await.map(drop).ok();
}

/// Waits until the person wants to try again. What is kept can be forgotten meanwhile.
async fn wait(desk: &Desk, again: Notified<'_>) {
    tokio::pin!(again);
    loop {
        tokio::select! {
            () = &mut again => return,
            () = desk.sign_out.notified() => {
                let why = sign_out_kept(desk).await;
                say_signed_out(desk, why).await;
            }
        }
    }
}

/// Signs out of what is kept though nobody is signed in here: the server is told if what is kept
/// opens without a word. What did not go well, for people.
async fn sign_out_kept(desk: &Desk) -> Option<String> {
    let kept = Session::load(&desk.state_dir);
    let told = match &kept {
        Some(session) => {
            let telling = async {
                let (_, secrets) = locking::open_unasked(desk).await?;
                restore(desk, session, &secrets).await.ok()?.logout().await.ok()
            };
            tokio::time::timeout(LEAVING, telling).await.ok().flatten().is_some()
        }
        None => true,
    };
    forget(desk).await;
    (!told).then(|| NOT_TOLD.to_owned())
}

async fn say_signed_out(desk: &Desk, why: Option<String>) {
    let state = LinkState::SignedOut;
    desk.out.tell(News::Link { state, why, me: None, hosts: desk.hosts() }).await;
}

/// A client that is signed in: from what is kept, else by asking.
async fn enter(desk: &Desk, refused: Option<(Session, Safe, Secrets)>) -> Result<SignedIn, NotIn> {
    if let Some((session, safe, secrets)) = refused {
        return sign_in::again(desk, &session, safe, &secrets).await;
    }
    let Some(session) = Session::load(&desk.state_dir) else {
        desk.wanted().await;
        return sign_in::first(desk).await;
    };
    let Some((safe, secrets)) = locking::open(desk).await? else {
        desk.wanted().await;
        return sign_in::first(desk).await;
    };
    let client = restore(desk, &session, &secrets).await?;
    Ok(SignedIn { client, session, safe, secrets })
}

/// A client that is signed in as it was.
async fn restore(desk: &Desk, session: &Session, secrets: &Secrets) -> Result<Client, NotIn> {
    let broken = |e: String| NotIn::Broken(format!("The account’s store cannot be opened: {e}."));
    let client = session::client(&session.homeserver, &desk.state_dir, &secrets.store_key)
        .await
        .map_err(|e| broken(e.to_string()))?;
    client.restore_session(session.with(secrets)).await.map_err(|e| broken(e.to_string()))?;
    Ok(client)
}

/// Lives with a signed-in client until it ends.
async fn live(
    desk: &Arc<Desk>,
    client: &Client,
    key: &[u8; 32],
    signed: &watch::Sender<Option<Arc<Live>>>,
) -> End {
    let me = client.user_id().map(ToString::to_string).unwrap_or_default();
    let memory = Memory::new(client.clone());
    let (members, wanted) = mpsc::unbounded_channel();
    let live = Arc::new(Live {
        desk: Arc::clone(desk),
        client: client.clone(),
        name: name(desk, client, &memory, &me).await,
        me,
        memory,
        book: Mutex::default(),
        watched: watch::Sender::new(None),
        questions: AtomicU32::new(profile::MOST),
        complete: watch::Sender::new(false),
        encrypted: watch::Sender::new(false),
        verify: Notify::new(),
        lanes: Mutex::default(),
        members,
    });
    live.book.lock().await.rules = Some(Rules::of(client).await);
    // What was answered while signing in is done.
    desk.talk.rest();
    let mut tasks = JoinSet::new();
    tasks.spawn(sync::members(Arc::clone(&live), wanted));
    tasks.spawn(sealed::keys(Arc::clone(&live)));
    tasks.spawn(sealed::heal(Arc::clone(&live)));
    tasks.spawn(trust::keep(Arc::clone(&live)));
    signed.send_replace(Some(Arc::clone(&live)));
    let end = sync::run(&live, key).await;
    signed.send_replace(None);
    tokio::time::timeout(LEAVING, desk.talk.rested()).await.ok();
    tasks.shutdown().await;
    desk.talk.all_over().await;
    end
}

/// My name: the server's word, else what it said last, else part of the id.
async fn name(desk: &Desk, client: &Client, memory: &Memory, me: &str) -> String {
    const NAME: &str = "name";
    let asked = async {
        if !*desk.online.borrow() {
            return None;
        }
        let asked = tokio::time::timeout(NAME_PATIENCE, client.account().get_display_name()).await;
        let name = asked.ok()?.ok()?.filter(|name| !name.trim().is_empty())?;
        Some(bounds::cut(&name, bounds::NAME))
    };
    match asked.await {
        Some(name) => {
            memory.put(NAME, &name).await;
            name
        }
        None => memory.get(NAME).await.unwrap_or_else(|| localpart(me).to_owned()),
    }
}
