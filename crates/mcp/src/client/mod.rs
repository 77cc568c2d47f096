//! MCP servers as Python modules.
