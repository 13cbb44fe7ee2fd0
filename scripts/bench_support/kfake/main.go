// Says how long clusters of kfake take to start, and keeps one: the counterpart of scripts/bench_support/testing.py.
//
// Each line on stdin asks for something, and is answered with a line: "fresh N" starts a cluster of N brokers, ends it, and
// gives the milliseconds of the start; "keep" starts one of one broker and gives its address. It ends with its input.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

func start(brokers int) *kfake.Cluster {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(brokers))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return cluster
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var brokers int
		if n, _ := fmt.Sscanf(lines.Text(), "fresh %d", &brokers); n == 1 {
			began := time.Now()
			cluster := start(brokers)
			fmt.Println(float64(time.Since(began).Microseconds()) / 1000)
			cluster.Close()
			continue
		}
		fmt.Println(strings.Join(start(1).ListenAddrs(), ","))
	}
}
