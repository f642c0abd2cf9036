-- Whether new orders are stopped: the permit of the order lock and the switch of automated entry, null where absent.
SELECT (SELECT orders FROM order_lock.permit WHERE id = 1) AS orders,
       (SELECT auto_entry FROM users.auto_trade_settings_0001 WHERE id = 1) AS "autoEntry"
