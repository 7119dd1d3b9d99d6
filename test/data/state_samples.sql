bandit|btwin.bandit_init('{}')
bandit|btwin.bandit_init('{pattern_heavy,prediction_heavy,balanced,conservative}')
bandit|(SELECT btwin.bandit_agg('arm ' || g % 7, (g % 11) / 10.0, 1 + g % 3) FROM generate_series(1, 200) g)
bandit|(SELECT btwin.bandit_agg(repeat('x', 1 + g), g * 1e100) FROM generate_series(1, 60) g)
