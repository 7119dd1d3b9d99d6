-- The extension is there, in the version of its control file, and its three
-- schemas are described.
SELECT extversion = (SELECT default_version FROM pg_available_extensions WHERE name = 'btwin') AS current
FROM pg_extension WHERE extname = 'btwin';
SELECT nspname, obj_description(oid, 'pg_namespace') IS NOT NULL AS described
FROM pg_namespace WHERE nspname ~ '^btwin' ORDER BY nspname COLLATE "C";
