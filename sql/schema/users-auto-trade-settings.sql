-- The switches of automated trading. Run as the installer, which keeps owning them: an owner could take the order lock off.

CREATE TABLE IF NOT EXISTS users.auto_trade_settings_0001 (
  id integer NOT NULL,
  auto_entry boolean DEFAULT false,
  auto_stop boolean DEFAULT false,
  min_probability integer DEFAULT 95,
  min_differential numeric(5,2) DEFAULT 0.25,
  min_time integer DEFAULT 120,
  max_time integer DEFAULT 900,
  allow_re_entry boolean DEFAULT false,
  spike_alert_enabled boolean DEFAULT true,
  spike_alert_momentum_threshold integer DEFAULT 36,
  spike_alert_cooldown_threshold integer DEFAULT 30,
  spike_alert_cooldown_minutes integer DEFAULT 15,
  current_probability integer DEFAULT 40,
  min_ttc_seconds integer DEFAULT 60,
  momentum_spike_enabled boolean DEFAULT true,
  momentum_spike_threshold integer DEFAULT 36,
  auto_entry_status text DEFAULT 'disabled',
  user_id text DEFAULT '0001',
  cooldown_timer integer DEFAULT 0,
  verification_period_enabled boolean DEFAULT false,
  verification_period_seconds integer DEFAULT 15,
  created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id)
);
