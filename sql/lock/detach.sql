-- Takes the order lock away. The row keeps what it holds: auto_entry stays false until somebody sets it.
DO $body$
BEGIN
  IF to_regclass('users.auto_trade_settings_0001') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS zz_order_lock ON users.auto_trade_settings_0001;
  END IF;
END
$body$;
DROP SCHEMA IF EXISTS order_lock CASCADE;
