package main

import (
	"fmt"
	"io/fs"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/temporalio/ui-server/v2/server/api"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/csrf"
	"github.com/temporalio/ui-server/v2/server/headers"
	"github.com/temporalio/ui-server/v2/server/route"
	"github.com/temporalio/ui-server/v2/ui"
)

// newUI puts the UI together as the UI server does, without logins and other origins, and with a check of the name that it is
// asked under: the UI server has no place for one.
func newUI(opts *options) (*echo.Echo, error) {
	provider, err := uiconfig.NewConfigProviderWithRefresh(&uiconfig.Config{
		Host:                opts.uiIP,
		Port:                opts.uiPort,
		TemporalGRPCAddress: fmt.Sprintf("%s:%d", opts.ip, opts.port),
		EnableUI:            true,
		HideLogs:            true,
		DisableNewsFetch:    true,
		CORS:                uiconfig.CORS{CookieInsecure: true},
	})
	if err != nil {
		return nil, err
	}
	assets, err := ui.Assets()
	if err != nil {
		return nil, err
	}
	local, err := fs.Sub(assets, "local")
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	if isLoopback(opts.uiIP) {
		e.Pre(ownNamesOnly)
	}
	e.Use(middleware.Recover(), middleware.Gzip(), middleware.Secure())
	e.Use(csrf.EnsureTokenCookie(false), middleware.CSRFWithConfig(csrf.MiddlewareConfig(provider, false)))
	e.Pre(route.PublicPath(""))
	route.SetHealthRoute(e)
	forwarded := headers.WithForwardHeaders([]string{"Caller-Type"})
	if err := route.SetAPIRoutes(e, provider, []api.Middleware{forwarded}); err != nil {
		return nil, err
	}
	if err := route.SetUIRoutes(e, "", local); err != nil {
		return nil, err
	}
	route.SetRenderRoute(e, "")
	return e, nil
}
