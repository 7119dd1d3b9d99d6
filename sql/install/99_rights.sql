-- The last module: rights that hold for everything before it.

-- Functions are executable by everybody unless somebody says otherwise. Those of
-- btwin_api are for the roles that btwin.secure() is told. (The others are for
-- everybody who may use schema btwin: they run with the rights of their caller.)
REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA btwin_api FROM PUBLIC;
