-- The two roles as the administrator sees them. $1 text[]: their names; $2 text: the installer's; $3 text: REC.IO's.
SELECT
  (SELECT coalesce(jsonb_object_agg(r.rolname, jsonb_build_object(
      'login', r.rolcanlogin,
      'mighty', r.rolsuper OR r.rolcreaterole,
      'mark', coalesce(shobj_description(r.oid, 'pg_authid'), '')
    )), '{}')
    FROM pg_roles r WHERE r.rolname = ANY ($1::text[])) AS roles,
  EXISTS (
    SELECT FROM pg_auth_members m
    JOIN pg_roles app ON app.oid = m.roleid AND app.rolname = $3::text
    JOIN pg_roles installer ON installer.oid = m.member AND installer.rolname = $2::text
  ) AS member
