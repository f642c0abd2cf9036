-- The indexes and sequences that belong to a relation. $1 text: its name, quoted.
SELECT c.relname AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'INDEX' END AS kind
FROM pg_class c
WHERE c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = $1::regclass)
  OR (c.relkind = 'S' AND c.oid IN (
    SELECT objid FROM pg_depend WHERE refobjid = $1::regclass AND classid = 'pg_class'::regclass AND deptype IN ('a', 'i')
  ))
ORDER BY 1
