-- What the administrator of a source lets the role rec_io_installer do: read three schemas, and what is added to them.
GRANT USAGE ON SCHEMA analytics, historical_data, live_data TO rec_io_installer;
GRANT SELECT ON ALL TABLES IN SCHEMA analytics, historical_data, live_data TO rec_io_installer;
ALTER DEFAULT PRIVILEGES FOR ROLE rec_io_user IN SCHEMA analytics, historical_data, live_data
  GRANT SELECT ON TABLES TO rec_io_installer;
