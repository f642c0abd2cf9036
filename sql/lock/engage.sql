-- $1: what may still be sent (none, close-only); $2: why. auto_stop is kept at what it is.
WITH held AS (
  UPDATE order_lock.permit
  SET orders = $1, auto_entry_allowed = false, auto_stop_mode = 'freeze', reason = $2,
    auto_stop_held = (SELECT s.auto_stop FROM users.auto_trade_settings_0001 s WHERE s.id = 1),
    set_at = clock_timestamp(), set_by = session_user
  WHERE id = 1
)
SELECT auto_entry FROM users.auto_trade_settings_0001 WHERE id = 1
