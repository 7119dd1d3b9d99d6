-- Real states for the tests that mutate them: family|SQL expression of a state.
-- Each family has an empty, a small and a large one.
bandit|btwin.bandit_init('{}')
bandit|btwin.bandit_init('{a,b,c}')
bandit|(SELECT btwin.bandit_agg(arm, reward) FROM (VALUES ('a', 1.0), ('a', 0.0), ('b', 0.25), ('morning é', 1.0)) AS r(arm, reward))
bandit|(SELECT btwin.bandit_agg('arm ' || i % 40, (i % 7) / 7.0, 1.0 + i % 3) FROM generate_series(1, 1000) AS i)
bandit|btwin.bandit_init('{pattern_heavy,prediction_heavy,balanced,conservative}')
bandit|(SELECT btwin.bandit_agg('arm ' || g % 7, (g % 11) / 10.0, 1 + g % 3) FROM generate_series(1, 200) g)
bandit|(SELECT btwin.bandit_agg(repeat('x', 1 + g), g * 1e100) FROM generate_series(1, 60) g)
