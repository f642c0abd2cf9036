-- Prepares and plans every statement of a checkout, in a transaction that is only read in. Statements: the setting
-- rec_io_setup.statements, [{"sql", "values"}, …]. The answer: those that are refused, with their place in that list.
-- Planning, not preparing, is what looks for the key of an ON CONFLICT and for the rights of the role that asks.
SET LOCAL lock_timeout = '1s';
SET LOCAL jit = off;
DO $prepare$
DECLARE
  asked jsonb := current_setting('rec_io_setup.statements')::jsonb;
  refused jsonb := '[]';
  given record;
  attempt int;
  text_now text;
  arguments text;
  state text;
  message text;
BEGIN
  FOR given IN SELECT place, one ->> 'sql' AS sql, (one ->> 'values')::int AS values FROM jsonb_array_elements(asked) WITH ORDINALITY AS listed (one, place)
  LOOP
    -- Where the server cannot tell the type of a placeholder, the value that psycopg writes in its place could have told it.
    FOR attempt IN 1..3 LOOP
      text_now := CASE attempt
        WHEN 1 THEN given.sql
        WHEN 2 THEN regexp_replace(given.sql, '\$\d+', 'NULL', 'g')
        ELSE regexp_replace(given.sql, '\$\d+', '1', 'g')
      END;
      arguments := CASE WHEN attempt = 1 AND given.values > 0 THEN '(' || rtrim(repeat('NULL,', given.values), ',') || ')' ELSE '' END;
      BEGIN
        EXECUTE 'PREPARE rec_io_setup_statement AS ' || text_now;
        EXECUTE 'EXPLAIN EXECUTE rec_io_setup_statement' || arguments;
        DEALLOCATE rec_io_setup_statement;
        EXIT;
      EXCEPTION
        WHEN lock_not_available THEN
          RAISE;
        WHEN OTHERS THEN
          GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
          -- A prepared statement outlives the transaction that made it.
          IF EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'rec_io_setup_statement') THEN
            DEALLOCATE rec_io_setup_statement;
          END IF;
          IF attempt = 3 OR given.values = 0 OR state NOT IN ('42P18', '42725', '42883', '42804', '42P08', '42601', '22P02', '22007') THEN
            refused := refused || jsonb_build_array(jsonb_build_object('place', given.place, 'state', state, 'message', message));
            EXIT;
          END IF;
      END;
    END LOOP;
  END LOOP;
  PERFORM set_config('rec_io_setup.refused', refused::text, true);
END
$prepare$;
SELECT current_setting('rec_io_setup.refused')::jsonb AS refused;
