//! Many clients over streamable HTTP.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use monty_code_mode::approvals::Principal;
use rmcp::RoleServer;
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::SessionManager as _;
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, SessionConfig};
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use sha2::{Digest as _, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::connection::{Connection, Identity};
use super::shared::Shared;

/// The path of the server.
const PATH: &str = "/mcp";

/// The header of a session, in the versions that have them.
const SESSION: &str = "mcp-session-id";

/// The most connections at once, and the most of one address of another machine.
const MOST_CONNECTIONS: usize = 2048;
const MOST_CONNECTIONS_OF_ONE: usize = 128;

/// The most sessions at once, and of one client. The memory of their names is limited by
/// the quota.
const MOST_SESSIONS: usize = 4096;
const MOST_SESSIONS_OF_ONE: usize = 1024;

/// How long a client may take for the head of a request, and for the rest.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// The longest request, in bytes.
const LONGEST_REQUEST: usize = 4 * 1024 * 1024;

/// How long a session is kept without a request.
const SESSION_IDLE: Duration = Duration::from_secs(60 * 60);

/// How long requests under way have when the server stops.
const DRAIN: Duration = Duration::from_secs(10);

/// A client with a token of its own.
#[derive(Clone)]
pub struct Bearer {
    name: String,
    principal: Principal,
    /// So that a comparison takes the same time whatever the token.
    digest: [u8; 32],
}

impl fmt::Debug for Bearer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Bearer({})", self.name)
    }
}

/// What is shorter can be guessed.
const SHORTEST_TOKEN: usize = 16;

impl Bearer {
    /// A client, by the name that its quota and its approvals go by, and the token that it
    /// sends as `Authorization: Bearer TOKEN`.
    ///
    /// # Errors
    ///
    /// If the name is empty, or the token has fewer than 16 characters or one that a header
    /// cannot have.
    pub fn new(name: impl Into<String>, token: &str) -> Result<Self, HttpError> {
        let name = name.into();
        if name.is_empty() {
            return Err(HttpError::new("a client needs a name"));
        }
        let is_token = token.bytes().all(|byte| byte.is_ascii_graphic());
        if token.len() < SHORTEST_TOKEN || !is_token {
            return Err(HttpError::new(format_args!(
                "the token of `{name}` is not one: it has at least {SHORTEST_TOKEN} characters, ASCII without spaces"
            )));
        }
        let principal = Principal::new([&name]).map_err(HttpError::new)?;
        Ok(Self {
            name,
            principal,
            digest: Sha256::digest(token).into(),
        })
    }

    fn identity(&self) -> Identity {
        Identity {
            client: format!("bearer {}", self.name),
            principal: Some(self.principal),
        }
    }
}

/// A server over streamable HTTP, at the path `/mcp`. By default:
///
/// - it has no tokens, and serves loopback addresses only;
/// - it takes requests for the hosts `localhost`, `127.0.0.1` and `::1`, so that no name
///   that resolves to this machine reaches it (DNS rebinding);
/// - it refuses requests with an `Origin` other than its own, as pages send them;
/// - a request has at most 4 MiB.
#[must_use = "it serves nobody before `serve`"]
pub struct HttpServer {
    shared: Arc<Shared>,
    bearers: Vec<Bearer>,
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl fmt::Debug for HttpServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpServer")
            .field("bearers", &self.bearers)
            .field("hosts", &self.hosts)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

impl HttpServer {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            bearers: Vec::new(),
            hosts: Vec::new(),
            origins: Vec::new(),
        }
    }

    /// Lets a client in by its token. With one, nobody comes in without.
    pub fn bearer(mut self, bearer: Bearer) -> Self {
        self.bearers.push(bearer);
        self
    }

    /// Takes requests for this host too, such as `tools.example.com` or one with a port.
    pub fn allowed_host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// Takes requests of pages of this origin, such as `https://app.example.com:443`; `:*`
    /// stands for any port.
    pub fn allowed_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// Serves until `stop` is ready. Scripts under way have 10 s then.
    ///
    /// # Errors
    ///
    /// If the address is not a loopback one and there is no token or no host.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> Result<(), HttpError> {
        let address = listener.local_addr().map_err(HttpError::new)?;
        self.check(address)?;
        let closing = CancellationToken::new();
        let service = Arc::new(self.service(address, &closing));
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let peers = Peers::default();
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&listener, &places) => accepted,
                () = &mut stop => break,
            };
            let Some((stream, place)) = accepted else {
                continue;
            };
            let Some(of_peer) = peers.place(&stream) else {
                // Whoever has so many can do without this one.
                continue;
            };
            let (service, closing) = (Arc::clone(&service), closing.clone());
            tokio::spawn(async move {
                Box::pin(service.connection(stream, closing)).await;
                drop((place, of_peer));
            });
        }
        drop(listener);
        closing.cancel();
        let all = u32::try_from(MOST_CONNECTIONS).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(DRAIN, places.acquire_many(all)).await;
        Ok(())
    }

    /// Whether it may serve at an address: what [`serve`](Self::serve) checks first.
    ///
    /// # Errors
    ///
    /// As [`serve`](Self::serve).
    pub fn check(&self, address: SocketAddr) -> Result<(), HttpError> {
        let mut seen = HashMap::new();
        for bearer in &self.bearers {
            if let Some(other) = seen.insert(bearer.digest, &bearer.name) {
                return Err(HttpError::new(format_args!(
                    "the clients `{other}` and `{}` have the same token: give each its own",
                    bearer.name
                )));
            }
        }
        if address.ip().is_loopback() {
            return Ok(());
        }
        if self.bearers.is_empty() {
            return Err(HttpError::new(format_args!(
                "{address} can be reached from other machines, and there is no token: add one for each client, or listen on 127.0.0.1"
            )));
        }
        if self.hosts.is_empty() {
            return Err(HttpError::new(format_args!(
                "{address} can be reached from other machines: name the hosts that clients know it by"
            )));
        }
        Ok(())
    }

    fn service(self, address: SocketAddr, closing: &CancellationToken) -> Service {
        let Self {
            shared,
            bearers,
            hosts,
            mut origins,
        } = self;
        // Its own: no page of another is of that origin.
        let port = address.port();
        let own = ["localhost", "127.0.0.1", "[::1]"];
        origins.extend(own.map(|host| format!("http://{host}:{port}")));
        let mut config = StreamableHttpServerConfig::default()
            .enforce_origin_validation()
            .with_allowed_origins(origins)
            .with_cancellation_token(closing.clone());
        config.allowed_hosts.extend(hosts);
        let mut sessions = LocalSessionManager::default();
        sessions.session_config = SessionConfig::default();
        sessions.session_config.keep_alive = Some(SESSION_IDLE);
        let sessions = Arc::new(sessions);
        let make = move || Ok(Connection::new(&shared, identify, true));
        Service {
            inner: StreamableHttpService::new(make, Arc::clone(&sessions), config),
            bearers,
            sessions,
            owners: Mutex::default(),
        }
    }
}

/// The next connection, and its place. None if it could not be accepted.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(_) => {
            // Such as too many open files: others end first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

/// The identity that [`Service::answer`] found.
fn identify(context: &RequestContext<RoleServer>) -> Option<Identity> {
    let parts = context.extensions.get::<http::request::Parts>()?;
    parts.extensions.get::<Identity>().cloned()
}

type Body = BoxBody<Bytes, Infallible>;

struct Service {
    inner: StreamableHttpService<Connection, LocalSessionManager>,
    bearers: Vec<Bearer>,
    sessions: Arc<LocalSessionManager>,
    /// The client of each session.
    owners: Mutex<HashMap<String, String>>,
}

impl Service {
    async fn connection(self: Arc<Self>, stream: TcpStream, closing: CancellationToken) {
        let _ = stream.set_nodelay(true);
        let service = service_fn(move |request| {
            let service = Arc::clone(&self);
            async move { Ok::<_, Infallible>(service.answer(request).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_WITHIN)
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        tokio::select! {
            _ = &mut connection => return,
            () = closing.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }

    async fn answer(&self, mut request: Request<Incoming>) -> Response<Body> {
        if request.uri().path() != PATH {
            return refused(StatusCode::NOT_FOUND, "the server is at /mcp\n");
        }
        let identity = match self.bearers.is_empty() {
            true => None,
            false => match self.bearer(request.headers()) {
                Some(bearer) => Some(bearer.identity()),
                None => {
                    let text = "send the header `Authorization: Bearer TOKEN` with a token of this server\n";
                    let mut response = refused(StatusCode::UNAUTHORIZED, text);
                    let scheme = http::HeaderValue::from_static("Bearer");
                    response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
                    return response;
                }
            },
        };
        let client = identity.as_ref().map(|identity| identity.client.clone());
        if let (Some(client), Some(session)) = (&client, session(request.headers()))
            && self
                .owners()
                .get(session)
                .is_some_and(|owner| owner != client)
        {
            return refused(StatusCode::NOT_FOUND, "there is no such session\n");
        }
        if let Some(identity) = identity {
            request.extensions_mut().insert(identity);
        }
        let (parts, body) = request.into_parts();
        let whole = Limited::new(body, LONGEST_REQUEST).collect();
        let body = match tokio::time::timeout(BODY_WITHIN, whole).await {
            Ok(Ok(body)) => Full::new(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                let text = "a request has at most 4 MiB\n";
                return refused(StatusCode::PAYLOAD_TOO_LARGE, text);
            }
            Ok(Err(_)) => return refused(StatusCode::BAD_REQUEST, "the request broke off\n"),
            Err(_) => {
                return refused(StatusCode::REQUEST_TIMEOUT, "the request took too long\n");
            }
        };
        let had_session = session(&parts.headers).is_some();
        let response = self.inner.handle(Request::from_parts(parts, body)).await;
        if !had_session
            && let Some(session) = session(response.headers())
            && !self.own(session, client.unwrap_or_default()).await
        {
            let id = session.to_owned().into();
            let _ = self.sessions.close_session(&id).await;
            let text =
                "there are too many sessions: close some, or use MCP 2026-07-28, which has none\n";
            return refused(StatusCode::TOO_MANY_REQUESTS, text);
        }
        response
    }

    fn bearer(&self, headers: &HeaderMap) -> Option<&Bearer> {
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let (Some(header), None) = (given.next(), given.next()) else {
            return None;
        };
        let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let digest: [u8; 32] = Sha256::digest(token.trim()).into();
        self.bearers.iter().find(|bearer| bearer.digest == digest)
    }

    fn owners(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes whose a new session is. Tells whether it may stay.
    async fn own(&self, session: &str, client: String) -> bool {
        let live = self.sessions.sessions.read().await;
        let mut owners = self.owners();
        owners.retain(|session, _| live.contains_key(session.as_str()));
        let of_client = owners.values().filter(|owner| **owner == client).count();
        if owners.len() >= MOST_SESSIONS || of_client >= MOST_SESSIONS_OF_ONE {
            return false;
        }
        owners.insert(session.to_owned(), client);
        true
    }
}

/// The connections of each other machine.
#[derive(Default)]
struct Peers(Mutex<HashMap<IpAddr, Weak<Semaphore>>>);

/// A place of a peer. Nothing for one of this machine, whose programs are many.
type OfPeer = Option<(OwnedSemaphorePermit, Arc<Semaphore>)>;

impl Peers {
    /// A place for a connection, if its peer has one left.
    fn place(&self, stream: &TcpStream) -> Option<OfPeer> {
        let peer = stream.peer_addr().ok()?.ip();
        if peer.is_loopback() {
            return Some(None);
        }
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let places = match peers.get(&peer).and_then(Weak::upgrade) {
            Some(places) => places,
            None => {
                peers.retain(|_, places| places.strong_count() > 0);
                let places = Arc::new(Semaphore::new(MOST_CONNECTIONS_OF_ONE));
                peers.insert(peer, Arc::downgrade(&places));
                places
            }
        };
        let place = Arc::clone(&places).try_acquire_owned().ok()?;
        Some(Some((place, places)))
    }
}

fn session(headers: &HeaderMap) -> Option<&str> {
    headers.get(SESSION)?.to_str().ok()
}

fn refused(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())).boxed());
    *response.status_mut() = status;
    let plain = http::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// A server that cannot be as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpError(String);

impl HttpError {
    fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for HttpError {}
