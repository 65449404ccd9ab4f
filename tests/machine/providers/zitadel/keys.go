package main

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"log"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// keys are all that were ever used; the last one signs.
type keys struct {
	guard sync.Mutex
	all   []*rsaKey
}

type rsaKey struct {
	id  string
	key *rsa.PrivateKey
}

func (k *rsaKey) ID() string                                  { return k.id }
func (k *rsaKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k *rsaKey) Key() any                                    { return k.key }

type publicKey struct{ *rsaKey }

func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                           { return &k.key.PublicKey }

func (k *keys) rotate() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		log.Fatal(err)
	}
	k.guard.Lock()
	defer k.guard.Unlock()
	k.all = append(k.all, &rsaKey{fmt.Sprintf("key-%d", len(k.all)+1), key})
}

func (k *keys) current() op.SigningKey {
	k.guard.Lock()
	defer k.guard.Unlock()
	return k.all[len(k.all)-1]
}

func (k *keys) published() []op.Key {
	k.guard.Lock()
	defer k.guard.Unlock()
	var published []op.Key
	for _, key := range k.all {
		published = append(published, publicKey{key})
	}
	return published
}
