-- The order gate: asked by the hook inside trade_executor before every order. Anything but true means: do not send.
CREATE OR REPLACE FUNCTION order_lock.may_send(kind text, how text, ticket text, payload text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  permitted text;
  allowed boolean;
BEGIN
  SELECT orders INTO permitted FROM order_lock.permit WHERE id = 1;
  allowed := coalesce(
    CASE permitted
      WHEN 'all' THEN true
      WHEN 'manual' THEN kind = 'close' OR how = 'manual'
      WHEN 'close-only' THEN kind = 'close'
      ELSE false
    END,
    false
  );
  INSERT INTO order_lock.order_attempt (kind, how, ticket, allowed, payload, login, application, client)
  VALUES (
    kind, how, ticket, allowed, left(payload, 500), session_user, current_setting('application_name'),
    coalesce(host(inet_client_addr()) || ':' || inet_client_port(), 'local')
  );
  RETURN allowed;
END
$body$;
