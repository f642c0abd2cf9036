-- $1: manual or all; $2: why. Nothing is switched on by this: it only stops being held off.
UPDATE order_lock.permit
SET orders = $1, auto_entry_allowed = ($1 = 'all'), auto_stop_mode = 'free', auto_stop_held = NULL, reason = $2,
  set_at = clock_timestamp(), set_by = session_user
WHERE id = 1
RETURNING orders
