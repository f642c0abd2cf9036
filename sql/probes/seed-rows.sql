-- The rows without which REC.IO's programs answer with silent defaults, as JSON; null where there is none.
SELECT
  (SELECT to_jsonb(r) FROM users.auto_trade_settings_0001 r WHERE r.id = 1) AS "users.auto_trade_settings_0001",
  (SELECT to_jsonb(r) FROM users.trade_preferences_0001 r WHERE r.id = 1) AS "users.trade_preferences_0001",
  (SELECT to_jsonb(r) FROM users.trade_history_preferences_0001 r WHERE r.id = 1) AS "users.trade_history_preferences_0001"
