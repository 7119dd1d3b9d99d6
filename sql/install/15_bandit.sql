-- bandit: what is known of each arm's reward, and which arm to try now

CREATE TYPE btwin.bandit;

CREATE FUNCTION btwin.bandit_in(state cstring) RETURNS btwin.bandit
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_in';
CREATE FUNCTION btwin.bandit_out(state btwin.bandit) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_out';
CREATE FUNCTION btwin.bandit_recv(state internal) RETURNS btwin.bandit
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_recv';
CREATE FUNCTION btwin.bandit_send(state btwin.bandit) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_send';

CREATE TYPE btwin.bandit (
    INPUT = btwin.bandit_in,
    OUTPUT = btwin.bandit_out,
    RECEIVE = btwin.bandit_recv,
    SEND = btwin.bandit_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE btwin.bandit IS
'State of the bandit family: per arm the number of pulls and the weighted moments, minimum and maximum of its rewards. At most 1000 arms with names of 1 to 255 bytes. Text form: one JSON object, exact. Built by bandit_agg() or bandit_init(), merged by rollup().';

CREATE FUNCTION btwin.bandit_to_jsonb(state btwin.bandit) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_to_jsonb';
COMMENT ON FUNCTION btwin.bandit_to_jsonb(btwin.bandit) IS
'The state as jsonb: {family, version, arms: [{arm, pulls, weight, sum, squared_deviations, min, max}]}, arms in byte order of their names.';
CREATE CAST (btwin.bandit AS jsonb) WITH FUNCTION btwin.bandit_to_jsonb(btwin.bandit);

CREATE FUNCTION btwin.bandit_accum(state internal, arm text, reward float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_accum';
CREATE FUNCTION btwin.bandit_accum_weighted(state internal, arm text, reward float8, weight float8) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_accum_weighted';
CREATE FUNCTION btwin.bandit_rollup_accum(state internal, bandit btwin.bandit) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_rollup_accum';
CREATE FUNCTION btwin.bandit_combine(state internal, other internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_combine';
CREATE FUNCTION btwin.bandit_serialize(state internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_serialize';
CREATE FUNCTION btwin.bandit_deserialize(bytes bytea, state internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_deserialize';
CREATE FUNCTION btwin.bandit_final(state internal) RETURNS btwin.bandit
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_final';

CREATE AGGREGATE btwin.bandit_agg(arm text, reward float8) (
    SFUNC = btwin.bandit_accum,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.bandit_final,
    COMBINEFUNC = btwin.bandit_combine,
    SERIALFUNC = btwin.bandit_serialize,
    DESERIALFUNC = btwin.bandit_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.bandit_agg(text, float8) IS
'Bandit state of the rewards seen per arm. reward: any finite number; policies over Beta posteriors need 0 to 1. Rows with a NULL are skipped; only NULL rows give a state without arms, no rows give NULL. Errors: 22003 for NaN or infinity, 22023 for an arm name that is empty or longer than 255 bytes, 54000 beyond 1000 arms.';

CREATE AGGREGATE btwin.bandit_agg(arm text, reward float8, weight float8) (
    SFUNC = btwin.bandit_accum_weighted,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.bandit_final,
    COMBINEFUNC = btwin.bandit_combine,
    SERIALFUNC = btwin.bandit_serialize,
    DESERIALFUNC = btwin.bandit_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.bandit_agg(text, float8, float8) IS
'Bandit state where a row counts as "weight" observations (0 or more): pass power(0.99, age) to let old rewards fade, which keeps the result independent of the order of rows. pulls still counts rows. Errors as for bandit_agg(arm, reward), and 22003 for a negative weight.';

CREATE AGGREGATE btwin.rollup(bandit btwin.bandit) (
    SFUNC = btwin.bandit_rollup_accum,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = btwin.bandit_final,
    COMBINEFUNC = btwin.bandit_combine,
    SERIALFUNC = btwin.bandit_serialize,
    DESERIALFUNC = btwin.bandit_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE btwin.rollup(btwin.bandit) IS
'Merges bandit states: the state that bandit_agg() would have built over all their rows, up to rounding.';

CREATE FUNCTION btwin.bandit_init(arms text[]) RETURNS btwin.bandit
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_init';
COMMENT ON FUNCTION btwin.bandit_init(text[]) IS
'A state that knows the given arms and no rewards yet. Errors: 22004 for a NULL name, 22023 for an empty or overlong one.';

CREATE FUNCTION btwin.bandit_add(bandit btwin.bandit, arm text, reward float8) RETURNS btwin.bandit
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_add';
COMMENT ON FUNCTION btwin.bandit_add(btwin.bandit, text, float8) IS
'The state with one reward more, as if bandit_agg() had seen that row too.';

CREATE FUNCTION btwin.discount(bandit btwin.bandit, factor float8) RETURNS btwin.bandit
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_discount';
COMMENT ON FUNCTION btwin.discount(btwin.bandit, float8) IS
'The state in which every observation so far counts "factor" (0 to 1) of what it did: apply it between rewards where arms drift. pulls, min and max stay.';

CREATE FUNCTION btwin.arms(bandit btwin.bandit,
    OUT arm text, OUT pulls bigint, OUT weight float8, OUT mean_reward float8,
    OUT sd_reward float8, OUT min_reward float8, OUT max_reward float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'bandit_arms';
COMMENT ON FUNCTION btwin.arms(btwin.bandit) IS
'One row per arm in byte order of names: rows seen, sum of weights, mean (NULL without weight), sample standard deviation (NULL up to weight 1), smallest and largest reward (NULL without rows).';

CREATE FUNCTION btwin.posterior(bandit btwin.bandit, arm text,
    prior_alpha float8 DEFAULT 1, prior_beta float8 DEFAULT 1,
    OUT alpha float8, OUT beta float8, OUT mean float8, OUT variance float8,
    OUT low float8, OUT high float8, OUT evidence_count bigint)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'bandit_posterior';
COMMENT ON FUNCTION btwin.posterior(btwin.bandit, text, float8, float8) IS
'Beta posterior of the arm''s mean reward: alpha = prior_alpha + sum of rewards, beta = prior_beta + sum of (1 - reward); mean, variance, central 95 % interval [low, high], rows behind it. An unknown arm has the prior. Priors: 0.5 to 1e6. Errors: 22023 when rewards lie outside 0 to 1, 22003 for a prior out of range or a weight beyond 1e300.';

CREATE FUNCTION btwin.contributions(bandit btwin.bandit, arm text,
    prior_alpha float8 DEFAULT 1, prior_beta float8 DEFAULT 1,
    OUT factor text, OUT value float8, OUT weight float8, OUT contribution float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 2 AS 'MODULE_PATHNAME', 'bandit_contributions';
COMMENT ON FUNCTION btwin.contributions(btwin.bandit, text, float8, float8) IS
'What the posterior mean of the arm is made of: rows "prior" and "rewards" with value (NULL without rewards), weight (the two sum to 1) and contribution = value * weight; the contributions sum to posterior(...).mean.';

CREATE FUNCTION btwin.propensities(bandit btwin.bandit,
    policy text DEFAULT 'thompson', arms text[] DEFAULT NULL,
    epsilon float8 DEFAULT 0.1, epsilon_decay float8 DEFAULT NULL, epsilon_floor float8 DEFAULT 0,
    prior_alpha float8 DEFAULT 1, prior_beta float8 DEFAULT 1,
    OUT arm text, OUT propensity float8, OUT pulls bigint)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 5 AS 'MODULE_PATHNAME', 'bandit_propensities';
COMMENT ON FUNCTION btwin.propensities(btwin.bandit, text, text[], float8, float8, float8, float8, float8) IS
'Probability of every arm to be chosen by select_arm() with the same arguments, summing to 1; under policy "thompson" the posterior probability that the arm is the best, by quadrature to 1e-9. arms NULL: those of the state. Policies and errors as for select_arm().';

CREATE FUNCTION btwin.select_arm(bandit btwin.bandit,
    policy text DEFAULT 'thompson', arms text[] DEFAULT NULL,
    epsilon float8 DEFAULT 0.1, epsilon_decay float8 DEFAULT NULL, epsilon_floor float8 DEFAULT 0,
    prior_alpha float8 DEFAULT 1, prior_beta float8 DEFAULT 1, seed bigint DEFAULT NULL,
    OUT arm text, OUT propensity float8, OUT pulls bigint)
    LANGUAGE C VOLATILE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'bandit_select_arm';
COMMENT ON FUNCTION btwin.select_arm(btwin.bandit, text, text[], float8, float8, float8, float8, float8, bigint) IS
'Chooses an arm and says how probable that choice was. Policies: thompson (Beta posteriors, rewards 0 to 1), thompson_gaussian (Student posteriors, rewards of any scale), ucb (UCB-tuned), ucb1, kl_ucb, epsilon_greedy, greedy, uniform. epsilon_greedy explores with min(epsilon, epsilon_decay * arms / pulls), at least epsilon_floor; without epsilon_decay with epsilon. Arms never pulled come first under the deterministic policies; ties share evenly. arms: names to choose from, also ones the state does not know yet (NULL: those of the state). The same seed gives the same draw on every platform; give different learners different seeds. Errors: 22023 for an unknown policy, no arm, an arm listed twice or rewards outside 0 to 1 where the policy needs them; 22003 for a number out of range; 22004 for a NULL option.';

CREATE FUNCTION btwin.regret(bandit btwin.bandit, optimal_mean float8 DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'bandit_regret';
COMMENT ON FUNCTION btwin.regret(btwin.bandit, float8) IS
'Expected reward lost so far: the sum over arms of weight * (best mean - posterior mean), posterior means under a Beta(1, 1) prior; best mean = the largest of them, or optimal_mean (0 to 1) where the truth is known. NULL for a state without arms. Error 22023 when rewards lie outside 0 to 1.';

CREATE FUNCTION btwin.bandit_simulate(means float8[],
    policy text DEFAULT 'thompson', rounds integer[] DEFAULT '{100,1000,10000}',
    epsilon float8 DEFAULT 0.1, epsilon_decay float8 DEFAULT NULL, epsilon_floor float8 DEFAULT 0,
    prior_alpha float8 DEFAULT 1, prior_beta float8 DEFAULT 1, seed bigint DEFAULT NULL,
    OUT round integer, OUT regret float8)
    RETURNS SETOF record
    LANGUAGE C VOLATILE PARALLEL RESTRICTED COST 10000 ROWS 3 AS 'MODULE_PATHNAME', 'bandit_simulate';
COMMENT ON FUNCTION btwin.bandit_simulate(float8[], text, integer[], float8, float8, float8, float8, float8, bigint) IS
'Plays a policy against Bernoulli arms with the given means (1 to 1000 of them, 0 to 1) and returns the pseudo-regret, the sum of (best mean - mean of the arm pulled), at each of the ascending rounds (1 to 100,000,000). Policies and their options are those of select_arm(), and so is the code that runs them. Errors as for select_arm().';
