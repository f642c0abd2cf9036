-- The log of who copied what. Columns as REC.IO's own code makes them; nothing is changed where the table is there.
CREATE SCHEMA IF NOT EXISTS system;
CREATE TABLE IF NOT EXISTS system.installation_access_log (
  id serial PRIMARY KEY,
  installer_user_id varchar(100) NOT NULL,
  installer_name varchar(200),
  installer_email varchar(200),
  installer_ip_address inet,
  connection_start timestamptz DEFAULT now(),
  connection_end timestamptz,
  schemas_accessed text[],
  tables_cloned integer,
  total_rows_cloned bigint,
  clone_duration_seconds integer,
  status varchar(50) DEFAULT 'in_progress',
  error_message text,
  user_agent text,
  installation_package_version varchar(50),
  created_at timestamptz DEFAULT now()
);
