-- Holds the switches of automated trading. It rewrites the value instead of refusing the statement, because the other
-- columns of the same UPDATE are REC.IO's to write.
CREATE OR REPLACE FUNCTION order_lock.enforce()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  permit order_lock.permit;
  was boolean;
  held boolean;
BEGIN
  SELECT * INTO permit FROM order_lock.permit WHERE id = 1;

  IF NEW.auto_entry IS DISTINCT FROM false AND permit.auto_entry_allowed IS NOT TRUE THEN
    was := CASE WHEN TG_OP = 'UPDATE' THEN OLD.auto_entry END;
    PERFORM order_lock.note(TG_OP, 'auto_entry', was, NEW.auto_entry, false);
    NEW.auto_entry := false;
    NEW.auto_entry_status := 'DISABLED';
  END IF;

  IF permit.auto_stop_mode IS DISTINCT FROM 'free' THEN
    was := CASE WHEN TG_OP = 'UPDATE' THEN OLD.auto_stop END;
    IF TG_OP = 'UPDATE' AND session_user = current_user THEN
      -- The owner of this function, logged in as itself, is the person's own command: from now on this is what is held.
      IF NEW.auto_stop IS DISTINCT FROM OLD.auto_stop THEN
        UPDATE order_lock.permit SET auto_stop_held = NEW.auto_stop WHERE id = 1;
      END IF;
    ELSE
      -- A row that is deleted and inserted anew comes back with what was held, not with what the program wants.
      held := coalesce(permit.auto_stop_held, was, false);
      IF NEW.auto_stop IS DISTINCT FROM held THEN
        PERFORM order_lock.note(TG_OP, 'auto_stop', was, NEW.auto_stop, held);
        NEW.auto_stop := held;
      END IF;
    END IF;
  END IF;

  RETURN NEW;
END
$body$;
