-- The monitor's row, read by column position, and the log of cloning. Run as REC.IO's role.

CREATE TABLE IF NOT EXISTS system.health_status (
  id integer NOT NULL,
  overall_status text,
  cpu_percent numeric(5,2),
  memory_percent numeric(5,2),
  disk_percent numeric(5,2),
  database_status text,
  supervisor_status text,
  services_healthy integer,
  services_total integer,
  failed_services text[],
  health_details jsonb,
  timestamp timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS system.installation_access_log (
  id serial NOT NULL,
  installer_user_id character varying(100) NOT NULL,
  installer_name character varying(200),
  installer_email character varying(200),
  installer_ip_address inet,
  connection_start timestamp with time zone DEFAULT now(),
  connection_end timestamp with time zone,
  schemas_accessed text[],
  tables_cloned integer,
  total_rows_cloned bigint,
  clone_duration_seconds integer,
  status character varying(50) DEFAULT 'in_progress',
  error_message text,
  user_agent text,
  installation_package_version character varying(50),
  created_at timestamp with time zone DEFAULT now(),
  PRIMARY KEY (id)
);
