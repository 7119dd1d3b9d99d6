\echo Use "ALTER EXTENSION btwin UPDATE TO '0.2.0'" to load this file. \quit
