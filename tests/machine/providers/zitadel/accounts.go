package main

import (
	"context"
	"errors"
	"sync"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

var errDisabled = errors.New("the account is disabled")

// accounts is the library's storage for examples, with keys that rotate and accounts that can be disabled.
type accounts struct {
	*storage.Storage
	keys
	lock     sync.Mutex
	disabled map[string]bool
	api      string
}

func newAccounts(store *storage.Storage, api string) *accounts {
	a := &accounts{Storage: store, disabled: map[string]bool{}, api: api}
	a.rotate()
	return a
}

func (a *accounts) setDisabled(user string, disabled bool) {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.disabled[user] = disabled
}

func (a *accounts) isDisabled(user string) bool {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.disabled[user]
}

func (a *accounts) SigningKey(context.Context) (op.SigningKey, error) { return a.current(), nil }

func (a *accounts) KeySet(context.Context) ([]op.Key, error) { return a.published(), nil }

func (a *accounts) CheckUsernamePassword(username, password, id string) error {
	if a.isDisabled(username) {
		return errDisabled
	}
	return a.Storage.CheckUsernamePassword(username, password, id)
}

func (a *accounts) TokenRequestByRefreshToken(ctx context.Context, token string) (op.RefreshTokenRequest, error) {
	request, err := a.Storage.TokenRequestByRefreshToken(ctx, token)
	if err == nil && a.isDisabled(request.GetSubject()) {
		return nil, errDisabled
	}
	return request, err
}

func (a *accounts) SetIntrospectionFromToken(ctx context.Context, answer *oidc.IntrospectionResponse, tokenID, subject, clientID string) error {
	if a.isDisabled(subject) {
		return errDisabled
	}
	return a.Storage.SetIntrospectionFromToken(ctx, answer, tokenID, subject, clientID)
}

func (a *accounts) GetClientByClientID(ctx context.Context, clientID string) (op.Client, error) {
	client, err := a.Storage.GetClientByClientID(ctx, clientID)
	return jwtClient{client}, err
}

func (a *accounts) ClientCredentials(ctx context.Context, clientID, clientSecret string) (op.Client, error) {
	client, err := a.Storage.ClientCredentials(ctx, clientID, clientSecret)
	return jwtClient{client}, err
}

// ClientCredentialsTokenRequest adds the audience that a machine gets in Zitadel by a scope of the project.
func (a *accounts) ClientCredentialsTokenRequest(ctx context.Context, clientID string, scopes []string) (op.TokenRequest, error) {
	request, err := a.Storage.ClientCredentialsTokenRequest(ctx, clientID, scopes)
	if err != nil {
		return nil, err
	}
	audience := append(request.GetAudience(), a.api)
	return &oidc.JWTTokenRequest{Subject: request.GetSubject(), Audience: audience, Scopes: request.GetScopes()}, nil
}

// jwtClient is an application whose setting Auth Token Type is JWT.
type jwtClient struct{ op.Client }

func (jwtClient) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }
