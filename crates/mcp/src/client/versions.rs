//! Which versions of MCP a server speaks: how a start finds out, and why it may not.

use std::sync::atomic::Ordering;

use rmcp::model::ProtocolVersion;
use rmcp::service::{ClientInitializeError, ClientLifecycleMode};

use super::http_error;
use super::text;
use super::traffic::Seen;

/// How a start goes about which versions the server speaks.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mode {
    /// Asks for the versions, and falls back to a handshake.
    Auto,
    /// Begins with the handshake: the server ended when it was asked.
    Handshake,
    /// Asks for the versions alone: the server answered, but late.
    Discovery,
}

impl Mode {
    pub(super) fn lifecycle(self) -> ClientLifecycleMode {
        let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
        match self {
            Self::Auto => ClientLifecycleMode::Auto {
                preferred_versions,
                legacy_version: Some(ProtocolVersion::LATEST_WITH_INITIALIZE),
            },
            Self::Handshake => ClientLifecycleMode::Initialize,
            Self::Discovery => ClientLifecycleMode::Discover { preferred_versions },
        }
    }
}

/// What to try when a start has failed.
pub(super) fn next_mode(
    mode: Mode,
    error: Option<&ClientInitializeError>,
    seen: &Seen,
) -> Option<Mode> {
    if mode != Mode::Auto {
        return None;
    }
    if seen.late_discovery.load(Ordering::Relaxed) {
        return Some(Mode::Discovery);
    }
    let is_of_old = match error? {
        // Some end when they are asked anything before the handshake, and some over
        // HTTP answer with an error of the server.
        ClientInitializeError::ConnectionClosed(_) => true,
        error @ ClientInitializeError::TransportError { .. } => !error.is_authorization_required(),
        // It knows the question, and speaks what begins with the handshake.
        ClientInitializeError::NoCompatibleProtocolVersion {
            server_supported, ..
        } => server_supported.iter().any(|version| {
            version.has_initialize() && ProtocolVersion::KNOWN_VERSIONS.contains(version)
        }),
        _ => false,
    };
    is_of_old.then_some(Mode::Handshake)
}

/// Why a start failed, in words of the configuration.
pub(super) fn start_error(error: &ClientInitializeError, is_process: bool) -> String {
    match error {
        ClientInitializeError::ConnectionClosed(_) => "it ended before it answered".to_owned(),
        // The pipe to it is broken.
        ClientInitializeError::TransportError { .. } if is_process => {
            "it ended before it answered".to_owned()
        }
        ClientInitializeError::JsonRpcError(error) => {
            format!(
                "it answered the handshake with an error: {}",
                text::line(&error.message, 500)
            )
        }
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => {
            start_error(fallback, is_process)
        }
        ClientInitializeError::NoCompatibleProtocolVersion {
            server_supported, ..
        } => {
            let versions: Vec<_> = server_supported
                .iter()
                .take(10)
                .map(ToString::to_string)
                .collect();
            format!(
                "it speaks MCP {} only, and this client speaks {}",
                text::line(&versions.join(", "), 200),
                ProtocolVersion::LATEST
            )
        }
        ClientInitializeError::TransportError { error, .. } => {
            http_error::told(error.error.as_ref())
        }
        ClientInitializeError::ExpectedInitResult(_)
        | ClientInitializeError::ExpectedInitResponse(_) => {
            "its answer to the handshake is none of MCP".to_owned()
        }
        error => text::line(&error.to_string(), 500),
    }
}
