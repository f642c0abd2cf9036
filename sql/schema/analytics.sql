-- The probability lookup. Run as REC.IO's role.

CREATE TABLE IF NOT EXISTS analytics.probability_lookup_btc (
  ttc_seconds integer NOT NULL,
  buffer_points integer NOT NULL,
  momentum_bucket integer NOT NULL,
  prob_within_positive numeric(5,2) NOT NULL,
  prob_within_negative numeric(5,2) NOT NULL,
  created_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (ttc_seconds, buffer_points, momentum_bucket)
);
