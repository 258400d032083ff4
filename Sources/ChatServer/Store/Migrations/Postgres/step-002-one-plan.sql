-- One plan for all batches. Left to itself Postgres plans a small batch anew at every call, since it guesses that the
-- plan for "an array of some length" costs more than one for an array of one; planning then takes longer than storing.
ALTER FUNCTION append_messages(bigint[], bigint[], text[], text[], timestamptz) SET plan_cache_mode = force_generic_plan;
