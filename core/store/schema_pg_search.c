/*
 * schema_pg_search.c: what ai/index keeps on PostgreSQL beside the tables that all engines have:
 * run with the first step of schema_pg.c.
 *
 * `near` repeats `data` in the type of the extension vector, so that an index of the extension
 * stands on it; a trigger converts it. An index for each model: one for all would walk among the
 * vectors of others. Inner product and not cosine: the vectors have unit length. `keyword` and
 * `keyword_content` are explained in ai/index/keyword_pg.c; a word is compared byte by byte,
 * whatever the database's collation.
 */
#include "core/store/schema.h"

const char store_schema_pg_search[] =
    "CREATE FUNCTION halves_of(bytes BYTEA) RETURNS halfvec LANGUAGE plpgsql IMMUTABLE STRICT AS $$"
    " DECLARE"
    "  row REAL[];"
    "  bits INTEGER;"
    "  power INTEGER;"
    "  amount REAL;"
    " BEGIN"
    "  FOR i IN 0 .. length(bytes) / 2 - 1 LOOP"
    "   bits := get_byte(bytes, 2 * i) | (get_byte(bytes, 2 * i + 1) << 8);"
    "   power := (bits >> 10) & 31;"
    "   amount := CASE power WHEN 0 THEN (bits & 1023) * 2::REAL ^ -24"
    "    ELSE ((bits & 1023) | 1024) * 2::REAL ^ (power - 25) END;"
    "   row[i + 1] := CASE WHEN bits > 32767 THEN -amount ELSE amount END;"
    "  END LOOP;"
    "  RETURN row::halfvec;"
    " END $$;"

    "ALTER TABLE vector ADD COLUMN near halfvec(384);"
    "ALTER TABLE vector ALTER COLUMN near SET STORAGE PLAIN;"
    "ALTER TABLE vector ALTER COLUMN data SET STORAGE PLAIN;"
    /* A row of another size came from another model under the same name: nobody finds it. */
    "CREATE FUNCTION vector_near() RETURNS TRIGGER LANGUAGE plpgsql"
    "  SET search_path FROM CURRENT AS $$ BEGIN"
    "  IF length(NEW.data) = 768 THEN NEW.near := halves_of(NEW.data); END IF;"
    "  RETURN NEW; END $$;"
    "CREATE TRIGGER vector_near BEFORE INSERT OR UPDATE OF data ON vector"
    "  FOR EACH ROW EXECUTE FUNCTION vector_near();"
    "UPDATE vector SET data = data;"
    "CREATE INDEX vector_near_minilm ON vector USING hnsw (near halfvec_ip_ops)"
    "  WITH (m = 16, ef_construction = 100) WHERE model = 'minilm';"
    "CREATE INDEX vector_near_e5 ON vector USING hnsw (near halfvec_ip_ops)"
    "  WITH (m = 16, ef_construction = 100) WHERE model = 'e5';"
    /* For counting the chunks that have vectors of a model. */
    "CREATE INDEX vector_by_model ON vector (model) WHERE ordinal = 0;"

    "CREATE TABLE keyword_content ("
    "  first BIGINT PRIMARY KEY, chunks INTEGER NOT NULL, words INTEGER NOT NULL);"
    "CREATE TABLE keyword ("
    "  term TEXT COLLATE \"C\" NOT NULL, first BIGINT NOT NULL, chunks INTEGER NOT NULL,"
    "  list BYTEA NOT NULL, PRIMARY KEY (term, first));"
    "CREATE INDEX keyword_by_content ON keyword (first);"
    "CREATE FUNCTION keyword_removed() RETURNS TRIGGER LANGUAGE plpgsql"
    "  SET search_path FROM CURRENT AS $$ BEGIN"
    "  DELETE FROM keyword USING gone WHERE keyword.first = gone.id;"
    "  DELETE FROM keyword_content USING gone WHERE keyword_content.first = gone.id;"
    "  RETURN NULL; END $$;"
    "CREATE TRIGGER keyword_removed AFTER DELETE ON chunk REFERENCING OLD TABLE AS gone"
    "  FOR EACH STATEMENT EXECUTE FUNCTION keyword_removed();";
