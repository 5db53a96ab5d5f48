// Package sqlite is SQLite in C behind the import path of SQLite in Go, which Temporal has compiled in. cgo.mod puts it
// there. It takes the same data source names, gives the same errors, and reads and writes the same files.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// Prepared statements kept per connection; the least recently used is closed first. Temporal has about 150 different ones
// per file that it uses again and again, besides those of filters that people write.
const maxPreparedStatements = 256

func init() { sql.Register("sqlite", &temporalDriver{}) }

type temporalDriver struct{ sqlite3.SQLiteDriver }

// Open opens `file:PATH?PARAMETERS`: parameters of SQLite's URIs, and any number of `_pragma=NAME=VALUE`.
func (d *temporalDriver) Open(name string) (driver.Conn, error) {
	file, query, _ := strings.Cut(name, "?")
	parameters, err := url.ParseQuery(query)
	if err != nil {
		return nil, err
	}
	pragmas := parameters["_pragma"]
	if format := parameters.Get("_time_format"); format != "" && format != "sqlite" {
		return nil, fmt.Errorf("unknown _time_format %q", format)
	}
	parameters.Del("_pragma")
	parameters.Del("_time_format")
	// database/sql gives a connection to one goroutine at a time.
	parameters.Set("_mutex", "no")
	// SQLite's own defaults, as in the pure-Go driver: the driver below has others.
	parameters.Set("_busy_timeout", "0")
	parameters.Set("_synchronous", "FULL")
	parameters.Set("_stmt_cache_size", fmt.Sprint(maxPreparedStatements))
	opened, err := d.SQLiteDriver.Open(file + "?" + parameters.Encode())
	if err != nil {
		return nil, asTemporalExpects(err)
	}
	inner := opened.(*sqlite3.SQLiteConn)
	if err := setPragmas(inner, pragmas); err != nil {
		_ = inner.Close()
		return nil, err
	}
	return &conn{inner}, nil
}

// setPragmas sets busy_timeout first: the others may have to wait for a lock.
func setPragmas(inner *sqlite3.SQLiteConn, pragmas []string) error {
	isBusyTimeout := func(pragma string) bool { return strings.HasPrefix(strings.ToLower(pragma), "busy_timeout") }
	slices.SortFunc(pragmas, func(a, b string) int {
		if isBusyTimeout(a) != isBusyTimeout(b) {
			if isBusyTimeout(a) {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	for _, pragma := range pragmas {
		if _, err := inner.ExecContext(context.Background(), "PRAGMA "+pragma, nil); err != nil {
			return asTemporalExpects(err)
		}
	}
	return nil
}

type conn struct{ inner *sqlite3.SQLiteConn }

// A statement that writes is not interrupted half-way: it takes less time than a goroutine that watches over it would, and
// database/sql rolls a transaction back whose context is done.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	result, err := c.inner.ExecContext(context.WithoutCancel(ctx), query, args)
	return result, asTemporalExpects(err)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	found, err := c.inner.QueryContext(ctx, query, args)
	if err != nil {
		return nil, asTemporalExpects(err)
	}
	return &rows{found}, nil
}

func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	begun, err := c.inner.BeginTx(ctx, options)
	if err != nil {
		return nil, asTemporalExpects(err)
	}
	return tx{begun}, nil
}

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	prepared, err := c.inner.PrepareContext(ctx, query)
	if err != nil {
		return nil, asTemporalExpects(err)
	}
	return &stmt{prepared.(*sqlite3.SQLiteStmt)}, nil
}

func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *conn) Ping(ctx context.Context) error { return c.inner.Ping(ctx) }

func (c *conn) Close() error { return asTemporalExpects(c.inner.Close()) }

type tx struct{ inner driver.Tx }

func (t tx) Commit() error   { return asTemporalExpects(t.inner.Commit()) }
func (t tx) Rollback() error { return asTemporalExpects(t.inner.Rollback()) }

type stmt struct{ *sqlite3.SQLiteStmt }

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	result, err := s.SQLiteStmt.ExecContext(context.WithoutCancel(ctx), args)
	return result, asTemporalExpects(err)
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	found, err := s.SQLiteStmt.QueryContext(ctx, args)
	if err != nil {
		return nil, asTemporalExpects(err)
	}
	return &rows{found}, nil
}

func (s *stmt) Close() error { return asTemporalExpects(s.SQLiteStmt.Close()) }

type rows struct{ driver.Rows }

func (r *rows) Next(row []driver.Value) error {
	err := r.Rows.Next(row)
	if err == nil || err == io.EOF {
		return err
	}
	return asTemporalExpects(err)
}

func (r *rows) Close() error { return asTemporalExpects(r.Rows.Close()) }
