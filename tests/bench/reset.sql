-- An empty ledger and every stay due again.
TRUNCATE loyalty_stay, loyalty_levelchange, loyalty_pointslot, loyalty_ledgerentry, loyalty_jobchunk, loyalty_jobprogress,
    loyalty_job, loyalty_pointsaccount;
UPDATE loyalty_membership SET level_id = %(base_level)s WHERE level_id <> %(base_level)s;
INSERT INTO loyalty_pointsaccount (membership_id, balance, tier_points, nights, stays, money, last_number)
SELECT id, 0, 0, 0, 0, 0, 0 FROM loyalty_membership ORDER BY id;
INSERT INTO loyalty_stay (booking_id, membership_type_id, seat, membership_id, state, reason, departure_date, due_on,
    booking_version, multiplier)
SELECT id, %(type)s, 1, 1 + id %% (SELECT count(*) FROM loyalty_membership), 'due', '', departure_date,
    departure_date + 5, 1, 1
FROM bookings_booking ORDER BY id;
