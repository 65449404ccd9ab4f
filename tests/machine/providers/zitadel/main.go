// An OpenID provider of zitadel/oidc: the library's own OP, login page and storage in memory. What this file adds
// is what the storage leaves to its users: keys that rotate, accounts that are disabled, access tokens that are JWTs.
package main

import (
	"encoding/json"
	"log"
	"log/slog"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

type configuration struct {
	Address      string   `json:"address"`
	Control      string   `json:"control"`
	UsersFile    string   `json:"usersFile"`
	ClientID     string   `json:"clientId"`
	ClientSecret string   `json:"clientSecret"`
	RedirectURIs []string `json:"redirectUris"`
}

func main() {
	var config configuration
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = json.Unmarshal(text, &config)
	}
	if err != nil {
		log.Fatal(err)
	}
	users, err := storage.StoreFromFile(config.UsersFile)
	if err != nil {
		log.Fatal(err)
	}
	storage.RegisterClients(storage.WebClient(config.ClientID, config.ClientSecret, config.RedirectURIs...))
	store := newAccounts(storage.NewStorage(users), config.ClientID)
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	go func() { log.Fatal(http.ListenAndServe(config.Control, control(store))) }()
	router := exampleop.SetupServer("http://"+config.Address, store, logger, false)
	log.Fatal(http.ListenAndServe(config.Address, router))
}

// control is what an administrator does.
func control(store *accounts) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /rotate", func(w http.ResponseWriter, _ *http.Request) { store.rotate() })
	mux.HandleFunc("POST /disable", func(_ http.ResponseWriter, r *http.Request) { store.setDisabled(r.FormValue("user"), true) })
	mux.HandleFunc("POST /enable", func(_ http.ResponseWriter, r *http.Request) { store.setDisabled(r.FormValue("user"), false) })
	return mux
}
