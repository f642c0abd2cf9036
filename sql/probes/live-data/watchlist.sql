-- The watchlist can be read as REC.IO reads it. No rows are a regular answer: no strike passes the filter.
SELECT json_build_object('rows', count(*)::int, 'event', max(event_ticker), 'probability', max(probability))
FROM live_data.watchlist_btc
