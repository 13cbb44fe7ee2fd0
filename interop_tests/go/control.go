package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Tests of an application with franz-go, against `kafka-compat serve --control 0 --clock manual`: faults, waits and the clock. In a
// project each is a func(*testing.T), and check is t.Fatal.
func runControlExample(url string) {
	k := control{url}
	for _, test := range []func(control){
		aLostAcknowledgementDoublesNothing,
		aConsumerThatReadsFromTheEndMissesNothing,
		aMemberThatSleepsForADayIsDismissed,
	} {
		k.post("/v1/reset", object{}, nil)
		k.post("/v1/topics", object{"name": "orders"}, nil)
		test(k)
	}
	fmt.Println("3 passed")
}

func aLostAcknowledgementDoublesNothing(k control) {
	var fault struct{ ID int }
	lost := object{"action": "disconnect", "after_work": true}
	k.post("/v1/faults", object{"api": "Produce", "topic": "orders", "what": lost}, &fault)
	producer := k.client()
	defer producer.Close()
	check(producer.ProduceSync(context.Background(), &kgo.Record{Topic: "orders", Value: []byte("once")}).FirstErr())
	k.post("/v1/waits/fault", object{"fault": fault.ID}, nil)
	var records []struct{ Value string }
	k.get("/v1/topics/orders/records", &records)
	expect(len(records) == 1 && records[0].Value == "once", records)
	var requests struct{ Count int }
	k.get("/v1/requests?api=Produce", &requests)
	expect(requests.Count == 2, requests)
}

func aConsumerThatReadsFromTheEndMissesNothing(k control) {
	application := startApplication(k)
	defer application.close()
	k.post("/v1/waits/assignment", object{"group": "app", "members": 1}, nil)
	k.post("/v1/topics/orders/records", object{"key": "k", "value": "hello"}, nil)
	k.post("/v1/waits/consumed", object{"group": "app", "topic": "orders"}, nil)
	expect(application.last.Load() == "hello", application.last.Load())
}

func aMemberThatSleepsForADayIsDismissed(k control) {
	application := startApplication(k)
	defer application.close()
	var before, after struct{ Members []struct{ ID string } }
	k.post("/v1/waits/assignment", object{"group": "app"}, &before)
	k.post("/v1/clock/advance", object{"by_ms": 86_400_000, "keep_sessions": true}, nil)
	k.get("/v1/groups/app", &after)
	expect(after.Members[0].ID == before.Members[0].ID, after)
	k.post("/v1/clock/advance", object{"by_ms": 86_400_000}, nil)
	k.post("/v1/waits/request", object{"api": "Heartbeat", "group": "app", "error": "UNKNOWN_MEMBER_ID"}, nil)
	k.post("/v1/waits/assignment", object{"group": "app", "timeout_s": 30}, &after)
	expect(after.Members[0].ID != before.Members[0].ID, after)
}

// application consumes in a goroutine of its own, and commits.
type application struct {
	client *kgo.Client
	last   atomic.Value
	done   chan struct{}
}

func startApplication(k control) *application {
	a := &application{
		client: k.client(
			kgo.ConsumerGroup("app"), kgo.ConsumeTopics("orders"), kgo.DisableAutoCommit(),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()), kgo.HeartbeatInterval(100*time.Millisecond),
		),
		done: make(chan struct{}),
	}
	a.last.Store("")
	go func() {
		defer close(a.done)
		for {
			fetches := a.client.PollFetches(context.Background())
			if fetches.IsClientClosed() {
				return
			}
			fetches.EachRecord(func(r *kgo.Record) { a.last.Store(string(r.Value)) })
			if !fetches.Empty() {
				check(a.client.CommitUncommittedOffsets(context.Background()))
			}
		}
	}()
	return a
}

func (a *application) close() {
	a.client.Close()
	<-a.done
}

type object map[string]any

// control is the control plane, with nothing but the standard library.
type control struct{ url string }

func (c control) client(options ...kgo.Opt) *kgo.Client {
	var cluster struct {
		Bootstrap string `json:"bootstrap_servers"`
	}
	c.get("/v1/cluster", &cluster)
	made, err := kgo.NewClient(append(options, kgo.SeedBrokers(strings.Split(cluster.Bootstrap, ",")...))...)
	check(err)
	return made
}

func (c control) get(path string, into any) {
	answered, err := http.Get(c.url + path)
	check(err)
	read(answered, into)
}

func (c control) post(path string, body object, into any) {
	encoded, err := json.Marshal(body)
	check(err)
	answered, err := http.Post(c.url+path, "application/json", bytes.NewReader(encoded))
	check(err)
	read(answered, into)
}

func read(answered *http.Response, into any) {
	defer func() { _ = answered.Body.Close() }()
	text, err := io.ReadAll(answered.Body)
	check(err)
	if answered.StatusCode != http.StatusOK {
		check(errors.New(string(text))) // a sentence: what was there instead
	}
	if into != nil {
		check(json.Unmarshal(text, into))
	}
}

func expect(isSo bool, found any) {
	if !isSo {
		check(fmt.Errorf("not expected: %v", found))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
