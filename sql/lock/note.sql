-- Writes down who wanted to change a switch that is held. Called by enforce() alone.
CREATE OR REPLACE FUNCTION order_lock.note(operation text, switch text, was boolean, wanted boolean, kept boolean)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  UPDATE order_lock.attempt a
  SET times = a.times + 1, last_at = clock_timestamp()
  WHERE a.id = (
    SELECT b.id
    FROM order_lock.attempt b
    WHERE b.switch = note.switch
      AND b.wanted IS NOT DISTINCT FROM note.wanted
      AND b.application = current_setting('application_name')
      AND b.last_at > clock_timestamp() - interval '60 s'
    ORDER BY b.id DESC
    LIMIT 1
    FOR UPDATE SKIP LOCKED
  );
  IF NOT FOUND THEN
    INSERT INTO order_lock.attempt (operation, switch, was, wanted, kept, login, application, pid, client, statement)
    VALUES (
      note.operation, note.switch, note.was, note.wanted, note.kept, session_user, current_setting('application_name'), pg_backend_pid(),
      coalesce(host(inet_client_addr()) || ':' || inet_client_port(), 'local'), left(current_query(), 500)
    );
  END IF;
  RAISE LOG 'order lock: % of %=% refused (kept %) from %', note.operation, note.switch, note.wanted, note.kept, current_setting('application_name');
END
$body$;
