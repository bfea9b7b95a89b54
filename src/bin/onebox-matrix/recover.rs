//! Older encrypted messages: where the account keeps a backup of its keys, the person is asked once
//! for what opens it.

use std::sync::Arc;

use futures_util::StreamExt;
use matrix_sdk::encryption::recovery::RecoveryState;
use onebox::sources::live::Asking;

use super::live::Live;

/// Remembers that the person was asked.
const ASKED: &str = "recovery-asked";

/// Offers it, as soon as the server has told how things stand.
pub async fn offer(live: Arc<Live>) {
    let recovery = live.client.encryption().recovery();
    let mut states = Box::pin(recovery.state_stream());
    while let Some(state) = states.next().await {
        match state {
            RecoveryState::Unknown => {}
            RecoveryState::Enabled | RecoveryState::Disabled => return,
            RecoveryState::Incomplete => break,
        }
    }
    if live.memory.get::<bool>(ASKED).await.is_some() {
        return;
    }
    let mut problem = None;
    loop {
        let text = "Your recovery key, to read older encrypted messages and be trusted by others \
                    (give up to do without):";
        let answer = live.desk.talk.ask(text, problem.take(), Asking::Secret).await;
        let key = answer.unwrap_or_default();
        if !key.trim().is_empty() && recovery.recover(key.trim()).await.is_err() {
            problem = Some("That does not open the backup.".to_owned());
            continue;
        }
        live.memory.put(ASKED, &true).await;
        return;
    }
}
