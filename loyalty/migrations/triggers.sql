-- What the ledger promises, kept by the database, whoever writes.

CREATE FUNCTION loyalty_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: a correction is a new entry', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER ledger_entry_only_added BEFORE UPDATE OR DELETE ON loyalty_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION loyalty_refuse_change();
CREATE TRIGGER level_change_only_added BEFORE UPDATE OR DELETE ON loyalty_levelchange
    FOR EACH ROW EXECUTE FUNCTION loyalty_refuse_change();
-- A lot's remainder falls and its date may be extended; what it was, whose and from which entry stays.
CREATE TRIGGER points_lot_stays BEFORE DELETE OR UPDATE OF points, account_id, entry_id ON loyalty_pointslot
    FOR EACH ROW EXECUTE FUNCTION loyalty_refuse_change();

-- A credit's lots sum to it, on its own account: checked at commit for every new credit, so that none is left without, and
-- when lots are added to an entry of an earlier transaction. Row by row through an index (no sequential scans), however
-- large the tables are: a plan that was cached on an empty table would read the whole of it for every row.
CREATE FUNCTION loyalty_check_credit() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    held numeric;
BEGIN
    SELECT coalesce(sum(points), 0) INTO held
    FROM loyalty_pointslot WHERE entry_id = NEW.id AND account_id = NEW.account_id;
    IF held <> NEW.points THEN
        RAISE EXCEPTION 'entry % credits % points but its lots hold %', NEW.id, NEW.points, held
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_has_lots AFTER INSERT ON loyalty_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.points > 0) EXECUTE FUNCTION loyalty_check_credit();

CREATE FUNCTION loyalty_check_lots() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT entry.id, entry.points INTO wrong
    FROM (SELECT DISTINCT entry_id FROM added) AS lot CROSS JOIN LATERAL (
        SELECT id, account_id, points FROM loyalty_ledgerentry
        WHERE id = lot.entry_id AND xmin <> pg_current_xact_id()::xid OFFSET 0
    ) AS entry CROSS JOIN LATERAL (
        SELECT sum(points) AS points, count(*) FILTER (WHERE account_id <> entry.account_id) AS strays
        FROM loyalty_pointslot WHERE entry_id = entry.id
    ) AS lots
    WHERE lots.points <> greatest(entry.points, 0) OR lots.strays > 0
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the lots of entry % do not sum to its % points', wrong.id, wrong.points
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER points_lot_sums_to_entry AFTER INSERT ON loyalty_pointslot
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION loyalty_check_lots();

-- A rule's properties carry its type, kind and period, so that an exclusion constraint can compare them.
CREATE FUNCTION loyalty_copy_rule_to_property() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT membership_type_id, kind, valid_from, valid_until
        INTO NEW.membership_type_id, NEW.kind, NEW.valid_from, NEW.valid_until
        FROM loyalty_earningrule WHERE id = NEW.rule_id;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_property_follows_rule BEFORE INSERT OR UPDATE ON loyalty_earningruleproperty
    FOR EACH ROW EXECUTE FUNCTION loyalty_copy_rule_to_property();

CREATE FUNCTION loyalty_copy_rule_to_properties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE loyalty_earningruleproperty SET rule_id = NEW.id WHERE rule_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER rule_moves_its_properties AFTER UPDATE ON loyalty_earningrule
    FOR EACH ROW EXECUTE FUNCTION loyalty_copy_rule_to_properties();

-- Rows that change in place often leave room on their page (HOT updates).
ALTER TABLE loyalty_pointsaccount SET (fillfactor = 80);
ALTER TABLE loyalty_pointslot SET (fillfactor = 80);
ALTER TABLE loyalty_stay SET (fillfactor = 80);
