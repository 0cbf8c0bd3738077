-- The floor: the same rows, explanations, keys, triggers and constraints as calculate points, in one transaction.
SELECT membership_id FROM loyalty_pointsaccount
WHERE membership_id IN (SELECT membership_id FROM loyalty_stay WHERE membership_type_id = %(type)s AND state = 'due')
ORDER BY membership_id FOR NO KEY UPDATE;

CREATE TEMP TABLE calculated ON COMMIT DROP AS
WITH due AS (
    SELECT stay.id AS stay_id, stay.booking_id, seat, membership_id, booking.property_id, booking.currency,
           booking.departure_date, booking.arrival_date, booking.version
    FROM loyalty_stay AS stay JOIN bookings_booking AS booking ON booking.id = stay.booking_id
        AND booking.version = stay.booking_version
    WHERE stay.membership_type_id = %(type)s AND state = 'due' AND due_on <= %(till)s
), room AS (
    SELECT due.booking_id, sum(night.amount) AS amount, sum(night.room_nights) AS nights,
           count(*) FILTER (WHERE night.room_nights > 0) AS length
    FROM due JOIN bookings_bookingnight AS night ON night.booking_id = due.booking_id AND night.version = due.version
        AND night.date < due.departure_date
    JOIN bookings_rateplan AS plan ON plan.property_id = due.property_id AND plan.code = night.rate_plan_code
        AND plan.membership
    GROUP BY due.booking_id
), extras AS (
    SELECT due.booking_id, sum(line.amount) AS amount
    FROM due JOIN bookings_folioline AS line ON line.booking_id = due.booking_id AND line.version = due.version
        AND line.kind = 'paid_extra'
    JOIN bookings_transactioncode AS code ON code.property_id = due.property_id AND code.code = line.transaction_code
        AND code.membership
    GROUP BY due.booking_id
), worth AS (
    SELECT due.*, room.nights, room.length, room.amount AS room, coalesce(extras.amount, 0) AS extras,
           CASE WHEN due.currency = %(currency)s THEN 1::numeric ELSE (
               SELECT rate FROM bookings_exchangerate AS rate WHERE rate.from_currency = due.currency
                   AND rate.valid_from <= due.departure_date ORDER BY rate.valid_from DESC LIMIT 1) END AS rate
    FROM due JOIN room USING (booking_id) LEFT JOIN extras USING (booking_id)
), carried AS (
    SELECT worth.*, (room + extras) * rate AS money,
           account.nights + sum(worth.nights) OVER member AS nights_after,
           account.last_number + row_number() OVER member AS number, account.balance AS opening
    FROM worth JOIN loyalty_pointsaccount AS account USING (membership_id)
    WINDOW member AS (PARTITION BY membership_id ORDER BY departure_date, booking_id, seat)
), held AS (
    SELECT carried.*, before.id AS level_id, before.name AS level_name, after.id AS level_after
    FROM carried
    CROSS JOIN LATERAL (SELECT id, name FROM loyalty_level WHERE membership_type_id = %(type)s
        AND coalesce(threshold_nights, 0) <= nights_after - carried.nights ORDER BY rank DESC LIMIT 1) AS before
    CROSS JOIN LATERAL (SELECT id FROM loyalty_level WHERE membership_type_id = %(type)s
        AND coalesce(threshold_nights, 0) <= nights_after ORDER BY rank DESC LIMIT 1) AS after
), pointed AS (
    SELECT held.*, rate_of_level.value, trunc(money * rate_of_level.value * 0.01) AS points
    FROM held JOIN loyalty_earningrulerate AS rate_of_level ON rate_of_level.level_id = held.level_id
        AND rate_of_level.rule_id = %(rule)s
)
SELECT nextval(pg_get_serial_sequence('loyalty_ledgerentry', 'id')) AS entry_id, pointed.*,
       opening + sum(points) OVER (PARTITION BY membership_id ORDER BY departure_date, booking_id, seat) AS balance
FROM pointed ORDER BY membership_id, departure_date, booking_id, seat;

INSERT INTO loyalty_pointslot (entry_id, account_id, points, remaining, is_open, expires_on)
SELECT entry_id, membership_id, points, points, TRUE, %(today)s::date + INTERVAL '24 months' FROM calculated WHERE points > 0;

INSERT INTO loyalty_ledgerentry (id, account_id, membership_type_id, number, kind, posted_on, effective_date, points,
    tier_points, nights, stays, money, balance_after, idempotency_key, content_hash, explanation, property_id, booking_id,
    booking_version, job_id, posted_by_id)
SELECT entry_id, membership_id, %(type)s, number, 'stay', %(today)s, departure_date, points, points, nights, 1,
    round(money, 3), balance, concat('stay:', booking_id, ':', seat),
    encode(sha256(convert_to(concat_ws('|', membership_id, 'stay', departure_date, points, points, nights, 1,
        round(money, 3)), 'UTF8')), 'hex'),
    jsonb_build_object(
        'level', jsonb_build_object('id', level_id, 'name', level_name), 'currency', %(currency)s::text,
        'rounding', 'down', 'nights', nights, 'length', length,
        'amounts', CASE WHEN extras = 0 THEN jsonb_build_array(
            jsonb_build_object('of', 'room', 'amount', trim_scale(room)::text, 'currency', currency,
                'exchange_rate', trim_scale(rate)::text, 'worth', trim_scale(room * rate)::text))
        ELSE jsonb_build_array(
            jsonb_build_object('of', 'room', 'amount', trim_scale(room)::text, 'currency', currency,
                'exchange_rate', trim_scale(rate)::text, 'worth', trim_scale(room * rate)::text),
            jsonb_build_object('of', 'extras', 'amount', trim_scale(extras)::text, 'currency', currency,
                'exchange_rate', trim_scale(rate)::text, 'worth', trim_scale(extras * rate)::text)) END,
        'lines', jsonb_build_array(jsonb_build_object('rule', %(rule)s::bigint, 'name', 'By level', 'kind', 'base',
            'method', 'percentage', 'rate', trim_scale(value)::text, 'money', trim_scale(money)::text,
            'including_extras', TRUE, 'points', points::bigint))),
    property_id, booking_id, version, %(job)s, NULL
FROM calculated ORDER BY entry_id;

UPDATE loyalty_stay AS stay SET state = 'calculated', reason = '', entry_id = calculated.entry_id
FROM calculated WHERE stay.id = calculated.stay_id AND stay.state = 'due' AND stay.booking_version = calculated.version;

UPDATE loyalty_pointsaccount AS account SET balance = account.balance + sums.points, tier_points = tier_points + sums.points,
    nights = account.nights + sums.nights, stays = account.stays + sums.stays, money = account.money + sums.money,
    last_number = last_number + sums.stays, last_posted_on = %(today)s
FROM (SELECT membership_id, sum(points) AS points, sum(nights) AS nights, count(*) AS stays, sum(round(money, 3)) AS money
      FROM calculated GROUP BY membership_id) AS sums
WHERE account.membership_id = sums.membership_id;

INSERT INTO loyalty_levelchange (membership_id, from_level_id, to_level_id, entry_id, posted_on, effective_date, nights, money)
SELECT membership_id, level_id, level_after, entry_id, %(today)s, departure_date, nights_after,
    money_after
FROM (SELECT *, sum(round(money, 3)) OVER (PARTITION BY membership_id ORDER BY number) AS money_after FROM calculated) AS c
WHERE level_id <> level_after ORDER BY entry_id;

UPDATE loyalty_membership AS membership SET level_id = last.level_after
FROM (SELECT DISTINCT ON (membership_id) membership_id, level_after FROM calculated ORDER BY membership_id, number DESC) AS last
WHERE membership.id = last.membership_id AND membership.level_id <> last.level_after;
