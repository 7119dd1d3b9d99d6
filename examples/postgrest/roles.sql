-- Roles for PostgREST and btwin: run as a superuser, with btwin attached.
CREATE ROLE authenticator LOGIN NOINHERIT;      -- connects
CREATE ROLE anonymous NOLOGIN;                  -- requests without a token
CREATE ROLE web NOLOGIN;                        -- learners
CREATE ROLE worker NOLOGIN;                     -- services that act for any learner
GRANT anonymous, web, worker TO authenticator;
SELECT object, kind, action, detail FROM btwin.secure(app_role => 'web', service_role => 'worker', claim_sources => '{request.jwt.claims->>sub}')
WHERE action IN ('kept', 'missing');
