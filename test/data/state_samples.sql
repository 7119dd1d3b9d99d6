-- Real states for the tests that mutate them: family|SQL expression of a state.
-- Each family has an empty, a small and a large one.
bandit|btwin.bandit_init('{}')
bandit|btwin.bandit_init('{a,b,c}')
bandit|(SELECT btwin.bandit_agg(arm, reward) FROM (VALUES ('a', 1.0), ('a', 0.0), ('b', 0.25), ('morning é', 1.0)) AS r(arm, reward))
bandit|(SELECT btwin.bandit_agg('arm ' || i % 40, (i % 7) / 7.0, 1.0 + i % 3) FROM generate_series(1, 1000) AS i)
bandit|btwin.bandit_init('{pattern_heavy,prediction_heavy,balanced,conservative}')
bandit|(SELECT btwin.bandit_agg('arm ' || g % 7, (g % 11) / 10.0, 1 + g % 3) FROM generate_series(1, 200) g)
bandit|(SELECT btwin.bandit_agg(repeat('x', 1 + g), g * 1e100) FROM generate_series(1, 60) g)
forgetting|btwin.forgetting_agg(NULL::float8, NULL::boolean)
forgetting|(SELECT btwin.forgetting_agg(d, r, s, l) FROM (VALUES (1.0::float8, true, 0, 0), (0.5, false, 3, 1), (36525, true, 15, 7), (0, false, 0, 0)) AS p(d, r, s, l))
forgetting|(SELECT btwin.forgetting_agg(c, '2026-01-01 00:00Z'::timestamptz + interval '1 hour' * h, r) FROM (VALUES ('a', 0, true), ('a', 30, false), ('a', 200, true), ('é "b"', 5, true)) AS v(c, h, r))
forgetting|(SELECT btwin.seal(btwin.forgetting_agg('card ' || g % 20, '2026-01-01 00:00Z'::timestamptz + interval '1 minute' * (g * 7919 % 300000), g % 4 > 0)) FROM generate_series(1, 400) g)
forgetting|(SELECT btwin.rollup(s) FROM (SELECT btwin.seal(btwin.forgetting_agg('card ' || g % 9, '2026-01-01 00:00Z'::timestamptz + interval '1 hour' * g, g % 4 > 0)) AS s FROM generate_series(1, 300) g GROUP BY g / 100 UNION ALL SELECT btwin.forgetting_agg((g % 90) / 3.0, g % 7 > 1, g % 5, g % 3) FROM generate_series(1, 500) g) x)
