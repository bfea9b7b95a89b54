//! One lane for each thread: orders are carried out in the order in which they came, and none
//! overtakes one that has to wait.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use onebox::sources::live::{News, Order};
use tokio::sync::mpsc;

use super::live::Live;
use super::orders;
use super::outcome::Ended;

/// What was cut off by the end may be tried again after this.
const GOING: Duration = Duration::from_secs(1);

/// The lanes by thread.
#[derive(Default)]
pub struct Lanes(HashMap<Arc<str>, mpsc::UnboundedSender<Order>>);

/// Puts an order in its thread's lane.
pub async fn put(live: &Arc<Live>, thread: Arc<str>, order: Order) {
    let mut lanes = live.lanes.lock().await;
    let lane = lanes.0.entry(thread).or_insert_with(|| {
        let (lane, orders) = mpsc::unbounded_channel();
        tokio::spawn(run(Arc::clone(live), orders));
        lane
    });
    lane.send(order).ok();
}

async fn answer(live: &Live, key: &str, ended: Ended) {
    live.desk.out.tell(News::Outcome(ended.of(key))).await;
}

async fn run(live: Arc<Live>, mut orders: mpsc::UnboundedReceiver<Order>) {
    loop {
        let order = tokio::select! {
            order = orders.recv() => order,
            () = live.desk.ending() => return,
        };
        let Some(order) = order else { return };
        let Some(key) = order.key().map(str::to_owned) else { continue };
        let mut ended = orders::carry_out(&live, &key, &order).await;
        // Who goes shuts the stores, and what breaks of that is not the order's fault.
        let desk = &live.desk;
        let going = *desk.stop.borrow() || desk.leaving.load(Ordering::Relaxed);
        if going && matches!(ended, Ended::Never(_)) {
            ended = Ended::Later(GOING, "The connector is going.".to_owned());
        }
        if let Ended::Later(pause, why) = &ended {
            // What came after it must wait as well, or it would arrive before it.
            let (pause, why) = (*pause, why.clone());
            answer(&live, &key, ended).await;
            while let Ok(next) = orders.try_recv() {
                if let Some(key) = next.key() {
                    answer(&live, key, Ended::Later(pause, why.clone())).await;
                }
            }
            continue;
        }
        answer(&live, &key, ended).await;
    }
}
