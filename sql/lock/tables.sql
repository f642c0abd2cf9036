-- The order lock's own tables. Run as the installer, inside the transaction that installs the lock.

CREATE SCHEMA IF NOT EXISTS order_lock;
REVOKE ALL ON SCHEMA order_lock FROM PUBLIC;

-- One row says what is permitted. No row, or a table that cannot be read, permits nothing.
CREATE TABLE IF NOT EXISTS order_lock.permit (
  id integer PRIMARY KEY CHECK (id = 1),
  orders text NOT NULL DEFAULT 'close-only' CHECK (orders IN ('none', 'close-only', 'manual', 'all')),
  auto_entry_allowed boolean NOT NULL DEFAULT false,
  auto_stop_mode text NOT NULL DEFAULT 'freeze' CHECK (auto_stop_mode IN ('freeze', 'free')),
  -- What auto_stop is kept at; null where there was no row when the lock was engaged.
  auto_stop_held boolean,
  set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  set_by text NOT NULL DEFAULT session_user,
  reason text
);

-- Who wanted to change a switch that is held. Repeats within a minute are counted, not listed.
CREATE TABLE IF NOT EXISTS order_lock.attempt (
  id bigserial PRIMARY KEY,
  first_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  times integer NOT NULL DEFAULT 1,
  operation text NOT NULL,
  switch text NOT NULL,
  was boolean,
  wanted boolean,
  kept boolean,
  login text NOT NULL,
  application text NOT NULL,
  pid integer NOT NULL,
  client text NOT NULL,
  statement text
);

-- Every order that a program asked to send, and the answer.
CREATE TABLE IF NOT EXISTS order_lock.order_attempt (
  id bigserial PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind text,
  how text,
  ticket text,
  allowed boolean NOT NULL,
  payload text,
  login text NOT NULL,
  application text NOT NULL,
  client text NOT NULL
);
CREATE INDEX IF NOT EXISTS order_attempt_refused_at ON order_lock.order_attempt (at) WHERE NOT allowed;

INSERT INTO order_lock.permit (id, reason) VALUES (1, 'installed locked') ON CONFLICT (id) DO NOTHING;
