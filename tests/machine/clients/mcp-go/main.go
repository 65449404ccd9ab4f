// Command mcp-go-client takes steps at a protected MCP server with mark3labs/mcp-go, given nothing but the URL:
//
//	mcp-go-client URL STEP...
//
// A step is list, or TOOL=ARGUMENTS, the arguments as JSON. Each prints a line of JSON. Logins open $BROWSER. The tokens
// and the client are kept in $HOME/mcp.json, where an application's TokenStore has to keep them.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, address string, steps []string) error {
	app, err := newApplication(address)
	if err != nil {
		return err
	}
	defer app.client.Close()
	if err := app.connect(ctx); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	for _, step := range steps {
		answer, err := app.take(ctx, step)
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

type application struct {
	client    *client.Client
	kept      *store
	redirects chan url.Values
}

// newApplication listens for the redirect of logins on a port of this computer.
func newApplication(address string) (*application, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	kept, err := openStore(filepath.Join(os.Getenv("HOME"), "mcp.json"))
	if err != nil {
		return nil, err
	}
	redirects := make(chan url.Values, 1)
	go http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		redirects <- request.URL.Query()
		fmt.Fprintln(response, "Return to the terminal.")
	}))
	mcpClient, err := client.NewOAuthStreamableHttpClient(address, client.OAuthConfig{
		ClientID:    kept.ClientID,
		RedirectURI: fmt.Sprintf("http://%s/callback", listener.Addr()),
		TokenStore:  kept,
		PKCEEnabled: true,
	})
	return &application{mcpClient, kept, redirects}, err
}

func (app *application) connect(ctx context.Context) error {
	if err := app.client.Start(ctx); err != nil {
		return err
	}
	var request mcp.InitializeRequest
	request.Params.ProtocolVersion = mcp.LATEST_PROTOCOL_VERSION
	request.Params.ClientInfo = mcp.Implementation{Name: "mcp-go-client", Version: "1.0.0"}
	_, err := authorized(ctx, app, func() (*mcp.InitializeResult, error) { return app.client.Initialize(ctx, request) })
	return err
}

func (app *application) take(ctx context.Context, step string) (any, error) {
	name, argument, _ := strings.Cut(step, "=")
	if name == "list" {
		return authorized(ctx, app, func() (*mcp.ListToolsResult, error) {
			return app.client.ListTools(ctx, mcp.ListToolsRequest{})
		})
	}
	var request mcp.CallToolRequest
	request.Params.Name = name
	request.Params.Arguments = json.RawMessage(argument)
	return authorized(ctx, app, func() (*mcp.CallToolResult, error) { return app.client.CallTool(ctx, request) })
}

// authorized does what the library's example does: the login where one is needed, and the same again.
func authorized[Result any](ctx context.Context, app *application, act func() (Result, error)) (Result, error) {
	result, err := act()
	handler := client.GetOAuthHandler(err)
	if handler == nil {
		return result, err
	}
	if err := app.logIn(ctx, handler); err != nil {
		return result, err
	}
	return act()
}

func (app *application) logIn(ctx context.Context, handler *transport.OAuthHandler) error {
	verifier, err := client.GenerateCodeVerifier()
	if err != nil {
		return err
	}
	state, err := client.GenerateState()
	if err != nil {
		return err
	}
	if handler.GetClientID() == "" {
		if err := handler.RegisterClient(ctx, "mcp-go client"); err != nil {
			return err
		}
		if err := app.kept.saveClient(handler.GetClientID()); err != nil {
			return err
		}
	}
	page, err := handler.GetAuthorizationURL(ctx, state, client.GenerateCodeChallenge(verifier))
	if err != nil {
		return err
	}
	if err := exec.Command(os.Getenv("BROWSER"), page).Start(); err != nil {
		return err
	}
	query := <-app.redirects
	return handler.ProcessAuthorizationResponse(ctx, query.Get("code"), query.Get("state"), verifier)
}

// store is the library's TokenStore, in a file.
type store struct {
	path     string
	ClientID string        `json:"client_id"`
	Token    *client.Token `json:"token"`
}

func openStore(path string) (*store, error) {
	kept := &store{path: path}
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return kept, nil
	}
	if err != nil {
		return nil, err
	}
	return kept, json.Unmarshal(content, kept)
}

func (kept *store) GetToken(context.Context) (*client.Token, error) {
	if kept.Token == nil {
		return nil, transport.ErrNoToken
	}
	return kept.Token, nil
}

func (kept *store) SaveToken(_ context.Context, token *client.Token) error {
	kept.Token = token
	return kept.save()
}

func (kept *store) saveClient(id string) error {
	kept.ClientID = id
	return kept.save()
}

func (kept *store) save() error {
	content, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	return os.WriteFile(kept.path, content, 0o600)
}
