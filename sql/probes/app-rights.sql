-- What REC.IO's role may do, asked as that role. $1 text[]: the schemas; $2 text: the installer's role;
-- $3 text[]: the tables of the contract as schema.table.
SELECT
  has_database_privilege(current_database(), 'CREATE') AS may_create,
  has_database_privilege(current_database(), 'TEMP') AS may_make_temporary,
  (SELECT coalesce(jsonb_agg(n.nspname ORDER BY n.nspname), '[]') FROM pg_namespace n
    WHERE n.nspname = ANY ($1::text[]) AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE'))) AS closed_schemas,
  (SELECT coalesce(jsonb_agg(n.nspname || '.' || c.relname ORDER BY n.nspname, c.relname), '[]')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname || '.' || c.relname = ANY ($3::text[]) AND c.relkind IN ('r', 'p')
      AND NOT (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
        AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))) AS closed_tables,
  (SELECT coalesce(jsonb_agg(n.nspname || '.' || c.relname ORDER BY n.nspname, c.relname), '[]')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    -- The server may test conditions in any order, and the right to a sequence may only be asked of a sequence.
    WHERE d.refobjid IN (SELECT to_regclass(t) FROM unnest($3::text[]) t)
      AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'USAGE') ELSE false END) AS closed_sequences,
  -- Schemas in which a table that the installer makes later would be closed to REC.IO.
  (SELECT coalesce(jsonb_agg(n.nspname ORDER BY n.nspname), '[]') FROM pg_namespace n
    WHERE n.nspname = ANY ($1::text[]) AND (
      SELECT count(DISTINCT e.privilege_type) FROM pg_default_acl d, aclexplode(d.defaclacl) e
      WHERE d.defaclnamespace = n.oid AND pg_get_userbyid(d.defaclrole) = $2::text
        AND e.grantee = (SELECT oid FROM pg_roles WHERE rolname = current_user)
        AND (d.defaclobjtype = 'r' AND e.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
          OR d.defaclobjtype = 'S' AND e.privilege_type = 'USAGE')
    ) < 5) AS schemas_without_defaults
