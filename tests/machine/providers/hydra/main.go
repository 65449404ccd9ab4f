// Ory Hydra, as its own command is: a replacement in go.mod keeps "go install" from making it.
package main

import "github.com/ory/hydra/v2/cmd"

func main() { cmd.Execute() }
