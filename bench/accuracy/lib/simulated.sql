-- Loads what simulate wrote in :folder into plain tables of schema "sim", named
-- like the Epic 5 tables, and the truth into schema "truth". No keys, no
-- triggers, no attaching: a draw of 500 learners takes seconds. Late rows, edits
-- and deletes are those of test/sim/load.sql.
CREATE SCHEMA sim;
CREATE SCHEMA truth;
CREATE UNLOGGED TABLE sim.users (id text, behavioral_analysis_enabled boolean, include_in_analytics boolean);
CREATE UNLOGGED TABLE sim.learner (user_id text, time_zone text);
CREATE UNLOGGED TABLE sim.learning_objectives (id text, lecture_id text, objective text, extracted_by text, complexity text);
CREATE UNLOGGED TABLE sim.objective_prerequisites (id text, objective_id text, prerequisite_id text);
CREATE UNLOGGED TABLE sim.cards (id text, course_id text, lecture_id text, objective_id text, front text, back text, stability float8,
    last_reviewed_at timestamptz, next_review_at timestamptz, review_count int, lapse_count int);
CREATE UNLOGGED TABLE sim.missions (id text, user_id text, date timestamptz, status text, estimated_minutes int, completed_at timestamptz, actual_minutes int, objectives jsonb);
CREATE UNLOGGED TABLE sim.study_sessions (id text, user_id text, started_at timestamptz, completed_at timestamptz, duration_ms float8, reviews_completed int, new_cards_studied int);
CREATE UNLOGGED TABLE sim.reviews (id text, user_id text, card_id text, session_id text, rating text, time_spent_ms int, reviewed_at timestamptz, stability_before float8, stability_after float8);
CREATE UNLOGGED TABLE sim.behavioral_events (id text, user_id text, event_type text, event_data jsonb, "timestamp" timestamptz, content_type text, session_performance_score int);
CREATE UNLOGGED TABLE sim.performance_metrics (id text, user_id text, learning_objective_id text, date timestamptz, retention_score float8, study_time_ms float8, review_count int, correct_reviews int, incorrect_reviews int);
CREATE UNLOGGED TABLE sim.cognitive_load_metrics (id text, user_id text, session_id text, load_score float8, stress_indicators jsonb, confidence_level float8, "timestamp" timestamptz);
CREATE UNLOGGED TABLE truth.learner (user_id text, sessions_a_week float8, stability_factor float8, half_life_days float8, ability float8, episode_start int, episode_days int, withdrawn_day int, time_zone text);
CREATE UNLOGGED TABLE truth.habit (user_id text, kind text, exists boolean, effect float8, slot int, new_slot int, change_day int);
CREATE UNLOGGED TABLE truth.review (review_id text, user_id text, probability float8);
CREATE UNLOGGED TABLE truth.objective (user_id text, objective_id text, difficulty float8, prerequisite_mastery float8, probability float8, struggled boolean);
CREATE UNLOGGED TABLE truth.arm (user_id text, arm text, mean float8, reversed boolean);
CREATE TEMP TABLE edit (id text, time_spent_ms int);
CREATE TEMP TABLE deletion (id text);
-- psql expands no variables in \copy itself
SELECT format('\copy %s FROM ''%s/%s.tsv''', t.name, :'folder', t.file)
FROM (VALUES ('sim.users', 'users'), ('sim.learner', 'learner'), ('sim.learning_objectives', 'learning_objectives'),
             ('sim.objective_prerequisites', 'objective_prerequisites'), ('sim.cards', 'cards'), ('sim.missions', 'missions'),
             ('sim.study_sessions', 'study_sessions'), ('sim.reviews', 'reviews'), ('sim.reviews', 'late_reviews'),
             ('sim.behavioral_events', 'behavioral_events'), ('sim.behavioral_events', 'late_events'),
             ('sim.performance_metrics', 'performance_metrics'), ('sim.cognitive_load_metrics', 'cognitive_load_metrics'),
             ('truth.learner', 'truth_learner'), ('truth.habit', 'truth_habit'), ('truth.review', 'truth_review'),
             ('truth.objective', 'truth_objective'), ('truth.arm', 'truth_arm'), ('edit', 'edits'), ('deletion', 'deletes')) AS t(name, file)
\g (format=unaligned tuples_only=on) :folder/copy.sql
\i :folder/copy.sql
ANALYZE sim.reviews, edit, deletion;
UPDATE sim.reviews SET time_spent_ms = edit.time_spent_ms FROM edit WHERE reviews.id = edit.id;
DELETE FROM sim.reviews USING deletion WHERE reviews.id = deletion.id;
ANALYZE;
