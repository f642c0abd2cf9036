-- What a line in the access log needs: its columns, its number, and nothing of other lines but that number.
GRANT USAGE ON SCHEMA system TO rec_io_installer;
GRANT INSERT (installer_user_id, installer_name, installer_email, installer_ip_address, connection_start,
              schemas_accessed, status, user_agent, installation_package_version),
      UPDATE (connection_end, tables_cloned, total_rows_cloned, clone_duration_seconds, status, error_message),
      SELECT (id)
  ON system.installation_access_log TO rec_io_installer;
GRANT USAGE ON SEQUENCE system.installation_access_log_id_seq TO rec_io_installer;
