package main

import (
	"database/sql"
	"fmt"
	"io/fs"
	"maps"

	"go.temporal.io/server/common/config"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/schema"
	"go.temporal.io/server/schema/sqlite"
)

// stores are the databases of the server; without --db-filename both are one database in memory.
//
// Temporal gives a SQLite file one connection, so visibility in a file of its own is written beside the executions instead
// of in turn with them.
type stores struct {
	main, visibility *config.SQL
}

const (
	visibilitySuffix = ".visibility"
	mainTable        = "executions"
	mainSchema       = "sqlite/v3/temporal/schema.sql"
	visibilityTable  = "executions_visibility"
	visibilitySchema = "sqlite/v3/visibility/schema.sql"
)

// Temporal's schema has an index for each of 60 columns that a query might name, and every call pays for all of them. One
// stays: the division, which keeps calls and workflows apart in every list, and is followed by the order of the lists. All
// other filters walk along it, as SQLite does anyway without statistics: 200,000 calls in 0.6 s.
const visibilityIndex = "by_temporal_namespace_division"

func openStores(opts *options) (*stores, error) {
	s := &stores{main: database(opts, "")}
	s.visibility = s.main
	if opts.dbFile != "" {
		if err := s.openFiles(opts); err != nil {
			return nil, err
		}
	}
	for _, name := range append([]string{"default"}, opts.namespaces...) {
		namespace, err := sqlite.NewNamespaceConfig(clusterName, name, false, opts.searchAttributes)
		if err != nil {
			return nil, err
		}
		if err := sqlite.CreateNamespaces(s.main, namespace); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// openFiles creates what is missing. A main file that has the visibility table itself comes from the official CLI, and
// stays as it is.
func (s *stores) openFiles(opts *options) error {
	return withFile(opts.dbFile, func(tx *sql.Tx) error {
		if found, err := hasTable(tx, visibilityTable); err != nil || found {
			return err
		}
		if opts.oneFile {
			if err := create(tx, mainTable, mainSchema); err != nil {
				return err
			}
			return create(tx, visibilityTable, visibilitySchema)
		}
		s.visibility = database(opts, visibilitySuffix)
		if err := withFile(s.visibility.DatabaseName, createVisibility); err != nil {
			return err
		}
		return create(tx, mainTable, mainSchema)
	})
}

func createVisibility(tx *sql.Tx) error {
	if err := create(tx, visibilityTable, visibilitySchema); err != nil {
		return err
	}
	var names []string
	rows, err := tx.Query(`SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND name <> ?`, visibilityIndex)
	if err != nil {
		return err
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, name := range names {
		if _, err := tx.Exec("DROP INDEX " + name); err != nil {
			return err
		}
	}
	return nil
}

func create(tx *sql.Tx, table, schemaFile string) error {
	if found, err := hasTable(tx, table); err != nil || found {
		return err
	}
	script, err := fs.ReadFile(schema.Assets(), schemaFile)
	if err != nil {
		return err
	}
	_, err = tx.Exec(string(script))
	return err
}

func hasTable(tx *sql.Tx, name string) (found bool, err error) {
	err = tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?)`, name).Scan(&found)
	return found, err
}

// withFile runs one transaction, so that a kill leaves nothing half made.
func withFile(file string, work func(*sql.Tx) error) error {
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	tx, err := db.Begin()
	if err != nil {
		return fmt.Errorf("open %s: %w", file, err)
	}
	if err := work(tx); err != nil {
		_ = tx.Rollback()
		return fmt.Errorf("set up %s: %w", file, err)
	}
	return tx.Commit()
}

func database(opts *options, suffix string) *config.SQL {
	attributes := map[string]string{"mode": "memory", "cache": "shared"}
	name := "mainspring"
	if opts.dbFile != "" {
		attributes = map[string]string{"mode": "rwc"}
		name = opts.dbFile + suffix
	}
	maps.Copy(attributes, opts.pragmas)
	return &config.SQL{PluginName: sqliteplugin.PluginName, DatabaseName: name, ConnectAttributes: attributes}
}
