-- Puts the lock onto the table. ALWAYS: a session that replays for a replica would skip an ordinary trigger.
DROP TRIGGER IF EXISTS zz_order_lock ON users.auto_trade_settings_0001;
CREATE TRIGGER zz_order_lock BEFORE INSERT OR UPDATE ON users.auto_trade_settings_0001
  FOR EACH ROW EXECUTE FUNCTION order_lock.enforce();
ALTER TABLE users.auto_trade_settings_0001 ENABLE ALWAYS TRIGGER zz_order_lock;
