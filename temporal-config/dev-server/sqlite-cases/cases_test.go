// Package cases tests what Temporal needs of SQLite, on whichever driver stands behind the import path: `go test` takes
// SQLite in Go, `go test -modfile=cgo.mod` SQLite in C.
package cases

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/server/schema"
	"modernc.org/sqlite"
)

// Set by scripts/test-go.js: a file that both drivers read and write in turn.
const sharedFileVariable = "MAINSPRING_TEST_SQLITE_FILE"

func open(t *testing.T, file string, parameters ...string) *sql.DB {
	t.Helper()
	dsn := "file:" + file + "?" + strings.Join(append(parameters, "_time_format=sqlite"), "&")
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	return db
}

func openNew(t *testing.T, parameters ...string) *sql.DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "test.db"), parameters...)
}

func exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func get[T any](t *testing.T, db *sql.DB, query string, args ...any) (value T) {
	t.Helper()
	if err := db.QueryRow(query, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func expectError(t *testing.T, err error, code int, text string) {
	t.Helper()
	var found *sqlite.Error
	if !errors.As(err, &found) {
		t.Fatalf("got %T %v, want a *sqlite.Error", err, err)
	}
	expect(t, "code", found.Code(), code)
	expect(t, "text", found.Error(), text)
}

func TestErrorsThatTemporalLooksFor(t *testing.T) {
	db := openNew(t)
	exec(t, db, `CREATE TABLE t (id INTEGER, name TEXT UNIQUE, PRIMARY KEY (id, name))`)
	exec(t, db, `INSERT INTO t VALUES (?, ?)`, 1, "a")

	_, err := db.Exec(`CREATE TABLE t (id INTEGER)`)
	expectError(t, err, 1, "SQL logic error: table t already exists (1)")
	_, err = db.Exec(`INSERT INTO t VALUES (?, ?)`, 2, "a")
	expectError(t, err, 2067, "constraint failed: UNIQUE constraint failed: t.name (2067)")
	exec(t, db, `CREATE TABLE keyed (id INTEGER NOT NULL, PRIMARY KEY (id)) WITHOUT ROWID`)
	exec(t, db, `INSERT INTO keyed VALUES (?)`, 1)
	_, err = db.Exec(`INSERT INTO keyed VALUES (?)`, 1)
	expectError(t, err, 1555, "constraint failed: UNIQUE constraint failed: keyed.id (1555)")
	_, err = db.Exec(`INSERT INTO keyed VALUES (?)`, nil)
	expectError(t, err, 1299, "constraint failed: NOT NULL constraint failed: keyed.id (1299)")
	_, err = db.Query(`SELECT missing FROM t`)
	expectError(t, err, 1, "SQL logic error: no such column: missing (1)")
	_, err = db.Prepare(`SELECT missing FROM t`)
	expectError(t, err, 1, "SQL logic error: no such column: missing (1)")

	statement, err := db.Prepare(`INSERT INTO keyed VALUES (?)`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = statement.Exec(1)
	expectError(t, err, 1555, "constraint failed: UNIQUE constraint failed: keyed.id (1555)")
	if err := statement.Close(); err != nil {
		t.Fatal(err)
	}

	// A statement that has failed works again.
	exec(t, db, `INSERT INTO keyed VALUES (?)`, 2)
}

func TestFilesThatAreNoDatabase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(file, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	err := open(t, file, "_pragma=journal_mode=WAL").Ping()
	expectError(t, err, 26, "file is not a database (26)")
	err = open(t, filepath.Join(t.TempDir(), "no", "folder.db"), "mode=rwc").QueryRow("SELECT 1 FROM sqlite_master").Err()
	var found *sqlite.Error
	if !errors.As(err, &found) || found.Code()&0xff != 14 {
		t.Errorf("got %v, want code 14", err)
	}
}

func TestPragmas(t *testing.T) {
	for name, want := range map[string]int{"NORMAL": 1, "FULL": 2} {
		db := openNew(t, "_pragma=journal_mode=WAL", "_pragma=synchronous="+name, "_pragma=busy_timeout=1234")
		expect(t, "journal", get[string](t, db, "PRAGMA journal_mode"), "wal")
		expect(t, "synchronous", get[int](t, db, "PRAGMA synchronous"), want)
		expect(t, "busy timeout", get[int](t, db, "PRAGMA busy_timeout"), 1234)
	}
	db := openNew(t)
	expect(t, "default synchronous", get[int](t, db, "PRAGMA synchronous"), 2)
	expect(t, "default busy timeout", get[int](t, db, "PRAGMA busy_timeout"), 0)
	expect(t, "default foreign keys", get[int](t, db, "PRAGMA foreign_keys"), 0)
}

func TestSameStatementInUseTwice(t *testing.T) {
	db := openNew(t)
	exec(t, db, `CREATE TABLE t (id INTEGER)`)
	exec(t, db, `INSERT INTO t VALUES (1), (2), (3)`)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	var pairs []string
	outer, err := tx.Query(`SELECT id FROM t WHERE id > ? ORDER BY id`, 0)
	if err != nil {
		t.Fatal(err)
	}
	for outer.Next() {
		var a int
		if err := outer.Scan(&a); err != nil {
			t.Fatal(err)
		}
		inner, err := tx.Query(`SELECT id FROM t WHERE id > ? ORDER BY id`, a)
		if err != nil {
			t.Fatal(err)
		}
		for inner.Next() {
			var b int
			if err := inner.Scan(&b); err != nil {
				t.Fatal(err)
			}
			pairs = append(pairs, fmt.Sprint(a, b))
		}
		_ = inner.Close()
	}
	_ = outer.Close()
	expect(t, "pairs", strings.Join(pairs, ","), "1 2,1 3,2 3")
}

const endless = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`

func TestInterruptedQuery(t *testing.T) {
	db := openNew(t)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	var count int
	if err := db.QueryRowContext(ctx, endless).Scan(&count); !errors.Is(err, context.DeadlineExceeded) {
		var found *sqlite.Error
		if !errors.As(err, &found) || found.Code() != 9 {
			t.Errorf("got %v, want the end of the context, or an interrupt", err)
		}
	}
	expect(t, "afterwards", get[int](t, db, "SELECT 1"), 1)
}

func TestContextsThatAreOver(t *testing.T) {
	db := openNew(t)
	exec(t, db, `CREATE TABLE t (id INTEGER)`)
	over, cancel := context.WithCancel(context.Background())
	tx, err := db.BeginTx(over, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(over, `INSERT INTO t VALUES (?)`, 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := tx.ExecContext(over, `INSERT INTO t VALUES (?)`, 2); err == nil {
		t.Error("a statement ran after the end of its context")
	}
	if err := tx.Commit(); err == nil {
		t.Error("a transaction was committed after the end of its context")
	}
	if _, err := db.ExecContext(over, `INSERT INTO t VALUES (?)`, 3); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	expect(t, "rows", get[int](t, db, `SELECT count(*) FROM t`), 0)
}

func TestBusy(t *testing.T) {
	file := filepath.Join(t.TempDir(), "busy.db")
	first := open(t, file)
	exec(t, first, `CREATE TABLE t (id INTEGER)`)
	exec(t, first, `BEGIN IMMEDIATE`)

	_, err := open(t, file).Exec(`INSERT INTO t VALUES (?)`, 1)
	expectError(t, err, 5, "database is locked (5) (SQLITE_BUSY)")

	patient := open(t, file, "_pragma=busy_timeout=10000")
	done := make(chan error)
	go func() {
		_, err := patient.Exec(`INSERT INTO t VALUES (?)`, 2)
		done <- err
	}()
	exec(t, first, `COMMIT`)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestSchemaChanges(t *testing.T) {
	file := filepath.Join(t.TempDir(), "schema.db")
	db, other := open(t, file), open(t, file)
	exec(t, db, `CREATE TABLE t (id INTEGER)`)
	exec(t, db, `INSERT INTO t VALUES (?)`, 1)
	columns := func() int {
		rows, err := db.Query(`SELECT * FROM t WHERE id = ?`, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		names, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	expect(t, "columns before", columns(), 1)
	exec(t, other, `ALTER TABLE t ADD COLUMN name TEXT`)
	expect(t, "columns after", columns(), 2)
	exec(t, db, `DROP TABLE t`)
	_, err := db.Query(`SELECT * FROM t WHERE id = ?`, 1)
	expectError(t, err, 1, "SQL logic error: no such table: t (1)")
}

func TestMoreStatementsThanAreKept(t *testing.T) {
	db := openNew(t)
	for round := range 2 {
		for number := range 600 {
			query := fmt.Sprintf(`SELECT ? + %d`, number)
			expect(t, query, get[int](t, db, query, round), number+round)
		}
	}
}

func TestScripts(t *testing.T) {
	db := openNew(t)
	exec(t, db, `CREATE TABLE a (id INTEGER); -- one
		CREATE TABLE b (id INTEGER);
		INSERT INTO a VALUES (1); INSERT INTO b SELECT id + 1 FROM a;`)
	expect(t, "b", get[int](t, db, `SELECT id FROM b`), 2)
	result, err := db.Exec(`UPDATE a SET id = ? WHERE id = ?`, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	affected, _ := result.RowsAffected()
	expect(t, "affected", affected, 1)
}

func TestValues(t *testing.T) {
	db := openNew(t)
	exec(t, db, `CREATE TABLE t (at TIMESTAMP, flag BOOLEAN, data BLOB, text VARCHAR(255), number BIGINT, part REAL)`)
	at := time.Date(2026, 11, 30, 12, 0, 0, 123456000, time.UTC)
	exec(t, db, `INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)`, at, true, []byte{0, 1, 255}, "Zürich\x00x", int64(1)<<62, 0.5)
	expect(t, "stored time", get[string](t, db, `SELECT CAST(at AS TEXT) FROM t`), "2026-11-30 12:00:00.123456+00:00")
	if got := get[time.Time](t, db, `SELECT at FROM t`); !got.Equal(at) {
		t.Errorf("time: got %v", got)
	}
	expect(t, "flag", get[bool](t, db, `SELECT flag FROM t`), true)
	expect(t, "data", string(get[[]byte](t, db, `SELECT data FROM t`)), "\x00\x01\xff")
	expect(t, "text", get[string](t, db, `SELECT text FROM t`), "Zürich\x00x")
	expect(t, "number", get[int64](t, db, `SELECT number FROM t`), 1<<62)
	expect(t, "part", get[float64](t, db, `SELECT part FROM t`), 0.5)

	exec(t, db, `UPDATE t SET at = ?, data = ?, text = ?`, nil, []byte{}, nil)
	expect(t, "no time", get[sql.NullTime](t, db, `SELECT at FROM t`).Valid, false)
	expect(t, "empty data", get[string](t, db, `SELECT typeof(data) || length(data) FROM t`), "blob0")
	expect(t, "no text", get[sql.NullString](t, db, `SELECT text FROM t`).Valid, false)
}

func TestMemoryIsShared(t *testing.T) {
	one := open(t, "shared-by-two", "mode=memory", "cache=shared")
	exec(t, one, `CREATE TABLE t (id INTEGER)`)
	exec(t, one, `INSERT INTO t VALUES (?)`, 7)
	two := open(t, "shared-by-two", "mode=memory", "cache=shared")
	expect(t, "the other's row", get[int](t, two, `SELECT id FROM t`), 7)
}

func TestTemporalsSchema(t *testing.T) {
	createTemporal(t, openNew(t))
}

// createTemporal makes Temporal's tables, with their generated columns, JSON and full text, and a record of a call.
func createTemporal(t *testing.T, db *sql.DB) {
	t.Helper()
	for _, file := range []string{"temporal", "visibility"} {
		script, err := fs.ReadFile(schema.Assets(), "sqlite/v3/"+file+"/schema.sql")
		if err != nil {
			t.Fatal(err)
		}
		exec(t, db, string(script))
	}
}

func addCall(t *testing.T, db *sql.DB, id string) {
	t.Helper()
	attributes := fmt.Sprintf(`{"TemporalNamespaceDivision": "calls", "Keyword01": "%s", "KeywordList01": "a♡b"}`, id)
	exec(t, db, `INSERT INTO executions_visibility
		(namespace_id, run_id, start_time, execution_time, workflow_id, workflow_type_name, status, encoding, search_attributes)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, "n", id, time.Now().UTC(), time.Now().UTC(), id, "type", 1, "", attributes)
	expect(t, "found", get[string](t, db, `SELECT workflow_id FROM executions_visibility WHERE Keyword01 = ?`, id), id)
	count := get[int](t, db, `SELECT count(*) FROM executions_visibility WHERE rowid IN
		(SELECT rowid FROM executions_visibility_fts_keyword_list WHERE executions_visibility_fts_keyword_list MATCH ?)`, `KeywordList01:"b"`)
	expect(t, "in the full text", count, get[int](t, db, `SELECT count(*) FROM executions_visibility`))
}

func TestFileOfTheOtherDriver(t *testing.T) {
	file := os.Getenv(sharedFileVariable)
	if file == "" {
		file = filepath.Join(t.TempDir(), "shared.db")
	}
	_, err := os.Stat(file)
	isNew := err != nil
	db := open(t, file, "_pragma=journal_mode=WAL", "_pragma=synchronous=NORMAL")
	if isNew {
		createTemporal(t, db)
	}
	before := get[int](t, db, `SELECT count(*) FROM executions_visibility`)
	addCall(t, db, fmt.Sprintf("call-%d", before))
	expect(t, "integrity", get[string](t, db, `PRAGMA integrity_check`), "ok")
}
