// Command temporal serves the part of the Temporal CLI that Mainspring needs, `temporal server start-dev`, built from the
// Go module proxy alone: the CLI itself has a replace directive, which `go install` refuses.
package main

import (
	"fmt"
	"os"

	"github.com/temporalio/ui-server/v2/server/version"
	"go.temporal.io/server/common/headers"
)

// The CLI release whose flags and defaults this program follows.
const cliVersion = "1.9.1"

func main() {
	args := os.Args[1:]
	switch {
	case len(args) == 1 && (args[0] == "--version" || args[0] == "-v"):
		fmt.Printf("temporal version %s-mainspring (Server %s, UI %s)\n", cliVersion, headers.ServerVersion, version.UIVersion)
	case len(args) >= 2 && args[0] == "server" && args[1] == "start-dev":
		if err := startDev(args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			os.Exit(1)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: temporal --version | temporal server start-dev [flags]")
		os.Exit(2)
	}
}

func startDev(args []string) error {
	opts, err := parseOptions(args)
	if err != nil {
		return err
	}
	stores, err := openStores(opts)
	if err != nil {
		return err
	}
	return serve(opts, stores)
}
