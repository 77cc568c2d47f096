CREATE TABLE IF NOT EXISTS monty_store_layout (
    layout integer PRIMARY KEY
);
CREATE TABLE IF NOT EXISTS monty_store_claims (
    key text PRIMARY KEY,
    expires timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS monty_store_claims_expires ON monty_store_claims (expires);
CREATE TABLE IF NOT EXISTS monty_store_entries (
    key text PRIMARY KEY,
    version bigint NOT NULL,
    value bytea NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS monty_store_entries_expires ON monty_store_entries (expires);
INSERT INTO monty_store_layout (layout) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM monty_store_layout);
