//! Windows that are over are judged by themselves, and misses open cases; what was decided and is no record yet becomes one.

use std::time::Duration;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::Engine;
use dialmark_govern::Governed;
use dialmark_manage::own_records::{self, From};
use dialmark_state::State;
use jiff::Timestamp;

use crate::app::{App, Shared};

/// Time between two looks. Windows end with days, so that minutes are soon enough.
const ROUND: Duration = Duration::from_secs(300);

/// Runs until it is dropped. Each window is judged once, whichever process does it.
#[compiled_here]
pub async fn run(shared: Shared) {
    loop {
        if let Some((engine, promises, state)) = shared.judged_by() {
            // Whoever decides something sends it at once; this is for what was interrupted.
            if let Err(error) =
                own_records::send(&engine, &state, &promises.own_sources, From::LastTime).await
            {
                tracing::warn!(%error, "what was decided waits to become records");
            }
            if let Err(error) = judged(&engine, &promises.governed, &state).await {
                tracing::warn!(%error, "windows that are over could not be judged");
            }
        }
        tokio::time::sleep(ROUND).await;
    }
}

/// Makes records of what was just decided. It is kept whatever comes of that, and tried again with the next round.
pub(crate) async fn send_decided(app: &App) {
    let desk = app.desk();
    let sent = own_records::send(desk.engine, desk.state, &app.promises.own_sources, From::LastTime).await;
    if let Err(error) = sent {
        tracing::warn!(%error, "what was decided waits to become records");
    }
}

async fn judged(engine: &Engine, governed: &Governed, state: &State) -> Result<(), String> {
    let now = Timestamp::now();
    let reach = dialmark_manage::reach(engine, now).await.map_err(|error| error.to_string())?;
    let Some(reach) = reach else { return Ok(()) };
    let judged = dialmark_manage::judge(engine, governed, state, reach, now).await;
    let judged = judged.map_err(|error| error.to_string())?;
    if !judged.opened.is_empty() {
        tracing::info!(cases = ?judged.opened, "KPIs were missed");
    }
    Ok(())
}
