-- The tables of historical prices that are there, with the planner's guess at their rows (-1: never counted).
SELECT c.relname AS name, c.reltuples::float8 AS rows
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'historical_data' AND c.relname IN ('btc_price_history', 'eth_price_history')
   AND c.relkind IN ('r', 'p')
 ORDER BY c.relname
