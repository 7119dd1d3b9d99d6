-- checks of arguments, for rules written in SQL

CREATE FUNCTION btwin.check_range(value float8, low float8, high float8, argument text) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'check_range';
COMMENT ON FUNCTION btwin.check_range(float8, float8, float8, text) IS
'The value itself when it is finite and low <= value <= high; else error 22003 that names the argument, the range and what was found. NULL for NULL.';
