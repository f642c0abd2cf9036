-- What is permitted now, what the switches say, and who wanted otherwise since.
SELECT
  p.orders,
  p.auto_entry_allowed,
  p.auto_stop_mode,
  p.set_at,
  (SELECT to_jsonb(s) FROM (
    SELECT auto_entry, auto_stop, momentum_spike_enabled FROM users.auto_trade_settings_0001 WHERE id = 1
  ) s) AS switches,
  (SELECT coalesce(sum(a.times), 0)::int FROM order_lock.attempt a WHERE a.last_at > p.set_at) AS held_times,
  (SELECT count(*)::int FROM order_lock.order_attempt o WHERE NOT o.allowed AND o.at > p.set_at) AS refused_orders,
  (SELECT to_jsonb(l) FROM (
    SELECT e.at, e.application, e.client, e.what
    FROM (
      SELECT a.last_at AS at, a.application, a.client, a.switch AS what FROM order_lock.attempt a
      UNION ALL
      SELECT o.at, o.application, o.client, 'order' FROM order_lock.order_attempt o WHERE NOT o.allowed
    ) e
    WHERE e.at > p.set_at
    ORDER BY e.at DESC
    LIMIT 1
  ) l) AS last
FROM (SELECT 1) one
LEFT JOIN order_lock.permit p ON p.id = 1
