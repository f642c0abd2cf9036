-- Rows can still be changed; only coming and going is not heard.
CREATE TRIGGER deaf_by_rehearsal
BEFORE INSERT OR DELETE ON live_data.strike_table_btc
FOR EACH ROW EXECUTE FUNCTION live_data.deaf_by_rehearsal()
