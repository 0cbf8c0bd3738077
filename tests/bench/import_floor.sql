-- The least work that ends with the same rows as the import: the file's rows are in the table raw already.
CREATE TEMP TABLE said ON COMMIT DROP AS
SELECT raw.*, nextval(pg_get_serial_sequence('bookings_booking', 'id')) AS booking_id, 0::bigint AS reference_id,
       0::bigint AS guest_id, jsonb_build_object(
           'property_code', %(code)s::text, 'source', 'pms', 'number', number, 'status', status, 'arrival', arrival,
           'departure', departure, 'rooms', rooms, 'room_type', room_type, 'rate_plan', rate_plan, 'market', market,
           'channel', channel, 'currency', currency, 'room_revenue', room_revenue::text, 'total', total::text,
           'booked_at', booked_at, 'updated_at', updated_at,
           'guests', jsonb_build_array(jsonb_build_object(
               'first_name', guest_first_name, 'last_name', guest_last_name, 'email', email, 'phone', phone,
               'cards', jsonb_build_array(jsonb_build_object('number', card_number)))),
           'folio_lines', jsonb_build_array(jsonb_build_object('transaction_code', 'EXTRAS', 'currency', currency,
               'amount', extras_revenue::text, 'posting_date', departure))) AS payload,
       NULL::text AS content_hash
  FROM raw;

ANALYZE said;

UPDATE said SET content_hash = encode(sha256((payload - 'updated_at')::text::bytea), 'hex');

INSERT INTO bookings_bookingreference AS r
       (property_id, source, number, leg, booking_id, updated_at, content_hash)
SELECT %(property)s, 'pms', number, '', booking_id, updated_at, content_hash FROM said
    ON CONFLICT (property_id, source, number, leg)
    DO UPDATE SET updated_at = EXCLUDED.updated_at, content_hash = EXCLUDED.content_hash
    WHERE (r.updated_at, r.content_hash) < (EXCLUDED.updated_at, EXCLUDED.content_hash);

INSERT INTO bookings_guest (group_id, kind, first_name, last_name, email, phone, language, created_at)
SELECT DISTINCT ON (lower(email)) %(group)s, 'individual', guest_first_name, guest_last_name, email, phone, '', %(at)s
  FROM said
 WHERE NOT EXISTS (SELECT FROM bookings_guest g WHERE g.group_id = %(group)s
                      AND lower(g.email) = lower(said.email) AND g.email <> '' AND g.last_name = guest_last_name);

ANALYZE bookings_bookingreference;

ANALYZE bookings_guest;

UPDATE said SET booking_id = r.booking_id, reference_id = r.id, guest_id = g.id
  FROM bookings_bookingreference r, bookings_guest g
 WHERE r.property_id = %(property)s AND r.source = 'pms' AND r.number = said.number AND r.leg = ''
   AND g.group_id = %(group)s AND lower(g.email) = lower(said.email) AND g.email <> '';

INSERT INTO bookings_booking (id, property_id, version, content_hash, source, number, status, arrival_date,
       departure_date, booked_departure_date, rooms, room_type, market, channel, currency, room_revenue, total,
       payment_method, prepayment, booked_at, received_at)
SELECT booking_id, %(property)s, 1, content_hash, 'pms', number, status, arrival, departure, departure, rooms,
       room_type, market, channel, currency, room_revenue, total, '', 0, booked_at, %(at)s FROM said
    ON CONFLICT (id) DO UPDATE SET version = bookings_booking.version + 1, status = EXCLUDED.status;

INSERT INTO bookings_bookingnight (booking_id, version, date, rate_plan_code, room_nights, amount)
SELECT booking_id, 1, arrival + day, rate_plan, rooms,
       CASE WHEN day < length - 1 THEN trunc(room_revenue / length, 2)
            ELSE room_revenue - trunc(room_revenue / length, 2) * (length - 1) END
  FROM (SELECT *, departure - arrival AS length FROM said) AS stay, generate_series(0, length - 1) AS day;

INSERT INTO bookings_bookingguest (booking_id, version, "order", guest_id, share)
SELECT booking_id, 1, 1, guest_id, '' FROM said;

INSERT INTO bookings_bookingguestcard (booking_id, version, guest_order, number, number_key, type_code, level_code,
       "primary", inactive, multiplier)
SELECT booking_id, 1, 1, card_number, upper(card_number), '', '', false, false, 1 FROM said WHERE card_number <> '';

INSERT INTO bookings_folioline
       (booking_id, version, "window", transaction_code, kind, amount, currency, posting_date)
SELECT booking_id, 1, 1, 'EXTRAS', 'paid_extra', extras_revenue, currency, departure FROM said
 WHERE extras_revenue > 0;

INSERT INTO bookings_sourcerecord
       (reference_id, updated_at, content_hash, payload, received_at, received_by, booking_version)
SELECT reference_id, updated_at, content_hash, payload, %(at)s, 'bench', 1 FROM said
    ON CONFLICT DO NOTHING;

INSERT INTO bookings_bookingchange (booking_id, group_id) SELECT booking_id, %(group)s FROM said;
