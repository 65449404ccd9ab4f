// Command go-sdk-client takes steps at a protected MCP server with the official Go SDK, given nothing but the URL:
//
//	go-sdk-client URL STEP...
//
// A step is list, sleep=DURATION, or TOOL=ARGUMENTS, the arguments as JSON. Each prints a line of JSON.
// Logins open $BROWSER.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string, steps []string) error {
	handler, err := newHandler()
	if err != nil {
		return err
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "go-sdk-client", Version: "1.0.0"}, nil)
	session, err := client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint:             url,
		OAuthHandler:         handler,
		DisableStandaloneSSE: true,
	}, nil)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer session.Close()
	for _, step := range steps {
		answer, err := take(ctx, session, step)
		if err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
		line, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		fmt.Println(string(line))
	}
	return nil
}

func take(ctx context.Context, session *mcp.ClientSession, step string) (any, error) {
	name, argument, _ := strings.Cut(step, "=")
	switch name {
	case "list":
		return session.ListTools(ctx, nil)
	case "sleep":
		duration, err := time.ParseDuration(argument)
		time.Sleep(duration)
		return map[string]string{"slept": argument}, err
	}
	return session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: json.RawMessage(argument)})
}

// newHandler registers a client and takes its logins to $BROWSER, with a redirect URI on a port of this computer.
func newHandler() (*auth.AuthorizationCodeHandler, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	results := make(chan *auth.AuthorizationResult, 1)
	go http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		query := request.URL.Query()
		results <- &auth.AuthorizationResult{Code: query.Get("code"), State: query.Get("state"), Iss: query.Get("iss")}
		fmt.Fprintln(response, "Return to the terminal.")
	}))
	redirectURL := fmt.Sprintf("http://%s/callback", listener.Addr())
	return auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		RedirectURL:         redirectURL,
		RequestRefreshToken: true,
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{
			Metadata: &oauthex.ClientRegistrationMetadata{
				ClientName:   "Go SDK client",
				RedirectURIs: []string{redirectURL},
				GrantTypes:   []string{"authorization_code", "refresh_token"},
			},
		},
		AuthorizationCodeFetcher: func(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
			if err := exec.Command(os.Getenv("BROWSER"), args.URL).Start(); err != nil {
				return nil, err
			}
			select {
			case result := <-results:
				return result, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		},
	})
}
