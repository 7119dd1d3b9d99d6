-- Real states for the tests that mutate them: family|SQL expression of a state.
-- Each family has an empty, a small and a large one.
bandit|btwin.bandit_init('{}')
bandit|btwin.bandit_init('{a,b,c}')
bandit|(SELECT btwin.bandit_agg(arm, reward) FROM (VALUES ('a', 1.0), ('a', 0.0), ('b', 0.25), ('morning é', 1.0)) AS r(arm, reward))
bandit|(SELECT btwin.bandit_agg('arm ' || i % 40, (i % 7) / 7.0, 1.0 + i % 3) FROM generate_series(1, 1000) AS i)
bandit|btwin.bandit_init('{pattern_heavy,prediction_heavy,balanced,conservative}')
bandit|(SELECT btwin.bandit_agg('arm ' || g % 7, (g % 11) / 10.0, 1 + g % 3) FROM generate_series(1, 200) g)
bandit|(SELECT btwin.bandit_agg(repeat('x', 1 + g), g * 1e100) FROM generate_series(1, 60) g)
burnout|(SELECT btwin.rollup(NULL::btwin.burnout))
burnout|(SELECT btwin.burnout_agg(day, study_ms, load, retention, planned, skipped, performance, in_progress, rated_low) FROM (VALUES ('2024-02-29'::date, 3600000.5::float8, 45.5::float8, 0.75::float8, 3, 1, 0.5::float8, 1, 0), ('2024-03-01', NULL, 30, NULL, NULL, NULL, NULL, NULL, NULL), ('2024-02-29', 0, NULL, 1, 1, NULL, 1, 0, 1)) AS r(day, study_ms, load, retention, planned, skipped, performance, in_progress, rated_low))
burnout|(SELECT btwin.burnout_agg('2024-01-01'::date + i, i % 3 * 1e6, 30 + i % 41, i % 10 / 10.0, 2, i % 2) FROM generate_series(1, 200) AS i)
burnout|(SELECT btwin.burnout_agg('2020-01-01'::date + i * 7919 % 2000, i, 100.0 / i, 1.0 / i, i % 9, i % 9 / 2, NULL, i % 9 / 3, NULL) FROM generate_series(1, 3000) AS i)
