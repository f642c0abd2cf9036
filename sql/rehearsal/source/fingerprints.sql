-- The 124 fingerprint tables under their real names, minus signs included: a row a minute, a column a move up and down.
-- 1.70 does not exist in REC.IO's, so it does not exist here.
DO $$
DECLARE
  columns text;
  value_list text;
  suffix text;
  coin text;
  bucket integer;
BEGIN
  SELECT string_agg(format('%I numeric(5,2)', side || '_' || replace(to_char(move, 'FM0.00'), '.', '_')), ', ' ORDER BY n),
         string_agg(format('round((50 * exp(-power(%s / (0.045 * sqrt(minute) * (1 + abs($1) / 60.0)), 1.15)))::numeric, 2)', move), ', ' ORDER BY n)
  INTO columns, value_list
  FROM (
    SELECT side, move, row_number() OVER (ORDER BY move, side DESC) AS n
    FROM generate_series(0, 2.00, 0.05) AS move, unnest(ARRAY['pos', 'neg']) AS side
    WHERE move <> 1.70
  ) AS moves;
  FOREACH coin IN ARRAY ARRAY['btc', 'eth'] LOOP
    FOR bucket IN -31..30 LOOP
      suffix := CASE
        WHEN bucket = -31 THEN 'baseline'
        WHEN bucket < 0 THEN 'momentum_-' || lpad((-bucket)::text, 2, '0')
        ELSE 'momentum_' || lpad(bucket::text, 3, '0')
      END;
      EXECUTE format('CREATE TABLE analytics.%I (time_to_close text PRIMARY KEY, %s)', coin || '_fingerprint_directional_' || suffix, columns);
      EXECUTE format(
        'INSERT INTO analytics.%I SELECT lpad(minute::text, 2, ''0'') || ''m TTC'', %s FROM generate_series(1, 60) AS minute',
        coin || '_fingerprint_directional_' || suffix, value_list
      ) USING CASE WHEN bucket = -31 THEN 0 ELSE bucket END;
    END LOOP;
  END LOOP;
END
$$
