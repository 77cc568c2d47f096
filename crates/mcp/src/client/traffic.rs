//! What passes between client and server: which messages are let in, and how
//! fast.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ClientRequest, JsonRpcMessage, NumberOrString,
    RequestId, ServerJsonRpcMessage, ServerNotification,
};
use rmcp::transport::Transport;
use tokio::time::Instant;

use super::secrets::Secrets;

/// What a server may send that nobody asked for: at once, and for each second
/// after that. A message counts one, and one for each kilobyte.
const BURST: f64 = 2_000.0;
const EACH_SECOND: f64 = 1_000.0;
/// The most requests that are remembered. Of those that were never answered, the
/// oldest are forgotten.
const MAX_ASKED: usize = 10_000;

/// What is known of the messages of a connection.
pub(super) struct Traffic {
    /// The requests that wait for their answers.
    asked: BTreeSet<i64>,
    discover: Option<i64>,
    allowance: f64,
    counted_at: Instant,
}

/// What was seen during a start.
#[derive(Default)]
pub(super) struct Seen {
    /// The answer to `server/discover` came when nobody waited for it any more,
    /// and was none of a server of old.
    pub(super) late_discovery: AtomicBool,
}

impl Traffic {
    pub(super) fn new() -> Self {
        Self {
            asked: BTreeSet::new(),
            discover: None,
            allowance: BURST,
            counted_at: Instant::now(),
        }
    }

    /// Takes note of a message to the server.
    pub(super) fn sent(&mut self, message: &ClientJsonRpcMessage) {
        match message {
            JsonRpcMessage::Request(request) => {
                let Some(id) = number(&request.id) else {
                    return;
                };
                match &request.request {
                    ClientRequest::DiscoverRequest(_) => self.discover = Some(id),
                    // The server is taken for one of old.
                    ClientRequest::InitializeRequest(_) => {
                        if let Some(discover) = &self.discover {
                            self.asked.remove(discover);
                        }
                    }
                    _ => {}
                }
                self.asked.insert(id);
                if self.asked.len() > MAX_ASKED {
                    self.asked.pop_first();
                }
            }
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = cancelled.params.request_id.as_ref().and_then(number)
                {
                    self.asked.remove(&id);
                }
            }
            _ => {}
        }
    }

    /// Whether a message from the server is let in.
    pub(super) fn admit(
        &mut self,
        message: &ServerJsonRpcMessage,
        bytes: usize,
        seen: &Seen,
    ) -> bool {
        let id = match message {
            JsonRpcMessage::Response(response) => Some(&response.id),
            JsonRpcMessage::Error(error) => error.id.as_ref(),
            _ => None,
        };
        if let Some(id) = id.and_then(number) {
            if self.asked.remove(&id) {
                return true;
            }
            let is_response = matches!(message, JsonRpcMessage::Response(_));
            if is_response && self.discover == Some(id) {
                seen.late_discovery.store(true, Ordering::Relaxed);
            }
        }
        self.charge(bytes);
        match message {
            JsonRpcMessage::Request(_) => true,
            JsonRpcMessage::Notification(notification) => matches!(
                notification.notification,
                ServerNotification::ToolListChangedNotification(_)
                    | ServerNotification::SubscriptionsAcknowledgedNotification(_)
                    | ServerNotification::CancelledNotification(_)
            ),
            // Nobody waits for it, unless it does not say for what it is.
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => id.is_none(),
        }
    }

    /// Counts what nobody asked for.
    pub(super) fn charge(&mut self, bytes: usize) {
        let now = Instant::now();
        let passed = now.duration_since(self.counted_at).as_secs_f64();
        self.counted_at = now;
        #[expect(clippy::cast_precision_loss, reason = "a rough measure")]
        let cost = 1.0 + bytes as f64 / 1024.0;
        let allowance = (self.allowance + passed * EACH_SECOND).min(BURST) - cost;
        // One long message does not stop the answers after it for long.
        self.allowance = allowance.max(-BURST);
    }

    /// Waits until more may come.
    pub(super) async fn ready(&self) {
        if self.allowance < 0.0 {
            let wait = Duration::try_from_secs_f64(-self.allowance / EACH_SECOND);
            let until = self.counted_at + wait.unwrap_or(Duration::from_secs(60));
            tokio::time::sleep_until(until).await;
        }
    }
}

/// The number of a request. Those from here have one, and some servers answer the
/// number 1 with the text "1".
fn number(id: &RequestId) -> Option<i64> {
    match id {
        NumberOrString::Number(number) => Some(*number),
        NumberOrString::String(text) => text.parse().ok(),
    }
}

/// A message without the values of secrets, before anything else sees it.
fn hidden(message: ServerJsonRpcMessage, secrets: &Secrets) -> Option<ServerJsonRpcMessage> {
    if secrets.is_empty() {
        return Some(message);
    }
    let mut value = serde_json::to_value(message).ok()?;
    secrets.hide_json(&mut value);
    serde_json::from_value(value).ok()
}

/// A transport that lets in what [`Traffic`] admits.
pub(super) struct Guarded<T> {
    inner: T,
    traffic: Traffic,
    secrets: Arc<Secrets>,
    seen: Arc<Seen>,
}

impl<T> Guarded<T> {
    pub(super) fn new(inner: T, secrets: Arc<Secrets>, seen: Arc<Seen>) -> Self {
        Self {
            inner,
            traffic: Traffic::new(),
            secrets,
            seen,
        }
    }
}

impl<T: Transport<RoleClient>> Transport<RoleClient> for Guarded<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: ClientJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.traffic.sent(&item);
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        loop {
            self.traffic.ready().await;
            let message = self.inner.receive().await?;
            // Its length is not known here. The transport limits it.
            if self.traffic.admit(&message, 0, &self.seen)
                && let Some(message) = hidden(message, &self.secrets)
            {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}
