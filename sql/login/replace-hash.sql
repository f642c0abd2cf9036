-- Gives the row of this very person a hash that REC.IO accepts, where it had none or an unsafe one.
-- $1 user_id, $2 the new bcrypt hash, $3 the hash that was read before, or NULL.
UPDATE users.user_info_0001
SET password_hash = $2, updated_at = now()
WHERE user_no = '0001' AND user_id = $1 AND password_hash IS NOT DISTINCT FROM $3
RETURNING user_no
