//! News that the list of tools has changed, in the ways of all versions.

use std::sync::Arc;
use std::time::Duration;

use rmcp::model::SubscriptionFilter;
use rmcp::service::Subscription;
use rmcp::{Peer, RoleClient};
use tokio::sync::{Notify, watch};

/// Between two subscriptions.
const PAUSE: Duration = Duration::from_secs(5);

/// Tells when the list of tools of a connection may have changed.
///
/// Up to MCP 2025-11-25 a server tells everyone. Later ones tell those who
/// listen, and a subscription that ends is made again.
pub(super) struct Changes {
    pub(super) peer: Peer<RoleClient>,
    pub(super) list_changed: Arc<Notify>,
    pub(super) subscription: Option<Subscription>,
    pub(super) subscribes: bool,
    /// Closed when the connection is gone.
    pub(super) gone: watch::Receiver<()>,
}

impl Changes {
    /// Waits for a change. `None` once the connection is gone.
    pub(super) async fn next(&mut self) -> Option<()> {
        let mut is_again = false;
        loop {
            let changed = tokio::select! {
                _ = self.gone.changed() => return None,
                () = self.list_changed.notified() => true,
                changed = told(&self.peer, self.subscribes, &mut self.subscription, is_again) => changed,
            };
            if changed {
                return Some(());
            }
            is_again = true;
            tokio::select! {
                _ = self.gone.changed() => return None,
                () = self.list_changed.notified() => return Some(()),
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }
}

/// Waits for a change that a subscription tells of. False if it is over.
async fn told(
    peer: &Peer<RoleClient>,
    subscribes: bool,
    subscription: &mut Option<Subscription>,
    is_again: bool,
) -> bool {
    if !subscribes {
        return std::future::pending().await;
    }
    if subscription.is_none() {
        let filter = SubscriptionFilter::builder().tools_list_changed().build();
        match peer.listen(filter).await {
            Ok(new) => *subscription = Some(new),
            Err(_) => return false,
        }
        if is_again {
            // There may have been one between the two.
            return true;
        }
    }
    let Some(current) = subscription.as_mut() else {
        return false;
    };
    let told = current.next().await;
    if !matches!(told, Ok(Some(_))) {
        *subscription = None;
    }
    matches!(told, Ok(Some(_)))
}
