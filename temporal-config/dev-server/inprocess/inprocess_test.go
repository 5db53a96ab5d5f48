package inprocess

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const (
	internalService = "temporal.server.chasm.lib.test.Service"
	publicService   = "temporal.api.test.Service"
)

func TestMain(m *testing.M) {
	Enable()
	os.Exit(m.Run())
}

// answer is what the service under test does with a request.
type answer func(ctx context.Context, text string) (any, error)

// serve runs a service with one method on the network, and returns a client of it.
func serve(t *testing.T, service string, interceptors []grpc.UnaryServerInterceptor, act answer) *grpc.ClientConn {
	t.Helper()
	handlers.Clear()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(interceptors...))
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: service,
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Act", Handler: handlerOf(service, act)}},
	}, struct{}{})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	client, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(addHeader))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// handlerOf is what protoc generates.
func handlerOf(service string, act answer) grpc.MethodHandler {
	return func(srv any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
		request := new(wrapperspb.StringValue)
		if err := decode(request); err != nil {
			return nil, err
		}
		info := &grpc.UnaryServerInfo{Server: srv, FullMethod: "/" + service + "/Act"}
		return interceptor(ctx, request, info, func(ctx context.Context, request any) (any, error) {
			return act(ctx, request.(*wrapperspb.StringValue).Value)
		})
	}
}

func addHeader(
	ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption,
) error {
	return invoker(metadata.AppendToOutgoingContext(ctx, "from-client", "interceptor"), method, req, reply, cc, opts...)
}

func call(ctx context.Context, client *grpc.ClientConn, service, text string, opts ...grpc.CallOption) (string, error) {
	reply := new(wrapperspb.StringValue)
	err := client.Invoke(ctx, "/"+service+"/Act", wrapperspb.String(text), reply, opts...)
	return reply.Value, err
}

func hasPeer(ctx context.Context) bool {
	_, ok := peer.FromContext(ctx)
	return ok
}

// twice runs the same check over the network, and in the process.
func twice(t *testing.T, check func(t *testing.T)) {
	t.Run("over the network", check)
	t.Run("in the process", check)
}

func TestOnlyTheFirstRequestGoesOverTheNetwork(t *testing.T) {
	for service, want := range map[string][]bool{internalService: {true, false, false}, publicService: {true, true, true}} {
		var found []bool
		client := serve(t, service, nil, func(ctx context.Context, text string) (any, error) {
			found = append(found, hasPeer(ctx))
			return wrapperspb.String(text), nil
		})
		for range want {
			if got, err := call(context.Background(), client, service, "x"); got != "x" || err != nil {
				t.Fatalf("got %q, %v", got, err)
			}
		}
		for i := range want {
			if found[i] != want[i] {
				t.Errorf("%s, request %d: over the network %v, want %v", service, i, found[i], want[i])
			}
		}
	}
}

func TestInterceptorsOfBothSidesRun(t *testing.T) {
	var runs atomic.Int32
	count := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		runs.Add(1)
		return handler(ctx, req)
	}
	client := serve(t, internalService, []grpc.UnaryServerInterceptor{count, count}, func(ctx context.Context, _ string) (any, error) {
		return wrapperspb.String(metadata.ValueFromIncomingContext(ctx, "from-client")[0]), nil
	})
	twice(t, func(t *testing.T) {
		runs.Store(0)
		if got, err := call(context.Background(), client, internalService, "x"); got != "interceptor" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		if runs.Load() != 2 {
			t.Errorf("the server's interceptors ran %d times", runs.Load())
		}
	})
}

type clientKey struct{}

func TestTheServerSeesDeadlineAndMetadataAndNothingElse(t *testing.T) {
	client := serve(t, internalService, nil, func(ctx context.Context, _ string) (any, error) {
		if ctx.Value(clientKey{}) != nil {
			return nil, errors.New("a value of the client's context")
		}
		if _, ok := metadata.FromOutgoingContext(ctx); ok {
			return nil, errors.New("metadata of the client counts as outgoing")
		}
		if _, ok := ctx.Deadline(); !ok {
			return nil, errors.New("no deadline")
		}
		return wrapperspb.String(metadata.ValueFromIncomingContext(ctx, "caller-name")[0]), nil
	})
	twice(t, func(t *testing.T) {
		ctx := context.WithValue(context.Background(), clientKey{}, "x")
		ctx = metadata.AppendToOutgoingContext(ctx, "Caller-Name", "frontend")
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		if got, err := call(ctx, client, internalService, "x"); got != "frontend" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestErrorsAreStatuses(t *testing.T) {
	cases := map[string]struct {
		err  error
		code codes.Code
	}{
		"a status":    {status.Error(codes.NotFound, "there is none"), codes.NotFound},
		"another":     {errors.New("broken"), codes.Unknown},
		"a deadline":  {context.DeadlineExceeded, codes.DeadlineExceeded},
		"a cancelled": {context.Canceled, codes.Canceled},
	}
	client := serve(t, internalService, nil, func(_ context.Context, text string) (any, error) {
		return nil, cases[text].err
	})
	twice(t, func(t *testing.T) {
		for name, want := range cases {
			_, err := call(context.Background(), client, internalService, name)
			if status.Code(err) != want.code || status.Convert(err).Message() != status.Convert(want.err).Message() {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

func TestAnEndedContextEndsTheRequest(t *testing.T) {
	client := serve(t, internalService, nil, func(ctx context.Context, text string) (any, error) {
		if text == "wait" {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return wrapperspb.String(text), nil
	})
	if _, err := call(context.Background(), client, internalService, "x"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	for range 2 {
		if _, err := call(ctx, client, internalService, "wait"); status.Code(err) != codes.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
	}
}

func TestHeadersAndTrailersArrive(t *testing.T) {
	client := serve(t, internalService, nil, func(ctx context.Context, text string) (any, error) {
		_ = grpc.SetHeader(ctx, metadata.Pairs("a", "1"))
		_ = grpc.SetTrailer(ctx, metadata.Pairs("b", "2"))
		_ = grpc.SetTrailer(ctx, metadata.Pairs("b", "3"))
		return nil, status.Error(codes.Aborted, "with trailers all the same")
	})
	twice(t, func(t *testing.T) {
		var header, trailer metadata.MD
		_, _ = call(context.Background(), client, internalService, "x", grpc.Header(&header), grpc.Trailer(&trailer))
		if got := trailer.Get("b"); len(got) != 2 || got[0] != "2" || got[1] != "3" {
			t.Errorf("trailer: %v", trailer)
		}
		if got := header.Get("a"); len(got) != 1 || got[0] != "1" {
			t.Errorf("header: %v", header)
		}
	})
}

func TestMessagesAreNotShared(t *testing.T) {
	kept := wrapperspb.String("kept by the server")
	client := serve(t, internalService, []grpc.UnaryServerInterceptor{
		func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			response, err := handler(ctx, req)
			req.(*wrapperspb.StringValue).Value = "changed by the server"
			return response, err
		},
	}, func(context.Context, string) (any, error) { return kept, nil })
	twice(t, func(t *testing.T) {
		request, reply := wrapperspb.String("from the client"), new(wrapperspb.StringValue)
		if err := client.Invoke(context.Background(), "/"+internalService+"/Act", request, reply); err != nil {
			t.Fatal(err)
		}
		reply.Value += ", changed by the client"
		if request.Value != "from the client" || kept.Value != "kept by the server" {
			t.Errorf("request %q, response %q", request.Value, kept.Value)
		}
	})
}

// History answers RecordWorkflowTaskStarted with a type whose history is not decoded yet.
func TestAResponseOfAnotherTypeIsReadByItsForm(t *testing.T) {
	client := serve(t, internalService, nil, func(_ context.Context, text string) (any, error) {
		return wrapperspb.Bytes([]byte(text)), nil
	})
	twice(t, func(t *testing.T) {
		if got, err := call(context.Background(), client, internalService, "text"); got != "text" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// What a form cannot hold is an error of the request, not the end of the server.
func TestAResponseOfAnotherFormIsAnError(t *testing.T) {
	client := serve(t, internalService, nil, func(context.Context, string) (any, error) {
		return structpb.NewStringValue("\xff"), nil
	})
	twice(t, func(t *testing.T) {
		if _, err := call(context.Background(), client, internalService, "x"); err == nil {
			t.Error("no error")
		}
	})
}
