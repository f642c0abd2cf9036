-- One row where the column is there. $1 schema, $2 table, $3 column.
SELECT 1
FROM information_schema.columns
WHERE table_schema = $1::text
  AND table_name = $2::text
  AND column_name = $3::text
