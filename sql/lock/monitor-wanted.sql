-- Called by the hook inside system_monitor when it keeps the monitor from switching something on that was not on before.
-- It changes nothing: the attempt alone is written down, where those of others stand.
CREATE OR REPLACE FUNCTION order_lock.monitor_wanted(switch text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  was boolean;
BEGIN
  SELECT CASE monitor_wanted.switch WHEN 'auto_entry' THEN s.auto_entry WHEN 'auto_stop' THEN s.auto_stop END INTO was
  FROM users.auto_trade_settings_0001 s
  WHERE s.id = 1;
  IF monitor_wanted.switch IN ('auto_entry', 'auto_stop') THEN
    PERFORM order_lock.note('HOOK', monitor_wanted.switch, was, true, was);
  END IF;
END
$body$;
