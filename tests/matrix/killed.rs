//! The server or the connector dies while messages are on their way: each arrives once, in order.

use std::time::Duration;

use onebox::sources::live::{LinkState, News, Order, OutcomeState};

use super::Connector;
use crate::{Case, Stage, pair, text};

/// The cases.
pub const CASES: &[Case] = &[
    Case::new("server killed", &["lena", "kate"], server_killed),
    Case::new("connector killed", &["carl"], connector_killed),
];

/// Gives every order again that has to be, in its order, until all are done.
pub fn until_done(c: &mut Connector, orders: &[Order], mut from: usize) {
    for _ in 0..60 {
        let mut again = Vec::new();
        for order in orders {
            let key = order.key().expect("a key");
            let done = c.news.iter().any(
                |n| matches!(n, News::Outcome(o) if o.key == key && o.state == OutcomeState::Done),
            );
            if done {
                continue;
            }
            match c.outcome(key, from).state {
                OutcomeState::Done => {}
                OutcomeState::Retry => again.push(order),
                other => panic!("{key}: {other:?}"),
            }
        }
        if again.is_empty() {
            return;
        }
        std::thread::park_timeout(Duration::from_secs(1));
        from = c.drain();
        for order in again {
            c.order(order);
        }
    }
    panic!("it never gets through");
}

pub fn many(room: &str, name: &str, count: usize) -> Vec<Order> {
    (0..count).map(|n| text(&format!("{name}-{n}"), room, &format!("{name} {n}"))).collect()
}

pub fn texts_of(orders: &[Order]) -> Vec<String> {
    orders
        .iter()
        .map(|o| match o {
            Order::Send { text, .. } => text.clone(),
            _ => String::new(),
        })
        .collect()
}

/// The server dies while messages are on their way: each arrives once, in order.
fn server_killed(stage: &mut Stage) {
    let (late, other) = pair(stage, "lena", "whatsapp");
    late.stop();
    let (mut c, room) = pair(stage, "kate", "whatsapp");
    let orders = many(&room, "s", 30);
    let from = c.drain();
    for order in &orders {
        c.order(order);
    }
    c.outcome("s-4", from);
    stage.server.kill();
    c.news("offline", from, |n| matches!(n, News::Link { state: LinkState::Offline, .. }));
    // Another starts while the server is down.
    let mut late = Connector::new(&stage.state("lena"));
    late.news("offline", 0, |n| matches!(n, News::Link { state: LinkState::Offline, .. }));
    late.order(&text("l-1", &other, "held back"));
    assert_eq!(late.outcome("l-1", 0).state, OutcomeState::Retry);
    let back = c.drain();
    stage.server.start();
    until_done(&mut c, &orders, from);
    late.online(0);
    until_done(&mut late, &[text("l-1", &other, "held back")], 0);
    late.stop();
    assert_eq!(stage.bridges.texts(&room, "@kate:onebox.test"), texts_of(&orders));
    c.online(back);
    c.stop();
}

/// The connector dies while messages are on their way: given again, each arrives once, in order.
fn connector_killed(stage: &mut Stage) {
    let (mut c, room) = pair(stage, "carl", "whatsapp");
    let orders = many(&room, "c", 25);
    let from = c.drain();
    for order in &orders {
        c.order(order);
    }
    c.outcome("c-4", from);
    c.kill();
    let mut c = Connector::new(&stage.state("carl"));
    c.online(0);
    for order in &orders {
        c.order(order);
    }
    until_done(&mut c, &orders, 0);
    assert_eq!(stage.bridges.texts(&room, "@carl:onebox.test"), texts_of(&orders));
    c.stop();
}
