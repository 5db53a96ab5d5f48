package main

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// isThisMachine says whether a Host header or an :authority names this machine. Any other name leads here only because
// somebody's DNS says so: a web page could then read and write as if it were ours (DNS rebinding).
func isThisMachine(authority string) bool {
	host := authority
	if name, _, err := net.SplitHostPort(authority); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// isLoopback says whether only this machine reaches an address. Where others are meant to, they have names for it.
func isLoopback(ip string) bool {
	parsed := net.ParseIP(ip)
	return parsed != nil && parsed.IsLoopback()
}

func ownNamesOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if host := c.Request().Host; !isThisMachine(host) {
			return c.String(http.StatusMisdirectedRequest, refusal(host)+"\n")
		}
		return next(c)
	}
}

func ownNamesOnlyUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := checkAuthority(ctx); err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

func ownNamesOnlyStream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if err := checkAuthority(stream.Context()); err != nil {
		return err
	}
	return handler(srv, stream)
}

func checkAuthority(ctx context.Context) error {
	found, _ := metadata.FromIncomingContext(ctx)
	for _, authority := range found.Get(":authority") {
		if !isThisMachine(authority) {
			return status.Error(codes.PermissionDenied, refusal(authority))
		}
	}
	return nil
}

func refusal(name string) string {
	return "this server answers only as localhost or 127.0.0.1, not as " + name
}
