-- The row that system_monitor rewrites every 15 seconds; null where there is none.
SELECT json_build_object(
         'ageSeconds', extract(epoch FROM now() - timestamp),
         'overall', overall_status,
         'healthy', services_healthy,
         'total', services_total,
         'failed', coalesce(failed_services, '{}')
       )
FROM system.health_status
WHERE id = 1
