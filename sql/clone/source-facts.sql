-- What this server is and what the role that asks may do on it, in one row. $1 are the schemas of system data.
SELECT current_setting('server_version_num')::int AS "versionNumber",
       current_setting('server_version') AS version,
       current_user AS "role",
       current_setting('server_encoding') AS encoding,
       pg_catalog.pg_is_in_recovery() AS replica,
       coalesce((SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()), false) AS tls,
       (SELECT json_agg(n.name ORDER BY n.place)
        FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY AS n (name, place)
        WHERE pg_catalog.to_regnamespace(pg_catalog.quote_ident(n.name)) IS NULL) AS "missingSchemas",
       (SELECT json_agg(n.name ORDER BY n.place)
        FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY AS n (name, place)
        WHERE pg_catalog.to_regnamespace(pg_catalog.quote_ident(n.name)) IS NOT NULL
          AND NOT has_schema_privilege(pg_catalog.quote_ident(n.name), 'USAGE')) AS "closedSchemas",
       (SELECT json_agg(a.word) FROM pg_catalog.pg_roles r, LATERAL (VALUES
          (r.rolsuper, 'is a superuser'),
          (r.rolcreaterole, 'may create roles'),
          (r.rolcreatedb, 'may create databases'),
          (r.rolreplication, 'may replicate'),
          (r.rolbypassrls, 'bypasses row security')) AS a (has, word)
        WHERE r.rolname = current_user AND a.has) AS attributes,
       (SELECT json_agg(m.rolname ORDER BY m.rolname) FROM pg_catalog.pg_roles m
        WHERE m.rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program',
                            'pg_signal_backend', 'pg_maintain', 'pg_checkpoint')
          AND pg_catalog.pg_has_role(current_user, m.oid, 'MEMBER')) AS "memberOf",
       has_database_privilege(current_database(), 'CREATE') AS "createsSchemas",
       (SELECT json_agg(n.nspname ORDER BY n.nspname) FROM pg_catalog.pg_namespace n
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND has_schema_privilege(n.oid, 'CREATE')) AS "createsIn",
       (SELECT json_agg(w.name ORDER BY w.name) FROM (
          SELECT n.nspname || '.' || c.relname AS name
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND has_schema_privilege(n.oid, 'USAGE')
            AND (has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE')
                 OR (n.nspname || '.' || c.relname <> 'system.installation_access_log'
                     AND (has_any_column_privilege(c.oid, 'INSERT') OR has_any_column_privilege(c.oid, 'UPDATE'))))
          LIMIT 50) AS w) AS writes,
       (SELECT json_agg(w.name ORDER BY w.name) FROM (
          SELECT n.nspname || '.' || c.relname AS name
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind = 'S' AND n.nspname !~ '^pg_' AND has_schema_privilege(n.oid, 'USAGE')
            AND n.nspname || '.' || c.relname <> 'system.installation_access_log_id_seq'
            AND (has_sequence_privilege(c.oid, 'USAGE') OR has_sequence_privilege(c.oid, 'UPDATE'))
          LIMIT 50) AS w) AS counts,
       (SELECT json_build_object(
          'there', l.oid IS NOT NULL,
          'insert', l.oid IS NOT NULL AND has_schema_privilege('system', 'USAGE')
            AND has_any_column_privilege(l.oid, 'INSERT')
            AND coalesce(has_sequence_privilege(pg_catalog.to_regclass('system.installation_access_log_id_seq'), 'USAGE'), true),
          'update', l.oid IS NOT NULL AND has_schema_privilege('system', 'USAGE') AND has_any_column_privilege(l.oid, 'UPDATE'))
        FROM (SELECT CASE WHEN has_schema_privilege(s.oid, 'USAGE') THEN pg_catalog.to_regclass('system.installation_access_log') END AS oid
              FROM (SELECT pg_catalog.to_regnamespace('system') AS oid) AS s) AS l) AS log
