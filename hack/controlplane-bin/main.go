// Command controlplane holds etcd, kube-apiserver and kube-controller-manager in one binary;
// hack/localplane builds it, caches it and starts the three components from it.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"

	// The version metric of a server is registered by import only.
	_ "k8s.io/component-base/metrics/prometheus/version"
)

// components maps a name to the function that runs it; the function reads its flags from os.Args.
var components = map[string]func() int{
	"etcd": func() int {
		etcdmain.Main(os.Args)
		return 0
	},
	"kube-apiserver": func() int {
		return cli.Run(apiserver.NewAPIServerCommand())
	},
	"kube-controller-manager": func() int {
		return cli.Run(manager.NewControllerManagerCommand())
	},
}

func main() {
	// Called through a link named after a component, or with the component as the first argument.
	run, known := components[filepath.Base(os.Args[0])]
	if !known && len(os.Args) > 1 {
		run, known = components[os.Args[1]]
		os.Args = os.Args[1:]
	}
	if !known {
		fmt.Fprintln(os.Stderr, "usage: controlplane etcd|kube-apiserver|kube-controller-manager FLAGS")
		os.Exit(2)
	}
	os.Exit(run())
}
