-- Tables and sequences of some schemas that one role owns. $1 text[]: the schemas; $2 text: the role.
SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND pg_get_userbyid(c.relowner) = $2::text AND c.relkind IN ('r', 'p', 'S')
ORDER BY 1, 2
