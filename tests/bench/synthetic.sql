-- N synthetic stays on N / 5 members of one group with two hotels (EUR, GBP): two nights each, a paid extra on every
-- second, levels by nights that are reached on the way. %(stays)s is N.

INSERT INTO bookings_guest (id, group_id, kind, first_name, last_name, email, phone, language, created_at)
SELECT i, %(group)s, 'individual', 'Guest', i::text, '', '', '', now() FROM generate_series(1, %(stays)s / 5) AS i;

INSERT INTO loyalty_membership (id, group_id, membership_type_id, guest_id, card_number, name_on_card, level_id, status, joined_on)
SELECT i, %(group)s, %(type)s, i, (77000000000 + i)::text, '', %(base_level)s, 'active', DATE '2020-01-01'
FROM generate_series(1, %(stays)s / 5) AS i;

INSERT INTO bookings_booking (id, property_id, version, content_hash, source, number, status, arrival_date,
    departure_date, booked_departure_date, rooms, room_type, market, channel, currency, room_revenue, total,
    payment_method, prepayment, received_at)
SELECT i, CASE WHEN i %% 3 = 0 THEN %(gbp_hotel)s ELSE %(eur_hotel)s END, 1, '', 'pms', i::text, 'checked_out',
    DATE '2025-01-01' + (i * 7919 %% 340)::int, DATE '2025-01-03' + (i * 7919 %% 340)::int,
    DATE '2025-01-03' + (i * 7919 %% 340)::int, 1, 'DBL', '', '', CASE WHEN i %% 3 = 0 THEN 'GBP' ELSE 'EUR' END,
    200 + i %% 97, 200 + i %% 97, '', 0, now()
FROM generate_series(1, %(stays)s) AS i;

INSERT INTO bookings_bookingnight (booking_id, version, date, rate_plan_code, room_nights, amount)
SELECT id, 1, arrival_date + night, 'BAR', 1, room_revenue / 2
FROM bookings_booking, generate_series(0, 1) AS night;

INSERT INTO bookings_folioline (booking_id, version, "window", transaction_code, kind, amount, currency, posting_date)
SELECT id, 1, 1, 'EXTRAS', 'paid_extra', 10 + id %% 31, currency, arrival_date FROM bookings_booking WHERE id %% 2 = 0;
