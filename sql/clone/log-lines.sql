-- The last $1 visits in a source's access log, newest first.
SELECT id, installer_user_id AS "userId", installer_name AS name, installer_email AS email,
       host(installer_ip_address) AS address, connection_start AS began, connection_end AS ended, status,
       tables_cloned AS tables, total_rows_cloned::float8 AS rows, clone_duration_seconds AS seconds, error_message AS error
FROM system.installation_access_log
ORDER BY id DESC
LIMIT $1
