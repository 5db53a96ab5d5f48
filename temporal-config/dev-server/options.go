package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/dynamicconfig"
)

const (
	defaultPort  = 7233
	uiPortOffset = 1000 // as in the CLI: the UI listens on --port + 1000 unless --ui-port says otherwise
)

type options struct {
	ip, uiIP         string
	port, uiPort     int
	metricsPort      int // 0: no metrics endpoint
	pprofPort        int // 0: no profiles
	headless         bool
	namespaces       []string
	dbFile           string // "": everything in memory
	oneFile          bool
	pragmas          map[string]string
	dynamicConfig    dynamicconfig.StaticClient
	searchAttributes map[string]enumspb.IndexedValueType
	logLevel         string
	logFormat        string
}

func parseOptions(args []string) (*options, error) {
	o := &options{
		pragmas:          map[string]string{},
		dynamicConfig:    dynamicconfig.StaticClient{},
		searchAttributes: map[string]enumspb.IndexedValueType{},
	}
	flags := flag.NewFlagSet("temporal server start-dev", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.ip, "ip", "127.0.0.1", "address of the frontend")
	flags.StringVar(&o.uiIP, "ui-ip", "", "address of the UI, default --ip")
	flags.IntVar(&o.port, "port", defaultPort, "port of the frontend")
	flags.IntVar(&o.uiPort, "ui-port", 0, "port of the UI, default --port + 1000")
	flags.IntVar(&o.metricsPort, "metrics-port", 0, "port of the Prometheus endpoint, 0 for none")
	flags.IntVar(&o.pprofPort, "pprof-port", 0, "port for Go's profiles on the loopback address, 0 for none")
	flags.BoolVar(&o.headless, "headless", false, "without the UI")
	flags.StringVar(&o.dbFile, "db-filename", "", "SQLite file, default in memory")
	flags.BoolVar(&o.oneFile, "one-file", false, "create visibility in the main file with all of its indexes, as the CLI does, for comparisons")
	flags.StringVar(&o.logLevel, "log-level", "warn", "debug, info, warn, error or never")
	flags.StringVar(&o.logFormat, "log-format", "text", "text, pretty or json")
	flags.Int("http-port", 0, "accepted for compatibility; there is no HTTP API, it would be one more way in")
	flags.Func("namespace", "namespace to create beside default (repeatable)", o.addNamespace)
	flags.Func("sqlite-pragma", "KEY=VALUE (repeatable)", o.addPragma)
	flags.Func("dynamic-config-value", "KEY=JSON (repeatable)", o.addDynamicConfig)
	flags.Func("search-attribute", "NAME=TYPE (repeatable), for a namespace that is created", o.addSearchAttribute)

	if err := flags.Parse(args); err != nil {
		if err == flag.ErrHelp {
			flags.SetOutput(os.Stdout)
			flags.PrintDefaults()
			os.Exit(0)
		}
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.uiPort == 0 {
		o.uiPort = o.port + uiPortOffset
	}
	if o.uiIP == "" {
		o.uiIP = o.ip
	}
	return o, nil
}

func (o *options) addNamespace(name string) error {
	o.namespaces = append(o.namespaces, name)
	return nil
}

func (o *options) addPragma(pair string) error {
	name, value, err := cut(pair)
	o.pragmas[name] = value
	return err
}

func (o *options) addDynamicConfig(pair string) error {
	name, text, err := cut(pair)
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return fmt.Errorf("value of %s is not JSON: %w", name, err)
	}
	// Integer settings refuse a float64, which is all that JSON knows.
	if number, ok := value.(float64); ok && number == float64(int(number)) {
		value = int(number)
	}
	o.dynamicConfig[dynamicconfig.MakeKey(name)] = value
	return nil
}

func (o *options) addSearchAttribute(pair string) error {
	name, typeName, err := cut(pair)
	if err != nil {
		return err
	}
	o.searchAttributes[name], err = enumspb.IndexedValueTypeFromString(typeName)
	return err
}

func cut(pair string) (name, value string, err error) {
	name, value, found := strings.Cut(pair, "=")
	if !found {
		return "", "", fmt.Errorf("want KEY=VALUE, got %q", pair)
	}
	return name, value, nil
}
