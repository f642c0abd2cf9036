-- The settings row that auto_entry_supervisor rewrites every second; null where there is no row.
SELECT json_build_object(
         'ageSeconds', extract(epoch FROM now() - updated_at),
         'status', auto_entry_status,
         'enabled', auto_entry,
         'minProbability', min_probability
       )
FROM users.auto_trade_settings_0001
WHERE id = 1
