//! MCP servers as Python modules: scripts call servers that are scripted
//! (`server.py`), each of which behaves in its own way.

mod calls;
mod changes;
mod configuration;
mod hostile;
mod lifecycle;
mod observed;
mod over_http;
mod results;
mod secrets;
mod support;
mod versions;
