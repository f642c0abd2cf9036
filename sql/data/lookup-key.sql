ALTER TABLE analytics.probability_lookup_btc_building
  ADD CONSTRAINT probability_lookup_btc_building_pkey PRIMARY KEY (ttc_seconds, buffer_points, momentum_bucket)
