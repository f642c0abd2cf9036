-- What was copied, beside the rows themselves: a line is written in the transaction that puts its table in place.
CREATE SCHEMA IF NOT EXISTS clone_state;
CREATE TABLE IF NOT EXISTS clone_state.copied (
  schema text NOT NULL,
  name text NOT NULL,
  rows bigint NOT NULL,
  bytes bigint NOT NULL,
  checksum bigint NOT NULL,
  content_hash text,
  snapshot_at timestamptz NOT NULL,
  source text NOT NULL,
  done_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (schema, name)
);
-- Which columns the checksum is of, in their order.
ALTER TABLE clone_state.copied ADD COLUMN IF NOT EXISTS columns text[];
-- A source stands here only after every table that it offers came: a part of them is no copy.
CREATE TABLE IF NOT EXISTS clone_state.finished (
  source text PRIMARY KEY,
  left_out text[] NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
)
