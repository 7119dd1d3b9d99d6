-- The quick way to who calls, and to a learner's time zone: it says what the long
-- way says or nothing, whatever changes while the session goes on.
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(53);
SELECT is(btwin._known_caller(NULL, true), NULL, 'before attach nobody is known');
SELECT is(btwin._known_zone('ann'), NULL, 'and no zone');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public', default_time_zone => 'Europe/Oslo');
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('ann', true), ('bob', true), ('off', false);
ALTER TABLE users ALTER behavioral_analysis_enabled DROP NOT NULL;
INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('open', NULL);
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('bob', 'Asia/Tokyo'), ('open', NULL);

-- claims
SELECT is(btwin._known_caller(NULL, true), NULL, 'no claim');
SELECT is(btwin._known_caller('ann', true), NULL, 'nor is anybody known whom a service names');
SET btwin.user_id = 'ann';
SELECT is(btwin._known_caller(NULL, true), 'ann', 'the last setting');
SET app.current_user_id = 'bob';
SELECT is(btwin._known_caller(NULL, true), 'bob', 'the second before it');
SET request.jwt.claims = '{"sub": "ann", "role": "web"}';
SELECT is(btwin._known_caller(NULL, true), 'ann', 'the token before both');
SELECT is(btwin._known_caller(NULL, true), 'ann', 'and once more');
SET request.jwt.claims = '{"sub": "bob", "role": "web"}';
SELECT is(btwin._known_caller(NULL, true), 'bob', 'another token is not the one before');
SET request.jwt.claims = '{"role": "web"}';
SET app.current_user_id = 'ann';
SELECT is(btwin._known_caller(NULL, true), 'ann', 'a token without the key');
SELECT is(btwin._known_caller(NULL, true), 'ann', 'which is remembered as such');
SET request.jwt.claims = '{"sub": ""}';
SELECT is(btwin._known_caller(NULL, true), 'ann', 'a token with an empty one');
SET request.jwt.claims = '{"sub": null}';
SELECT is(btwin._known_caller(NULL, true), 'ann', 'a null one');
SET request.jwt.claims = '["sub"]';
SELECT is(btwin._known_caller(NULL, true), 'ann', 'a token that is no object');
SET request.jwt.claims = '';
SELECT is(btwin._known_caller(NULL, true), 'ann', 'an empty token');
SET request.jwt.claims = '{"sub": ';
SELECT throws_ok('SELECT btwin._known_caller(NULL, true)', '22P02', NULL, 'a token that is no JSON');
SET request.jwt.claims = '{"sub": 7}';
SELECT is(btwin._known_caller(NULL, true), NULL, 'a number is text, and not among the users');
RESET request.jwt.claims;
RESET app.current_user_id;
RESET btwin.user_id;
SELECT is(btwin._known_caller(NULL, true), NULL, 'no claim any more');
SET btwin.user_id = 'ann';
SELECT is(btwin._known_caller('ann', true), 'ann', 'who names the learner of the claim');
SELECT is(btwin._known_caller('bob', true), NULL, 'who names another');
SELECT is(btwin._known_caller('an', true), NULL, 'one whose name begins like it');
SELECT is(btwin._known_caller('ann ', true), NULL, 'or goes on');
SET btwin.user_id = 'nobody';
SELECT is(btwin._known_caller(NULL, false), NULL, 'one who is not among the users');

-- analysis
SET btwin.user_id = 'off';
SELECT is(btwin._known_caller(NULL, true), NULL, 'analysis is off');
SELECT is(btwin._known_caller(NULL, false), 'off', 'where that does not matter');
SELECT is(btwin._known_caller(NULL, NULL), NULL, 'where it is not said');
UPDATE users SET behavioral_analysis_enabled = true WHERE id = 'off';
SELECT is(btwin._known_caller(NULL, true), 'off', 'analysis is on again');
SET btwin.user_id = 'open';
SELECT is(btwin._known_caller(NULL, true), 'open', 'nothing is said of it');
SELECT is(btwin._identify(NULL, true, false), 'open', 'as the long way has it');
SET btwin.user_id = 'ann';

-- settings
UPDATE btwin.access SET claim_sources = '{app.who}';
SELECT is(btwin._known_caller(NULL, true), NULL, 'other settings');
SET app.who = 'bob';
SELECT is(btwin._known_caller(NULL, true), 'bob', 'count at once');
UPDATE btwin.access SET claim_sources = '{request.jwt.claims->>sub,request.jwt.claims->>who}';
SET request.jwt.claims = '{"who": "ann"}';
SELECT is(btwin._known_caller(NULL, true), 'ann', 'another key of the same token');
UPDATE btwin.access SET claim_sources = '{request.jwt.claims->>sub,app.current_user_id,btwin.user_id}';
RESET request.jwt.claims;

-- zones
SELECT is(btwin._known_zone('ann'), 'Europe/Oslo', 'the zone of everybody');
SELECT is(btwin._known_zone('bob'), 'Asia/Tokyo', 'the learner''s own');
SELECT is(btwin._known_zone('open'), 'Europe/Oslo', 'none of her own');
SELECT is(btwin._known_zone('nobody'), btwin.learner_time_zone('nobody'), 'of nobody');
SELECT is(btwin._known_zone(NULL), NULL, 'of NULL');
UPDATE btwin.learner SET time_zone = 'Asia/Seoul' WHERE user_id = 'bob';
SELECT is(btwin._known_zone('bob'), 'Asia/Seoul', 'another zone counts at once');

-- rights: of the current role, at every call
CREATE ROLE regress_caller;
GRANT USAGE ON SCHEMA btwin TO regress_caller;
GRANT SELECT ON btwin.users, btwin.learner TO regress_caller;
GRANT SELECT ON users TO regress_caller;
CREATE FUNCTION pg_temp.known() RETURNS text LANGUAGE sql AS 'SELECT btwin._known_caller(NULL, true)';
SET ROLE regress_caller;
SELECT is(btwin._known_caller(NULL, true), NULL, 'a role that may not read btwin.access learns nothing here');
SELECT throws_ok('SELECT btwin._caller(NULL)', '42501', NULL, 'and is told why');
RESET ROLE;
GRANT SELECT ON btwin.access TO regress_caller;
SET ROLE regress_caller;
SELECT is(btwin._known_caller(NULL, true), 'ann', 'one that may');
RESET ROLE;
REVOKE SELECT ON users FROM regress_caller;
SET ROLE regress_caller;
SELECT throws_ok('SELECT btwin._known_caller(NULL, true)', '42501', NULL, 'users are read with the rights of the role');
RESET ROLE;
GRANT SELECT ON users TO regress_caller;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
SELECT is(btwin._known_caller(NULL, true), 'ann', 'the owner passes policies');
SET ROLE regress_caller;
SELECT is(btwin._known_caller(NULL, true), NULL, 'another role sees no row without one');
RESET ROLE;
CREATE POLICY only_ann ON users TO regress_caller USING (id = 'ann');
SET ROLE regress_caller;
SELECT is(btwin._known_caller(NULL, true), 'ann', 'and what its policy shows');
SET btwin.user_id = 'bob';
SELECT is(btwin._known_caller(NULL, true), NULL, 'no more than that');
RESET ROLE;
SELECT is(btwin._known_caller(NULL, true), 'bob', 'with the role the plan changes');
ALTER TABLE btwin.access ENABLE ROW LEVEL SECURITY;
SELECT is(btwin._known_caller(NULL, true), NULL, 'policies on btwin.access are for the long way');
ALTER TABLE btwin.access DISABLE ROW LEVEL SECURITY;
SELECT is(btwin._known_caller(NULL, true), 'bob', 'without them the quick one serves');

-- a schema in front of the server's own, with an operator that says yes to everything
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.always(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.always);
SET btwin.user_id = 'nobody';
SET search_path = hostile, pg_catalog, public;
SELECT btwin._known_caller(NULL, true) IS NULL AS known, btwin._known_zone('nobody') AS zone \gset
RESET search_path;
SELECT is(:'known'::text, 't', 'operators are the server''s own');
SELECT is(:'zone'::text, 'Europe/Oslo', 'here too');

CREATE TEMP TABLE detached AS SELECT * FROM btwin.detach();
SET btwin.user_id = 'ann';
SELECT is(btwin._known_caller(NULL, true), NULL, 'after detach nobody is known');
SELECT is(btwin._known_zone('ann'), NULL, 'and no zone');
DROP OWNED BY regress_caller;
DROP ROLE regress_caller;
SELECT * FROM finish();
