-- The lookup in the making, beside the one that REC.IO reads. Keys follow after the rows.
CREATE TABLE analytics.probability_lookup_btc_building (
  ttc_seconds integer NOT NULL,
  buffer_points integer NOT NULL,
  momentum_bucket integer NOT NULL,
  prob_within_positive numeric(5,2) NOT NULL,
  prob_within_negative numeric(5,2) NOT NULL,
  created_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP
)
