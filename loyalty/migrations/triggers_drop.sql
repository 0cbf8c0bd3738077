DROP FUNCTION loyalty_refuse_change() CASCADE;
DROP FUNCTION loyalty_check_credit() CASCADE;
DROP FUNCTION loyalty_check_lots() CASCADE;
DROP FUNCTION loyalty_copy_rule_to_property() CASCADE;
DROP FUNCTION loyalty_copy_rule_to_properties() CASCADE;
ALTER TABLE loyalty_pointsaccount RESET (fillfactor);
ALTER TABLE loyalty_pointslot RESET (fillfactor);
ALTER TABLE loyalty_stay RESET (fillfactor);
