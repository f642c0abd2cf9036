-- The role of the installers: it logs in and reads. Its password is set by hand afterwards and stands in no file.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rec_io_installer') THEN
    CREATE ROLE rec_io_installer LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 20;
  END IF;
END
$$;
-- Before PostgreSQL 15 everybody may make tables in public; a role that only reads must not.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
