-- For psql, not for a query: a dump of a table that had one more column, as a later version of REC.IO may have it.
DELETE FROM users.trade_preferences_0001;
COPY users.trade_preferences_0001 (id, trade_strategy, position_size, multiplier, updated_at, colour) FROM stdin;
1	Hourly HTC	1	1	2026-01-01 00:00:00	red
\.
