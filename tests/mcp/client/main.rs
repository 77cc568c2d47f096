//! MCP servers as Python modules: scripts call servers that are scripted
//! (`server.py`), of which each behaves in its own way.

mod calls;
mod support;
