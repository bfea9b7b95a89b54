//! One lane for each thread: orders are carried out in the order in which they came, and none
//! overtakes one that has to wait.

use std::collections::HashMap;
use std::sync::Arc;

use onebox::sources::live::{News, Order};
use tokio::sync::mpsc;

use super::live::Live;
use super::orders;
use super::outcome::Ended;

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
        let ended = orders::carry_out(&live, &key, &order).await;
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
