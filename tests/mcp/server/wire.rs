//! A client that writes what the protocol has, and reads what the server sends.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};

pub const CURRENT: &str = "2026-07-28";

/// A client of HTTP.
pub fn http() -> reqwest::Client {
    // Whether or not it is the first: no test speaks TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// Answers what the server asks while a request waits.
pub type Answers = dyn Fn(&str, &Json) -> Json + Send + Sync;

pub struct Client {
    http: reqwest::Client,
    url: String,
    version: String,
    capabilities: Json,
    session: Option<String>,
    token: Option<String>,
    next: std::sync::atomic::AtomicI64,
}

/// What came of a request.
#[derive(Debug, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    /// The whole answer: `result` or `error`.
    pub message: Json,
    /// The methods and parameters of notifications before it.
    pub notifications: Vec<(String, Json)>,
    /// What is no message.
    pub text: String,
}

impl Reply {
    pub fn result(&self) -> &Json {
        self.message
            .get("result")
            .unwrap_or_else(|| panic!("no result: {self:?}"))
    }

    /// The text of a tool's result, and whether that is an error.
    pub fn text_of_tool(&self) -> String {
        let result = self.result();
        let blocks = result["content"].as_array().cloned().unwrap_or_default();
        let texts: Vec<_> = blocks
            .iter()
            .map(|block| match block["text"].as_str() {
                Some(text) => text.to_owned(),
                None => block.to_string(),
            })
            .collect();
        let mark = match result["isError"].as_bool() {
            Some(true) => "isError: ",
            _ => "",
        };
        format!("{mark}{}", texts.join("\n---\n"))
    }
}

impl Client {
    /// A client of MCP 2026-07-28, which sends all that it is with each request.
    pub fn current(url: &str) -> Self {
        Self::of(url, CURRENT, json!({ "elicitation": {} }))
    }

    pub fn of(url: &str, version: &str, capabilities: Json) -> Self {
        Self {
            http: http(),
            url: url.to_owned(),
            version: version.to_owned(),
            capabilities,
            session: None,
            token: None,
            next: 1.into(),
        }
    }

    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    pub fn with_session(mut self, session: &str) -> Self {
        self.session = Some(session.to_owned());
        self
    }

    /// A client of an older version, which has a session.
    pub async fn legacy(url: &str, version: &str, capabilities: Json) -> Self {
        Self::of(url, version, capabilities).initialized().await
    }

    pub async fn initialized(mut self) -> Self {
        let reply = self.initialize().await;
        assert_eq!(reply.result()["protocolVersion"], self.version, "{reply:?}");
        self.session = reply.headers.get("mcp-session-id").cloned();
        self.send_initialized().await;
        self
    }

    /// Tells the server that its greeting was heard.
    pub async fn send_initialized(&self) {
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        self.send(initialized, &|_, _| Json::Null).await;
    }

    pub async fn initialize(&self) -> Reply {
        let params = json!({
            "protocolVersion": self.version,
            "capabilities": self.capabilities,
            "clientInfo": { "name": "wire", "version": "1" },
        });
        self.request("initialize", params).await
    }

    pub async fn request(&self, method: &str, params: Json) -> Reply {
        self.asked(method, params, &|method, _| {
            panic!("the server asks for {method}")
        })
        .await
    }

    pub async fn tool(&self, name: &str, arguments: Json) -> Reply {
        let params = json!({ "name": name, "arguments": arguments });
        self.request("tools/call", params).await
    }

    pub async fn run(&self, code: &str) -> Reply {
        self.tool("run_python", json!({ "code": code })).await
    }

    pub async fn asked(&self, method: &str, mut params: Json, answers: &Answers) -> Reply {
        let id = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if self.version == CURRENT {
            let meta = json!({
                "io.modelcontextprotocol/protocolVersion": self.version,
                "io.modelcontextprotocol/clientInfo": { "name": "wire", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": self.capabilities,
            });
            let given = params["_meta"].take();
            params["_meta"] = meta;
            for (key, value) in given.as_object().into_iter().flatten() {
                params["_meta"][key] = value.clone();
            }
        }
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(message, answers).await
    }

    /// Waits for a notification on the stream of a session, or of a subscription in the
    /// current version. Tells when it listens.
    pub async fn heard(&self, method: &str, listens: tokio::sync::oneshot::Sender<()>) -> Json {
        let request = match self.version == CURRENT {
            true => {
                let meta = json!({
                    "io.modelcontextprotocol/protocolVersion": self.version,
                    "io.modelcontextprotocol/clientInfo": { "name": "wire", "version": "1" },
                    "io.modelcontextprotocol/clientCapabilities": self.capabilities,
                });
                self.post(&json!({
                    "jsonrpc": "2.0",
                    "id": 900,
                    "method": "subscriptions/listen",
                    "params": { "_meta": meta, "notifications": { "toolsListChanged": true } },
                }))
            }
            false => self
                .http
                .get(&self.url)
                .header("accept", "text/event-stream")
                .header("mcp-protocol-version", &self.version)
                .header(
                    "mcp-session-id",
                    self.session.as_deref().expect("a session"),
                ),
        };
        let mut response = request.send().await.expect("the server answers");
        assert!(response.status().is_success(), "{response:?}");
        let mut listens = Some(listens);
        let mut buffer = String::new();
        while let Some(chunk) = response.chunk().await.expect("a stream") {
            if let Some(listens) = listens.take() {
                let _ = listens.send(());
            }
            buffer.push_str(std::str::from_utf8(&chunk).expect("text"));
            while let Some(end) = buffer.find('\n') {
                let line: String = buffer.drain(..=end).collect();
                let data = line.trim_end().strip_prefix("data:").unwrap_or_default();
                let Ok(received) = serde_json::from_str::<Json>(data.trim()) else {
                    continue;
                };
                if received["method"] == method {
                    return received;
                }
            }
        }
        panic!("the stream ended without {method}");
    }

    pub async fn notify(&self, method: &str, params: Json) -> Reply {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.send(message, &|_, _| Json::Null).await
    }

    fn post(&self, message: &Json) -> reqwest::RequestBuilder {
        let mut request = self
            .http
            .post(&self.url)
            .timeout(Duration::from_secs(60))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(message.to_string());
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        if message["method"] != "initialize" {
            request = request.header("mcp-protocol-version", &self.version);
        }
        if self.version == CURRENT {
            if let Some(method) = message["method"].as_str() {
                request = request.header("mcp-method", method);
            }
            let parameters = &message["params"];
            let name = parameters["name"].as_str();
            if let Some(name) = name.or(parameters["taskId"].as_str()) {
                request = request.header("mcp-name", name);
            }
        }
        request
    }

    /// Sends a message, and answers what the server asks before its answer.
    pub async fn send(&self, message: Json, answers: &Answers) -> Reply {
        let mut response = self
            .post(&message)
            .send()
            .await
            .expect("the server answers");
        let headers = response.headers().iter();
        let mut reply = Reply {
            status: response.status().as_u16(),
            headers: headers
                .map(|(name, value)| {
                    let value = value.to_str().unwrap_or_default();
                    (name.as_str().to_owned(), value.to_owned())
                })
                .collect(),
            ..Reply::default()
        };
        let kind = reply
            .headers
            .get("content-type")
            .cloned()
            .unwrap_or_default();
        if !kind.starts_with("text/event-stream") {
            let text = response.text().await.expect("a whole answer");
            reply.message = serde_json::from_str(&text).unwrap_or_default();
            reply.text = text;
            return reply;
        }
        let mut buffer = String::new();
        while let Some(chunk) = response.chunk().await.expect("a whole stream") {
            buffer.push_str(std::str::from_utf8(&chunk).expect("text"));
            while let Some(end) = buffer.find('\n') {
                let line: String = buffer.drain(..=end).collect();
                let Some(data) = line.trim_end().strip_prefix("data:") else {
                    continue;
                };
                let Ok(received) = serde_json::from_str::<Json>(data.trim()) else {
                    continue;
                };
                match (
                    received.get("method").and_then(Json::as_str),
                    received.get("id"),
                ) {
                    (Some(method), Some(id)) => {
                        let answer = answers(method, &received["params"]);
                        let answer = json!({ "jsonrpc": "2.0", "id": id, "result": answer });
                        let sent = self
                            .post(&answer)
                            .send()
                            .await
                            .expect("the server takes it");
                        assert!(sent.status().is_success(), "{sent:?}");
                    }
                    (Some(method), None) => {
                        let params = received["params"].clone();
                        reply.notifications.push((method.to_owned(), params));
                    }
                    (None, _) => {
                        reply.message = received;
                        return reply;
                    }
                }
            }
        }
        reply
    }
}
