-- What the order lock stands on. $1 text: REC.IO's role; $2 text: the installer's role.
SELECT
  (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'order_lock') AS lock_owner,
  (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'users') AS users_owner,
  (
    SELECT jsonb_build_object(
      'owner', pg_get_userbyid(c.relowner),
      'appMay', (
        SELECT coalesce(jsonb_agg(p), '[]')
        FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRIGGER', 'TRUNCATE']) p
        WHERE has_table_privilege(app.oid, c.oid, p)
      ),
      -- Row triggers that fire before the change, in the order in which they fire; the lock's must be the last.
      'before', (
        SELECT coalesce(jsonb_agg(t.tgname ORDER BY t.tgname), '[]')
        FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND t.tgtype & 3 = 3 AND t.tgenabled <> 'D'
      ),
      'trigger', (
        SELECT jsonb_build_object('enabled', t.tgenabled, 'type', t.tgtype, 'function', t.tgfoid::regproc::text,
          'whole', t.tgqual IS NULL AND t.tgattr::text = '')
        FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND t.tgname = 'zz_order_lock'
      )
    )
    FROM pg_class c
    WHERE c.oid = to_regclass('users.auto_trade_settings_0001')
  ) AS settings,
  (
    SELECT coalesce(jsonb_object_agg(p.proname, jsonb_build_object(
      'owner', pg_get_userbyid(p.proowner),
      'body', md5(p.prosrc),
      'definer', p.prosecdef,
      'path', coalesce(array_to_string(p.proconfig, ';'), ''),
      'executors', (
        SELECT coalesce(jsonb_agg(DISTINCT coalesce(r.rolname, 'PUBLIC')), '[]')
        FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE a.privilege_type = 'EXECUTE' AND a.grantee <> p.proowner
      )
    )), '{}')
    FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'order_lock'
  ) AS functions,
  (
    SELECT coalesce(jsonb_agg(c.relname ORDER BY c.relname), '[]')
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'order_lock' AND c.relkind = 'r'
      AND (
        pg_get_userbyid(c.relowner) <> $2::text
        OR has_table_privilege(app.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
      )
  ) AS open_tables,
  (SELECT count(*)::int FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'order_lock' AND c.relkind = 'r' AND c.relname IN ('permit', 'attempt', 'order_attempt')) AS tables,
  app.rolsuper OR app.rolcreaterole AS app_mighty,
  pg_has_role(app.oid, installer.oid, 'MEMBER') AS app_is_installer
FROM pg_roles app, pg_roles installer
WHERE app.rolname = $1::text AND installer.rolname = $2::text
