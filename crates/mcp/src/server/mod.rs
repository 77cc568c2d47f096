//! Code mode as an MCP server.
