// Package inprocess lets the services of this server call each other without the network: history and matching are in the
// same process, and two thirds of the requests behind a tool call are between them.
//
// All else that gRPC does for such a request stays: the interceptors of both sides, metadata, deadlines, errors as
// statuses, and messages that the two sides do not share. The handler of a method, with the interceptors of its server
// before it, is learnt from its first request, which comes over the network.
package inprocess

import (
	"context"
	"net/url"
	"strings"
	"sync"
	_ "unsafe" // go:linkname

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// internalServices are called by the services of this process only.
var internalServices = []string{
	"/temporal.server.api.historyservice.",
	"/temporal.server.api.matchingservice.",
	"/temporal.server.chasm.lib.",
}

// handlers are grpc.UnaryHandler by full method name.
var handlers sync.Map

// Temporal takes no options for its internal servers and clients; gRPC's own extensions add theirs in this way.

//go:linkname addGlobalServerOptions google.golang.org/grpc/internal.AddGlobalServerOptions
var addGlobalServerOptions any

//go:linkname addGlobalPerTargetDialOptions google.golang.org/grpc/internal.AddGlobalPerTargetDialOptions
var addGlobalPerTargetDialOptions any

// Enable applies to the servers and clients that are created after it.
func Enable() {
	addGlobalServerOptions.(func(...grpc.ServerOption))(grpc.ChainUnaryInterceptor(learnHandler))
	addGlobalPerTargetDialOptions.(func(any))(lastInterceptor{})
}

// lastInterceptor comes after those that Temporal gives its clients.
type lastInterceptor struct{}

func (lastInterceptor) DialOptionForTarget(url.URL) grpc.DialOption {
	return grpc.WithChainUnaryInterceptor(callInProcess)
}

func learnHandler(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if isInternal(info.FullMethod) {
		handlers.LoadOrStore(info.FullMethod, handler)
	}
	return handler(ctx, req)
}

func isInternal(method string) bool {
	for _, service := range internalServices {
		if strings.HasPrefix(method, service) {
			return true
		}
	}
	return false
}

func callInProcess(
	ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption,
) error {
	handler, ok := handlers.Load(method)
	if !ok {
		return invoker(ctx, method, req, reply, cc, opts...)
	}
	if err := ctx.Err(); err != nil {
		return status.FromContextError(err).Err()
	}
	stream := &inProcessStream{method: method}
	server, end := serverContext(ctx, stream)
	defer end()
	response, err := handler.(grpc.UnaryHandler)(server, proto.Clone(req.(proto.Message)))
	stream.tell(opts)
	if ended := ctx.Err(); err != nil && ended != nil {
		return asStatus(ended) // that of the server may have ended first, as cancelled
	}
	if err != nil {
		return asStatus(err)
	}
	return copyMessage(reply.(proto.Message), response.(proto.Message))
}

func asStatus(err error) error {
	if _, ok := status.FromError(err); ok {
		return err
	}
	return status.FromContextError(err).Err()
}

// copyMessage fills in what the client expects; history answers some calls with another type of the same form.
func copyMessage(to, from proto.Message) error {
	if to.ProtoReflect().Descriptor() == from.ProtoReflect().Descriptor() {
		proto.Merge(to, from)
		return nil
	}
	bytes, err := proto.Marshal(from)
	if err != nil {
		return err
	}
	return proto.Unmarshal(bytes, to)
}

// serverContext ends with the context of the client and has its deadline, and none of its values.
func serverContext(client context.Context, stream grpc.ServerTransportStream) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	stop := context.AfterFunc(client, cancel)
	end := func() { stop(); cancel() }
	sent, _ := metadata.FromOutgoingContext(client)
	ctx = grpc.NewContextWithServerTransportStream(metadata.NewIncomingContext(ctx, sent), stream)
	deadline, ok := client.Deadline()
	if !ok {
		return ctx, end
	}
	ctx, cancelAtDeadline := context.WithDeadline(ctx, deadline)
	return ctx, func() { cancelAtDeadline(); end() }
}

type inProcessStream struct {
	method          string
	mutex           sync.Mutex
	header, trailer metadata.MD
}

func (s *inProcessStream) Method() string { return s.method }

func (s *inProcessStream) SetHeader(md metadata.MD) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.header = metadata.Join(s.header, md)
	return nil
}

func (s *inProcessStream) SendHeader(md metadata.MD) error { return s.SetHeader(md) }

func (s *inProcessStream) SetTrailer(md metadata.MD) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.trailer = metadata.Join(s.trailer, md)
	return nil
}

// tell fills in what the client wants to know besides the response.
func (s *inProcessStream) tell(opts []grpc.CallOption) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, opt := range opts {
		switch opt := opt.(type) {
		case grpc.HeaderCallOption:
			*opt.HeaderAddr = s.header
		case grpc.TrailerCallOption:
			*opt.TrailerAddr = s.trailer
		}
	}
}
