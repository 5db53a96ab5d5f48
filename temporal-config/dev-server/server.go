package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"mainspring/dev-server/inprocess"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

const (
	clusterName     = "active"
	historyShards   = 1
	maxJoinDuration = 30 * time.Second
	loopback        = "127.0.0.1" // the internal services are never reachable from outside, whatever --ip says
)

// serve runs the server until SIGTERM or SIGINT, then stops it in order.
func serve(opts *options, dbs *stores) error {
	if err := checkPorts(opts); err != nil {
		return err
	}
	cfg, err := serverConfig(opts, dbs)
	if err != nil {
		return err
	}
	serverOptions := []temporal.ServerOption{
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(localHosts(cfg)),
		temporal.WithLogger(logger(opts)),
		temporal.WithDynamicConfigClient(opts.dynamicConfig),
		temporal.InterruptOn(temporal.InterruptCh()),
	}
	if isLoopback(opts.ip) {
		serverOptions = append(serverOptions,
			temporal.WithChainedFrontendGrpcInterceptors(ownNamesOnlyUnary),
			temporal.WithAdditionalStreamInterceptors(ownNamesOnlyStream))
	}
	inprocess.Enable()
	server, err := temporal.NewServer(serverOptions...)
	if err != nil {
		return err
	}
	if !opts.headless {
		stop, err := startUI(opts)
		if err != nil {
			return err
		}
		defer stop()
	}
	return server.Start()
}

func startUI(opts *options) (stop func(), err error) {
	ui, err := newUI(opts)
	if err != nil {
		return nil, err
	}
	go func() {
		if err := ui.Start(fmt.Sprintf("%s:%d", opts.uiIP, opts.uiPort)); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "error: the UI:", err)
			os.Exit(1)
		}
	}()
	return func() { _ = ui.Close() }, nil
}

// checkPorts says in one line what would otherwise be a stack trace.
func checkPorts(opts *options) error {
	addresses := []string{fmt.Sprintf("%s:%d", opts.ip, opts.port)}
	if !opts.headless {
		addresses = append(addresses, fmt.Sprintf("%s:%d", opts.uiIP, opts.uiPort))
	}
	for _, address := range addresses {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		if err := listener.Close(); err != nil {
			return err
		}
	}
	return nil
}

func serverConfig(opts *options, dbs *stores) (*config.Config, error) {
	address := fmt.Sprintf("%s:%d", opts.ip, opts.port)
	cfg := &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     "main",
			VisibilityStore:  "visibility",
			NumHistoryShards: historyShards,
			DataStores: map[string]config.DataStore{
				"main":       {SQL: dbs.main},
				"visibility": {SQL: dbs.visibility},
			},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: address},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: address},
		Services:            map[string]config.Service{},
	}
	cfg.Global.Membership = config.Membership{MaxJoinDuration: maxJoinDuration, BroadcastAddress: loopback}
	if opts.metricsPort != 0 {
		listen := fmt.Sprintf("%s:%d", opts.ip, opts.metricsPort)
		cfg.Global.Metrics = &metrics.Config{Prometheus: &metrics.PrometheusConfig{ListenAddress: listen, HandlerPath: "/metrics"}}
	}
	cfg.Global.PProf = config.PProf{Port: opts.pprofPort, Host: loopback}
	cfg.Archival.History.State, cfg.Archival.Visibility.State = "disabled", "disabled"
	cfg.NamespaceDefaults.Archival.History.State, cfg.NamespaceDefaults.Archival.Visibility.State = "disabled", "disabled"
	return cfg, addServices(cfg, opts)
}

func addServices(cfg *config.Config, opts *options) error {
	// No HTTPPort anywhere: the HTTP API stays off.
	cfg.Services[string(primitives.FrontendService)] = config.Service{RPC: config.RPC{GRPCPort: opts.port, BindOnIP: opts.ip}}
	for _, name := range []primitives.ServiceName{primitives.HistoryService, primitives.MatchingService, primitives.WorkerService} {
		port, err := freePort()
		if err != nil {
			return err
		}
		cfg.Services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: loopback}}
	}
	return nil
}

// localHosts replaces the gossip ring: every service is in this process.
func localHosts(cfg *config.Config) map[primitives.ServiceName]static.Hosts {
	hosts := map[primitives.ServiceName]static.Hosts{}
	for name, service := range cfg.Services {
		ip := service.RPC.BindOnIP
		if net.ParseIP(ip).IsUnspecified() {
			ip = loopback
		}
		hosts[primitives.ServiceName(name)] = static.SingleLocalHost(fmt.Sprintf("%s:%d", ip, service.RPC.GRPCPort))
	}
	return hosts
}

func logger(opts *options) log.Logger {
	if opts.logLevel == "never" {
		return log.NewNoopLogger()
	}
	format := "console"
	if opts.logFormat == "json" {
		format = "json"
	}
	return log.NewZapLogger(log.BuildZapLogger(log.Config{Level: opts.logLevel, Format: format}))
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", loopback+":0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
